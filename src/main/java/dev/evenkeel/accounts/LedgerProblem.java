package dev.evenkeel.accounts;

import static java.util.stream.Collectors.joining;

import dev.evenkeel.money.Money;
import dev.evenkeel.problems.Problem;
import dev.evenkeel.problems.ProblemType;
import java.util.Locale;
import java.util.stream.Stream;

/** Why the ledger refuses. */
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
  ACCOUNT_NOT_EMPTY(409);

  private final int status;

  LedgerProblem(int status) {
    this.status = status;
  }

  @Override
  public int status() {
    return status;
  }

  /** What is refused for good is kept under its key, but for this one. */
  @Override
  public Retry retry() {
    return this == ACCOUNT_NOT_FOUND ? Retry.NO : ProblemType.super.retry();
  }

  /**
   * For an account that does not exist or is not one that the request may use: nobody learns which.
   *
   * @param field of the request that names it
   */
  public static Problem accountNotFound(String field) {
    String message = "is no account that this request may use";
    return Problem.of(ACCOUNT_NOT_FOUND, "\"" + field + "\" " + message + ".")
        .onField(field, message);
  }

  /** The accounts are to be in the money's currency. */
  public static Problem currencyMismatch(Money money, Account... accounts) {
    String others = Stream.of(accounts).map(Account::currency).collect(joining(" and "));
    return Problem.of(
        CURRENCY_MISMATCH,
        "The amount is in %s, accounts are in %s.".formatted(money.currencyCode(), others));
  }

  public static Problem insufficientFunds(Account account, long required) {
    return Problem.of(
            INSUFFICIENT_FUNDS,
            "The account has %s available, this needs %s."
                .formatted(
                    Money.of(account.available(), account.currency()),
                    Money.of(required, account.currency())))
        .with("available", account.available())
        .with("required", required);
  }

  public static Problem holdNotOpen(Hold hold) {
    boolean late = hold.status() == Hold.Status.HELD;
    String state = late ? "past its time" : hold.status().name().toLowerCase(Locale.ROOT);
    return Problem.of(HOLD_NOT_OPEN, "The hold is " + state + ".");
  }
}
