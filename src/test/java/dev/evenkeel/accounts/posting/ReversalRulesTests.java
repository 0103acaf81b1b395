package dev.evenkeel.accounts.posting;

import static dev.evenkeel.accounts.posting.RulesFixture.account;
import static dev.evenkeel.accounts.posting.RulesFixture.books;
import static dev.evenkeel.accounts.posting.RulesFixture.decide;
import static dev.evenkeel.accounts.posting.RulesFixture.earlier;
import static dev.evenkeel.accounts.posting.RulesFixture.held;
import static dev.evenkeel.accounts.posting.RulesFixture.in;
import static dev.evenkeel.accounts.posting.RulesFixture.entry;
import static dev.evenkeel.accounts.posting.RulesFixture.posted;
import static dev.evenkeel.accounts.posting.RulesFixture.refused;
import static dev.evenkeel.accounts.posting.RulesFixture.reversal;
import static dev.evenkeel.accounts.posting.RulesFixture.transfer;
import static dev.evenkeel.accounts.posting.RulesFixture.transferred;
import static dev.evenkeel.accounts.posting.RulesFixture.withOriginals;
import static org.assertj.core.api.Assertions.assertThat;

import dev.evenkeel.accounts.Account;
import dev.evenkeel.accounts.Account.Status;
import dev.evenkeel.accounts.LedgerProblem;
import dev.evenkeel.accounts.Transfer;
import dev.evenkeel.money.Money;
import dev.evenkeel.problems.Problem;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What may be given back, and when not. Ada sent it, Bob received it. */
class ReversalRulesTests {

  private final Account ada = account("ada", 0, 0);
  private final Account bob = account("bob", 100, 0);
  private final Transfer original = transferred(ada, bob, 100);

  @Test
  void aTransferIsGivenBackInFull() {
    Decision.Post post = posted(reversal(original), withOriginals(books(ada, bob), original));

    assertThat(post.entries()).containsExactly(entry(bob, -100, 8, 0), entry(ada, 100, 8, 100));
    assertThat(post.currency()).isEqualTo("EUR");
    assertThat(post.ended()).isNull();
  }

  @Test
  void whatWasSpentCannotBeGivenBack() {
    Account spent = held(bob, 1);

    Problem problem = refused(reversal(original), withOriginals(books(ada, spent), original));

    assertThat(problem.type()).isEqualTo(LedgerProblem.INSUFFICIENT_FUNDS);
    assertThat(problem.properties()).isEqualTo(Map.of("available", 99L, "required", 100L));
  }

  @Test
  void aTransferIsGivenBackOnce() {
    Transfer reversed = earlier(ada, bob, 100, null, null, UUID.randomUUID());

    assertThat(refused(reversal(reversed), withOriginals(books(ada, bob), reversed)).type())
        .isEqualTo(LedgerProblem.ALREADY_REVERSED);
  }

  @Test
  void aTransferIsGivenBackOnceAlsoWithinOneBatch() {
    Account rich = account("bob", 500, 0);
    Transfer received = transferred(ada, rich, 100);

    List<Decision> decisions =
        PostingRules.decide(
            List.of(reversal(received), reversal(received)),
            withOriginals(books(ada, rich), received));

    assertThat(posted(decisions.getFirst()).entries()).hasSize(2);
    assertThat(refused(decisions.getLast()).type()).isEqualTo(LedgerProblem.ALREADY_REVERSED);
  }

  @Test
  void twoTransfersAreGivenBackInOneBatch() {
    Account rich = account("bob", 500, 0);
    Transfer one = transferred(ada, rich, 100);
    Transfer other = transferred(ada, rich, 100);

    assertThat(
            PostingRules.decide(
                List.of(reversal(one), reversal(other)),
                withOriginals(books(ada, rich), one, other)))
        .hasOnlyElementsOfType(Decision.Post.class);
  }

  @Test
  void whatIsRefusedOnceMayBeGivenBackLater() {
    Account poor = account("bob", 99, 0);
    Account eve = account("eve", 1, 0);
    Transfer received = transferred(ada, poor, 100);

    List<Decision> decisions =
        PostingRules.decide(
            List.of(reversal(received), transfer(eve, poor, 1), reversal(received)),
            withOriginals(books(ada, poor, eve), received));

    assertThat(refused(decisions.getFirst()).type()).isEqualTo(LedgerProblem.INSUFFICIENT_FUNDS);
    assertThat(posted(decisions.getLast()).entries().getFirst()).isEqualTo(entry(poor, -100, 9, 0));
  }

  @Test
  void aPaymentsPostingIsNotGivenBackHere() {
    Transfer payIn = earlier(ada, bob, 100, UUID.randomUUID(), null, null);

    assertThat(refused(reversal(payIn), withOriginals(books(ada, bob), payIn)).type())
        .isEqualTo(LedgerProblem.NOT_REVERSIBLE);
  }

  @Test
  void aReversalIsNotReversible() {
    Transfer reversal = earlier(ada, bob, 100, null, UUID.randomUUID(), null);

    assertThat(refused(reversal(reversal), withOriginals(books(ada, bob), reversal)).type())
        .isEqualTo(LedgerProblem.NOT_REVERSIBLE);
  }

  @ParameterizedTest(name = "sent from {0} to {1}: {2}")
  @CsvSource({
    "FROZEN, OPEN, ACCOUNT_FROZEN",
    "OPEN, FROZEN, ACCOUNT_FROZEN",
    "CLOSED, OPEN, ACCOUNT_CLOSED",
    "OPEN, CLOSED, ACCOUNT_CLOSED"
  })
  void nothingIsGivenBackFromOrToAFrozenOrClosedAccount(
      Status sender, Status receiver, LedgerProblem expected) {
    LedgerState books = withOriginals(books(in(sender, ada), in(receiver, bob)), original);

    assertThat(refused(reversal(original), books).type()).isEqualTo(expected);
  }

  @ParameterizedTest(name = "a balance {0} below the largest takes 100")
  @CsvSource({"100, true", "99, false"})
  void theSendersBalanceReachesItsLimitAndNoMore(long below, boolean possible) {
    Account full = account("ada", Money.MAX_BALANCE - below, 0);
    Transfer sent = transferred(full, bob, 100);

    Decision decision = decide(reversal(sent), withOriginals(books(full, bob), sent));

    assertThat(decision instanceof Decision.Post).isEqualTo(possible);
    if (!possible) {
      assertThat(refused(decision).type()).isEqualTo(LedgerProblem.BALANCE_LIMIT_EXCEEDED);
    }
  }

  @Test
  void alreadyReversedComesBeforeFrozen() {
    Transfer reversed = earlier(ada, bob, 100, null, null, UUID.randomUUID());
    LedgerState books = withOriginals(books(ada, in(Status.FROZEN, bob)), reversed);

    assertThat(refused(reversal(reversed), books).type()).isEqualTo(LedgerProblem.ALREADY_REVERSED);
  }

  @Test
  void notReversibleComesBeforeAlreadyReversed() {
    Transfer payIn = earlier(ada, bob, 100, UUID.randomUUID(), null, UUID.randomUUID());

    assertThat(refused(reversal(payIn), withOriginals(books(ada, bob), payIn)).type())
        .isEqualTo(LedgerProblem.NOT_REVERSIBLE);
  }

  @Test
  void frozenComesBeforeFunds() {
    Account spent = in(Status.FROZEN, held(bob, 1));

    assertThat(refused(reversal(original), withOriginals(books(ada, spent), original)).type())
        .isEqualTo(LedgerProblem.ACCOUNT_FROZEN);
  }
}
