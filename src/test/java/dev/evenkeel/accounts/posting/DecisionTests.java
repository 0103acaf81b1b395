package dev.evenkeel.accounts.posting;

import static dev.evenkeel.accounts.posting.RulesFixture.account;
import static dev.evenkeel.accounts.posting.RulesFixture.decide;
import static dev.evenkeel.accounts.posting.RulesFixture.state;
import static dev.evenkeel.accounts.posting.RulesFixture.transfer;
import static org.assertj.core.api.Assertions.assertThat;

import dev.evenkeel.accounts.Account;
import dev.evenkeel.accounts.LedgerProblem;
import dev.evenkeel.accounts.LedgerRecord;
import dev.evenkeel.accounts.PostingRequest;
import dev.evenkeel.accounts.PostingRequest.Operation;
import dev.evenkeel.idempotency.Outcome;
import dev.evenkeel.problems.Problem;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class DecisionTests {

  private final Account ada = account("ada", 100, 0);
  private final Account bob = account("bob", 0, 0);

  @ParameterizedTest(name = "{1} of a {0}: {2}")
  @CsvSource({
    "TRANSFER, INSUFFICIENT_FUNDS, true",
    "TRANSFER, ACCOUNT_NOT_FOUND, false",
    "BATCH, INSUFFICIENT_FUNDS, true",
    "BATCH, ACCOUNT_NOT_FOUND, true"
  })
  void storesRefusals(Operation operation, LedgerProblem problem, boolean stored) {
    PostingRequest.Transfer one = transfer(ada, bob, 1);
    PostingRequest request =
        new PostingRequest.Transfer(
            new PostingRequest.Key("ada", operation, "key"),
            one.fingerprint(),
            one.from(),
            one.to(),
            one.money(),
            null,
            null,
            one.metadata());

    Decision decision = new Decision(request, Outcome.refused(Problem.of(problem, "no")), null);

    assertThat(decision.isStored()).isEqualTo(stored);
    assertThat(decision.made(LedgerRecord::id)).isNull();
  }

  @Test
  void storesTransfers() {
    Decision decision = decide(transfer(ada, bob, 100), state(ada, bob));

    assertThat(decision.isStored()).isTrue();
    assertThat(decision.made(LedgerRecord::from)).isEqualTo(ada.id());
  }
}
