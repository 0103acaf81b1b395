package dev.evenkeel.accounts.posting;

import static dev.evenkeel.accounts.posting.RulesFixture.NOW;
import static dev.evenkeel.accounts.posting.RulesFixture.account;
import static dev.evenkeel.accounts.posting.RulesFixture.capture;
import static dev.evenkeel.accounts.posting.RulesFixture.entry;
import static dev.evenkeel.accounts.posting.RulesFixture.held;
import static dev.evenkeel.accounts.posting.RulesFixture.hold;
import static dev.evenkeel.accounts.posting.RulesFixture.in;
import static dev.evenkeel.accounts.posting.RulesFixture.owing;
import static dev.evenkeel.accounts.posting.RulesFixture.place;
import static dev.evenkeel.accounts.posting.RulesFixture.posted;
import static dev.evenkeel.accounts.posting.RulesFixture.refused;
import static dev.evenkeel.accounts.posting.RulesFixture.reversal;
import static dev.evenkeel.accounts.posting.RulesFixture.settlement;
import static dev.evenkeel.accounts.posting.RulesFixture.state;
import static dev.evenkeel.accounts.posting.RulesFixture.transfer;
import static dev.evenkeel.accounts.posting.RulesFixture.transferred;
import static org.assertj.core.api.Assertions.assertThat;

import dev.evenkeel.accounts.Account;
import dev.evenkeel.accounts.Account.Status;
import dev.evenkeel.accounts.AccountId;
import dev.evenkeel.accounts.Hold;
import dev.evenkeel.accounts.LedgerProblem;
import dev.evenkeel.accounts.PostingRequest;
import dev.evenkeel.accounts.PostingRequest.Operation;
import dev.evenkeel.accounts.PostingRequest.Settlement.Kind;
import dev.evenkeel.accounts.Transfer;
import dev.evenkeel.accounts.TransferId;
import dev.evenkeel.problems.Problem;
import java.time.Instant;
import java.util.Currency;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.UUID;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

/** What an account owes after a charge-back, and how it is repaid. */
class DebtRulesTests {

  private static final AccountId RECEIVABLE =
      SystemAccount.RECEIVABLE.in(Currency.getInstance("EUR"));

  private final Account ada = account("ada", 1000, 0);
  private final Account broke = account("bob", 0, 0);

  /** Decides and returns the amounts of the repayments that follow. */
  private static List<Long> repaid(LedgerState state, PostingRequest... requests) {
    List<Decision> decisions = PostingRules.decide(List.of(requests), state);
    return decisions.stream()
        .filter(it -> it.request() instanceof PostingRequest.Repayment)
        .map(it -> Objects.requireNonNull(it.made()).amount())
        .toList();
  }

  @Test
  void creditRepaysInAnEntryOfItsOwn() {
    Account debtor = owing(broke, 40);

    List<Decision> decisions =
        PostingRules.decide(List.of(transfer(ada, debtor, 100)), state(ada, debtor));

    assertThat(decisions).hasSize(2);
    Transfer received = posted(decisions.getFirst());
    Transfer repayment = posted(decisions.getLast());
    assertThat(received.entries().getLast()).isEqualTo(entry(debtor, 100, 8, 100));
    assertThat(repayment.entries())
        .containsExactly(entry(debtor, -40, 9, 60), new Transfer.Entry(RECEIVABLE, 40, null));
    assertThat(repayment.owner()).isEqualTo("bob");
    assertThat(repayment.description()).isEqualTo("Repayment of what the account owed");
    assertThat(decisions.getLast().request().debtor()).isEqualTo(debtor.id());
    assertThat(decisions.getLast().request().key())
        .isEqualTo(
            new PostingRequest.Key("bob", Operation.REPAYMENT, received.id() + "/" + debtor.id()));
  }

  @ParameterizedTest(name = "owing {0}, limit {1}, {2} come in: {3} are repaid")
  @CsvSource({"40, 0, 39, 39", "40, 0, 40, 40", "40, 0, 41, 40", "40, 300, 10, 10"})
  void repaysWhatIsFree(long owed, long limit, long credit, long repaid) {
    Account debtor = owing(account("bob", -limit, limit), owed);

    assertThat(repaid(state(ada, debtor), transfer(ada, debtor, credit))).containsExactly(repaid);
  }

  @Test
  void eachCreditRepaysUntilNothingIsOwed() {
    Account debtor = owing(broke, 40);
    LedgerState state = state(ada, debtor);

    assertThat(
            repaid(
                state,
                transfer(ada, debtor, 30),
                transfer(ada, debtor, 30),
                transfer(debtor, ada, 20),
                transfer(ada, debtor, 30)))
        .containsExactly(30L, 10L);
  }

  private static Stream<Kind> credits() {
    return Stream.of(Kind.COLLECT, Kind.BRING_BACK);
  }

  @ParameterizedTest
  @MethodSource("credits")
  void creditsOfThePaymentProviderRepayToo(Kind kind) {
    Account debtor = owing(in(Status.FROZEN, broke), 40);

    assertThat(repaid(state(debtor), settlement(kind, debtor, 100, null))).containsExactly(40L);
  }

  @Test
  void reversalRepaysWhatTheReceiverOfTheMoneyOwes() {
    Account debtor = owing(broke, 40);
    Transfer sent = transferred(debtor, ada, 100);

    assertThat(repaid(state(List.of(sent), ada, debtor), reversal(sent))).containsExactly(40L);
  }

  @Test
  void restOfACaptureRepays() {
    Account debtor = owing(held(account("bob", 100, 0), 100), 70);
    Hold hold = hold(debtor, ada, 100);
    LedgerState state = state(hold, ada, debtor);

    assertThat(repaid(state, capture(hold, 60L))).containsExactly(40L);
    assertThat(repaid(state, capture(hold, 100L))).isEmpty();
  }

  @Test
  void endedHoldsRepay() {
    Account debtor = owing(held(account("bob", 100, 0), 100), 70);
    Hold first = hold(debtor, ada, 60);
    Hold second = hold(debtor, ada, 40);

    List<Decision> decisions = PostingRules.repay(List.of(first, second), state(debtor));

    assertThat(decisions).extracting(it -> posted(it).amount()).containsExactly(60L, 10L);
    assertThat(decisions)
        .extracting(it -> it.request().key().value())
        .containsExactly(first.id() + "/" + debtor.id(), second.id() + "/" + debtor.id());
    assertThat(PostingRules.repay(List.of(first), state(held(ada, 60)))).isEmpty();
  }

  @Test
  void nothingIsRepaidWithoutADebt() {
    assertThat(repaid(state(ada, broke), transfer(ada, broke, 100))).isEmpty();
  }

  @Test
  void anotherChargeBackTakesNothingThatIsNotThere() {
    Account debtor = owing(broke, 40);

    List<Decision> decisions =
        PostingRules.decide(
            List.of(settlement(Kind.TAKE_BACK, debtor, 25, null), transfer(ada, debtor, 100)),
            state(ada, debtor));

    assertThat(posted(decisions.getFirst()).entries().getFirst())
        .isEqualTo(new Transfer.Entry(RECEIVABLE, -25, null));
    assertThat(posted(decisions.getLast()).amount()).isEqualTo(65);
  }

  /** Even if the charge-back adds no entry to the debtor's account. */
  @Test
  void takesItsTimeFromTheDebtor() {
    Account debtor = owing(broke, 40);
    Instant ahead = NOW.plusSeconds(3600);

    Transfer takenBack =
        posted(
            settlement(Kind.TAKE_BACK, debtor, 25, null),
            state(Map.of(debtor.id(), ahead), debtor));

    assertThat(takenBack.postedAt()).isEqualTo(ahead);
  }

  @ParameterizedTest
  @CsvSource({"300, -300, 40", "0, 0, 40", "0, 100, 1"})
  void debtorSpendsNothing(long limit, long posted, long owed) {
    Account debtor = owing(held(account("bob", posted, limit), posted + limit), owed);
    for (PostingRequest request :
        List.of(
            transfer(debtor, ada, 1),
            place(debtor, ada, 1),
            settlement(Kind.HOLD, debtor, 1, null))) {
      Problem problem = refused(request, state(ada, debtor));

      assertThat(problem.type()).isEqualTo(LedgerProblem.INSUFFICIENT_FUNDS);
      assertThat(problem.properties()).containsEntry("available", -owed);
    }
  }

  @Test
  void repaymentsCannotBeReversed() {
    Transfer repayment =
        new Transfer(
            new TransferId(UUID.randomUUID()),
            "bob",
            broke.id(),
            RECEIVABLE,
            40,
            "EUR",
            null,
            null,
            Map.of(),
            null,
            null,
            null,
            null,
            NOW,
            List.of(entry(broke, -40, 1, 0), new Transfer.Entry(RECEIVABLE, 40, null)));

    assertThat(refused(reversal(repayment), state(List.of(repayment), broke)).type())
        .isEqualTo(LedgerProblem.NOT_REVERSIBLE);
  }
}
