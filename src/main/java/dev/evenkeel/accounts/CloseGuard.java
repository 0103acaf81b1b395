package dev.evenkeel.accounts;

import dev.evenkeel.problems.Problem;
import java.util.Optional;

/** Lets another module keep an account from being closed while work on it is under way. */
public interface CloseGuard {

  /**
   * Tells why the account cannot be closed now. The account's row is locked: work that was accepted
   * with {@link Books#accountKeepingStatus} is visible or sees the account closed.
   */
  Optional<Problem> objection(AccountId account);
}
