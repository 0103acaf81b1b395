package dev.evenkeel.accounts;

import static dev.evenkeel.accounts.posting.RulesFixture.account;
import static dev.evenkeel.accounts.posting.RulesFixture.held;
import static dev.evenkeel.accounts.posting.RulesFixture.in;
import static org.assertj.core.api.Assertions.assertThat;

import dev.evenkeel.accounts.Account.Status;
import dev.evenkeel.idempotency.Outcome;
import dev.evenkeel.problems.CommonProblem;
import dev.evenkeel.problems.ProblemType;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Who may freeze, unfreeze and close an account, and when. */
class AccountRulesTests {

  private final Account open = account("ada", 0, 0);
  private final Account frozenByOwner = open.become(Status.FROZEN, false);
  private final Account frozenByOperator = open.become(Status.FROZEN, true);
  private final Account closed = open.become(Status.CLOSED, false);

  @ParameterizedTest(name = "by an operator: {0}")
  @ValueSource(booleans = {false, true})
  void whoeverFreezesIsRemembered(boolean byOperator) {
    assertThat(AccountRules.freeze(open, byOperator))
        .isEqualTo(done(byOperator ? frozenByOperator : frozenByOwner));
  }

  @Test
  void frozenAgainByTheOwnerItStaysAsItIs() {
    assertThat(AccountRules.freeze(frozenByOwner, false)).isEqualTo(done(frozenByOwner));
    assertThat(AccountRules.freeze(frozenByOperator, false)).isEqualTo(done(frozenByOperator));
  }

  @Test
  void anOperatorsFreezeReplacesTheOwners() {
    assertThat(AccountRules.freeze(frozenByOwner, true)).isEqualTo(done(frozenByOperator));
  }

  @Test
  void frozenAgainByAnOperatorItStaysAsItIs() {
    assertThat(AccountRules.freeze(frozenByOperator, true)).isEqualTo(done(frozenByOperator));
  }

  @ParameterizedTest(name = "by an operator: {0}")
  @ValueSource(booleans = {false, true})
  void whatTheOwnerFrozeAnybodyWhoMayUnfreezes(boolean byOperator) {
    assertThat(AccountRules.unfreeze(frozenByOwner, byOperator)).isEqualTo(done(open));
  }

  @Test
  void whatAnOperatorFrozeOnlyAnOperatorUnfreezes() {
    assertThat(refused(AccountRules.unfreeze(frozenByOperator, false)))
        .isEqualTo(CommonProblem.FORBIDDEN);
    assertThat(AccountRules.unfreeze(frozenByOperator, true)).isEqualTo(done(open));
  }

  @ParameterizedTest(name = "by an operator: {0}")
  @ValueSource(booleans = {false, true})
  void whatIsOpenNeedsNoUnfreezing(boolean byOperator) {
    assertThat(AccountRules.unfreeze(open, byOperator)).isEqualTo(done(open));
  }

  @ParameterizedTest(name = "by an operator: {0}")
  @ValueSource(booleans = {false, true})
  void whatIsClosedIsNeitherFrozenNorUnfrozen(boolean byOperator) {
    assertThat(refused(AccountRules.freeze(closed, byOperator)))
        .isEqualTo(LedgerProblem.ACCOUNT_CLOSED);
    assertThat(refused(AccountRules.unfreeze(closed, byOperator)))
        .isEqualTo(LedgerProblem.ACCOUNT_CLOSED);
  }

  @Test
  void whatIsEmptyCanBeClosedWhateverItsLimit() {
    Account empty = account("ada", 0, 300);

    assertThat(AccountRules.close(empty)).isEqualTo(done(in(Status.CLOSED, empty)));
  }

  @ParameterizedTest(name = "posted {0}, held {1}")
  @CsvSource({"1, 0", "-1, 0", "0, 1", "1, 1"})
  void whatHasABalanceOrHoldsCannotBeClosed(long posted, long held) {
    assertThat(refused(AccountRules.close(held(account("ada", posted, 300), held))))
        .isEqualTo(LedgerProblem.ACCOUNT_NOT_EMPTY);
  }

  @Test
  void whatIsFrozenCannotBeClosed() {
    assertThat(refused(AccountRules.close(frozenByOwner))).isEqualTo(LedgerProblem.ACCOUNT_FROZEN);
    assertThat(refused(AccountRules.close(frozenByOperator)))
        .isEqualTo(LedgerProblem.ACCOUNT_FROZEN);
  }

  @Test
  void frozenComesBeforeNotEmpty() {
    assertThat(refused(AccountRules.close(in(Status.FROZEN, account("ada", 5, 0)))))
        .isEqualTo(LedgerProblem.ACCOUNT_FROZEN);
  }

  @Test
  void whatIsClosedStaysClosed() {
    assertThat(AccountRules.close(closed)).isEqualTo(done(closed));
  }

  private static Outcome<Account> done(Account account) {
    return new Outcome.Done<>(account);
  }

  private static ProblemType refused(Outcome<Account> outcome) {
    assertThat(outcome).isInstanceOf(Outcome.Refused.class);
    return ((Outcome.Refused<Account>) outcome).problem().type();
  }
}
