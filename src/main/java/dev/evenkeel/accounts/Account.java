package dev.evenkeel.accounts;

import com.fasterxml.jackson.annotation.JsonIgnore;
import com.fasterxml.jackson.annotation.JsonInclude;
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
   * @param owed what a charge-back took beyond what was free; the next credits and released holds
   *     repay it
   * @param available what can be spent: {@code posted - held - owed} plus the overdraft limit;
   *     negative while something is owed
   */
  public record Balance(
      long posted,
      long held,
      @JsonInclude(JsonInclude.Include.NON_DEFAULT) long owed,
      long available) {

    private Balance plus(long morePosted, long moreHeld, long moreOwed) {
      return new Balance(
          posted + morePosted,
          held + moreHeld,
          owed + moreOwed,
          available + morePosted - moreHeld - moreOwed);
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
    return with(status, frozenByOperator, balance.plus(amount, 0, 0), sequence + 1);
  }

  /** Returns the account with more held, or less if negative. Public for the write path only. */
  public Account holding(long amount) {
    return with(status, frozenByOperator, balance.plus(0, amount, 0), sequence);
  }

  /** Returns the account with more owed, or less if negative. Public for the write path only. */
  public Account owing(long amount) {
    return with(status, frozenByOperator, balance.plus(0, 0, amount), sequence);
  }

  /** The part of what is owed that can be repaid at once. Public for the write path only. */
  public long repayable() {
    return Math.min(balance.owed(), balance.owed() + balance.available());
  }

  Account become(Status next, boolean byOperator) {
    return with(next, byOperator, balance, sequence);
  }

  private Account with(Status status, boolean byOperator, Balance balance, long seq) {
    return new Account(
        id, owner, name, currency, status, byOperator, balance, seq, overdraftLimit, createdAt);
  }
}
