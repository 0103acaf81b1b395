package dev.evenkeel.accounts.posting;

import static dev.evenkeel.accounts.posting.RulesFixture.account;
import static dev.evenkeel.accounts.posting.RulesFixture.books;
import static dev.evenkeel.accounts.posting.RulesFixture.decide;
import static dev.evenkeel.accounts.posting.RulesFixture.held;
import static dev.evenkeel.accounts.posting.RulesFixture.hold;
import static dev.evenkeel.accounts.posting.RulesFixture.in;
import static dev.evenkeel.accounts.posting.RulesFixture.inCurrency;
import static dev.evenkeel.accounts.posting.RulesFixture.entry;
import static dev.evenkeel.accounts.posting.RulesFixture.posted;
import static dev.evenkeel.accounts.posting.RulesFixture.refused;
import static dev.evenkeel.accounts.posting.RulesFixture.settlement;
import static dev.evenkeel.accounts.posting.RulesFixture.withHolds;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.evenkeel.accounts.Account;
import dev.evenkeel.accounts.Account.Status;
import dev.evenkeel.accounts.Hold;
import dev.evenkeel.accounts.LedgerProblem;
import dev.evenkeel.accounts.PostingRequest.Settlement.Kind;
import dev.evenkeel.accounts.Transfer;
import dev.evenkeel.money.Money;
import java.util.Currency;
import java.util.List;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/** What payments do to accounts. Only a hold can be refused: the provider's decisions are facts. */
class SettlementRulesTests {

  private static final Currency EUR = Currency.getInstance("EUR");
  private static final UUID CLEARING = SystemAccount.PROVIDER_CLEARING.in(EUR);
  private static final UUID SUSPENSE = SystemAccount.SUSPENSE.in(EUR);
  private static final UUID RECEIVABLE = SystemAccount.RECEIVABLE.in(EUR);

  private static Transfer.Entry own(UUID account, long amount) {
    return new Transfer.Entry(account, amount, null);
  }

  private static List<Transfer.Entry> entries(Kind kind, Account account, long amount) {
    return posted(settlement(kind, account, amount, null), books(account)).entries();
  }

  @ParameterizedTest(name = "{0}, into an account that is {1}")
  @CsvSource({"COLLECT, OPEN", "COLLECT, FROZEN", "BRING_BACK, OPEN", "BRING_BACK, FROZEN"})
  void whatTheProviderCollectedIsTheCustomers(Kind kind, Status status) {
    Account ada = in(status, account("ada", 5, 0));

    assertThat(entries(kind, ada, 100)).containsExactly(own(CLEARING, -100), entry(ada, 100, 8, 105));
  }

  @ParameterizedTest
  @EnumSource(names = {"COLLECT", "BRING_BACK"})
  void whatAClosedAccountCannotTakeGoesToSuspense(Kind kind) {
    Account ada = in(Status.CLOSED, account("ada", 0, 0));

    assertThat(entries(kind, ada, 100)).containsExactly(own(CLEARING, -100), own(SUSPENSE, 100));
  }

  @Test
  void whatWouldPassTheLargestBalanceGoesToSuspense() {
    Account full = account("ada", Money.MAX_BALANCE - 99, 0);
    Account roomy = account("ada", Money.MAX_BALANCE - 100, 0);

    assertThat(entries(Kind.COLLECT, full, 100).getLast()).isEqualTo(own(SUSPENSE, 100));
    assertThat(entries(Kind.COLLECT, roomy, 100).getLast())
        .isEqualTo(entry(roomy, 100, 8, Money.MAX_BALANCE));
  }

  @Test
  void whatHasAnotherCurrencyThanItsAccountGoesToSuspense() {
    Account dollars = inCurrency("USD", account("ada", 500, 0));

    assertThat(entries(Kind.COLLECT, dollars, 100).getLast()).isEqualTo(own(SUSPENSE, 100));
    assertThat(entries(Kind.TAKE_BACK, dollars, 100))
        .containsExactly(own(SUSPENSE, -100), own(CLEARING, 100));
  }

  @Test
  void whatIsToBePaidOutIsHeldForEver() {
    Account ada = account("ada", 100, 20);

    Decision decision = decide(settlement(Kind.HOLD, ada, 120, null), books(ada));

    assertThat(decision).isInstanceOf(Decision.Place.class);
    Decision.Place place = (Decision.Place) decision;
    assertThat(place.from()).isEqualTo(ada.id());
    assertThat(place.to()).isEqualTo(CLEARING);
    assertThat(place.money()).isEqualTo(Money.of(120, "EUR"));
    assertThat(place.lasts()).isNull();
  }

  @Test
  void whatIsHeldForThePaymentBeforeIsNotThereForTheNext() {
    Account ada = account("ada", 100, 0);

    List<Decision> decisions =
        PostingRules.decide(
            List.of(settlement(Kind.HOLD, ada, 60, null), settlement(Kind.HOLD, ada, 41, null)),
            books(ada));

    assertThat(decisions.getFirst()).isInstanceOf(Decision.Place.class);
    assertThat(refused(decisions.getLast()).type()).isEqualTo(LedgerProblem.INSUFFICIENT_FUNDS);
    assertThat(refused(decisions.getLast()).properties())
        .containsEntry("available", 40L)
        .containsEntry("required", 41L);
  }

  @ParameterizedTest
  @CsvSource({"FROZEN, ACCOUNT_FROZEN", "CLOSED, ACCOUNT_CLOSED"})
  void nothingIsHeldOnAnAccountThatIsNotOpen(Status status, LedgerProblem problem) {
    Account ada = in(status, account("ada", 100, 0));

    assertThat(refused(settlement(Kind.HOLD, ada, 10, null), books(ada)).type()).isEqualTo(problem);
  }

  @Test
  void nothingIsHeldInAnotherCurrency() {
    Account dollars = inCurrency("USD", account("ada", 100, 0));

    assertThat(refused(settlement(Kind.HOLD, dollars, 10, null), books(dollars)).type())
        .isEqualTo(LedgerProblem.CURRENCY_MISMATCH);
  }

  @ParameterizedTest(name = "from an account that is {0}")
  @EnumSource(names = {"OPEN", "FROZEN"})
  void whatWasPaidOutIsCaptured(Status status) {
    Account ada = in(status, held(account("ada", 100, 0), 70));
    Hold hold = payments(ada, 70);

    Decision.Post post =
        posted(settlement(Kind.PAY_OUT, ada, 70, hold), withHolds(books(ada), hold));

    assertThat(post.entries()).containsExactly(entry(ada, -70, 8, 30), own(CLEARING, 70));
    assertThat(post.ended()).isEqualTo(hold.ended(Hold.Status.CAPTURED, 70));
  }

  @Test
  void whatWasReleasedIsNotPaidOut() {
    Account ada = account("ada", 100, 0);
    Hold released = payments(ada, 70).ended(Hold.Status.RELEASED, 0);

    assertThatThrownBy(() ->
            decide(settlement(Kind.PAY_OUT, ada, 70, released), withHolds(books(ada), released)))
        .isInstanceOf(IllegalStateException.class);
  }

  private static Hold payments(Account from, long amount) {
    Hold hold = hold(from, from, amount, null);
    return new Hold(
        hold.id(),
        hold.owner(),
        hold.from(),
        CLEARING,
        amount,
        0,
        "EUR",
        null,
        Hold.Status.HELD,
        null,
        hold.createdAt());
  }

  @ParameterizedTest(name = "from an account that is {0}")
  @EnumSource(names = {"OPEN", "FROZEN"})
  void whatIsChargedBackIsTakenFromTheCustomer(Status status) {
    Account ada = in(status, account("ada", 100, 0));

    assertThat(entries(Kind.TAKE_BACK, ada, 100))
        .containsExactly(entry(ada, -100, 8, 0), own(CLEARING, 100));
  }

  @Test
  void whatTheCustomerDoesNotHaveIsOurReceivable() {
    Account ada = held(account("ada", 90, 20), 50);

    assertThat(entries(Kind.TAKE_BACK, ada, 100))
        .containsExactly(entry(ada, -60, 8, 30), own(RECEIVABLE, -40), own(CLEARING, 100));
  }

  @Test
  void whoHasNothingOwesAll() {
    Account ada = account("ada", 0, 0);

    assertThat(entries(Kind.TAKE_BACK, ada, 100))
        .containsExactly(own(RECEIVABLE, -100), own(CLEARING, 100));
  }

  @Test
  void fromAClosedAccountASuspenseTakesIt() {
    Account ada = in(Status.CLOSED, account("ada", 0, 0));

    assertThat(entries(Kind.TAKE_BACK, ada, 100))
        .containsExactly(own(SUSPENSE, -100), own(CLEARING, 100));
  }
}
