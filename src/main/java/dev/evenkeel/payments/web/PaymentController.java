package dev.evenkeel.payments.web;

import dev.evenkeel.http.Caller;
import dev.evenkeel.http.CursorPage;
import dev.evenkeel.http.CursorRequest;
import dev.evenkeel.http.Input;
import dev.evenkeel.idempotency.IdempotentOperation;
import dev.evenkeel.idempotency.IdempotentResponses;
import dev.evenkeel.idempotency.Outcome;
import dev.evenkeel.money.IsoCurrency;
import dev.evenkeel.money.Money;
import dev.evenkeel.payments.Payment;
import dev.evenkeel.payments.PaymentKind;
import dev.evenkeel.payments.PaymentRequest;
import dev.evenkeel.payments.PaymentStatus;
import dev.evenkeel.payments.Payments;
import dev.evenkeel.problems.ProblemException;
import jakarta.validation.constraints.Max;
import jakarta.validation.constraints.Min;
import jakarta.validation.constraints.NotNull;
import jakarta.validation.constraints.Pattern;
import jakarta.validation.constraints.Size;
import java.util.Map;
import java.util.UUID;
import java.util.function.Function;
import org.hibernate.validator.constraints.CodePointLength;
import org.jspecify.annotations.Nullable;
import org.springframework.http.ResponseEntity;
import org.springframework.util.CollectionUtils;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RestController;

/** Payments to and from the outside. A declined payment exists too: callers read its status. */
@RestController
class PaymentController {

  private final Payments payments;

  PaymentController(Payments payments) {
    this.payments = payments;
  }

  record NewPayment(
      @NotNull UUID account,
      @NotNull @Pattern(regexp = "pay_in|pay_out") String kind,
      @NotNull @Min(1) @Max(Money.MAX_AMOUNT) Long amount,
      @NotNull @IsoCurrency String currency,
      @NotNull @Instrument String instrument,
      @CodePointLength(max = 500) @Nullable String description,
      @CodePointLength(max = 64) @Nullable String reference,
      @Size(max = 20) @Nullable Map<
                  @CodePointLength(min = 1, max = 40) String,
                  @NotNull @CodePointLength(max = 500) String>
              metadata) {}

  @IdempotentOperation
  @PostMapping("/v1/payments")
  ResponseEntity<Payment> pay(Caller caller, Input input) {
    var request = input.keyed(NewPayment.class);
    NewPayment body = request.body();
    Outcome<Payment> outcome =
        payments.accept(
            new PaymentRequest(
                request.by(caller),
                body.account(),
                body.kind().equals("pay_in") ? PaymentKind.PAY_IN : PaymentKind.PAY_OUT,
                Money.of(body.amount(), body.currency()),
                body.instrument(),
                null,
                body.description(),
                body.reference(),
                CollectionUtils.isEmpty(body.metadata()) ? null : body.metadata()));
    return IdempotentResponses.accepted(
        outcome,
        payment -> payment.getStatus().isFinal(),
        payment -> "/v1/payments/" + payment.getId(),
        Function.identity());
  }

  @GetMapping("/v1/payments/{id}")
  Payment payment(@PathVariable UUID id, Caller caller) {
    return visible(id, caller);
  }

  @GetMapping("/v1/payments")
  CursorPage<Payment> list(Caller caller, Input input) {
    String owner = input.owner(caller);
    UUID account = input.uuid("account").orElse(null);
    PaymentStatus status = input.word("status", PaymentStatus.class).orElse(null);
    if (status == PaymentStatus.REFUSED) {
      throw ProblemException.invalid("status", "is not a known value");
    }
    String reference = input.text("reference").orElse(null);
    String key = input.text("idempotencyKey").orElse(null);
    CursorRequest window = input.window(owner, account, status, reference, key);
    return CursorPage.of(
        window,
        payments.list(owner, account, status, reference, key, window.afterId(), window.lookAhead()),
        Payment::getId);
  }

  @PostMapping("/v1/payments/{id}/cancel")
  Payment cancel(@PathVariable UUID id, Caller caller, Input input) {
    // Operators see it, and end nobody else's
    payments
        .find(id)
        .filter(it -> it.getOwner().equals(caller.owner()))
        .orElseThrow(ProblemException::notFound);
    input.nothing();
    return IdempotentResponses.result(payments.cancel(id));
  }

  private Payment visible(UUID id, Caller caller) {
    return caller.visible(payments.find(id), Payment::getOwner);
  }
}
