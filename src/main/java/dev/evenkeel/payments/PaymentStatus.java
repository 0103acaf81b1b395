package dev.evenkeel.payments;

/** Where a payment is in its life. */
public enum PaymentStatus {
  /** Accepted; no byte was ever sent to the provider. */
  PENDING,
  /** It may have reached the provider, which has not told the outcome yet. */
  PROCESSING,
  /** Final: the money has moved, here and at the provider. */
  SUCCEEDED,
  /** Final: no money has moved, and none will. */
  FAILED,
  /** Never accepted. Kept for its key only, and shown to nobody. */
  REFUSED;

  public boolean isFinal() {
    return this == SUCCEEDED || this == FAILED || this == REFUSED;
  }
}
