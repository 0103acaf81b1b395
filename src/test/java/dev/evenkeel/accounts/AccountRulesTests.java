package dev.evenkeel.accounts;

import static dev.evenkeel.accounts.posting.RulesFixture.account;
import static dev.evenkeel.accounts.posting.RulesFixture.held;
import static dev.evenkeel.accounts.posting.RulesFixture.in;
import static dev.evenkeel.accounts.posting.RulesFixture.owing;
import static org.assertj.core.api.Assertions.assertThat;

import dev.evenkeel.accounts.Account.Status;
import dev.evenkeel.accounts.posting.RulesFixture;
import dev.evenkeel.idempotency.Outcome;
import dev.evenkeel.problems.Problem;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Freezing, unfreezing and closing accounts. */
class AccountRulesTests {

  private enum State {
    OPEN,
    FROZEN_BY_OWNER,
    FROZEN_BY_OPERATOR,
    CLOSED;

    private static State of(Account account) {
      return switch (account.status()) {
        case OPEN -> OPEN;
        case FROZEN -> account.frozenByOperator() ? FROZEN_BY_OPERATOR : FROZEN_BY_OWNER;
        case CLOSED -> CLOSED;
      };
    }

    private Account account() {
      Account open = RulesFixture.account("ada", 0, 0);
      return switch (this) {
        case OPEN -> open;
        case FROZEN_BY_OWNER -> open.become(Status.FROZEN, false);
        case FROZEN_BY_OPERATOR -> open.become(Status.FROZEN, true);
        case CLOSED -> open.become(Status.CLOSED, false);
      };
    }
  }

  @ParameterizedTest(name = "{0}, by an operator {1}: {2}")
  @CsvSource({
    "OPEN,               false, FROZEN_BY_OWNER",
    "OPEN,               true,  FROZEN_BY_OPERATOR",
    "FROZEN_BY_OWNER,    false, FROZEN_BY_OWNER",
    "FROZEN_BY_OWNER,    true,  FROZEN_BY_OPERATOR",
    "FROZEN_BY_OPERATOR, false, FROZEN_BY_OPERATOR",
    "FROZEN_BY_OPERATOR, true,  FROZEN_BY_OPERATOR",
    "CLOSED,             false, ACCOUNT_CLOSED",
    "CLOSED,             true,  ACCOUNT_CLOSED"
  })
  void freezes(State before, boolean byOperator, String expected) {
    assertThat(name(AccountRules.freeze(before.account(), byOperator))).isEqualTo(expected);
  }

  @ParameterizedTest(name = "{0}, by an operator {1}: {2}")
  @CsvSource({
    "OPEN,               false, OPEN",
    "OPEN,               true,  OPEN",
    "FROZEN_BY_OWNER,    false, OPEN",
    "FROZEN_BY_OWNER,    true,  OPEN",
    "FROZEN_BY_OPERATOR, false, FORBIDDEN",
    "FROZEN_BY_OPERATOR, true,  OPEN",
    "CLOSED,             false, ACCOUNT_CLOSED",
    "CLOSED,             true,  ACCOUNT_CLOSED"
  })
  void unfreezes(State before, boolean byOperator, String expected) {
    assertThat(name(AccountRules.unfreeze(before.account(), byOperator))).isEqualTo(expected);
  }

  @ParameterizedTest(name = "{0} with {1} posted and {2} held: {3}")
  @CsvSource({
    "OPEN,    0, 0, CLOSED",
    "OPEN,    1, 0, ACCOUNT_NOT_EMPTY",
    "OPEN,   -1, 0, ACCOUNT_NOT_EMPTY",
    "OPEN,    0, 1, ACCOUNT_NOT_EMPTY",
    "OPEN,    1, 1, ACCOUNT_NOT_EMPTY",
    "FROZEN,  0, 0, ACCOUNT_FROZEN",
    "FROZEN,  5, 0, ACCOUNT_FROZEN",
    "CLOSED,  0, 0, CLOSED"
  })
  void closes(Status before, long posted, long held, String expected) {
    Account account = in(before, held(account("ada", posted, 300), held));

    assertThat(name(AccountRules.close(account))).isEqualTo(expected);
  }

  @Test
  void debtorCannotClose() {
    assertThat(name(AccountRules.close(owing(account("ada", 0, 0), 1))))
        .isEqualTo("ACCOUNT_NOT_EMPTY");
  }

  @Test
  void changesTheStatusOnly() {
    Account open = account("ada", 5, 300);

    assertThat(AccountRules.freeze(open, false))
        .isEqualTo(new Outcome.Done<>(in(Status.FROZEN, open)));
  }

  private static String name(Outcome<Account> outcome) {
    return switch (outcome) {
      case Outcome.Done<Account>(Account account) -> State.of(account).name();
      case Outcome.Replayed<Account> _ -> "replayed";
      case Outcome.Refused<Account>(Problem problem, _) -> problem.type().name();
    };
  }
}
