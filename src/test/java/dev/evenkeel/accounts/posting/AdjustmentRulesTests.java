package dev.evenkeel.accounts.posting;

import static dev.evenkeel.accounts.posting.RulesFixture.account;
import static dev.evenkeel.accounts.posting.RulesFixture.adjustment;
import static dev.evenkeel.accounts.posting.RulesFixture.decide;
import static dev.evenkeel.accounts.posting.RulesFixture.entry;
import static dev.evenkeel.accounts.posting.RulesFixture.in;
import static dev.evenkeel.accounts.posting.RulesFixture.inCurrency;
import static dev.evenkeel.accounts.posting.RulesFixture.owing;
import static dev.evenkeel.accounts.posting.RulesFixture.posted;
import static dev.evenkeel.accounts.posting.RulesFixture.refused;
import static dev.evenkeel.accounts.posting.RulesFixture.reversal;
import static dev.evenkeel.accounts.posting.RulesFixture.state;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import dev.evenkeel.accounts.Account;
import dev.evenkeel.accounts.Account.Status;
import dev.evenkeel.accounts.AccountId;
import dev.evenkeel.accounts.LedgerProblem;
import dev.evenkeel.accounts.Transfer;
import dev.evenkeel.money.Money;
import java.util.Currency;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Operators' corrections with money of the ledger's own accounts. */
class AdjustmentRulesTests {

  private static final Currency EUR = Currency.getInstance("EUR");
  private static final AccountId SUSPENSE = SystemAccount.SUSPENSE.in(EUR);
  private static final AccountId BANK = SystemAccount.BANK.in(EUR);

  private final Account ada = account("ada", 100, 0);

  private static Transfer.Entry own(AccountId account, long amount) {
    return new Transfer.Entry(account, amount, null);
  }

  @Test
  void movesMoneyOfSuspenseToACustomer() {
    Transfer transfer = posted(adjustment(SUSPENSE, ada.id(), 50), state(SUSPENSE, 50, ada));

    assertThat(transfer.entries()).containsExactly(own(SUSPENSE, -50), entry(ada, 50, 8, 150));
    assertThat(transfer.description()).isEqualTo("Lost");
    assertThat(transfer.owner()).isEqualTo("olga");
    assertThat(refused(reversal(transfer), state(List.of(transfer), ada)).type())
        .isEqualTo(LedgerProblem.NOT_REVERSIBLE);
  }

  @Test
  void movesMoneyOfACustomerToTheBank() {
    assertThat(posted(adjustment(ada.id(), BANK, 100), state(ada)).entries())
        .containsExactly(entry(ada, -100, 8, 0), own(BANK, 100));
  }

  @Test
  void movesMoneyBetweenOwnAccounts() {
    assertThat(posted(adjustment(SUSPENSE, BANK, 50), state(SUSPENSE, 50)).entries())
        .containsExactly(own(SUSPENSE, -50), own(BANK, 50));
  }

  @Test
  void bankHasNoLimit() {
    assertThat(decide(adjustment(BANK, SUSPENSE, Money.MAX_AMOUNT), state()).isRefused()).isFalse();
  }

  @Test
  void creditRepaysWhatTheAccountOwes() {
    Account debtor = owing(account("bob", 0, 0), 40);

    List<Decision> decisions =
        PostingRules.decide(List.of(adjustment(BANK, debtor.id(), 40)), state(debtor));

    assertThat(posted(decisions.getLast()).entries().getFirst())
        .isEqualTo(entry(debtor, -40, 9, 0));
  }

  @Test
  void onlyLimitsOwnAccountsThatHoldMoney() {
    assertThat(SystemAccount.limitedIn(EUR))
        .containsExactlyInAnyOrder(
            SystemAccount.RECEIVABLE.in(EUR), SUSPENSE, SystemAccount.FEES.in(EUR));
  }

  /** Each row also breaks rules that are checked later: the first problem wins. */
  private static Stream<Arguments> refusals() {
    Account ada = account("ada", 0, 0);
    Account frozen = in(Status.FROZEN, ada);
    Account closed = in(Status.CLOSED, ada);
    Account dollars = inCurrency("USD", ada);
    Account full = account("ada", Money.MAX_BALANCE - 99, 0);
    return Stream.of(
        arguments(frozen, frozen.id(), BANK, LedgerProblem.ACCOUNT_FROZEN),
        arguments(closed, SUSPENSE, closed.id(), LedgerProblem.ACCOUNT_CLOSED),
        arguments(dollars, SUSPENSE, dollars.id(), LedgerProblem.CURRENCY_MISMATCH),
        arguments(ada, SUSPENSE, SUSPENSE, LedgerProblem.SAME_ACCOUNT),
        arguments(ada, ada.id(), BANK, LedgerProblem.INSUFFICIENT_FUNDS),
        arguments(full, SUSPENSE, full.id(), LedgerProblem.INSUFFICIENT_FUNDS),
        arguments(full, BANK, full.id(), LedgerProblem.BALANCE_LIMIT_EXCEEDED));
  }

  @ParameterizedTest(name = "{3}")
  @MethodSource("refusals")
  void rejectsAdjustments(Account account, AccountId from, AccountId to, LedgerProblem expected) {
    assertThat(refused(adjustment(from, to, 100), state(SUSPENSE, 99, account)).type())
        .isEqualTo(expected);
  }

  @Test
  void saysWhatAnOwnAccountHolds() {
    assertThat(refused(adjustment(SUSPENSE, BANK, 100), state(SUSPENSE, 99)).properties())
        .isEqualTo(Map.of("available", 99L, "required", 100L));
  }

  @Test
  void fillsABalanceToItsLimit() {
    Account full = account("ada", Money.MAX_BALANCE - 100, 0);

    assertThat(decide(adjustment(BANK, full.id(), 100), state(full)).isRefused()).isFalse();
  }
}
