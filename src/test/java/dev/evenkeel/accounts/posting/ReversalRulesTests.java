package dev.evenkeel.accounts.posting;

import static dev.evenkeel.accounts.posting.RulesFixture.account;
import static dev.evenkeel.accounts.posting.RulesFixture.entry;
import static dev.evenkeel.accounts.posting.RulesFixture.held;
import static dev.evenkeel.accounts.posting.RulesFixture.in;
import static dev.evenkeel.accounts.posting.RulesFixture.posted;
import static dev.evenkeel.accounts.posting.RulesFixture.refused;
import static dev.evenkeel.accounts.posting.RulesFixture.reversal;
import static dev.evenkeel.accounts.posting.RulesFixture.state;
import static dev.evenkeel.accounts.posting.RulesFixture.transfer;
import static dev.evenkeel.accounts.posting.RulesFixture.transferred;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import dev.evenkeel.accounts.Account;
import dev.evenkeel.accounts.Account.Status;
import dev.evenkeel.accounts.LedgerProblem;
import dev.evenkeel.accounts.Transfer;
import dev.evenkeel.accounts.TransferId;
import dev.evenkeel.money.Money;
import dev.evenkeel.problems.Problem;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Reversals of a transfer from Ada to Bob. */
class ReversalRulesTests {

  private final Account ada = account("ada", 0, 0);
  private final Account bob = account("bob", 100, 0);
  private final Transfer original = transferred(ada, bob, 100);

  @Test
  void reversesInFull() {
    Account full = account("ada", Money.MAX_BALANCE - 100, 0);
    Transfer sent = transferred(full, bob, 100);

    Transfer reversal = posted(reversal(sent), state(List.of(sent), full, bob));

    assertThat(reversal.entries())
        .containsExactly(entry(bob, -100, 8, 0), entry(full, 100, 8, Money.MAX_BALANCE));
    assertThat(reversal.reversalOf()).isEqualTo(sent.id());
    assertThat(reversal.currency()).isEqualTo("EUR");
  }

  @Test
  void rejectsReversalsOfSpentMoney() {
    Account spent = held(bob, 1);

    Problem problem = refused(reversal(original), state(List.of(original), ada, spent));

    assertThat(problem.type()).isEqualTo(LedgerProblem.INSUFFICIENT_FUNDS);
    assertThat(problem.properties()).isEqualTo(Map.of("available", 99L, "required", 100L));
  }

  /** Each row also breaks rules that are checked later: the first problem wins. */
  private static Stream<Arguments> refusals() {
    Account ada = account("ada", Money.MAX_BALANCE - 99, 0);
    Account bob = account("bob", 99, 0);
    Account frozen = in(Status.FROZEN, bob);
    TransferId other = new TransferId(UUID.randomUUID());
    return Stream.of(
        arguments(
            transferred(ada, frozen, 100, other.value(), null, other),
            ada,
            frozen,
            LedgerProblem.NOT_REVERSIBLE),
        arguments(
            transferred(ada, frozen, 100, null, other, null),
            ada,
            frozen,
            LedgerProblem.NOT_REVERSIBLE),
        arguments(
            transferred(ada, frozen, 100, null, null, other),
            ada,
            frozen,
            LedgerProblem.ALREADY_REVERSED),
        unsuitable(ada, frozen, LedgerProblem.ACCOUNT_FROZEN),
        unsuitable(in(Status.FROZEN, ada), bob, LedgerProblem.ACCOUNT_FROZEN),
        unsuitable(ada, in(Status.CLOSED, bob), LedgerProblem.ACCOUNT_CLOSED),
        unsuitable(in(Status.CLOSED, ada), bob, LedgerProblem.ACCOUNT_CLOSED),
        unsuitable(ada, bob, LedgerProblem.INSUFFICIENT_FUNDS),
        unsuitable(ada, account("bob", 100, 0), LedgerProblem.BALANCE_LIMIT_EXCEEDED));
  }

  private static Arguments unsuitable(Account ada, Account bob, LedgerProblem expected) {
    return arguments(transferred(ada, bob, 100), ada, bob, expected);
  }

  @ParameterizedTest(name = "{3}")
  @MethodSource("refusals")
  void rejectsReversals(Transfer original, Account ada, Account bob, LedgerProblem expected) {
    assertThat(refused(reversal(original), state(List.of(original), ada, bob)).type())
        .isEqualTo(expected);
  }

  @Test
  void reversesOncePerBatch() {
    Account rich = account("bob", 500, 0);
    Transfer one = transferred(ada, rich, 100);
    Transfer other = transferred(ada, rich, 100);

    List<Decision> decisions =
        PostingRules.decide(
            List.of(reversal(one), reversal(other), reversal(one)),
            state(List.of(one, other), ada, rich));

    assertThat(decisions).extracting(Decision::isRefused).containsExactly(false, false, true);
    assertThat(refused(decisions.getLast()).type()).isEqualTo(LedgerProblem.ALREADY_REVERSED);
  }

  @Test
  void reversesAfterAnEarlierRefusal() {
    Account poor = account("bob", 99, 0);
    Account eve = account("eve", 1, 0);
    Transfer received = transferred(ada, poor, 100);

    List<Decision> decisions =
        PostingRules.decide(
            List.of(reversal(received), transfer(eve, poor, 1), reversal(received)),
            state(List.of(received), ada, poor, eve));

    assertThat(refused(decisions.getFirst()).type()).isEqualTo(LedgerProblem.INSUFFICIENT_FUNDS);
    assertThat(posted(decisions.getLast()).entries().getFirst()).isEqualTo(entry(poor, -100, 9, 0));
  }
}
