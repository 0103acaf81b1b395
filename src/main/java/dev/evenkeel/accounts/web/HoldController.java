package dev.evenkeel.accounts.web;

import dev.evenkeel.accounts.Hold;
import dev.evenkeel.accounts.Holds;
import dev.evenkeel.accounts.PostingRequest;
import dev.evenkeel.http.Caller;
import dev.evenkeel.http.CursorPage;
import dev.evenkeel.http.CursorRequest;
import dev.evenkeel.http.Input;
import dev.evenkeel.idempotency.IdempotentOperation;
import dev.evenkeel.idempotency.IdempotentResponses;
import dev.evenkeel.money.IsoCurrency;
import dev.evenkeel.money.Money;
import jakarta.validation.constraints.Max;
import jakarta.validation.constraints.Min;
import jakarta.validation.constraints.NotNull;
import java.time.Duration;
import java.util.UUID;
import java.util.function.Function;
import org.hibernate.validator.constraints.CodePointLength;
import org.jspecify.annotations.Nullable;
import org.springframework.http.ResponseEntity;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RestController;

/** Money that is promised, and what becomes of it. */
@RestController
class HoldController {

  private static final Duration DEFAULT = Duration.ofDays(7);
  private static final long LONGEST_SECONDS = 30 * 24 * 3600;

  private final Holds holds;

  HoldController(Holds holds) {
    this.holds = holds;
  }

  record HoldRequest(
      @NotNull UUID from,
      @NotNull UUID to,
      @NotNull @Min(1) @Max(Money.MAX_AMOUNT) Long amount,
      @NotNull @IsoCurrency String currency,
      @CodePointLength(max = 500) @Nullable String description,
      @Min(1) @Max(LONGEST_SECONDS) @Nullable Long expiresIn) {}

  @IdempotentOperation
  @PostMapping("/v1/holds")
  ResponseEntity<Hold> place(Caller caller, Input input) {
    var request = input.keyed(HoldRequest.class);
    HoldRequest body = request.body();
    Long expiresIn = body.expiresIn();
    return IdempotentResponses.created(
        holds.place(
            new PostingRequest.Hold(
                PostingRequest.Operation.HOLD.key(caller.owner(), request.key()),
                request.fingerprint(),
                body.from(),
                body.to(),
                Money.of(body.amount(), body.currency()),
                body.description(),
                expiresIn == null ? DEFAULT : Duration.ofSeconds(expiresIn))),
        hold -> "/v1/holds/" + hold.id(),
        Function.identity());
  }

  record CaptureRequest(@Min(1) @Max(Money.MAX_AMOUNT) @Nullable Long amount) {}

  @IdempotentOperation
  @PostMapping("/v1/holds/{id}/capture")
  ResponseEntity<TransferBody> capture(@PathVariable UUID id, Caller caller, Input input) {
    visible(id, caller);
    var request = input.keyedOrEmpty(CaptureRequest.class);
    return IdempotentResponses.created(
        holds.capture(
            new PostingRequest.Capture(
                PostingRequest.Operation.CAPTURE.key(caller.owner(), request.key()),
                request.fingerprint(),
                id,
                request.body().amount())),
        TransferBody::location,
        transfer -> TransferBody.of(transfer, caller));
  }

  @PostMapping("/v1/holds/{id}/release")
  Hold release(@PathVariable UUID id, Caller caller, Input input) {
    hold(id, caller, input);
    return IdempotentResponses.result(holds.release(id));
  }

  @GetMapping("/v1/holds/{id}")
  Hold hold(@PathVariable UUID id, Caller caller, Input input) {
    Hold hold = visible(id, caller);
    input.nothing();
    return hold;
  }

  @GetMapping("/v1/holds")
  CursorPage<Hold> list(Caller caller, Input input) {
    String owner = input.owner(caller);
    UUID account = input.uuid("account").orElse(null);
    Hold.Status status = input.word("status", Hold.Status.class).orElse(null);
    CursorRequest window = input.window(owner, account, status);
    return CursorPage.of(
        window, holds.list(owner, account, status, window.afterId(), window.lookAhead()), Hold::id);
  }

  private Hold visible(UUID id, Caller caller) {
    return caller.visible(holds.find(id), Hold::owner);
  }
}
