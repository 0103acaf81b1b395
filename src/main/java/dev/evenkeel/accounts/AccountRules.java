package dev.evenkeel.accounts;

import dev.evenkeel.platform.CommonProblem;
import dev.evenkeel.platform.Problem;
import dev.evenkeel.platform.ProblemType;

/** The rules of an account's life: open, frozen, closed for good. */
final class AccountRules {

  sealed interface Step {

    /** It is so already. */
    record Stay() implements Step {}

    record Become(Account.Status status, boolean frozenByOperator) implements Step {}

    record Refuse(Problem problem) implements Step {}
  }

  private AccountRules() {}

  /** An operator's freeze replaces the owner's own. */
  static Step freeze(Account account, boolean byOperator) {
    return switch (account.status()) {
      case OPEN -> new Step.Become(Account.Status.FROZEN, byOperator);
      case FROZEN ->
          byOperator && !account.frozenByOperator()
              ? new Step.Become(Account.Status.FROZEN, true)
              : new Step.Stay();
      case CLOSED -> closed();
    };
  }

  static Step unfreeze(Account account, boolean byOperator) {
    return switch (account.status()) {
      case OPEN -> new Step.Stay();
      case FROZEN ->
          account.frozenByOperator() && !byOperator
              ? refuse(CommonProblem.FORBIDDEN, "An operator froze this account.")
              : new Step.Become(Account.Status.OPEN, false);
      case CLOSED -> closed();
    };
  }

  static Step close(Account account) {
    return switch (account.status()) {
      case OPEN ->
          account.posted() == 0 && account.held() == 0
              ? new Step.Become(Account.Status.CLOSED, false)
              : refuse(
                  LedgerProblem.ACCOUNT_NOT_EMPTY, "The account has a balance, or money is held.");
      case FROZEN -> refuse(LedgerProblem.ACCOUNT_FROZEN, "The account is frozen.");
      case CLOSED -> new Step.Stay();
    };
  }

  private static Step closed() {
    return refuse(LedgerProblem.ACCOUNT_CLOSED, "The account is closed.");
  }

  private static Step refuse(ProblemType type, String detail) {
    return new Step.Refuse(Problem.of(type, detail));
  }
}
