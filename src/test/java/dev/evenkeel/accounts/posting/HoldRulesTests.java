package dev.evenkeel.accounts.posting;

import static dev.evenkeel.accounts.posting.RulesFixture.NOW;
import static dev.evenkeel.accounts.posting.RulesFixture.account;
import static dev.evenkeel.accounts.posting.RulesFixture.capture;
import static dev.evenkeel.accounts.posting.RulesFixture.decide;
import static dev.evenkeel.accounts.posting.RulesFixture.entry;
import static dev.evenkeel.accounts.posting.RulesFixture.held;
import static dev.evenkeel.accounts.posting.RulesFixture.hold;
import static dev.evenkeel.accounts.posting.RulesFixture.in;
import static dev.evenkeel.accounts.posting.RulesFixture.place;
import static dev.evenkeel.accounts.posting.RulesFixture.placed;
import static dev.evenkeel.accounts.posting.RulesFixture.posted;
import static dev.evenkeel.accounts.posting.RulesFixture.refused;
import static dev.evenkeel.accounts.posting.RulesFixture.state;
import static dev.evenkeel.accounts.posting.RulesFixture.transfer;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import dev.evenkeel.accounts.Account;
import dev.evenkeel.accounts.Account.Status;
import dev.evenkeel.accounts.Hold;
import dev.evenkeel.accounts.LedgerProblem;
import dev.evenkeel.accounts.Transfer;
import dev.evenkeel.accounts.TransferId;
import dev.evenkeel.money.Money;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

/** Placing and capturing holds. Refusals that holds share are in {@link PostingRulesTests}. */
class HoldRulesTests {

  private final Account ada = account("ada", 500, 0);
  private final Account bob = account("bob", 20, 0);

  @Test
  void placesAHold() {
    Hold hold = placed(place(ada, bob, 400), state(ada, bob));

    assertThat(hold)
        .usingRecursiveComparison()
        .ignoringFields("id")
        .isEqualTo(
            new Hold(
                new TransferId(ada.id().value()),
                "ada",
                ada.id(),
                bob.id(),
                400,
                0,
                "EUR",
                "Deposit",
                Hold.Status.HELD,
                NOW.plusSeconds(7 * 86_400),
                NOW));
  }

  @Test
  void spendsNothingThatIsHeld() {
    List<Decision> decisions =
        PostingRules.decide(
            List.of(place(ada, bob, 400), transfer(ada, bob, 101), transfer(ada, bob, 100)),
            state(ada, bob));

    assertThat(refused(decisions.get(1)).properties()).containsEntry("available", 100L);
    assertThat(posted(decisions.get(2)).entries().getFirst()).isEqualTo(entry(ada, -100, 8, 400));
  }

  /** Its accounts' time may be ahead of the clock, and stay so. */
  @Test
  void expiresByTheClock() {
    Instant ahead = NOW.plusSeconds(86_400);
    Account holder = held(ada, 100);
    Hold hold = hold(holder, bob.id(), 100, NOW.plusSeconds(1));

    Hold placed = placed(place(ada, bob, 1), state(Map.of(ada.id(), ahead), ada, bob));
    Transfer captured =
        posted(
            capture(hold),
            new LedgerState(
                state(holder, bob).accounts(),
                Map.of(bob.id(), ahead),
                Map.of(hold.id(), hold),
                Map.of(),
                Map.of(),
                NOW));

    assertThat(placed.createdAt()).isEqualTo(ahead);
    assertThat(placed.expiresAt()).isEqualTo(NOW.plusSeconds(7 * 86_400));
    assertThat(captured.postedAt()).isEqualTo(ahead);
  }

  @Test
  void capturesInFull() {
    Account holder = held(account("ada", -200, 300), 100);
    Hold hold = hold(holder, bob, 100);

    Decision decision = decide(capture(hold), state(hold, holder, bob));

    assertThat(decision.captured()).isEqualTo(hold.ended(Hold.Status.CAPTURED, 100));
    assertThat(posted(decision).entries())
        .containsExactly(entry(holder, -100, 8, -300), entry(bob, 100, 8, 120));
    assertThat(posted(decision).currency()).isEqualTo("EUR");
    assertThat(posted(decision).description()).isEqualTo("Deposit");
    assertThat(posted(decision).hold()).isEqualTo(hold.id());
  }

  @Test
  void releasesTheRestOfACapture() {
    Account holder = held(account("ada", 110, 0), 110);
    Hold hold = hold(holder, bob, 100);

    List<Decision> decisions =
        PostingRules.decide(
            List.of(capture(hold, 60L), transfer(holder, bob, 41), transfer(holder, bob, 40)),
            state(hold, holder, bob));

    assertThat(decisions.getFirst().captured()).isEqualTo(hold.ended(Hold.Status.CAPTURED, 60));
    assertThat(posted(decisions.getFirst()).entries())
        .containsExactly(entry(holder, -60, 8, 50), entry(bob, 60, 8, 80));
    assertThat(refused(decisions.get(1)).properties()).containsEntry("available", 40L);
    assertThat(posted(decisions.get(2)).entries().getFirst()).isEqualTo(entry(holder, -40, 9, 10));
  }

  /** Each row also breaks rules that are checked later: the first problem wins. */
  private static Stream<Arguments> refusals() {
    Account ada = held(account("ada", 500, 0), 100);
    Account bob = account("bob", 0, 0);
    Account full = account("bob", Money.MAX_BALANCE - 99, 0);
    Account frozen = in(Status.FROZEN, ada);
    Hold released = hold(frozen, bob, 100).ended(Hold.Status.RELEASED, 0);
    return Stream.of(
        arguments(released, frozen, bob, 101L, LedgerProblem.HOLD_NOT_OPEN),
        arguments(hold(frozen, bob, 100), frozen, bob, 101L, LedgerProblem.ACCOUNT_FROZEN),
        refusalTo(ada, in(Status.FROZEN, bob), 101L, LedgerProblem.ACCOUNT_FROZEN),
        refusalTo(ada, in(Status.CLOSED, bob), 101L, LedgerProblem.ACCOUNT_CLOSED),
        refusalTo(ada, full, 101L, LedgerProblem.CAPTURE_EXCEEDS_HOLD),
        refusalTo(ada, full, 100L, LedgerProblem.BALANCE_LIMIT_EXCEEDED));
  }

  private static Arguments refusalTo(Account ada, Account to, long amount, LedgerProblem problem) {
    return arguments(hold(ada, to, 100), ada, to, amount, problem);
  }

  @ParameterizedTest(name = "{4}")
  @MethodSource("refusals")
  void rejectsCaptures(Hold hold, Account from, Account to, long amount, LedgerProblem expected) {
    assertThat(refused(capture(hold, amount), state(hold, from, to)).type()).isEqualTo(expected);
  }

  @Test
  void captureFillsABalanceToItsLimit() {
    Account holder = held(ada, 100);
    Account full = account("bob", Money.MAX_BALANCE - 100, 0);
    Hold hold = hold(holder, full, 100);

    assertThat(decide(capture(hold), state(hold, holder, full)).isRefused()).isFalse();
  }

  @ParameterizedTest
  @CsvSource({"HELD, expired", "CAPTURED, captured", "RELEASED, released", "EXPIRED, expired"})
  void rejectsCapturesOfEndedHolds(Hold.Status status, String detail) {
    Hold ended = hold(ada, bob.id(), 100, NOW).ended(status, 0);

    assertThat(refused(capture(ended), state(ended, ada, bob)).detail()).contains(detail);
  }

  private static Stream<Arguments> openness() {
    return Stream.of(
        arguments(Hold.Status.HELD, null, true),
        arguments(Hold.Status.HELD, NOW.plusNanos(1000), true),
        arguments(Hold.Status.HELD, NOW, false),
        arguments(Hold.Status.CAPTURED, null, false),
        arguments(Hold.Status.RELEASED, null, false),
        arguments(Hold.Status.EXPIRED, null, false));
  }

  @ParameterizedTest(name = "{0}, expires at {1}: {2}")
  @MethodSource("openness")
  void isOpenUntilItEndsOrExpires(Hold.Status status, @Nullable Instant expiresAt, boolean open) {
    assertThat(hold(ada, bob.id(), 100, expiresAt).ended(status, 0).isOpen(NOW)).isEqualTo(open);
  }

  @Test
  void endingChangesStatusAndCapturedOnly() {
    Hold hold = hold(ada, bob, 100);

    assertThat(hold.ended(Hold.Status.CAPTURED, 60))
        .usingRecursiveComparison()
        .ignoringFields("status", "captured")
        .isEqualTo(hold);
  }

  @Test
  void capturesOncePerBatch() {
    Account holder = held(ada, 100);
    Hold hold = hold(holder, bob, 100);

    List<Decision> decisions =
        PostingRules.decide(
            List.of(capture(hold, 101L), capture(hold, 10L), capture(hold, 10L)),
            state(hold, holder, bob));

    assertThat(decisions).extracting(Decision::isRefused).containsExactly(true, false, true);
    assertThat(refused(decisions.getLast()).type()).isEqualTo(LedgerProblem.HOLD_NOT_OPEN);
  }
}
