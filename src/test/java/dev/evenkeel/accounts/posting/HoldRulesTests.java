package dev.evenkeel.accounts.posting;

import static dev.evenkeel.accounts.posting.RulesFixture.NOW;
import static dev.evenkeel.accounts.posting.RulesFixture.account;
import static dev.evenkeel.accounts.posting.RulesFixture.books;
import static dev.evenkeel.accounts.posting.RulesFixture.capture;
import static dev.evenkeel.accounts.posting.RulesFixture.decide;
import static dev.evenkeel.accounts.posting.RulesFixture.held;
import static dev.evenkeel.accounts.posting.RulesFixture.hold;
import static dev.evenkeel.accounts.posting.RulesFixture.in;
import static dev.evenkeel.accounts.posting.RulesFixture.inCurrency;
import static dev.evenkeel.accounts.posting.RulesFixture.entry;
import static dev.evenkeel.accounts.posting.RulesFixture.place;
import static dev.evenkeel.accounts.posting.RulesFixture.placeBy;
import static dev.evenkeel.accounts.posting.RulesFixture.posted;
import static dev.evenkeel.accounts.posting.RulesFixture.refused;
import static dev.evenkeel.accounts.posting.RulesFixture.transfer;
import static dev.evenkeel.accounts.posting.RulesFixture.withHolds;
import static org.assertj.core.api.Assertions.assertThat;

import dev.evenkeel.accounts.Account;
import dev.evenkeel.accounts.Account.Status;
import dev.evenkeel.accounts.Hold;
import dev.evenkeel.accounts.LedgerProblem;
import dev.evenkeel.accounts.PostingRequest;
import dev.evenkeel.money.Money;
import dev.evenkeel.problems.Problem;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What may be promised, what may be captured of it, and when not. */
class HoldRulesTests {

  private final Account bob = account("bob", 20, 0);

  @Test
  void aPromiseMovesNothing() {
    Account ada = account("ada", 500, 0);
    PostingRequest.Hold posting = place(ada, bob, 400);

    assertThat(decide(posting, books(ada, bob)))
        .isEqualTo(
            new Decision.Place(posting, ada.id(), bob.id(), posting.money(), posting.lasts()));
  }

  @Test
  void whatIsPromisedCannotBeSpentByTheNext() {
    Account ada = account("ada", 500, 0);

    List<Decision> decisions =
        PostingRules.decide(
            List.of(place(ada, bob, 400), transfer(ada, bob, 101), transfer(ada, bob, 100)),
            books(ada, bob));

    assertThat(refused(decisions.get(1)).properties()).containsEntry("available", 100L);
    assertThat(posted(decisions.get(2)).entries().getFirst()).isEqualTo(entry(ada, -100, 8, 400));
  }

  @ParameterizedTest(name = "{0} with an overdraft limit of 300")
  @CsvSource({"800, true", "801, false"})
  void whatIsAvailableCanBePromisedAndNoMore(long amount, boolean possible) {
    Account ada = account("ada", 500, 300);

    assertThat(decide(place(ada, bob, amount), books(ada, bob)) instanceof Decision.Place)
        .isEqualTo(possible);
  }

  @Test
  void aPromiseBeyondTheFundsTellsWhatIsThere() {
    Account ada = held(account("ada", 500, 0), 450);

    Problem problem = refused(place(ada, bob, 51), books(ada, bob));

    assertThat(problem.type()).isEqualTo(LedgerProblem.INSUFFICIENT_FUNDS);
    assertThat(problem.properties()).isEqualTo(Map.of("available", 50L, "required", 51L));
  }

  @Test
  void nobodyPromisesAnothersMoney() {
    Account ada = account("ada", 500, 0);

    Problem problem = refused(placeBy("bob", ada, bob, 1), books(ada, bob));

    assertThat(problem.type()).isEqualTo(LedgerProblem.ACCOUNT_NOT_FOUND);
    assertThat(problem.errors()).extracting(Problem.FieldError::field).containsExactly("from");
  }

  @Test
  void nothingIsPromisedToAnUnknownAccount() {
    Account ada = account("ada", 500, 0);

    Problem problem = refused(place(ada, bob, 1), books(ada));

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
  void nothingIsPromisedFromOrToAFrozenOrClosedAccount(
      Status from, Status to, LedgerProblem expected) {
    Account sender = in(from, account("ada", 500, 0));
    Account receiver = in(to, bob);

    assertThat(refused(place(sender, receiver, 1), books(sender, receiver)).type())
        .isEqualTo(expected);
  }

  @Test
  void nobodyPromisesToItself() {
    Account ada = account("ada", 500, 0);

    assertThat(refused(place(ada, ada, 1), books(ada)).type())
        .isEqualTo(LedgerProblem.SAME_ACCOUNT);
  }

  @Test
  void nothingIsPromisedInAnotherCurrency() {
    Account ada = account("ada", 500, 0);
    Account dollars = inCurrency("USD", bob);

    assertThat(refused(place(ada, dollars, 1), books(ada, dollars)).type())
        .isEqualTo(LedgerProblem.CURRENCY_MISMATCH);
  }

  @Test
  void nothingIsPromisedThatTheReceiversBalanceCannotTake() {
    Account ada = account("ada", 500, 0);
    Account full = account("bob", Money.MAX_BALANCE - 99, 0);

    assertThat(refused(place(ada, full, 100), books(ada, full)).type())
        .isEqualTo(LedgerProblem.BALANCE_LIMIT_EXCEEDED);
  }

  @Test
  void aHoldIsCapturedInFull() {
    Account ada = held(account("ada", 500, 0), 100);
    Hold hold = hold(ada, bob, 100);

    Decision.Post post = posted(capture(hold), withHolds(books(ada, bob), hold));

    assertThat(post.entries()).containsExactly(entry(ada, -100, 8, 400), entry(bob, 100, 8, 120));
    assertThat(post.currency()).isEqualTo("EUR");
    assertThat(post.ended()).isEqualTo(hold.ended(Hold.Status.CAPTURED, 100));
  }

  @Test
  void whatIsNotCapturedIsReleasedWithIt() {
    Account ada = held(account("ada", 100, 0), 100);
    Hold hold = hold(ada, bob, 100);

    List<Decision> decisions =
        PostingRules.decide(
            List.of(capture(hold, 60L), transfer(ada, bob, 41), transfer(ada, bob, 40)),
            withHolds(books(ada, bob), hold));

    Decision.Post captured = posted(decisions.getFirst());
    assertThat(captured.entries()).containsExactly(entry(ada, -60, 8, 40), entry(bob, 60, 8, 80));
    assertThat(captured.ended()).isEqualTo(hold.ended(Hold.Status.CAPTURED, 60));
    assertThat(refused(decisions.get(1)).properties()).containsEntry("available", 40L);
    assertThat(posted(decisions.get(2)).entries().getFirst()).isEqualTo(entry(ada, -40, 9, 0));
  }

  @Test
  void otherHoldsStayHeldWhenOneIsCaptured() {
    Account ada = held(account("ada", 100, 0), 100);
    Hold hold = hold(ada, bob, 70);

    List<Decision> decisions =
        PostingRules.decide(
            List.of(capture(hold), transfer(ada, bob, 1)), withHolds(books(ada, bob), hold));

    assertThat(refused(decisions.getLast()).properties()).containsEntry("available", 0L);
  }

  @Test
  void aTransferEndsNoHold() {
    Account ada = held(account("ada", 500, 0), 100);

    assertThat(posted(transfer(ada, bob, 1), books(ada, bob)).ended()).isNull();
  }

  @Test
  void aHoldIsCapturedAlsoWhereNothingElseIsAvailable() {
    Account ada = held(account("ada", -200, 300), 100);
    Hold hold = hold(ada, bob, 100);

    assertThat(posted(capture(hold), withHolds(books(ada, bob), hold)).entries().getFirst())
        .isEqualTo(entry(ada, -100, 8, -300));
  }

  @Test
  void noMoreIsCapturedThanIsHeld() {
    Account ada = held(account("ada", 500, 0), 100);
    Hold hold = hold(ada, bob, 100);
    LedgerState books = withHolds(books(ada, bob), hold);

    Problem problem = refused(capture(hold, 101L), books);

    assertThat(problem.type()).isEqualTo(LedgerProblem.CAPTURE_EXCEEDS_HOLD);
    assertThat(problem.detail()).contains("€1.00");
    assertThat(posted(capture(hold, 100L), books).entries()).hasSize(2);
  }

  @ParameterizedTest
  @CsvSource({"CAPTURED, captured", "RELEASED, released", "EXPIRED, expired"})
  void whatHasEndedCannotBeCaptured(Hold.Status status, String says) {
    Account ada = account("ada", 500, 0);
    Hold ended = hold(ada, bob, 100).ended(status, 0);

    Problem problem = refused(capture(ended), withHolds(books(ada, bob), ended));

    assertThat(problem.type()).isEqualTo(LedgerProblem.HOLD_NOT_OPEN);
    assertThat(problem.detail()).contains(says);
  }

  @Test
  void fromItsExpiryOnAHoldCannotBeCaptured() {
    Account ada = held(account("ada", 500, 0), 100);
    Hold late = hold(ada, bob, 100, NOW);
    Hold inTime = hold(ada, bob, 100, NOW.plusNanos(1000));

    Problem problem = refused(capture(late), withHolds(books(ada, bob), late));

    assertThat(problem.type()).isEqualTo(LedgerProblem.HOLD_NOT_OPEN);
    assertThat(problem.detail()).contains("past its time");
    assertThat(posted(capture(inTime), withHolds(books(ada, bob), inTime)).entries()).hasSize(2);
  }

  @Test
  void aHoldWithoutExpiryStaysOpen() {
    assertThat(hold(account("ada", 500, 0), bob, 100, null).isOpen(NOW)).isTrue();
  }

  @ParameterizedTest
  @CsvSource({"CAPTURED", "RELEASED", "EXPIRED"})
  void aHoldThatHasEndedIsNotOpenHoweverMuchTimeWasLeft(Hold.Status status) {
    assertThat(hold(account("ada", 500, 0), bob, 100, null).ended(status, 0).isOpen(NOW)).isFalse();
  }

  @Test
  void aHoldThatEndsKeepsWhatItWasAbout() {
    Hold hold = hold(account("ada", 500, 0), bob, 100);

    assertThat(hold.ended(Hold.Status.CAPTURED, 60))
        .usingRecursiveComparison()
        .ignoringFields("status", "captured")
        .isEqualTo(hold);
  }

  @Test
  void aHoldIsCapturedOnceAlsoWithinOneBatch() {
    Account ada = held(account("ada", 500, 0), 100);
    Hold hold = hold(ada, bob, 100);

    List<Decision> decisions =
        PostingRules.decide(
            List.of(capture(hold, 10L), capture(hold, 10L)), withHolds(books(ada, bob), hold));

    assertThat(posted(decisions.getFirst()).entries()).hasSize(2);
    assertThat(refused(decisions.getLast()).type()).isEqualTo(LedgerProblem.HOLD_NOT_OPEN);
  }

  @Test
  void aRefusedCaptureLeavesTheHoldOpen() {
    Account ada = held(account("ada", 500, 0), 100);
    Hold hold = hold(ada, bob, 100);

    List<Decision> decisions =
        PostingRules.decide(
            List.of(capture(hold, 101L), capture(hold, 100L)), withHolds(books(ada, bob), hold));

    assertThat(refused(decisions.getFirst()).type()).isEqualTo(LedgerProblem.CAPTURE_EXCEEDS_HOLD);
    assertThat(posted(decisions.getLast()).ended()).isNotNull();
  }

  @ParameterizedTest(name = "from {0} to {1}: {2}")
  @CsvSource({
    "FROZEN, OPEN, ACCOUNT_FROZEN",
    "OPEN, FROZEN, ACCOUNT_FROZEN",
    "OPEN, CLOSED, ACCOUNT_CLOSED"
  })
  void nothingIsCapturedFromOrToAFrozenOrClosedAccount(
      Status from, Status to, LedgerProblem expected) {
    Account sender = in(from, held(account("ada", 500, 0), 100));
    Account receiver = in(to, bob);
    Hold hold = hold(sender, receiver, 100);

    assertThat(refused(capture(hold), withHolds(books(sender, receiver), hold)).type())
        .isEqualTo(expected);
  }

  @ParameterizedTest(name = "a balance {0} below the largest takes 100")
  @CsvSource({"100, true", "99, false"})
  void aCaptureFillsTheReceiversBalanceToItsLimitAndNoMore(long below, boolean possible) {
    Account ada = held(account("ada", 500, 0), 100);
    Account full = account("bob", Money.MAX_BALANCE - below, 0);
    Hold hold = hold(ada, full, 100);

    Decision decision = decide(capture(hold), withHolds(books(ada, full), hold));

    assertThat(decision instanceof Decision.Post).isEqualTo(possible);
    if (!possible) {
      assertThat(refused(decision).type()).isEqualTo(LedgerProblem.BALANCE_LIMIT_EXCEEDED);
    }
  }

  @Test
  void notOpenComesBeforeFrozen() {
    Account ada = in(Status.FROZEN, account("ada", 500, 0));
    Hold released = hold(ada, bob, 100).ended(Hold.Status.RELEASED, 0);

    assertThat(refused(capture(released), withHolds(books(ada, bob), released)).type())
        .isEqualTo(LedgerProblem.HOLD_NOT_OPEN);
  }

  @Test
  void frozenComesBeforeWhatDependsOnTheAmount() {
    Account ada = in(Status.FROZEN, held(account("ada", 500, 0), 100));
    Hold hold = hold(ada, bob, 100);

    assertThat(refused(capture(hold, 101L), withHolds(books(ada, bob), hold)).type())
        .isEqualTo(LedgerProblem.ACCOUNT_FROZEN);
  }
}
