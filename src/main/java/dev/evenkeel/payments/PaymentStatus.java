package dev.evenkeel.payments;

import dev.evenkeel.payments.rules.PaymentRules;
import io.swagger.v3.oas.annotations.Hidden;

/** The status of a payment or a refund. {@link PaymentRules} decides how it changes. */
public enum PaymentStatus {
  /** Accepted. No byte was ever sent to the provider. */
  PENDING,
  /** The request may have reached the provider, whose decision is not known yet. */
  PROCESSING,
  /** The customer has to act first, on a page of the provider. */
  REQUIRES_ACTION,
  /** The provider reserves the amount until it is captured or canceled. Nothing is posted. */
  AUTHORIZED,
  /** The money has moved, here and at the provider. */
  SUCCEEDED,
  /** Final: no money has moved, and none will. */
  FAILED,
  /** Final: the owner canceled the payment before any money moved. */
  CANCELED,
  /** Final: the payment had succeeded, and the provider reversed it. */
  RETURNED,
  /** Never accepted. The row only keeps the refusal for its idempotency key; no API shows it. */
  @Hidden
  REFUSED,
  /** Written by a newer release, which has been rolled back. Nothing changes such a payment. */
  UNREADABLE;

  /** Whether the payment has ended. What moves afterwards, or is decided, may change how. */
  public boolean isFinal() {
    return switch (this) {
      case PENDING, PROCESSING, REQUIRES_ACTION, AUTHORIZED, UNREADABLE -> false;
      case SUCCEEDED, FAILED, CANCELED, RETURNED, REFUSED -> true;
    };
  }

  /** Whether the provider has the payment and waits for the customer or for us. */
  public boolean isWaiting() {
    return this == REQUIRES_ACTION || this == AUTHORIZED;
  }

  /** Whether the money has moved, even if it was returned later. */
  public boolean hasSucceeded() {
    return this == SUCCEEDED || this == RETURNED;
  }
}
