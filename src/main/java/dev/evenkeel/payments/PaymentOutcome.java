package dev.evenkeel.payments;

import dev.evenkeel.platform.Problem;

/** What became of a {@link PaymentRequest}. An accepted payment may have failed: see its status. */
public sealed interface PaymentOutcome {

  record Accepted(Payment payment) implements PaymentOutcome {}

  /** The same key was accepted before; the payment as it is now. */
  record Replayed(Payment payment) implements PaymentOutcome {}

  /**
   * @param replayed whether the same key was refused with this problem before
   */
  record Refused(Problem problem, boolean replayed) implements PaymentOutcome {}
}
