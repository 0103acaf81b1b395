package dev.evenkeel.accounts.web;

import static org.springframework.http.MediaType.APPLICATION_JSON_VALUE;

import dev.evenkeel.accounts.AccountId;
import dev.evenkeel.accounts.Hold;
import dev.evenkeel.accounts.Holds;
import dev.evenkeel.accounts.PostingRequest;
import dev.evenkeel.accounts.TransferId;
import dev.evenkeel.http.Caller;
import dev.evenkeel.http.CursorPage;
import dev.evenkeel.http.CursorRequest;
import dev.evenkeel.http.RequiresScope;
import dev.evenkeel.idempotency.IdempotentOperation;
import dev.evenkeel.idempotency.IdempotentRequest;
import dev.evenkeel.idempotency.IdempotentResponses;
import dev.evenkeel.money.IsoCurrency;
import dev.evenkeel.money.Money;
import dev.evenkeel.problems.Problems;
import jakarta.validation.Valid;
import jakarta.validation.constraints.Max;
import jakarta.validation.constraints.Min;
import jakarta.validation.constraints.NotNull;
import java.time.Duration;
import java.util.function.Function;
import org.hibernate.validator.constraints.CodePointLength;
import org.jspecify.annotations.Nullable;
import org.springframework.http.ResponseEntity;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestBody;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RestController;

/** Places, captures, releases and shows holds. */
@RestController
@RequiresScope(read = "accounts:read", write = "accounts:write")
@RequestMapping(path = "/v1/holds", produces = APPLICATION_JSON_VALUE)
class HoldController {

  private static final Duration DEFAULT_EXPIRY = Duration.ofDays(7);
  private static final long MAX_EXPIRY_SECONDS = 30 * 24 * 3600;

  private final Holds holds;

  HoldController(Holds holds) {
    this.holds = holds;
  }

  /**
   * @param expiresIn seconds
   */
  record HoldRequest(
      @NotNull AccountId from,
      @NotNull AccountId to,
      @NotNull @Min(1) @Max(Money.MAX_AMOUNT) Long amount,
      @NotNull @IsoCurrency String currency,
      @CodePointLength(max = 500) @Nullable String description,
      @Min(1) @Max(MAX_EXPIRY_SECONDS) @Nullable Long expiresIn) {}

  @Problems("account-not-found")
  @PostingProblems
  @IdempotentOperation
  @PostMapping(consumes = APPLICATION_JSON_VALUE)
  ResponseEntity<Hold> place(@Valid @RequestBody HoldRequest body, IdempotentRequest request) {
    Long expiresIn = body.expiresIn();
    return IdempotentResponses.created(
        holds.place(
            new PostingRequest.Hold(
                PostingRequest.Operation.HOLD.key(request.owner(), request.key()),
                request.fingerprint(),
                body.from(),
                body.to(),
                Money.of(body.amount(), body.currency()),
                body.description(),
                expiresIn == null ? DEFAULT_EXPIRY : Duration.ofSeconds(expiresIn))),
        hold -> "/v1/holds/" + hold.id(),
        Function.identity());
  }

  /**
   * @param amount absent to capture the whole hold
   */
  record CaptureRequest(@Min(1) @Max(Money.MAX_AMOUNT) @Nullable Long amount) {}

  @Problems({
    "hold-not-open",
    "account-frozen",
    "account-closed",
    "capture-exceeds-hold",
    "balance-limit-exceeded"
  })
  @IdempotentOperation
  @PostMapping(path = "/{id}/capture", consumes = APPLICATION_JSON_VALUE)
  ResponseEntity<TransferResponse> capture(
      @PathVariable TransferId id,
      @Valid @RequestBody(required = false) @Nullable CaptureRequest body,
      IdempotentRequest request,
      Caller caller) {
    hold(id, caller);
    return IdempotentResponses.created(
        holds.capture(
            new PostingRequest.Capture(
                PostingRequest.Operation.CAPTURE.key(request.owner(), request.key()),
                request.fingerprint(),
                id,
                body == null ? null : body.amount())),
        TransferResponse::location,
        transfer -> TransferResponse.of(transfer, caller));
  }

  @Problems("hold-not-open")
  @PostMapping("/{id}/release")
  Hold release(@PathVariable TransferId id, Caller caller) {
    hold(id, caller);
    return IdempotentResponses.result(holds.release(id));
  }

  @GetMapping("/{id}")
  Hold hold(@PathVariable TransferId id, Caller caller) {
    return caller.visible(holds.find(id), Hold::owner);
  }

  record HoldFilter(
      @Nullable String owner, @Nullable AccountId account, Hold.@Nullable Status status) {}

  @GetMapping
  CursorPage<Hold> list(@Valid HoldFilter filter, CursorRequest page, Caller caller) {
    return CursorPage.of(
        page,
        holds.list(
            caller.ownerOrSelf(filter.owner()),
            filter.account(),
            filter.status(),
            new TransferId(page.afterId()),
            page.lookAhead()),
        Hold::id);
  }
}
