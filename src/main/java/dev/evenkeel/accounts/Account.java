package dev.evenkeel.accounts;

import java.time.Instant;
import java.util.UUID;

/**
 * A customer's account as it was when it was read. It is credit-normal: a positive balance is what
 * we owe its owner. All amounts are minor units of its currency.
 *
 * @param posted the sum of its entries
 * @param held what is promised to others already
 * @param sequence the number of its latest entry; 0 before the first
 * @param frozenByOperator whether only an operator may unfreeze it
 * @param overdraftLimit how far {@code posted - held} may go below zero
 */
public record Account(
    UUID id,
    String owner,
    String name,
    String currency,
    Status status,
    boolean frozenByOperator,
    long posted,
    long held,
    long sequence,
    long overdraftLimit,
    Instant createdAt) {

  public enum Status {
    OPEN,
    /** Callers start nothing in or out; what the payment provider decided is still posted. */
    FROZEN,
    CLOSED
  }

  /** What can be spent. */
  public long available() {
    return posted - held + overdraftLimit;
  }

  /** With one entry more. */
  Account after(long amount) {
    return with(posted + amount, held, sequence + 1);
  }

  /** With so much more held, or less. */
  Account holding(long amount) {
    return with(posted, held + amount, sequence);
  }

  private Account with(long posted, long held, long sequence) {
    return new Account(
        id,
        owner,
        name,
        currency,
        status,
        frozenByOperator,
        posted,
        held,
        sequence,
        overdraftLimit,
        createdAt);
  }
}
