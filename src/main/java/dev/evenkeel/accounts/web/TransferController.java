package dev.evenkeel.accounts.web;

import static org.springframework.http.MediaType.APPLICATION_JSON_VALUE;

import dev.evenkeel.accounts.AccountId;
import dev.evenkeel.accounts.PostingRequest;
import dev.evenkeel.accounts.Transfer;
import dev.evenkeel.accounts.TransferId;
import dev.evenkeel.accounts.Transfers;
import dev.evenkeel.http.Caller;
import dev.evenkeel.http.CursorPage;
import dev.evenkeel.http.CursorRequest;
import dev.evenkeel.http.ExpensiveRead;
import dev.evenkeel.http.RequiresScope;
import dev.evenkeel.idempotency.IdempotentOperation;
import dev.evenkeel.idempotency.IdempotentRequest;
import dev.evenkeel.idempotency.IdempotentResponses;
import dev.evenkeel.problems.CommonProblem;
import dev.evenkeel.problems.ProblemException;
import dev.evenkeel.problems.Problems;
import jakarta.validation.Valid;
import org.jspecify.annotations.Nullable;
import org.springframework.http.ResponseEntity;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestBody;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RestController;

/** Creates, reverses and shows transfers between accounts of this ledger. */
@RestController
@RequiresScope(read = "accounts:read", write = "accounts:write")
@RequestMapping(path = "/v1/transfers", produces = APPLICATION_JSON_VALUE)
class TransferController {

  static final String LISTS = "transfer-lists";

  private final Transfers transfers;

  TransferController(Transfers transfers) {
    this.transfers = transfers;
  }

  @Problems("account-not-found")
  @PostingProblems
  @IdempotentOperation
  @PostMapping(consumes = APPLICATION_JSON_VALUE)
  ResponseEntity<TransferResponse> create(
      @Valid @RequestBody TransferRequest body, IdempotentRequest request, Caller caller) {
    PostingRequest.Key key = PostingRequest.Operation.TRANSFER.key(request.owner(), request.key());
    return IdempotentResponses.created(
        transfers.submit(body.posting(key, request.fingerprint())),
        TransferResponse::location,
        transfer -> TransferResponse.of(transfer, caller));
  }

  /** A reversal needs nothing but the path and the key. */
  record ReversalRequest() {}

  @Problems({
    "not-reversible",
    "already-reversed",
    "account-frozen",
    "account-closed",
    "insufficient-funds",
    "balance-limit-exceeded"
  })
  @IdempotentOperation
  @PostMapping(path = "/{id}/reversal", consumes = APPLICATION_JSON_VALUE)
  ResponseEntity<TransferResponse> reverse(
      @PathVariable TransferId id,
      @RequestBody(required = false) @Nullable ReversalRequest body,
      IdempotentRequest request,
      Caller caller) {
    Transfer original = visible(id, caller);
    if (!caller.isOperator() && !original.isReceivedBy(caller.owner())) {
      throw new ProblemException(
          CommonProblem.FORBIDDEN, "Only the receiver of the money or an operator reverses it.");
    }
    PostingRequest.Key key = PostingRequest.Operation.REVERSAL.key(request.owner(), request.key());
    return IdempotentResponses.created(
        transfers.reverse(new PostingRequest.Reversal(key, request.fingerprint(), id)),
        TransferResponse::location,
        transfer -> TransferResponse.of(transfer, caller));
  }

  @GetMapping("/{id}")
  TransferResponse transfer(@PathVariable TransferId id, Caller caller) {
    return TransferResponse.of(visible(id, caller), caller);
  }

  record TransferFilter(
      @Nullable String owner,
      @Nullable AccountId account,
      @Nullable String reference,
      @Nullable String idempotencyKey) {}

  @ExpensiveRead(LISTS)
  @GetMapping
  CursorPage<TransferResponse> list(
      @Valid TransferFilter filter, CursorRequest page, Caller caller) {
    return CursorPage.of(
        page,
        transfers.list(
            caller.ownerOrSelf(filter.owner()),
            filter.account(),
            filter.reference(),
            filter.idempotencyKey(),
            new TransferId(page.afterId()),
            page.lookAhead()),
        Transfer::id,
        transfer -> TransferResponse.of(transfer, caller));
  }

  private Transfer visible(TransferId id, Caller caller) {
    return transfers
        .find(id)
        .filter(transfer -> caller.isOperator() || transfer.concerns(caller.owner()))
        .orElseThrow(ProblemException::notFound);
  }
}
