package dev.evenkeel.payments.web;

import dev.evenkeel.accounts.AccountId;
import dev.evenkeel.http.Caller;
import dev.evenkeel.payments.Attention;
import dev.evenkeel.payments.Failure;
import dev.evenkeel.payments.Payment;
import dev.evenkeel.payments.PaymentId;
import dev.evenkeel.payments.PaymentKind;
import dev.evenkeel.payments.PaymentRequest;
import dev.evenkeel.payments.PaymentStatus;
import dev.evenkeel.payments.TimelineEntry;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A payment, or a refund in a list of operators, with what the caller may see of it.
 *
 * @param payment the refunded payment; null unless this is a refund
 * @param moved what has really moved, where that differs: a part was captured, or an operator
 *     decided
 */
record PaymentResponse(
    PaymentId id,
    @Nullable PaymentId payment,
    AccountId account,
    PaymentKind kind,
    long amount,
    @Nullable Long moved,
    long refunded,
    String currency,
    PaymentStatus status,
    long returned,
    @Nullable NextAction nextAction,
    @Nullable Attention attention,
    @Nullable Failure failure,
    @Nullable String description,
    @Nullable String reference,
    @Nullable Map<String, String> metadata,
    Instant createdAt,
    @Nullable Instant finalAt,
    List<TimelineEntry> timeline) {

  /**
   * What the customer has to do.
   *
   * @param redirectUrl the provider's page for it
   */
  record NextAction(String redirectUrl) {}

  static PaymentResponse of(Payment payment, Caller caller) {
    PaymentRequest request = payment.request();
    return new PaymentResponse(
        payment.getId(),
        payment.getPayment(),
        payment.getAccount(),
        payment.getKind(),
        payment.getAmount(),
        movedIfOther(payment),
        payment.getRefunded(),
        payment.getCurrency(),
        payment.getStatus(),
        payment.getReturned(),
        payment.getNextAction() == null ? null : new NextAction(payment.getNextAction()),
        payment.getAttention(),
        shown(payment.getFailure(), caller),
        request.description(),
        request.reference(),
        request.metadata(),
        payment.getCreatedAt(),
        payment.getFinalAt(),
        payment.getTimeline());
  }

  /** What has moved, where that is not the amount that was asked for. */
  static @Nullable Long movedIfOther(Payment payment) {
    return payment.moved() == payment.getAmount() ? null : payment.moved();
  }

  /** Leaves out the provider's code unless the caller is an operator. */
  static @Nullable Failure shown(@Nullable Failure failure, Caller caller) {
    return failure == null || caller.isOperator() ? failure : failure.forOwner();
  }
}
