package dev.evenkeel.payments;

import dev.evenkeel.accounts.AccountId;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * All that is known of a payment or a refund, for other modules to show.
 *
 * @param amount what was asked for, in minor units
 * @param moved what has moved or, while it is open, what moves if it succeeds: less than the amount
 *     if less is being captured
 * @param attention the most urgent reason why an operator has to decide; null if none has to
 * @param failure with the provider's code, which only operators may see
 * @param providerOperation the provider's operation that made it succeed, waits or differs; null if
 *     none is known
 * @param nextAction the provider's page on which the customer has to act; null unless that is so
 * @param traceId the trace of the owner's latest request for it
 */
public record PaymentDetails(
    PaymentId id,
    PaymentKind kind,
    String owner,
    AccountId account,
    long amount,
    long moved,
    long refunded,
    long returned,
    String currency,
    PaymentStatus status,
    @Nullable Attention attention,
    @Nullable Failure failure,
    @Nullable String providerOperation,
    @Nullable String nextAction,
    boolean manualCapture,
    @Nullable String description,
    @Nullable String reference,
    ProviderCalls calls,
    @Nullable String traceId,
    Instant createdAt,
    @Nullable Instant finalAt,
    List<TimelineEntry> timeline) {

  /** Changes whenever something changes that operators decide on. */
  public String state() {
    return "%s %s %s %s %s %s"
        .formatted(status, attention, moved, refunded, returned, timeline.size());
  }

  public static PaymentDetails of(Payment payment) {
    PaymentRequest request = payment.request();
    String traceparent = payment.traceparent();
    Long capture = payment.getCapture();
    return new PaymentDetails(
        payment.getId(),
        payment.getKind(),
        payment.getOwner(),
        payment.getAccount(),
        payment.getAmount(),
        capture == null ? payment.moved() : capture,
        payment.getRefunded(),
        payment.getReturned(),
        payment.getCurrency(),
        payment.getStatus(),
        payment.getAttention(),
        payment.getFailure(),
        payment.providerOperation(),
        payment.getNextAction(),
        request.manualCapture(),
        request.description(),
        request.reference(),
        payment.calls().snapshot(),
        traceparent == null ? null : traceparent.split("-")[1],
        payment.getCreatedAt(),
        payment.getFinalAt(),
        payment.getTimeline());
  }
}
