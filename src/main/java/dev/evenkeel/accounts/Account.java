package dev.evenkeel.accounts;

import com.fasterxml.jackson.annotation.JsonIgnore;
import java.time.Instant;

/**
 * A customer account as it was when it was read. It is credit-normal: a positive balance is what we
 * owe its owner. All amounts are minor units of its currency.
 *
 * @param frozenByOperator whether only an operator can unfreeze it
 * @param sequence the number of its latest entry; 0 before the first
 * @param overdraftLimit how far {@code posted - held} may go below zero
 */
public record Account(
    AccountId id,
    @JsonIgnore String owner,
    String name,
    String currency,
    Status status,
    @JsonIgnore boolean frozenByOperator,
    Balance balance,
    long sequence,
    long overdraftLimit,
    Instant createdAt) {

  public enum Status {
    OPEN,
    /**
     * Callers can move nothing in or out; what the payment provider has decided is still posted.
     */
    FROZEN,
    CLOSED
  }

  /**
   * @param posted the sum of the account's entries
   * @param held the sum of its open holds
   * @param available what can be spent: {@code posted - held} plus the overdraft limit
   */
  public record Balance(long posted, long held, long available) {

    private Balance plus(long morePosted, long moreHeld) {
      return new Balance(posted + morePosted, held + moreHeld, available + morePosted - moreHeld);
    }
  }

  public long posted() {
    return balance.posted();
  }

  public long available() {
    return balance.available();
  }

  /** Returns the account after one more entry. Public for the write path only. */
  public Account after(long amount) {
    return with(status, frozenByOperator, balance.plus(amount, 0), sequence + 1);
  }

  /** Returns the account with more held, or less if negative. Public for the write path only. */
  public Account holding(long amount) {
    return with(status, frozenByOperator, balance.plus(0, amount), sequence);
  }

  Account become(Status next, boolean byOperator) {
    return with(next, byOperator, balance, sequence);
  }

  private Account with(Status status, boolean byOperator, Balance balance, long seq) {
    return new Account(
        id, owner, name, currency, status, byOperator, balance, seq, overdraftLimit, createdAt);
  }
}
