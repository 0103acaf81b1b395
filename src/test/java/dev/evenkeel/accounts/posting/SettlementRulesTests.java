package dev.evenkeel.accounts.posting;

import static dev.evenkeel.accounts.posting.RulesFixture.account;
import static dev.evenkeel.accounts.posting.RulesFixture.decide;
import static dev.evenkeel.accounts.posting.RulesFixture.entry;
import static dev.evenkeel.accounts.posting.RulesFixture.held;
import static dev.evenkeel.accounts.posting.RulesFixture.hold;
import static dev.evenkeel.accounts.posting.RulesFixture.in;
import static dev.evenkeel.accounts.posting.RulesFixture.inCurrency;
import static dev.evenkeel.accounts.posting.RulesFixture.placed;
import static dev.evenkeel.accounts.posting.RulesFixture.posted;
import static dev.evenkeel.accounts.posting.RulesFixture.refused;
import static dev.evenkeel.accounts.posting.RulesFixture.settlement;
import static dev.evenkeel.accounts.posting.RulesFixture.state;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import dev.evenkeel.accounts.Account;
import dev.evenkeel.accounts.Account.Status;
import dev.evenkeel.accounts.AccountId;
import dev.evenkeel.accounts.Hold;
import dev.evenkeel.accounts.LedgerProblem;
import dev.evenkeel.accounts.PostingRequest;
import dev.evenkeel.accounts.PostingRequest.Settlement;
import dev.evenkeel.accounts.PostingRequest.Settlement.Kind;
import dev.evenkeel.accounts.Transfer;
import dev.evenkeel.money.Money;
import java.util.Currency;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/** Effects of payments. Only a hold can be refused; what the provider decided is always posted. */
class SettlementRulesTests {

  private static final Currency EUR = Currency.getInstance("EUR");
  private static final AccountId CLEARING = SystemAccount.PROVIDER_CLEARING.in(EUR);
  private static final AccountId SUSPENSE = SystemAccount.SUSPENSE.in(EUR);
  private static final AccountId RECEIVABLE = SystemAccount.RECEIVABLE.in(EUR);

  private static Transfer.Entry own(AccountId account, long amount) {
    return new Transfer.Entry(account, amount, null);
  }

  private static List<Transfer.Entry> entries(Kind kind, Account account, long amount) {
    return posted(settlement(kind, account, amount, null), state(account)).entries();
  }

  @Test
  void describesThePayment() {
    Account ada = account("ada", 5, 0);
    Settlement request = settlement(Kind.COLLECT, ada, 100, null);

    Transfer transfer = posted(request, state(ada));

    assertThat(transfer.payment()).isEqualTo(request.payment());
    assertThat(transfer.description()).isEqualTo("Card");
    assertThat(transfer.from()).isEqualTo(CLEARING);
    assertThat(transfer.to()).isEqualTo(ada.id());
    assertThat(transfer.amount()).isEqualTo(100);
    assertThat(transfer.currency()).isEqualTo("EUR");
  }

  @ParameterizedTest(name = "{0}, account {1}")
  @CsvSource({"COLLECT, OPEN", "COLLECT, FROZEN", "BRING_BACK, OPEN", "BRING_BACK, FROZEN"})
  void creditsTheCustomer(Kind kind, Status status) {
    Account ada = in(status, account("ada", Money.MAX_BALANCE - 100, 0));

    assertThat(entries(kind, ada, 100))
        .containsExactly(own(CLEARING, -100), entry(ada, 100, 8, Money.MAX_BALANCE));
  }

  private static Stream<Account> unsuitable() {
    return Stream.of(
        in(Status.CLOSED, account("ada", 0, 0)),
        inCurrency("USD", account("ada", 0, 0)),
        account("ada", Money.MAX_BALANCE - 99, 0));
  }

  @ParameterizedTest
  @MethodSource("unsuitable")
  void creditsSuspenseIfTheAccountCannotTakeIt(Account account) {
    for (Kind kind : List.of(Kind.COLLECT, Kind.BRING_BACK)) {
      assertThat(entries(kind, account, 100))
          .containsExactly(own(CLEARING, -100), own(SUSPENSE, 100));
    }
  }

  private static Stream<Arguments> chargeBacks() {
    Account ada = account("ada", 100, 0);
    Account frozen = in(Status.FROZEN, ada);
    Account short40 = held(account("ada", 90, 20), 50);
    Account closed = in(Status.CLOSED, account("ada", 0, 0));
    Account dollars = inCurrency("USD", account("ada", 500, 0));
    return Stream.of(
        arguments(ada, List.of(entry(ada, -100, 8, 0))),
        arguments(frozen, List.of(entry(frozen, -100, 8, 0))),
        arguments(short40, List.of(entry(short40, -60, 8, 30), own(RECEIVABLE, -40))),
        arguments(account("ada", 0, 0), List.of(own(RECEIVABLE, -100))),
        arguments(closed, List.of(own(SUSPENSE, -100))),
        arguments(dollars, List.of(own(SUSPENSE, -100))));
  }

  @ParameterizedTest
  @MethodSource("chargeBacks")
  void debitsTheCustomerOrOurselves(Account account, List<Transfer.Entry> debits) {
    List<Transfer.Entry> entries = entries(Kind.TAKE_BACK, account, 100);

    assertThat(entries.subList(0, entries.size() - 1)).isEqualTo(debits);
    assertThat(entries.getLast()).isEqualTo(own(CLEARING, 100));
  }

  @Test
  void holdsForPayOutsNeverExpire() {
    Account ada = account("ada", 100, 20);

    Hold hold = placed(settlement(Kind.HOLD, ada, 120, null), state(ada));

    assertThat(hold.from()).isEqualTo(ada.id());
    assertThat(hold.to()).isEqualTo(CLEARING);
    assertThat(hold.amount()).isEqualTo(120);
    assertThat(hold.expiresAt()).isNull();
  }

  @Test
  void spendsNothingThatIsHeldForAPayOut() {
    Account ada = account("ada", 100, 0);

    List<Decision> decisions =
        PostingRules.decide(
            List.of(settlement(Kind.HOLD, ada, 60, null), settlement(Kind.HOLD, ada, 41, null)),
            state(ada));

    assertThat(decisions.getFirst().isRefused()).isFalse();
    assertThat(refused(decisions.getLast()).type()).isEqualTo(LedgerProblem.INSUFFICIENT_FUNDS);
    assertThat(refused(decisions.getLast()).properties())
        .isEqualTo(Map.of("available", 40L, "required", 41L));
  }

  /** Each account also lacks the funds: the first problem wins. */
  private static Stream<Arguments> refusals() {
    Account ada = account("ada", 0, 0);
    return Stream.of(
        arguments(in(Status.FROZEN, ada), LedgerProblem.ACCOUNT_FROZEN),
        arguments(in(Status.CLOSED, ada), LedgerProblem.ACCOUNT_CLOSED),
        arguments(inCurrency("USD", ada), LedgerProblem.CURRENCY_MISMATCH));
  }

  @ParameterizedTest(name = "{1}")
  @MethodSource("refusals")
  void rejectsHolds(Account account, LedgerProblem expected) {
    assertThat(refused(settlement(Kind.HOLD, account, 10, null), state(account)).type())
        .isEqualTo(expected);
  }

  @ParameterizedTest
  @EnumSource(names = {"OPEN", "FROZEN"})
  void capturesPayOuts(Status status) {
    Account ada = in(status, held(account("ada", 100, 0), 70));
    Hold hold = hold(ada, CLEARING, 70, null);

    Decision decision = decide(settlement(Kind.PAY_OUT, ada, 70, hold), state(hold, ada));

    assertThat(posted(decision).entries())
        .containsExactly(entry(ada, -70, 8, 30), own(CLEARING, 70));
    assertThat(decision.captured()).isEqualTo(hold.ended(Hold.Status.CAPTURED, 70));
  }

  @Test
  void releasesWhatWasNotPaidOut() {
    Account ada = account("ada", 100, 70);
    Hold hold = hold(ada, CLEARING, 70, null);

    Decision decision = decide(settlement(Kind.PAY_OUT, ada, 50, hold), state(hold, ada));

    assertThat(posted(decision).entries())
        .containsExactly(entry(ada, -50, 8, 50), own(CLEARING, 50));
    assertThat(decision.captured()).isEqualTo(hold.ended(Hold.Status.CAPTURED, 50));
  }

  @ParameterizedTest
  @CsvSource({"FEE, PROVIDER_FEES", "BANK_PAYOUT, BANK"})
  void deductsFromWhatTheProviderOwes(PostingRequest.Deduction.Kind kind, SystemAccount other) {
    Currency euro = Currency.getInstance("EUR");
    var taken = PostingRequest.Deduction.of("simulator", "op_1", kind, 30, euro);
    var back = PostingRequest.Deduction.of("simulator", "op_2", kind, -30, euro);

    assertThat(posted(taken, state()).entries())
        .containsExactly(own(other.in(euro), -30), own(CLEARING, 30));
    assertThat(posted(back, state()).entries())
        .containsExactly(own(CLEARING, -30), own(other.in(euro), 30));
    assertThat(taken.key()).isNotEqualTo(back.key());
  }

  @Test
  void holdsUnplacedMoneyInSuspense() {
    Account closed = in(Status.CLOSED, account("ada", 0, 0));
    Settlement request = settlement(Kind.HOLD_UNPLACED, closed, 100, null);

    Hold hold = placed(request, state(SUSPENSE, 100, closed));

    assertThat(hold.from()).isEqualTo(SUSPENSE);
    assertThat(hold.to()).isEqualTo(CLEARING);
    assertThat(hold.amount()).isEqualTo(100);
    assertThat(refused(request, state(SUSPENSE, 99, closed)).properties())
        .isEqualTo(Map.of("available", 99L, "required", 100L));
    assertThat(posted(settlement(Kind.PAY_OUT, closed, 100, hold), state(hold, closed)).entries())
        .containsExactly(own(SUSPENSE, -100), own(CLEARING, 100));
  }

  @Test
  void neverPaysOutAReleasedHold() {
    Account ada = account("ada", 100, 0);
    Hold released = hold(ada, CLEARING, 70, null).ended(Hold.Status.RELEASED, 0);

    assertThatThrownBy(
            () -> decide(settlement(Kind.PAY_OUT, ada, 70, released), state(released, ada)))
        .isInstanceOf(IllegalStateException.class);
  }
}
