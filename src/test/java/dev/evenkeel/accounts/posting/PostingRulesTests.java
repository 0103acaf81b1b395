package dev.evenkeel.accounts.posting;

import static dev.evenkeel.accounts.posting.RulesFixture.NOW;
import static dev.evenkeel.accounts.posting.RulesFixture.account;
import static dev.evenkeel.accounts.posting.RulesFixture.decide;
import static dev.evenkeel.accounts.posting.RulesFixture.entry;
import static dev.evenkeel.accounts.posting.RulesFixture.held;
import static dev.evenkeel.accounts.posting.RulesFixture.in;
import static dev.evenkeel.accounts.posting.RulesFixture.inCurrency;
import static dev.evenkeel.accounts.posting.RulesFixture.place;
import static dev.evenkeel.accounts.posting.RulesFixture.placeBy;
import static dev.evenkeel.accounts.posting.RulesFixture.posted;
import static dev.evenkeel.accounts.posting.RulesFixture.refused;
import static dev.evenkeel.accounts.posting.RulesFixture.state;
import static dev.evenkeel.accounts.posting.RulesFixture.transfer;
import static dev.evenkeel.accounts.posting.RulesFixture.transferBy;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import dev.evenkeel.accounts.Account;
import dev.evenkeel.accounts.Account.Status;
import dev.evenkeel.accounts.LedgerProblem;
import dev.evenkeel.accounts.PostingRequest;
import dev.evenkeel.accounts.Transfer;
import dev.evenkeel.accounts.TransferId;
import dev.evenkeel.money.Money;
import dev.evenkeel.problems.Problem;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

/** Transfers, and the refusals that transfers and holds share. */
class PostingRulesTests {

  private final Account ada = account("ada", 1000, 0);
  private final Account bob = account("bob", 20, 0);

  @Test
  void postsATransfer() {
    PostingRequest.Transfer request = transfer(ada, bob, 100);

    Decision decision = decide(request, state(ada, bob));

    assertThat(decision.captured()).isNull();
    assertThat(posted(decision))
        .usingRecursiveComparison()
        .ignoringFields("id")
        .isEqualTo(
            new Transfer(
                new TransferId(ada.id().value()),
                "ada",
                ada.id(),
                bob.id(),
                100,
                "EUR",
                request.description(),
                request.reference(),
                request.metadata(),
                null,
                null,
                null,
                null,
                NOW,
                List.of(entry(ada, -100, 8, 900), entry(bob, 100, 8, 120))));
  }

  @ParameterizedTest(name = "of {0} with {1} held and a limit of {2}, {3}: {4}")
  @CsvSource({
    "500,   0,   0, 500, true",
    "500,   0,   0, 501, false",
    "500,   0, 300, 800, true",
    "500,   0, 300, 801, false",
    "500, 100,   0, 400, true",
    "500, 100,   0, 401, false"
  })
  void spendsNoMoreThanIsAvailable(
      long posted, long held, long limit, long amount, boolean possible) {
    Account from = held(account("ada", posted, limit), held);

    for (PostingRequest request : requests(from, bob, amount)) {
      Decision decision = decide(request, state(from, bob));

      assertThat(decision.isRefused()).isEqualTo(!possible);
      if (!possible) {
        assertThat(refused(decision).type()).isEqualTo(LedgerProblem.INSUFFICIENT_FUNDS);
        assertThat(refused(decision).properties())
            .isEqualTo(Map.of("available", amount - 1, "required", amount));
      }
    }
  }

  @ParameterizedTest(name = "a balance {0} below the largest takes 100: {1}")
  @CsvSource({"100, true", "99, false"})
  void fillsABalanceToItsLimitOnly(long below, boolean possible) {
    Account full = account("bob", Money.MAX_BALANCE - below, 0);

    for (PostingRequest request : requests(ada, full, 100)) {
      assertThat(decide(request, state(ada, full)).isRefused()).isEqualTo(!possible);
    }
  }

  /** Each row also breaks rules that are checked later: the first problem wins. */
  private static Stream<Arguments> refusals() {
    Account rich = account("ada", 1000, 0);
    Account poor = account("ada", 0, 0);
    Account bob = account("bob", 0, 0);
    Account dollars = inCurrency("USD", account("bob", 0, 0));
    Account full = account("bob", Money.MAX_BALANCE, 0);
    return Stream.of(
        arguments(in(Status.FROZEN, poor), dollars, LedgerProblem.ACCOUNT_FROZEN),
        arguments(poor, in(Status.FROZEN, dollars), LedgerProblem.ACCOUNT_FROZEN),
        arguments(in(Status.CLOSED, poor), dollars, LedgerProblem.ACCOUNT_CLOSED),
        arguments(poor, in(Status.CLOSED, dollars), LedgerProblem.ACCOUNT_CLOSED),
        arguments(in(Status.FROZEN, poor), in(Status.FROZEN, poor), LedgerProblem.ACCOUNT_FROZEN),
        arguments(dollars, dollars, LedgerProblem.SAME_ACCOUNT),
        arguments(poor, dollars, LedgerProblem.CURRENCY_MISMATCH),
        arguments(dollars, bob, LedgerProblem.CURRENCY_MISMATCH),
        arguments(inCurrency("USD", poor), inCurrency("USD", bob), LedgerProblem.CURRENCY_MISMATCH),
        arguments(poor, full, LedgerProblem.INSUFFICIENT_FUNDS),
        arguments(rich, full, LedgerProblem.BALANCE_LIMIT_EXCEEDED));
  }

  @ParameterizedTest(name = "{2}")
  @MethodSource("refusals")
  void rejectsTransfersAndHolds(Account from, Account to, LedgerProblem expected) {
    for (PostingRequest request : requests(from, to, 100)) {
      assertThat(refused(request, state(from, to)).type()).isEqualTo(expected);
    }
  }

  @Test
  void rejectsUnknownAndForeignSendersAlike() {
    for (PostingRequest request :
        List.of(transferBy("bob", ada, bob, 1), placeBy("bob", ada, bob, 1))) {
      Problem foreign = refused(request, state(ada, bob));

      assertThat(refused(request, state(bob))).isEqualTo(foreign);
      assertNotFound(foreign, "from");
    }
  }

  /** Also from a frozen account, as the accounts have to be found first. */
  @Test
  void rejectsUnknownReceivers() {
    Account frozen = in(Status.FROZEN, ada);

    for (PostingRequest request : requests(frozen, bob, 1)) {
      assertNotFound(refused(request, state(frozen)), "to");
    }
  }

  private static void assertNotFound(Problem problem, String field) {
    assertThat(problem.type()).isEqualTo(LedgerProblem.ACCOUNT_NOT_FOUND);
    assertThat(problem.errors()).extracting(Problem.FieldError::field).containsExactly(field);
  }

  @Test
  void decidesInOrder() {
    Account poor = account("ada", 100, 0);
    Account empty = account("bob", 0, 0);
    Account eve = account("eve", 0, 0);

    List<Decision> decisions =
        PostingRules.decide(
            List.of(
                transfer(empty, eve, 100),
                transfer(poor, empty, 100),
                transfer(poor, eve, 100),
                transfer(empty, eve, 100)),
            state(poor, empty, eve));

    assertThat(decisions).extracting(Decision::isRefused).containsExactly(true, false, true, false);
    assertThat(posted(decisions.getLast()).entries())
        .containsExactly(entry(empty, -100, 9, 0), entry(eve, 100, 8, 100));
  }

  @Test
  void takesItsTimeFromItsOwnAccounts() {
    Account eve = account("eve", 1000, 0);
    Account dan = account("dan", 0, 0);
    Account zoe = account("zoe", 0, 0);
    Instant ahead = NOW.plusSeconds(3600);

    List<Decision> decisions =
        PostingRules.decide(
            List.of(
                place(eve, zoe, 1),
                transfer(ada, bob, 1),
                transfer(eve, dan, 1),
                transfer(bob, zoe, 1),
                place(zoe, dan, 1),
                transfer(eve, dan, 1)),
            state(Map.of(ada.id(), ahead, eve.id(), NOW.minusSeconds(1)), ada, bob, eve, dan, zoe));

    assertThat(decisions)
        .extracting(Decision::time)
        .containsExactly(NOW, ahead, NOW, ahead, ahead, NOW);
  }

  private static List<PostingRequest> requests(Account from, Account to, long amount) {
    return List.of(transfer(from, to, amount), place(from, to, amount));
  }
}
