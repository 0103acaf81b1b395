package dev.evenkeel.payments.rules;

import dev.evenkeel.payments.Attention;
import dev.evenkeel.payments.Finding;
import dev.evenkeel.payments.PaymentKind;
import dev.evenkeel.payments.PaymentStatus;
import dev.evenkeel.payments.provider.ProviderOperation;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * The state of a payment, as far as the rules need it.
 *
 * @param attempts the number of the latest attempt
 * @param sends how many attempts, the latest included, may have sent the request; queries do not
 *     count
 * @param age the time since it was accepted
 * @param claim how long an attempt may take: no call of the provider lasts longer
 * @param keyKnown whether the provider surely still knows the idempotency key, so that sending
 *     again cannot charge twice
 * @param uncoveredFor for a refund: how long its payment has not covered it; null if it does
 * @param operation the provider's operation that made the payment succeed, or whose amount differs;
 *     null if none is known
 */
public record PaymentSnapshot(
    PaymentKind kind,
    PaymentStatus status,
    int attempts,
    int sends,
    Duration age,
    Duration claim,
    boolean keyKnown,
    @Nullable Duration uncoveredFor,
    @Nullable Attention attention,
    @Nullable String operation,
    MovedMoney money) {

  /** Whether this is not the operation that we know: then we may have ordered twice. */
  boolean isOther(ProviderOperation it) {
    return operation != null && !operation.equals(it.id());
  }

  Finding finding(ProviderOperation it) {
    return Finding.of(operation, money.returned(), it);
  }

  /** Whether the request may be sent, or sent again if the provider does not know the key. */
  public boolean maySend() {
    return !status.isFinal() && keyKnown && attention == null && overdue() == null;
  }

  /**
   * The time since the request may not be sent any more: a pay-in because it is too old, a refund
   * because its payment was taken back, or too much of it. Null while it may.
   */
  @Nullable Duration overdue() {
    Duration since =
        kind == PaymentKind.PAY_IN ? age.minus(PaymentRules.PAY_IN_EXPIRY) : uncoveredFor;
    return since == null || since.isNegative() ? null : since;
  }

  /** Whether even a call that began just before that time has ended. */
  boolean allCallsHaveEnded() {
    Duration overdue = overdue();
    return overdue != null && overdue.compareTo(claim) >= 0;
  }
}
