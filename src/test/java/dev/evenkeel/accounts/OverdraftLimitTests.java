package dev.evenkeel.accounts;

import static org.assertj.core.api.Assertions.assertThat;

import dev.evenkeel.accounts.posting.AccountRepository;
import dev.evenkeel.accounts.posting.LedgerEvents;
import dev.evenkeel.database.Ids;
import dev.evenkeel.database.RetryingTransactions;
import dev.evenkeel.idempotency.Fingerprint;
import dev.evenkeel.idempotency.IdempotencyKey;
import dev.evenkeel.idempotency.IdempotentRequest;
import dev.evenkeel.idempotency.Outcome;
import dev.evenkeel.problems.Problem;
import dev.testing.WholeApplication;
import java.time.Duration;
import java.util.UUID;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.beans.factory.annotation.Autowired;

/** Overdraft limits of new accounts, where callers may set up to 100. */
@WholeApplication
class OverdraftLimitTests {

  @Autowired AccountRepository repository;
  @Autowired RetryingTransactions transactions;
  @Autowired LedgerEvents events;
  @Autowired ObjectProvider<CloseGuard> closeGuards;

  @ParameterizedTest(name = "{0}, by an operator: {1}")
  @CsvSource({"100, false, true", "101, false, false", "101, true, true"})
  void limitsOverdraftsOfCallers(long limit, boolean byOperator, boolean possible) {
    var settings = new AccountsSettings(100, Duration.ofHours(1));
    var accounts = new Accounts(repository, transactions, settings, events, closeGuards);
    String owner = "ada-" + UUID.randomUUID();
    var request = new IdempotentRequest(owner, new IdempotencyKey("key"), Fingerprint.of("any"));

    Outcome<Account> outcome =
        accounts.open(new Accounts.Opening(request, "Main", "EUR", limit, byOperator));

    assertThat(accounts.list(owner, new AccountId(Ids.LAST), 10)).hasSize(possible ? 1 : 0);
    if (outcome instanceof Outcome.Refused<Account>(Problem problem, _)) {
      assertThat(problem.type()).isEqualTo(LedgerProblem.OVERDRAFT_NOT_ALLOWED);
      assertThat(problem.type().status()).isEqualTo(403);
    }
  }
}
