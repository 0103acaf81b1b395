package dev.evenkeel.accounts.posting;

import dev.evenkeel.accounts.Account;
import dev.evenkeel.accounts.LedgerProblem;
import dev.evenkeel.money.Money;
import dev.evenkeel.problems.Problem;
import org.jspecify.annotations.Nullable;

/**
 * Checks that several kinds of postings share: the status of their accounts, what these have
 * available, and how much they can hold. A check returns null if it passes.
 */
final class AccountChecks {

  private AccountChecks() {}

  static @Nullable Problem unusable(Account... accounts) {
    for (Account account : accounts) {
      switch (account.status()) {
        case OPEN -> {}
        case FROZEN -> {
          return Problem.of(
              LedgerProblem.ACCOUNT_FROZEN, "Account " + account.id() + " is frozen.");
        }
        case CLOSED -> {
          return Problem.of(
              LedgerProblem.ACCOUNT_CLOSED, "Account " + account.id() + " is closed.");
        }
      }
    }
    return null;
  }

  static @Nullable Problem insufficientFunds(Account from, long amount) {
    return from.available() < amount
        ? fundsMissing(from.available(), Money.of(amount, from.currency()))
        : null;
  }

  static Problem fundsMissing(long available, Money required) {
    return Problem.of(
            LedgerProblem.INSUFFICIENT_FUNDS,
            "The account has %s available, but %s is required."
                .formatted(Money.of(available, required.currencyCode()), required))
        .with("available", available)
        .with("required", required.minorUnits());
  }

  static Problem sameAccount() {
    return Problem.of(LedgerProblem.SAME_ACCOUNT, "\"from\" and \"to\" are the same account.");
  }

  static boolean exceedsMaxBalance(Account account, long amount) {
    return account.posted() + amount > Money.MAX_BALANCE;
  }

  static Problem balanceLimitExceeded() {
    return Problem.of(
        LedgerProblem.BALANCE_LIMIT_EXCEEDED,
        "The balance of the receiving account would exceed its limit.");
  }
}
