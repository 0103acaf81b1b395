package dev.evenkeel.accounts.posting;

import static dev.evenkeel.accounts.posting.RulesFixture.account;
import static dev.evenkeel.accounts.posting.RulesFixture.books;
import static dev.evenkeel.accounts.posting.RulesFixture.decide;
import static dev.evenkeel.accounts.posting.RulesFixture.held;
import static dev.evenkeel.accounts.posting.RulesFixture.in;
import static dev.evenkeel.accounts.posting.RulesFixture.inCurrency;
import static dev.evenkeel.accounts.posting.RulesFixture.posted;
import static dev.evenkeel.accounts.posting.RulesFixture.refused;
import static dev.evenkeel.accounts.posting.RulesFixture.transfer;
import static dev.evenkeel.accounts.posting.RulesFixture.transferBy;
import static org.assertj.core.api.Assertions.assertThat;

import dev.evenkeel.accounts.Account;
import dev.evenkeel.accounts.Account.Status;
import dev.evenkeel.accounts.LedgerProblem;
import dev.evenkeel.accounts.Transfer;
import dev.evenkeel.money.Money;
import dev.evenkeel.problems.Problem;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What the ledger refuses, in which order, and what it posts. */
class PostingRulesTests {

  @Test
  void whatIsAvailableCanBeSpentToTheLastCent() {
    Account ada = account("ada", 500, 0);
    Account bob = account("bob", 20, 0);

    Decision.Post post = posted(transfer(ada, bob, 500), books(ada, bob));

    assertThat(post.entries())
        .containsExactly(
            new Transfer.Entry(ada.id(), -500, new Transfer.Entry.Customer("ada", "Main", 8, 0)),
            new Transfer.Entry(bob.id(), 500, new Transfer.Entry.Customer("bob", "Main", 8, 520)));
  }

  @Test
  void aCentMoreIsRefusedAndTellsWhatIsThere() {
    Account ada = account("ada", 500, 0);
    Account bob = account("bob", 0, 0);

    Problem problem = refused(transfer(ada, bob, 501), books(ada, bob));

    assertThat(problem.type()).isEqualTo(LedgerProblem.INSUFFICIENT_FUNDS);
    assertThat(problem.properties()).isEqualTo(Map.of("available", 500L, "required", 501L));
  }

  @ParameterizedTest(name = "{0} with an overdraft limit of 300")
  @CsvSource({"800, true", "801, false"})
  void anAccountMayBeOverdrawnToItsLimitAndNoFurther(long amount, boolean possible) {
    Account ada = account("ada", 500, 300);
    Account bob = account("bob", 0, 0);

    assertThat(decide(transfer(ada, bob, amount), books(ada, bob)) instanceof Decision.Post)
        .isEqualTo(possible);
  }

  @Test
  void whatIsHeldIsNotAvailable() {
    Account ada = held(account("ada", 500, 0), 100);
    Account bob = account("bob", 0, 0);

    Problem problem = refused(transfer(ada, bob, 401), books(ada, bob));

    assertThat(problem.properties()).containsEntry("available", 400L);
  }

  @ParameterizedTest(name = "a balance {0} below the largest takes 100")
  @CsvSource({"100, true", "99, false"})
  void aBalanceReachesItsLimitAndNoMore(long below, boolean possible) {
    Account ada = account("ada", 100, 0);
    Account bob = account("bob", Money.MAX_BALANCE - below, 0);

    Decision decision = decide(transfer(ada, bob, 100), books(ada, bob));

    assertThat(decision instanceof Decision.Post).isEqualTo(possible);
  }

  @Test
  void aBalanceBeyondItsLimitIsNamedAsSuch() {
    Account ada = account("ada", 100, 0);
    Account bob = account("bob", Money.MAX_BALANCE, 0);

    assertThat(refused(transfer(ada, bob, 1), books(ada, bob)).type())
        .isEqualTo(LedgerProblem.BALANCE_LIMIT_EXCEEDED);
  }

  @Test
  void anUnknownAndAForeignSenderAreRefusedAlike() {
    Account bob = account("bob", 1000, 0);
    Account ada = account("ada", 1000, 0);

    Problem foreign = refused(transferBy("ada", bob, ada, 1), books(ada, bob));
    Problem unknown = refused(transferBy("ada", bob, ada, 1), books(ada));

    assertThat(foreign).isEqualTo(unknown);
    assertThat(unknown.type()).isEqualTo(LedgerProblem.ACCOUNT_NOT_FOUND);
    assertThat(unknown.errors()).extracting(Problem.FieldError::field).containsExactly("from");
  }

  @Test
  void anUnknownReceiverIsNamed() {
    Account ada = account("ada", 1000, 0);

    Problem problem = refused(transfer(ada, account("bob", 0, 0), 1), books(ada));

    assertThat(problem.type()).isEqualTo(LedgerProblem.ACCOUNT_NOT_FOUND);
    assertThat(problem.errors()).extracting(Problem.FieldError::field).containsExactly("to");
  }

  @ParameterizedTest(name = "from {0} to {1}: {2}")
  @CsvSource({
    "FROZEN, OPEN, ACCOUNT_FROZEN",
    "OPEN, FROZEN, ACCOUNT_FROZEN",
    "CLOSED, OPEN, ACCOUNT_CLOSED",
    "OPEN, CLOSED, ACCOUNT_CLOSED"
  })
  void callersMoveNothingInOrOutOfAFrozenOrClosedAccount(
      Status from, Status to, LedgerProblem expected) {
    Account ada = in(from, account("ada", 1000, 0));
    Account bob = in(to, account("bob", 0, 0));

    assertThat(refused(transfer(ada, bob, 1), books(ada, bob)).type()).isEqualTo(expected);
  }

  @Test
  void nothingIsConverted() {
    Account ada = account("ada", 1000, 0);
    Account dollars = inCurrency("USD", account("bob", 0, 0));

    assertThat(refused(transfer(ada, dollars, 1), books(ada, dollars)).type())
        .isEqualTo(LedgerProblem.CURRENCY_MISMATCH);
  }

  @Test
  void theAmountHasTheCurrencyOfBothAccounts() {
    Account ada = inCurrency("USD", account("ada", 1000, 0));
    Account bob = inCurrency("USD", account("bob", 0, 0));

    assertThat(refused(transfer(ada, bob, 1), books(ada, bob)).type())
        .isEqualTo(LedgerProblem.CURRENCY_MISMATCH);
  }

  @Test
  void whatIsInTheReceiversCurrencyOnlyIsNotConvertedEither() {
    Account dollars = inCurrency("USD", account("ada", 1000, 0));
    Account bob = account("bob", 0, 0);

    assertThat(refused(transfer(dollars, bob, 1), books(dollars, bob)).type())
        .isEqualTo(LedgerProblem.CURRENCY_MISMATCH);
  }

  @Test
  void notFoundComesBeforeFrozen() {
    Account ada = in(Status.FROZEN, account("ada", 0, 0));

    assertThat(refused(transfer(ada, account("bob", 0, 0), 1), books(ada)).type())
        .isEqualTo(LedgerProblem.ACCOUNT_NOT_FOUND);
  }

  @Test
  void frozenComesBeforeSameAccount() {
    Account ada = in(Status.FROZEN, account("ada", 0, 0));

    assertThat(refused(transfer(ada, ada, 1), books(ada)).type())
        .isEqualTo(LedgerProblem.ACCOUNT_FROZEN);
  }

  @Test
  void sameAccountComesBeforeCurrency() {
    Account ada = inCurrency("USD", account("ada", 0, 0));

    assertThat(refused(transfer(ada, ada, 1), books(ada)).type())
        .isEqualTo(LedgerProblem.SAME_ACCOUNT);
  }

  @Test
  void currencyComesBeforeFunds() {
    Account ada = account("ada", 0, 0);
    Account bob = inCurrency("USD", account("bob", 0, 0));

    assertThat(refused(transfer(ada, bob, 1), books(ada, bob)).type())
        .isEqualTo(LedgerProblem.CURRENCY_MISMATCH);
  }

  @Test
  void eachPostingSeesTheOnesBeforeIt() {
    Account ada = account("ada", 100, 0);
    Account bob = account("bob", 0, 0);
    Account eve = account("eve", 0, 0);

    List<Decision> decisions =
        PostingRules.decide(
            List.of(
                transfer(bob, eve, 100),
                transfer(ada, bob, 100),
                transfer(ada, eve, 100),
                transfer(bob, eve, 100)),
            books(ada, bob, eve));

    assertThat(decisions)
        .extracting(decision -> decision instanceof Decision.Post)
        .containsExactly(false, true, false, true);
    assertThat(((Decision.Post) decisions.getLast()).entries())
        .extracting(Transfer.Entry::customer)
        .containsExactly(
            new Transfer.Entry.Customer("bob", "Main", 9, 0),
            new Transfer.Entry.Customer("eve", "Main", 8, 100));
  }
}
