package dev.evenkeel.payments.rules;

import dev.evenkeel.payments.Attention;
import dev.evenkeel.payments.Finding;
import dev.evenkeel.payments.PaymentKind;
import dev.evenkeel.payments.PaymentStatus;
import dev.evenkeel.payments.provider.FollowUp;
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
 * @param longestUnseen how long after its last moment to be sent a query may still miss it: what an
 *     attempt may take, and how late the provider's queries are
 * @param keyKnown whether the provider surely still knows the idempotency key, so that sending
 *     again cannot charge twice
 * @param uncoveredFor for a refund: how long its payment has not covered it; null if it does
 * @param manualCapture whether the provider only reserves the amount, until it is captured
 * @param waiting the operation that waits for the customer or for us; null if none does
 * @param operation the provider's operation that waits, made the payment succeed, or differs in its
 *     amount; null if none is known
 */
public record PaymentSnapshot(
    PaymentKind kind,
    PaymentStatus status,
    int attempts,
    int sends,
    Duration age,
    Duration longestUnseen,
    boolean keyKnown,
    @Nullable Duration uncoveredFor,
    @Nullable Attention attention,
    boolean manualCapture,
    @Nullable Waiting waiting,
    @Nullable String operation,
    MovedMoney money) {

  /**
   * An operation that the provider has and that waits for the customer or for us. By its id the
   * provider knows it even when the idempotency key is forgotten.
   *
   * @param expired whether the wait is over
   * @param followUp what the provider is asked to do with it; null if nothing yet
   * @param askedFor how long it has been asked for that; null if for nothing
   * @param capture what is captured, in minor units; null unless that is the follow-up
   */
  public record Waiting(
      boolean expired,
      @Nullable FollowUp followUp,
      @Nullable Duration askedFor,
      @Nullable Long capture) {}

  /** Whether the wait is over, and nothing else has been decided. */
  boolean hasWaitedTooLong() {
    return waiting != null && waiting.followUp() == null && waiting.expired();
  }

  /** Whether the provider has not done for long what it was asked for. */
  boolean isNotFollowedUp() {
    Duration asked = waiting == null ? null : waiting.askedFor();
    return asked != null && asked.compareTo(PaymentRules.FOLLOW_UP_TIME) >= 0;
  }

  /** What is to be captured, in minor units; null if nothing is. */
  @Nullable Long capture() {
    return waiting == null ? null : waiting.capture();
  }

  @Nullable FollowUp followUp() {
    return waiting == null ? null : waiting.followUp();
  }

  /** Whether this is not the operation that we know: then we may have ordered twice. */
  boolean isOther(ProviderOperation it) {
    return operation != null && !operation.equals(it.id());
  }

  Finding finding(ProviderOperation it) {
    return Finding.of(operation, money.returned(), it);
  }

  /** Whether the request may be sent, or sent again if the provider does not know the key. */
  public boolean maySend() {
    return !status.isFinal()
        && waiting == null
        && keyKnown
        && attention == null
        && overdue() == null;
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

  /** Whether a query surely finds what even a call that began just before that time has done. */
  boolean queriesFindAllCalls() {
    Duration overdue = overdue();
    return overdue != null && overdue.compareTo(longestUnseen) >= 0;
  }
}
