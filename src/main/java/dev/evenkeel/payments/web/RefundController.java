package dev.evenkeel.payments.web;

import static org.springframework.http.MediaType.APPLICATION_JSON_VALUE;

import dev.evenkeel.http.Caller;
import dev.evenkeel.http.CursorPage;
import dev.evenkeel.http.CursorRequest;
import dev.evenkeel.http.RequiresScope;
import dev.evenkeel.idempotency.IdempotentOperation;
import dev.evenkeel.idempotency.IdempotentRequest;
import dev.evenkeel.idempotency.IdempotentResponses;
import dev.evenkeel.money.Money;
import dev.evenkeel.payments.Attention;
import dev.evenkeel.payments.Failure;
import dev.evenkeel.payments.Payment;
import dev.evenkeel.payments.PaymentId;
import dev.evenkeel.payments.PaymentStatus;
import dev.evenkeel.payments.Payments;
import dev.evenkeel.payments.Refunds;
import dev.evenkeel.problems.ProblemException;
import dev.evenkeel.problems.Problems;
import jakarta.validation.Valid;
import jakarta.validation.constraints.Max;
import jakarta.validation.constraints.Min;
import java.time.Instant;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.springframework.http.HttpStatus;
import org.springframework.http.ResponseEntity;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestBody;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RestController;

/** Creates and shows the refunds of a payment. */
@RestController
@RequiresScope(read = "payments:read", write = "payments:write")
@RequestMapping(path = "/v1/payments/{payment}/refunds", produces = APPLICATION_JSON_VALUE)
class RefundController {

  private final Payments payments;
  private final Refunds refunds;

  RefundController(Payments payments, Refunds refunds) {
    this.payments = payments;
    this.refunds = refunds;
  }

  /**
   * @param amount absent to refund what is left
   */
  record RefundRequest(@Min(1) @Max(Money.MAX_AMOUNT) @Nullable Long amount) {}

  /**
   * @param moved what has really moved, where an operator decided that it differs
   */
  record RefundResponse(
      PaymentId id,
      PaymentId payment,
      long amount,
      @Nullable Long moved,
      String currency,
      PaymentStatus status,
      @Nullable Attention attention,
      @Nullable Failure failure,
      Instant createdAt) {

    static RefundResponse of(Payment refund, Caller caller) {
      return new RefundResponse(
          refund.getId(),
          Objects.requireNonNull(refund.getPayment()),
          refund.getAmount(),
          PaymentResponse.movedIfOther(refund),
          refund.getCurrency(),
          refund.getStatus(),
          refund.getAttention(),
          PaymentResponse.shown(refund.getFailure(), caller),
          refund.getCreatedAt());
    }
  }

  @Problems({
    "not-refundable",
    "refund-exceeds-payment",
    "account-frozen",
    "account-closed",
    "insufficient-funds"
  })
  @IdempotentOperation(success = {HttpStatus.CREATED, HttpStatus.ACCEPTED, HttpStatus.OK})
  @PostMapping(consumes = APPLICATION_JSON_VALUE)
  ResponseEntity<RefundResponse> create(
      @PathVariable("payment") PaymentId id,
      @Valid @RequestBody(required = false) @Nullable RefundRequest body,
      IdempotentRequest request,
      Caller caller) {
    caller.own(payments.find(id), Payment::getOwner);
    return IdempotentResponses.accepted(
        refunds.accept(request, id, body == null ? null : body.amount()),
        refund -> refund.getStatus().isFinal(),
        refund -> "/v1/payments/" + id + "/refunds/" + refund.getId(),
        refund -> RefundResponse.of(refund, caller));
  }

  @GetMapping
  CursorPage<RefundResponse> list(
      @PathVariable("payment") PaymentId id, CursorRequest page, Caller caller) {
    caller.visible(payments.find(id), Payment::getOwner);
    return CursorPage.of(
        page,
        refunds.list(id, new PaymentId(page.afterId()), page.lookAhead()),
        Payment::getId,
        refund -> RefundResponse.of(refund, caller));
  }

  @GetMapping("/{refund}")
  RefundResponse refund(
      @PathVariable("payment") PaymentId id,
      @PathVariable("refund") PaymentId refund,
      Caller caller) {
    caller.visible(payments.find(id), Payment::getOwner);
    return refunds
        .find(id, refund)
        .map(found -> RefundResponse.of(found, caller))
        .orElseThrow(ProblemException::notFound);
  }
}
