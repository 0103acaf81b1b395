package dev.evenkeel.accounts.web;

import dev.evenkeel.accounts.PostingRequest;
import dev.evenkeel.accounts.Transfer;
import dev.evenkeel.accounts.Transfers;
import dev.evenkeel.database.Ids;
import dev.evenkeel.http.Caller;
import dev.evenkeel.http.CursorPage;
import dev.evenkeel.http.CursorRequest;
import dev.evenkeel.http.Input;
import dev.evenkeel.idempotency.IdempotentOperation;
import dev.evenkeel.idempotency.IdempotentResponses;
import dev.evenkeel.problems.CommonProblem;
import dev.evenkeel.problems.ProblemException;
import java.time.Instant;
import java.util.UUID;
import org.springframework.http.ResponseEntity;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RestController;

/** Transfers between accounts of this ledger, and their reversals. */
@RestController
class TransferController {

  /** Later than every transfer, and within what the database knows as a time. */
  private static final Transfers.Position START =
      new Transfers.Position(Instant.parse("9999-12-31T00:00:00Z"), Ids.LAST);

  private final Transfers transfers;

  TransferController(Transfers transfers) {
    this.transfers = transfers;
  }

  @IdempotentOperation
  @PostMapping("/v1/transfers")
  ResponseEntity<TransferBody> post(Caller caller, Input input) {
    var request = input.keyed(TransferRequest.class);
    var key = PostingRequest.Operation.TRANSFER.key(caller.owner(), request.key());
    return IdempotentResponses.created(
        transfers.submit(request.body().posting(key, request.fingerprint())),
        TransferBody::location,
        transfer -> TransferBody.of(transfer, caller));
  }

  /** Nothing but the path and the key. */
  record ReversalRequest() {}

  @IdempotentOperation
  @PostMapping("/v1/transfers/{id}/reversal")
  ResponseEntity<TransferBody> reverse(@PathVariable UUID id, Caller caller, Input input) {
    Transfer original = visible(id, caller);
    if (!caller.isOperator() && !original.isReceivedBy(caller.owner())) {
      throw new ProblemException(
          CommonProblem.FORBIDDEN, "Only who received the money gives it back.");
    }
    var request = input.keyedOrEmpty(ReversalRequest.class);
    var key = PostingRequest.Operation.REVERSAL.key(caller.owner(), request.key());
    return IdempotentResponses.created(
        transfers.reverse(new PostingRequest.Reversal(key, request.fingerprint(), id)),
        TransferBody::location,
        transfer -> TransferBody.of(transfer, caller));
  }

  @GetMapping("/v1/transfers/{id}")
  TransferBody transfer(@PathVariable UUID id, Caller caller, Input input) {
    Transfer transfer = visible(id, caller);
    input.nothing();
    return TransferBody.of(transfer, caller);
  }

  @GetMapping("/v1/transfers")
  CursorPage<TransferBody> list(Caller caller, Input input) {
    String owner = input.owner(caller);
    UUID account = input.uuid("account").orElse(null);
    String reference = input.text("reference").orElse(null);
    String key = input.text("idempotencyKey").orElse(null);
    CursorRequest window = input.window(owner, account, reference, key);
    return CursorPage.of(
        window,
        transfers.list(
            owner,
            account,
            reference,
            key,
            window.after(START, TransferController::position),
            window.lookAhead()),
        transfer -> transfer.postedAt() + "/" + transfer.id(),
        transfer -> TransferBody.of(transfer, caller));
  }

  private static Transfers.Position position(String cursor) {
    int slash = cursor.indexOf('/');
    Instant postedAt = Instant.parse(cursor.substring(0, Math.max(slash, 0)));
    if (postedAt.isBefore(Instant.EPOCH) || postedAt.isAfter(START.postedAt())) {
      throw new IllegalArgumentException("nothing was posted then");
    }
    return new Transfers.Position(postedAt, UUID.fromString(cursor.substring(slash + 1)));
  }

  private Transfer visible(UUID id, Caller caller) {
    return transfers
        .find(id)
        .filter(transfer -> caller.isOperator() || transfer.concerns(caller.owner()))
        .orElseThrow(ProblemException::notFound);
  }
}
