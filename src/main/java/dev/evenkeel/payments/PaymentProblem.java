package dev.evenkeel.payments;

import dev.evenkeel.problems.ProblemType;

/** The problems that payments add to those of the ledger. */
public enum PaymentProblem implements ProblemType {
  NOT_CANCELABLE(409),
  NOT_CAPTURABLE(409),
  CAPTURE_EXCEEDS_AUTHORIZATION(422),
  NOT_REFUNDABLE(409),
  REFUND_EXCEEDS_PAYMENT(422),
  PAYMENTS_UNDER_WAY(409),
  NO_DECISION_NEEDED(409),
  PAYMENT_CHANGED(409),
  PAYMENT_UNREADABLE(409),
  DECISION_OUT_OF_RANGE(422),
  INVALID_SIGNATURE(401),
  RECONCILIATION_UNDER_WAY(409),
  PROVIDER_UNAVAILABLE(503);

  private final int status;

  PaymentProblem(int status) {
    this.status = status;
  }

  @Override
  public int status() {
    return status;
  }
}
