package dev.evenkeel.payments;

import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * The state of a payment, as far as the rules need it.
 *
 * @param attempts the number of the latest attempt
 * @param sends how many attempts, the latest included, may have sent the request; queries do not
 *     count
 * @param age the time since it was accepted
 * @param longestCall an upper limit of how long a call of the provider lasts
 * @param keyKnown whether the provider surely still knows the idempotency key, so that sending
 *     again cannot charge twice
 * @param paymentReturned whether this is a refund of a payment that the provider has taken back
 * @param operation the provider's operation that made the payment succeed; null if an operator
 *     decided
 */
record PaymentSnapshot(
    PaymentKind kind,
    PaymentStatus status,
    int attempts,
    int sends,
    Duration age,
    Duration longestCall,
    boolean keyKnown,
    boolean paymentReturned,
    @Nullable Attention attention,
    @Nullable String operation) {

  /** Whether the request may be sent, or sent again if the provider does not know the key. */
  boolean maySend() {
    return !status.isFinal() && keyKnown && attention == null && !isTooOld() && !paymentReturned;
  }

  boolean isTooOld() {
    return kind == PaymentKind.PAY_IN && age.compareTo(PaymentRules.PAY_IN_EXPIRY) >= 0;
  }

  /** Whether even a call that began just before the expiry has ended. */
  boolean allCallsHaveEnded() {
    return age.compareTo(PaymentRules.PAY_IN_EXPIRY.plus(longestCall)) >= 0;
  }
}
