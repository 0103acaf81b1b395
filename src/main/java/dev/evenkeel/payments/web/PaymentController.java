package dev.evenkeel.payments.web;

import static org.springframework.http.MediaType.APPLICATION_JSON_VALUE;

import dev.evenkeel.accounts.AccountId;
import dev.evenkeel.http.Caller;
import dev.evenkeel.http.CursorPage;
import dev.evenkeel.http.CursorRequest;
import dev.evenkeel.http.RequiresScope;
import dev.evenkeel.idempotency.IdempotentOperation;
import dev.evenkeel.idempotency.IdempotentRequest;
import dev.evenkeel.idempotency.IdempotentResponses;
import dev.evenkeel.idempotency.Outcome;
import dev.evenkeel.money.IsoCurrency;
import dev.evenkeel.money.Money;
import dev.evenkeel.payments.Payment;
import dev.evenkeel.payments.PaymentId;
import dev.evenkeel.payments.PaymentKind;
import dev.evenkeel.payments.PaymentRequest;
import dev.evenkeel.payments.PaymentStatus;
import dev.evenkeel.payments.Payments;
import dev.evenkeel.problems.ProblemException;
import dev.evenkeel.problems.Problems;
import io.swagger.v3.oas.annotations.responses.ApiResponse;
import jakarta.validation.Valid;
import jakarta.validation.constraints.Max;
import jakarta.validation.constraints.Min;
import jakarta.validation.constraints.NotNull;
import jakarta.validation.constraints.Pattern;
import jakarta.validation.constraints.Size;
import java.util.Map;
import org.hibernate.validator.constraints.CodePointLength;
import org.jspecify.annotations.Nullable;
import org.springframework.http.HttpStatus;
import org.springframework.http.ResponseEntity;
import org.springframework.util.CollectionUtils;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestBody;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RestController;

/**
 * Creates, shows, captures and cancels payments. A declined payment exists too: callers read its
 * status.
 */
@RestController
@RequiresScope(read = "payments:read", write = "payments:write")
@RequestMapping(path = "/v1/payments", produces = APPLICATION_JSON_VALUE)
class PaymentController {

  private final Payments payments;

  PaymentController(Payments payments) {
    this.payments = payments;
  }

  record NewPayment(
      @NotNull AccountId account,
      @NotNull @Pattern(regexp = "pay_in|pay_out") String kind,
      @NotNull @Min(1) @Max(Money.MAX_AMOUNT) Long amount,
      @NotNull @IsoCurrency String currency,
      @NotNull @Instrument String instrument,
      @Pattern(regexp = "automatic|manual") @Nullable String capture,
      @CodePointLength(max = 500) @Nullable String description,
      @CodePointLength(max = 64) @Nullable String reference,
      @Size(max = 20) @Nullable Map<
                  @CodePointLength(min = 1, max = 40) String,
                  @NotNull @CodePointLength(max = 500) String>
              metadata) {}

  @Problems({
    "account-not-found",
    "account-frozen",
    "account-closed",
    "currency-mismatch",
    "insufficient-funds"
  })
  @IdempotentOperation(success = {HttpStatus.CREATED, HttpStatus.ACCEPTED, HttpStatus.OK})
  @PostMapping(consumes = APPLICATION_JSON_VALUE)
  ResponseEntity<PaymentResponse> create(
      @Valid @RequestBody NewPayment body, IdempotentRequest request, Caller caller) {
    boolean manual = "manual".equals(body.capture());
    if (manual && !body.kind().equals("pay_in")) {
      throw ProblemException.invalid("capture", "must be automatic for a pay-out");
    }
    Outcome<Payment> outcome =
        payments.accept(
            new PaymentRequest(
                request,
                body.account(),
                body.kind().equals("pay_in") ? PaymentKind.PAY_IN : PaymentKind.PAY_OUT,
                Money.of(body.amount(), body.currency()),
                body.instrument(),
                null,
                body.description(),
                body.reference(),
                CollectionUtils.isEmpty(body.metadata()) ? null : body.metadata(),
                manual));
    return IdempotentResponses.accepted(
        outcome,
        payment -> payment.getStatus().isFinal(),
        payment -> "/v1/payments/" + payment.getId(),
        payment -> PaymentResponse.of(payment, caller));
  }

  @GetMapping("/{id}")
  PaymentResponse payment(@PathVariable PaymentId id, Caller caller) {
    Payment payment = caller.visible(payments.find(id), Payment::getOwner);
    return PaymentResponse.of(payment, caller);
  }

  record PaymentFilter(
      @Nullable String owner,
      @Nullable AccountId account,
      @Nullable PaymentStatus status,
      @Nullable String reference,
      @Nullable String idempotencyKey) {}

  @GetMapping
  CursorPage<PaymentResponse> list(@Valid PaymentFilter filter, CursorRequest page, Caller caller) {
    if (filter.status() == PaymentStatus.REFUSED || filter.status() == PaymentStatus.UNREADABLE) {
      throw ProblemException.invalid("status", "is not a known value");
    }
    return CursorPage.of(
        page,
        payments.list(
            caller.ownerOrSelf(filter.owner()),
            filter.account(),
            filter.status(),
            filter.reference(),
            filter.idempotencyKey(),
            new PaymentId(page.afterId()),
            page.lookAhead()),
        Payment::getId,
        payment -> PaymentResponse.of(payment, caller));
  }

  /** Answers 202 until the provider has answered. */
  @ApiResponse(responseCode = "200", description = "OK", useReturnTypeSchema = true)
  @ApiResponse(responseCode = "202", description = "Accepted", useReturnTypeSchema = true)
  @Problems("not-cancelable")
  @PostMapping("/{id}/cancel")
  ResponseEntity<PaymentResponse> cancel(@PathVariable PaymentId id, Caller caller) {
    caller.own(payments.find(id), Payment::getOwner);
    Payment payment = IdempotentResponses.result(payments.cancel(id));
    return ResponseEntity.status(
            payment.getStatus().isFinal() ? HttpStatus.OK : HttpStatus.ACCEPTED)
        .body(PaymentResponse.of(payment, caller));
  }

  /**
   * @param amount absent to capture all that is authorized
   */
  record CaptureRequest(@Min(1) @Max(Money.MAX_AMOUNT) @Nullable Long amount) {}

  @Problems({"not-capturable", "capture-exceeds-authorization", "account-frozen", "account-closed"})
  @IdempotentOperation(success = {HttpStatus.CREATED, HttpStatus.ACCEPTED, HttpStatus.OK})
  @PostMapping(path = "/{id}/capture", consumes = APPLICATION_JSON_VALUE)
  ResponseEntity<PaymentResponse> capture(
      @PathVariable PaymentId id,
      @Valid @RequestBody(required = false) @Nullable CaptureRequest body,
      IdempotentRequest request,
      Caller caller) {
    caller.own(payments.find(id), Payment::getOwner);
    return IdempotentResponses.accepted(
        payments.capture(request, id, body == null ? null : body.amount()),
        payment -> payment.getStatus().isFinal(),
        payment -> "/v1/payments/" + payment.getId(),
        payment -> PaymentResponse.of(payment, caller));
  }
}
