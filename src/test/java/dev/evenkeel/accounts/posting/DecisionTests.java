package dev.evenkeel.accounts.posting;

import static dev.evenkeel.accounts.posting.RulesFixture.account;
import static org.assertj.core.api.Assertions.assertThat;

import dev.evenkeel.accounts.Account;
import dev.evenkeel.accounts.LedgerProblem;
import dev.evenkeel.accounts.LedgerRecord;
import dev.evenkeel.accounts.PostingRequest;
import dev.evenkeel.accounts.PostingRequest.Operation;
import dev.evenkeel.idempotency.Fingerprint;
import dev.evenkeel.idempotency.Outcome;
import dev.evenkeel.money.Money;
import dev.evenkeel.problems.Problem;
import java.util.Map;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class DecisionTests {

  private final Account ada = account("ada", 0, 0);

  @ParameterizedTest(name = "{1} of a {0}: {2}")
  @CsvSource({
    "TRANSFER, INSUFFICIENT_FUNDS, true",
    "TRANSFER, ACCOUNT_NOT_FOUND, false",
    "BATCH, ACCOUNT_NOT_FOUND, true"
  })
  void storesRefusals(Operation operation, LedgerProblem problem, boolean stored) {
    PostingRequest request =
        new PostingRequest.Transfer(
            new PostingRequest.Key("ada", operation, "key"),
            Fingerprint.of("any"),
            ada.id(),
            ada.id(),
            Money.of(1, "EUR"),
            null,
            null,
            Map.of());
    Outcome<LedgerRecord> refused = Outcome.refused(Problem.of(problem, "no"));

    assertThat(new Decision(request, refused, null).isStored()).isEqualTo(stored);
  }
}
