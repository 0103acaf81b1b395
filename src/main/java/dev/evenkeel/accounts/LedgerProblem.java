package dev.evenkeel.accounts;

import dev.evenkeel.platform.Problem;
import dev.evenkeel.platform.ProblemType;
import java.util.Locale;

/** Why the ledger refuses. */
public enum LedgerProblem implements ProblemType {
  ACCOUNT_NOT_FOUND(
      422,
      "An account was not found",
      "One of the accounts that the request names does not exist, or is not one that this request"
          + " may use. The member \"errors\" names the field. Nothing was changed, and nothing is"
          + " kept under the key."),
  OVERDRAFT_NOT_ALLOWED(
      403,
      "The overdraft limit is too high",
      "Callers may give their accounts an overdraft limit up to what the installation allows"
          + " (evenkeel.accounts.max-overdraft); beyond it, operators may. Nothing was changed."),
  ACCOUNT_FROZEN(
      409,
      "The account is frozen",
      "Nothing can be started in or out of a frozen account. Nothing was changed."),
  ACCOUNT_CLOSED(409, "The account is closed", "A closed account takes no postings."),
  SAME_ACCOUNT(
      422,
      "Sender and receiver are the same",
      "A transfer needs two different accounts. Nothing was changed."),
  CURRENCY_MISMATCH(
      422,
      "The currencies differ",
      "The amount is in another currency than an account. Evenkeel converts nothing."),
  INSUFFICIENT_FUNDS(
      422,
      "Insufficient funds",
      "The amount exceeds what is available on the account: its balance, less what is held, plus its"
          + " overdraft limit. This outcome belongs to the key; a new attempt takes a new key."),
  BALANCE_LIMIT_EXCEEDED(
      422,
      "The balance would become too large",
      "Balances stay within 9·10^15 minor units. Nothing was changed.");

  private final int status;
  private final String title;
  private final String explanation;

  LedgerProblem(int status, String title, String explanation) {
    this.status = status;
    this.title = title;
    this.explanation = explanation;
  }

  @Override
  public String slug() {
    return name().toLowerCase(Locale.ROOT).replace('_', '-');
  }

  @Override
  public int status() {
    return status;
  }

  @Override
  public String title() {
    return title;
  }

  @Override
  public String explanation() {
    return explanation;
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
}
