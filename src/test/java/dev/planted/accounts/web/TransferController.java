package dev.planted.accounts.web;

import dev.evenkeel.http.CursorRequest;
import dev.evenkeel.idempotency.IdempotentRequest;
import dev.planted.accounts.posting.PostingWriter;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.validation.Valid;
import org.springframework.web.bind.annotation.RestController;

/** A controller that reads its request itself, skips its module's API and declares no key. */
@RestController
class TransferController {

  void post(HttpServletRequest request) {
    request.getContentLength();
  }

  void create(IdempotentRequest request) {}

  void list(CursorRequest page, @Valid Filter filter) {}

  void write(PostingWriter writer) {}

  private record Filter(String reference) {}
}
