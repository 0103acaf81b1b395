package dev.evenkeel.accounts.web;

import static org.springframework.http.MediaType.APPLICATION_JSON_VALUE;

import dev.evenkeel.accounts.Audit;
import dev.evenkeel.http.RequiresScope;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RestController;

/** Shows operators the audit of the ledger. */
@RestController
@RequestMapping(path = "/v1/operations/ledger", produces = APPLICATION_JSON_VALUE)
@RequiresScope(read = "operations", write = "operations")
class LedgerOperationsController {

  private final Audit audit;

  LedgerOperationsController(Audit audit) {
    this.audit = audit;
  }

  @GetMapping
  Audit.Report ledger() throws InterruptedException {
    return audit.latest();
  }
}
