package dev.evenkeel.payments.web;

import dev.evenkeel.http.Caller;
import dev.evenkeel.http.CursorPage;
import dev.evenkeel.http.CursorRequest;
import dev.evenkeel.http.Input;
import dev.evenkeel.idempotency.IdempotentOperation;
import dev.evenkeel.idempotency.IdempotentResponses;
import dev.evenkeel.money.Money;
import dev.evenkeel.payments.Attention;
import dev.evenkeel.payments.Failure;
import dev.evenkeel.payments.Payment;
import dev.evenkeel.payments.PaymentStatus;
import dev.evenkeel.payments.Payments;
import dev.evenkeel.payments.Refunds;
import dev.evenkeel.problems.ProblemException;
import jakarta.validation.constraints.Max;
import jakarta.validation.constraints.Min;
import java.time.Instant;
import java.util.Objects;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.springframework.http.ResponseEntity;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RestController;

/** Refunds of a payment. */
@RestController
class RefundController {

  private final Payments payments;
  private final Refunds refunds;

  RefundController(Payments payments, Refunds refunds) {
    this.payments = payments;
    this.refunds = refunds;
  }

  record NewRefund(@Min(1) @Max(Money.MAX_AMOUNT) @Nullable Long amount) {}

  record Refund(
      UUID id,
      UUID payment,
      long amount,
      String currency,
      PaymentStatus status,
      @Nullable Attention attention,
      @Nullable Failure failure,
      Instant createdAt) {

    static Refund of(Payment it) {
      return new Refund(
          it.getId(),
          Objects.requireNonNull(it.getPayment()),
          it.getAmount(),
          it.getCurrency(),
          it.getStatus(),
          it.getAttention(),
          it.getFailure(),
          it.getCreatedAt());
    }
  }

  @IdempotentOperation
  @PostMapping("/v1/payments/{id}/refunds")
  ResponseEntity<Refund> refund(@PathVariable UUID id, Caller caller, Input input) {
    // Operators see it, and move nobody else's money
    payments
        .find(id)
        .filter(it -> it.getOwner().equals(caller.owner()))
        .orElseThrow(ProblemException::notFound);
    var request = input.keyedOrEmpty(NewRefund.class);
    return IdempotentResponses.accepted(
        refunds.accept(request.by(caller), id, request.body().amount()),
        refund -> refund.getStatus().isFinal(),
        refund -> "/v1/payments/" + id + "/refunds/" + refund.getId(),
        Refund::of);
  }

  @GetMapping("/v1/payments/{id}/refunds")
  CursorPage<Refund> list(@PathVariable UUID id, Caller caller, Input input) {
    visible(id, caller);
    CursorRequest window = input.window();
    return CursorPage.of(
        window, refunds.list(id, window.afterId(), window.lookAhead()), Payment::getId, Refund::of);
  }

  @GetMapping("/v1/payments/{id}/refunds/{refund}")
  Refund refund(@PathVariable UUID id, @PathVariable UUID refund, Caller caller) {
    visible(id, caller);
    return refunds.find(id, refund).map(Refund::of).orElseThrow(ProblemException::notFound);
  }

  private Payment visible(UUID id, Caller caller) {
    return caller.visible(payments.find(id), Payment::getOwner);
  }
}
