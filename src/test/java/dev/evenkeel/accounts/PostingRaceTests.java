package dev.evenkeel.accounts;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.evenkeel.money.Money;
import dev.evenkeel.platform.Fingerprint;
import dev.evenkeel.platform.IdempotencyKey;
import dev.evenkeel.platform.Outcome;
import dev.evenkeel.platform.RetryingTransactions.OvertakenException;
import dev.testing.TestDatabase;
import dev.testing.WholeApplication;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.UUID;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.transaction.support.TransactionTemplate;

/** Two transactions of which one waits for the other: it sees what the other did. */
@Tag("database")
@WholeApplication
class PostingRaceTests {

  @Autowired Ledger ledger;
  @Autowired Transfers transfers;
  @Autowired Accounts accounts;
  @Autowired TransactionTemplate transaction;
  @Autowired TestDatabase database;

  ExecutorService second;
  Account ada;
  Account bob;
  Account eve;
  Account dan;

  @BeforeEach
  void accounts() {
    second = Executors.newVirtualThreadPerTaskExecutor();
    String owner = "ada-" + UUID.randomUUID();
    ada = PostingFixture.opened(accounts, owner, 100);
    bob = PostingFixture.opened(accounts, owner, 100);
    eve = PostingFixture.opened(accounts, owner, 100);
    dan = PostingFixture.opened(accounts, owner, 100);
  }

  @AfterEach
  void end() {
    second.close();
  }

  @Test
  void theSecondWithTheSameKeyIsAReplay() throws Exception {
    Posting posting = transfer("same", ada, bob, 10);

    Outcome<Posted> outcome = whoWaitedFor(posting, () -> post(posting)).get();

    assertThat(outcome).isInstanceOf(Outcome.Replayed.class);
    assertThat(posted(bob)).isEqualTo(10);
  }

  @Test
  void theSecondSpendsOnlyWhatTheFirstLeft() throws Exception {
    Outcome<Posted> outcome =
        whoWaitedFor(transfer("one", ada, bob, 60), () -> post(transfer("two", ada, bob, 60)))
            .get();

    assertThat(outcome).isInstanceOf(Outcome.Refused.class);
    assertThat(((Outcome.Refused<Posted>) outcome).problem().properties())
        .containsEntry("available", 40L);
    assertThat(posted(bob)).isEqualTo(60);
  }

  @Test
  void theSecondContinuesTheFirstsSequence() throws Exception {
    Outcome<Posted> outcome =
        whoWaitedFor(transfer("one", ada, bob, 60), () -> post(transfer("two", eve, bob, 5))).get();

    assertThat(((Transfer) ((Outcome.Done<Posted>) outcome).result()).legs().getLast().customer())
        .extracting("sequence", "balanceAfter")
        .containsExactly(2L, 65L);
  }

  @Test
  void oppositeDirectionsWaitInsteadOfDeadlocking() throws Exception {
    Outcome<Posted> outcome =
        whoWaitedFor(transfer("one", ada, bob, 60), () -> post(transfer("two", bob, ada, 160)))
            .get();

    assertThat(outcome).isInstanceOf(Outcome.Done.class);
    assertThat(posted(ada)).isEqualTo(100);
  }

  @Test
  void whoIsOvertakenOnOtherAccountsRunsAgain() {
    Future<Outcome<Posted>> overtaken =
        whoWaitedFor(transfer("same", ada, bob, 10), () -> post(transfer("same", eve, dan, 10)));

    assertThatThrownBy(overtaken::get)
        .isInstanceOf(ExecutionException.class)
        .hasCauseInstanceOf(OvertakenException.class);
    assertThat(posted(dan)).isZero();
  }

  @Test
  void aTransferThatIsOvertakenSeesWhoTookItsKey() throws Exception {
    Outcome<Posted> outcome =
        whoWaitedFor(
                transfer("same", ada, bob, 10),
                () -> transfers.submit(transfer("same", eve, dan, 10)).map(Posted.class::cast))
            .get();

    assertThat(outcome).isEqualTo(Outcome.keyReused());
    assertThat(posted(dan)).isZero();
  }

  /** A refused caller must not be able to hold up an account that it may not use. */
  @Test
  void whoMayNotUseAnAccountDoesNotWaitForIt() {
    Account mallory = PostingFixture.opened(accounts, "mallory", 0);
    Posting foreign =
        new Posting.Transfer(
            Posting.Operation.TRANSFER.key(
                "mallory", new IdempotencyKey(UUID.randomUUID().toString())),
            Fingerprint.of("any"),
            ada.id(),
            mallory.id(),
            Money.of(1, "EUR"),
            null,
            null,
            Map.of());

    Outcome<Posted> outcome =
        transaction.execute(_ -> {
          ledger.post(List.of(transfer("one", ada, bob, 60)));
          return waitFor(second.submit(() -> post(foreign)));
        });

    assertThat(outcome).isInstanceOf(Outcome.Refused.class);
  }

  private static <T> T waitFor(Future<T> future) {
    await().atMost(Duration.ofSeconds(5)).until(future::isDone);
    return future.resultNow();
  }

  /** The first commits as soon as the second waits for it. */
  private Future<Outcome<Posted>> whoWaitedFor(Posting first, Callable<Outcome<Posted>> then) {
    return Objects.requireNonNull(
        transaction.execute(_ -> {
          ledger.post(List.of(first));
          Future<Outcome<Posted>> waiting = second.submit(then);
          await()
              .pollDelay(Duration.ZERO)
              .pollInterval(Duration.ofMillis(5))
              .atMost(Duration.ofSeconds(5))
              .until(() -> waiting.isDone() || someoneWaits());
          assertThat(waiting).as("it waits").isNotDone();
          return waiting;
        }));
  }

  private boolean someoneWaits() throws SQLException {
    try (Connection connection = database.asApplication();
        ResultSet row =
            connection
                .createStatement()
                .executeQuery(
                    """
                    select from pg_stat_activity
                    where datname = current_database() and wait_event_type = 'Lock'
                    """)) {
      return row.next();
    }
  }

  private Outcome<Posted> post(Posting posting) {
    return Objects.requireNonNull(transaction.execute(_ -> ledger.post(List.of(posting))))
        .getFirst();
  }

  private static Posting.Transfer transfer(String key, Account from, Account to, long amount) {
    return PostingFixture.transfer(key, from, to.id(), amount);
  }

  private long posted(Account account) {
    return accounts.find(account.id()).orElseThrow().posted();
  }
}
