package dev.evenkeel.payments;

/** Which way the money goes. */
public enum PaymentKind {
  /** From the outside to a customer's account. */
  PAY_IN
}
