package dev.evenkeel.accounts;

import dev.evenkeel.idempotency.Outcome;
import dev.evenkeel.problems.CommonProblem;

/**
 * Decides on status changes of an account: open, frozen, and finally closed. A change to the
 * current status succeeds without an effect.
 */
final class AccountRules {

  private AccountRules() {}

  /** Freezes an account. An operator's freeze replaces the owner's. */
  static Outcome<Account> freeze(Account account, boolean byOperator) {
    return switch (account.status()) {
      case OPEN, FROZEN ->
          become(account, Account.Status.FROZEN, byOperator || account.frozenByOperator());
      case CLOSED -> closed();
    };
  }

  static Outcome<Account> unfreeze(Account account, boolean byOperator) {
    return switch (account.status()) {
      case OPEN -> new Outcome.Done<>(account);
      case FROZEN ->
          account.frozenByOperator() && !byOperator
              ? Outcome.refused(
                  CommonProblem.FORBIDDEN,
                  "An operator froze this account, and only an operator can unfreeze it.")
              : become(account, Account.Status.OPEN, false);
      case CLOSED -> closed();
    };
  }

  static Outcome<Account> close(Account account) {
    return switch (account.status()) {
      case OPEN ->
          isEmpty(account.balance())
              ? become(account, Account.Status.CLOSED, false)
              : Outcome.refused(
                  LedgerProblem.ACCOUNT_NOT_EMPTY,
                  "The account has a balance or open holds, or owes something.");
      case FROZEN -> Outcome.refused(LedgerProblem.ACCOUNT_FROZEN, "The account is frozen.");
      case CLOSED -> new Outcome.Done<>(account);
    };
  }

  private static boolean isEmpty(Account.Balance balance) {
    return balance.posted() == 0 && balance.held() == 0 && balance.owed() == 0;
  }

  private static Outcome<Account> become(Account account, Account.Status next, boolean byOperator) {
    return new Outcome.Done<>(account.become(next, byOperator));
  }

  private static Outcome<Account> closed() {
    return Outcome.refused(LedgerProblem.ACCOUNT_CLOSED, "The account is closed.");
  }
}
