package dev.evenkeel.payments;

/** The direction in which a payment moves money. */
public enum PaymentKind {
  /** From outside to a customer's account. */
  PAY_IN,
  /** From a customer's account to the outside. */
  PAY_OUT,
  /** Back to the source of a pay-in. A refund is a payment with a life cycle of its own. */
  REFUND,
  /** Written by a newer release, which has been rolled back. Nothing changes such a payment. */
  UNREADABLE
}
