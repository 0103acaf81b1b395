package dev.evenkeel.accounts;

import static org.assertj.core.api.Assertions.assertThat;

import dev.evenkeel.accounts.posting.LedgerEvents;
import dev.evenkeel.database.RetryingTransactions;
import dev.evenkeel.idempotency.Fingerprint;
import dev.evenkeel.idempotency.IdempotencyKey;
import dev.evenkeel.idempotency.IdempotentRequest;
import dev.evenkeel.idempotency.Outcome;
import dev.testing.WholeApplication;
import java.time.Duration;
import java.util.UUID;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.jdbc.core.simple.JdbcClient;

/** Who may give an account which overdraft limit, where the installation allows 100. */
@WholeApplication
class OverdraftLimitTests {

  @Autowired JdbcClient jdbc;
  @Autowired RetryingTransactions transactions;
  @Autowired LedgerEvents announcements;

  Accounts accounts;
  String owner;

  @BeforeEach
  void limited() {
    accounts =
        new Accounts(
            jdbc, transactions, new AccountsSettings(100, Duration.ofHours(1)), announcements);
    owner = "ada-" + UUID.randomUUID();
  }

  @Test
  void callersGiveWhatIsAllowed() {
    assertThat(accounts.open(opening(100, false))).isInstanceOf(Outcome.Done.class);
  }

  @Test
  void callersGiveNoMore() {
    var outcome = (Outcome.Refused<Account>) accounts.open(opening(101, false));

    assertThat(outcome.problem().type()).isEqualTo(LedgerProblem.OVERDRAFT_NOT_ALLOWED);
    assertThat(outcome.problem().type().status()).isEqualTo(403);
    assertThat(
            jdbc.sql("select count(*) from accounts.account where owner = ?")
                .param(owner)
                .query(Long.class)
                .single())
        .isZero();
  }

  @Test
  void operatorsGiveAny() {
    assertThat(accounts.open(opening(101, true))).isInstanceOf(Outcome.Done.class);
  }

  private Accounts.Opening opening(long limit, boolean byOperator) {
    return new Accounts.Opening(
        new IdempotentRequest(
            owner, new IdempotencyKey(UUID.randomUUID().toString()), Fingerprint.of("any")),
        "Main",
        "EUR",
        limit,
        byOperator);
  }
}
