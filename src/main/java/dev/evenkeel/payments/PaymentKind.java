package dev.evenkeel.payments;

/** Which way the money goes. */
public enum PaymentKind {
  /** From the outside to a customer's account. */
  PAY_IN,
  /** From a customer's account to the outside. */
  PAY_OUT,
  /** Back to where a pay-in came from. A refund is a payment of its own, with its own life. */
  REFUND
}
