package dev.evenkeel.payments;

/** Where a payment or refund is in its life, see {@link PaymentRules}. */
public enum PaymentStatus {
  /** Accepted; no byte was ever sent to the provider. */
  PENDING,
  /** It may have reached the provider, which has not told the outcome yet. */
  PROCESSING,
  /** The money has moved, here and at the provider. */
  SUCCEEDED,
  /** Final: no money has moved, and none will. */
  FAILED,
  /** Final: its owner took it back before anything was sent. */
  CANCELED,
  /** Final: it had succeeded, and the provider took it back. */
  RETURNED,
  /** Never accepted. Kept for its key only, and shown to nobody. */
  REFUSED;

  /** But for {@link #SUCCEEDED}, which can become {@link #RETURNED}, there is no way on. */
  public boolean isFinal() {
    return this != PENDING && this != PROCESSING;
  }

  /** Whether the money has moved, if only for a while. */
  public boolean hasSucceeded() {
    return this == SUCCEEDED || this == RETURNED;
  }
}
