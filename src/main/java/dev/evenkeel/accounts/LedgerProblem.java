package dev.evenkeel.accounts;

import static java.util.stream.Collectors.joining;

import dev.evenkeel.money.Money;
import dev.evenkeel.problems.Problem;
import dev.evenkeel.problems.ProblemType;
import java.util.stream.Stream;

/** The problem types of the ledger. */
public enum LedgerProblem implements ProblemType {
  ACCOUNT_NOT_FOUND(422),
  OVERDRAFT_NOT_ALLOWED(403),
  ACCOUNT_FROZEN(409),
  ACCOUNT_CLOSED(409),
  SAME_ACCOUNT(422),
  CURRENCY_MISMATCH(422),
  INSUFFICIENT_FUNDS(422),
  BALANCE_LIMIT_EXCEEDED(422),
  CAPTURE_EXCEEDS_HOLD(422),
  HOLD_NOT_OPEN(409),
  NOT_REVERSIBLE(409),
  ALREADY_REVERSED(409),
  ACCOUNT_NOT_EMPTY(409),
  SAME_PERSON(403),
  ADJUSTMENT_DECIDED(409);

  private final int status;

  LedgerProblem(int status) {
    this.status = status;
  }

  @Override
  public int status() {
    return status;
  }

  /** Refusals with 409 and 422 are stored under their key, except {@code ACCOUNT_NOT_FOUND}. */
  @Override
  public Retry retry() {
    return this == ACCOUNT_NOT_FOUND ? Retry.NO : ProblemType.super.retry();
  }

  /**
   * Reports an account that does not exist or that the request may not use, without telling which.
   *
   * @param field the field of the request that names the account
   */
  public static Problem accountNotFound(String field) {
    String message = "is not an account that this request may use";
    return Problem.of(ACCOUNT_NOT_FOUND, "\"" + field + "\" " + message + ".")
        .onField(field, message);
  }

  public static Problem currencyMismatch(Money money, Account... accounts) {
    String others = Stream.of(accounts).map(Account::currency).distinct().collect(joining(" and "));
    return Problem.of(
        CURRENCY_MISMATCH,
        "The amount is in %s, but the currency of %s is %s."
            .formatted(
                money.currencyCode(),
                accounts.length == 1 ? "the account" : "the accounts",
                others));
  }

  /** Public for the write path only. */
  public static Problem holdNotOpen(Hold hold) {
    return Problem.of(
        HOLD_NOT_OPEN,
        switch (hold.status()) {
          case CAPTURED -> "The hold has been captured.";
          case RELEASED -> "The hold has been released.";
          case HELD, EXPIRED -> "The hold has expired.";
        });
  }
}
