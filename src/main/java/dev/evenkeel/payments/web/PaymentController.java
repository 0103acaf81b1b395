package dev.evenkeel.payments.web;

import dev.evenkeel.money.IsoCurrency;
import dev.evenkeel.money.Money;
import dev.evenkeel.payments.Failure;
import dev.evenkeel.payments.Payment;
import dev.evenkeel.payments.PaymentKind;
import dev.evenkeel.payments.PaymentRequest;
import dev.evenkeel.payments.PaymentStatus;
import dev.evenkeel.payments.PaymentStep;
import dev.evenkeel.payments.Payments;
import dev.evenkeel.platform.Caller;
import dev.evenkeel.platform.Input;
import dev.evenkeel.platform.KeyedOperation;
import dev.evenkeel.platform.Outcome;
import dev.evenkeel.platform.ProblemException;
import dev.evenkeel.platform.Replies;
import jakarta.validation.constraints.Max;
import jakarta.validation.constraints.Min;
import jakarta.validation.constraints.NotNull;
import jakarta.validation.constraints.Pattern;
import jakarta.validation.constraints.Size;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.hibernate.validator.constraints.CodePointLength;
import org.jspecify.annotations.Nullable;
import org.springframework.http.ResponseEntity;
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
      @NotNull @Pattern(regexp = "pay_in") String kind,
      @NotNull @Min(1) @Max(Money.MAX_AMOUNT) Long amount,
      @NotNull @IsoCurrency String currency,
      @NotNull @Instrument String instrument,
      @CodePointLength(max = 500) @Nullable String description,
      @CodePointLength(max = 64) @Nullable String reference,
      @Size(max = 20) @Nullable Map<
                  @CodePointLength(min = 1, max = 40) String,
                  @NotNull @CodePointLength(max = 500) String>
              metadata) {}

  record PaymentBody(
      UUID id,
      UUID account,
      PaymentKind kind,
      long amount,
      long refunded,
      String currency,
      PaymentStatus status,
      @Nullable String attention,
      @Nullable Failure failure,
      @Nullable String description,
      @Nullable String reference,
      @Nullable Map<String, String> metadata,
      Instant createdAt,
      @Nullable Instant finalAt,
      List<PaymentStep> timeline) {

    static PaymentBody of(Payment payment) {
      return new PaymentBody(
          payment.getId(),
          payment.getAccount(),
          payment.getKind(),
          payment.getAmount(),
          0,
          payment.getCurrency(),
          payment.getStatus(),
          payment.getAttention(),
          payment.getFailure(),
          payment.getDescription(),
          payment.getReference(),
          payment.getMetadata().isEmpty() ? null : payment.getMetadata(),
          payment.getCreatedAt(),
          payment.getFinalAt(),
          payment.getTimeline());
    }
  }

  @KeyedOperation
  @PostMapping("/v1/payments")
  ResponseEntity<PaymentBody> pay(Caller caller, Input input) {
    var request = input.keyed(NewPayment.class);
    NewPayment body = request.body();
    Outcome<Payment> outcome =
        payments.accept(
            new PaymentRequest(
                caller.owner(),
                request.key(),
                request.fingerprint(),
                body.account(),
                PaymentKind.PAY_IN,
                Money.of(body.amount(), body.currency()),
                body.instrument(),
                body.description(),
                body.reference(),
                body.metadata() == null ? Map.of() : body.metadata()));
    return Replies.accepted(
        outcome,
        payment -> payment.getStatus().isFinal(),
        PaymentController::location,
        PaymentBody::of);
  }

  private static String location(Payment payment) {
    return "/v1/payments/" + payment.getId();
  }

  @GetMapping("/v1/payments/{id}")
  PaymentBody payment(@PathVariable UUID id, Caller caller) {
    return payments
        .find(id)
        .filter(payment -> caller.maySee(payment.getOwner()))
        .map(PaymentBody::of)
        .orElseThrow(ProblemException::notFound);
  }
}
