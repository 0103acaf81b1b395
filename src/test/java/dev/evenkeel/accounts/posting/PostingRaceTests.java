package dev.evenkeel.accounts.posting;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.evenkeel.accounts.Account;
import dev.evenkeel.accounts.Accounts;
import dev.evenkeel.accounts.Batches;
import dev.evenkeel.accounts.Hold;
import dev.evenkeel.accounts.Holds;
import dev.evenkeel.accounts.Ledger;
import dev.evenkeel.accounts.LedgerRecord;
import dev.evenkeel.accounts.PostingRequest;
import dev.evenkeel.accounts.Transfer;
import dev.evenkeel.accounts.Transfers;
import dev.evenkeel.database.ConcurrentRequestException;
import dev.evenkeel.idempotency.Fingerprint;
import dev.evenkeel.idempotency.IdempotencyKey;
import dev.evenkeel.idempotency.Outcome;
import dev.evenkeel.money.Money;
import dev.evenkeel.problems.OutcomeUnknownException;
import dev.testing.LockHolder;
import dev.testing.PatientDatabase;
import dev.testing.TestDatabase;
import dev.testing.WholeApplication;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.UUID;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.transaction.support.TransactionTemplate;

/** Transactions that wait for each other: the second one sees what the first one did. */
@Tag("database")
@WholeApplication
@PatientDatabase
class PostingRaceTests {

  @Autowired Ledger ledger;
  @Autowired PostingWriter writer;
  @Autowired Transfers transfers;
  @Autowired Batches batches;
  @Autowired Accounts accounts;
  @Autowired Holds holds;
  @Autowired TransactionTemplate transaction;
  @Autowired TestDatabase database;

  ExecutorService second;
  Account ada;
  Account bob;
  Account eve;
  Account dan;

  @BeforeEach
  void openAccounts() {
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
  void replaysADuplicate() throws Exception {
    PostingRequest posting = transfer("same", ada, bob, 10);

    Outcome<LedgerRecord> outcome = afterWaitingFor(posting, () -> post(posting)).get();

    assertThat(outcome).isInstanceOf(Outcome.Replayed.class);
    assertThat(posted(bob)).isEqualTo(10);
  }

  @Test
  void spendsOnlyWhatIsLeft() throws Exception {
    Outcome<LedgerRecord> outcome =
        afterWaitingFor(transfer("one", ada, bob, 60), () -> post(transfer("two", ada, bob, 60)))
            .get();

    assertThat(outcome).isInstanceOf(Outcome.Refused.class);
    assertThat(((Outcome.Refused<LedgerRecord>) outcome).problem().properties())
        .containsEntry("available", 40L);
    assertThat(posted(bob)).isEqualTo(60);
  }

  @Test
  void continuesTheSequence() throws Exception {
    Outcome<LedgerRecord> outcome =
        afterWaitingFor(transfer("one", ada, bob, 60), () -> post(transfer("two", eve, bob, 5)))
            .get();

    assertThat(
            ((Transfer) ((Outcome.Done<LedgerRecord>) outcome).result())
                .entries()
                .getLast()
                .customer())
        .extracting("sequence", "balanceAfter")
        .containsExactly(2L, 65L);
  }

  @Test
  void postsOppositeTransfersWithoutDeadlock() throws Exception {
    Outcome<LedgerRecord> outcome =
        afterWaitingFor(transfer("one", ada, bob, 60), () -> post(transfer("two", bob, ada, 160)))
            .get();

    assertThat(outcome).isInstanceOf(Outcome.Done.class);
    assertThat(posted(ada)).isEqualTo(100);
  }

  /** A transaction that waits for an account holds the ones before it and none behind it. */
  @Test
  void locksAccountsInIdOrder() throws Exception {
    post(transfer("moves-its-row", ada, bob, 1));
    List<PostingRequest> all = List.of(transfer("one", dan, ada, 1), transfer("two", eve, bob, 1));
    Future<?> waiting;
    try (LockHolder holder = LockHolder.locking(database, eve)) {
      waiting = second.submit(() -> transaction.execute(_ -> ledger.post(all)));
      holder.awaitWaiting();

      assertThat(free(ada, bob, eve, dan)).containsExactly(dan.id().value());
    }
    waiting.get();
  }

  @ParameterizedTest
  @EnumSource(names = {"RELEASED", "EXPIRED"})
  void rejectsACaptureAfterTheEnd(Hold.Status how) throws Exception {
    Hold hold =
        (Hold) ((Outcome.Done<LedgerRecord>) post(RulesFixture.place(ada, bob, 50))).result();

    Outcome<LedgerRecord> outcome =
        afterWaitingFor(
                () -> writer.endHolds(List.of(hold.id()), how),
                () -> post(RulesFixture.capture(hold)))
            .get();

    assertThat(outcome).isInstanceOf(Outcome.Refused.class);
    assertThat(accounts.find(ada.id()).orElseThrow().balance().held()).isZero();
    assertThat(posted(bob)).isZero();
  }

  @Test
  void rejectsAReleaseAfterACapture() throws Exception {
    Hold hold =
        (Hold) ((Outcome.Done<LedgerRecord>) post(RulesFixture.place(ada, bob, 50))).result();

    Outcome<Hold> outcome =
        afterWaitingFor(
                () -> ledger.post(List.of(RulesFixture.capture(hold))),
                () -> holds.release(hold.id()))
            .get();

    assertThat(outcome).isInstanceOf(Outcome.Refused.class);
    assertThat(holds.find(hold.id()).orElseThrow().status()).isEqualTo(Hold.Status.CAPTURED);
    assertThat(posted(bob)).isEqualTo(50);
  }

  @Test
  void doesNotExpireWhatWasCaptured() throws Exception {
    Hold hold =
        (Hold) ((Outcome.Done<LedgerRecord>) post(RulesFixture.place(ada, bob, 50))).result();

    Outcome<List<Hold>> expired =
        this.<List<Hold>>afterWaitingFor(
                () -> ledger.post(List.of(RulesFixture.capture(hold))),
                () -> new Outcome.Done<>(expire(hold)))
            .get();

    assertThat(expired).isEqualTo(new Outcome.Done<>(List.of()));
    assertThat(holds.find(hold.id()).orElseThrow().status()).isEqualTo(Hold.Status.CAPTURED);
    assertThat(accounts.find(ada.id()).orElseThrow().balance().held()).isZero();
  }

  private List<Hold> expire(Hold hold) {
    return Objects.requireNonNull(
        transaction.execute(_ -> writer.endHolds(List.of(hold.id()), Hold.Status.EXPIRED)));
  }

  @Test
  void rejectsClosingAfterACredit() throws Exception {
    Outcome<Account> outcome =
        afterWaitingFor(
                () -> ledger.post(List.of(transfer("in", ada, bob, 10))),
                () -> accounts.close(bob.id()))
            .get();

    assertThat(outcome).isInstanceOf(Outcome.Refused.class);
  }

  @Test
  void insertsKeysInOrder() throws Exception {
    List<PostingRequest> oneWay = List.of(transfer("a", ada, bob, 1), transfer("b", ada, bob, 1));
    List<PostingRequest> theOther = List.of(transfer("b", eve, dan, 1), transfer("a", eve, dan, 1));
    Future<?> first;
    Future<?> behind;
    try (LockHolder holder = LockHolder.usingKey(database, oneWay.getLast().key())) {
      first = second.submit(() -> transaction.execute(_ -> ledger.post(oneWay)));
      holder.awaitWaiting();
      behind = second.submit(() -> transaction.execute(_ -> ledger.post(theOther)));
      await().until(() -> waiting() == 2);

      assertThat(holder.waiting()).as("waiting transactions").hasSize(1);
    }
    first.get();
    assertThatThrownBy(behind::get).hasCauseInstanceOf(ConcurrentRequestException.class);
  }

  @Test
  void failsIfTheKeyWasTakenMeanwhile() {
    Future<Outcome<LedgerRecord>> overtaken =
        afterWaitingFor(transfer("same", ada, bob, 10), () -> post(transfer("same", eve, dan, 10)));

    assertThatThrownBy(overtaken::get)
        .isInstanceOf(ExecutionException.class)
        .hasCauseInstanceOf(ConcurrentRequestException.class);
    assertThat(posted(dan)).isZero();
  }

  @Test
  void retriesIfTheKeyWasTakenMeanwhile() throws Exception {
    Outcome<LedgerRecord> outcome =
        afterWaitingFor(
                transfer("same", ada, bob, 10),
                () ->
                    transfers.submit(transfer("same", eve, dan, 10)).map(LedgerRecord.class::cast))
            .get();

    assertThat(outcome).isEqualTo(Outcome.keyReused());
    assertThat(posted(dan)).isZero();
  }

  /** A caller must not be able to delay an account that it may not use. */
  @Test
  void locksNoForeignAccounts() {
    Account mallory = PostingFixture.opened(accounts, "mallory", 0);
    PostingRequest foreign =
        new PostingRequest.Transfer(
            PostingRequest.Operation.TRANSFER.key(
                "mallory", new IdempotencyKey(UUID.randomUUID().toString())),
            Fingerprint.of("any"),
            ada.id(),
            mallory.id(),
            Money.of(1, "EUR"),
            null,
            null,
            Map.of());

    Outcome<LedgerRecord> outcome =
        transaction.execute(_ -> {
          ledger.post(List.of(transfer("one", ada, bob, 60)));
          return waitFor(second.submit(() -> post(foreign)));
        });

    assertThat(outcome).isInstanceOf(Outcome.Refused.class);
  }

  /** Batches that wait for a lock must leave the other connections to other requests. */
  @Test
  void limitsConcurrentBatches() throws Exception {
    List<Future<Outcome<Batches.Batch>>> answers = new ArrayList<>();
    try (var _ = LockHolder.lockingAllTransfers(database)) {
      for (String key : List.of("one", "two", "three", "four")) {
        answers.add(second.submit(() -> batches.submit(batch(key, transfer(key, ada, bob, 1)))));
      }
      await().until(() -> waiting() == 2);
      await().during(Duration.ofMillis(100)).until(() -> waiting() <= 2);
    }
    for (Future<Outcome<Batches.Batch>> answer : answers) {
      assertThat(answer.get()).isInstanceOf(Outcome.Done.class);
    }
  }

  @Test
  void locksNothingWhileABatchWaits() throws Exception {
    List<Future<Outcome<Batches.Batch>>> stuck = new ArrayList<>();
    try (var adas = LockHolder.locking(database, ada)) {
      for (String key : List.of("one", "two", "three")) {
        stuck.add(
            second.submit(() ->
                batches.submit(
                    batch(key, transfer(key, eve, dan, 1), transfer(key, ada, bob, 1)))));
      }
      adas.awaitWaiting();

      Future<Outcome<Batches.Batch>> other =
          second.submit(() -> batches.submit(batch("other", transfer("other", eve, dan, 1))));
      assertThat(waitFor(other)).isInstanceOf(Outcome.Done.class);
      await().until(() -> waiting() == 0 && free(bob, eve, dan).size() == 3);
      assertThat(stuck).noneMatch(Future::isDone);
    }
    for (Future<Outcome<Batches.Batch>> answer : stuck) {
      assertThat(answer.get()).isInstanceOf(Outcome.Done.class);
    }
    assertThat(posted(dan)).isEqualTo(4);
  }

  @Test
  void rejectsABatchThatWaitsTooLong() throws Exception {
    try (var _ = LockHolder.locking(database, ada)) {
      Future<Outcome<Batches.Batch>> late =
          second.submit(() -> batches.submit(batch("late", transfer("late", ada, bob, 1))));

      assertThatThrownBy(late::get).hasCauseInstanceOf(OutcomeUnknownException.class);
    }
    assertThat(posted(bob)).isZero();
  }

  private static <T> T waitFor(Future<T> future) {
    await().atMost(Duration.ofSeconds(5)).until(future::isDone);
    return future.resultNow();
  }

  /** Commits the first transaction once the second one waits for it. */
  private Future<Outcome<LedgerRecord>> afterWaitingFor(
      PostingRequest first, Callable<Outcome<LedgerRecord>> then) {
    return afterWaitingFor(() -> ledger.post(List.of(first)), then);
  }

  private <T> Future<Outcome<T>> afterWaitingFor(Runnable first, Callable<Outcome<T>> then) {
    return Objects.requireNonNull(
        transaction.execute(_ -> {
          first.run();
          Future<Outcome<T>> waiting = second.submit(then);
          await()
              .pollDelay(Duration.ZERO)
              .pollInterval(Duration.ofMillis(5))
              .atMost(Duration.ofSeconds(5))
              .until(() -> waiting.isDone() || waiting() > 0);
          assertThat(waiting).as("it waits").isNotDone();
          return waiting;
        }));
  }

  private int waiting() throws SQLException {
    try (Connection connection = database.asApplication();
        ResultSet row =
            connection
                .createStatement()
                .executeQuery(
                    """
                    select count(*) from pg_stat_activity
                    where datname = current_database() and wait_event_type = 'Lock'
                    """)) {
      row.next();
      return row.getInt(1);
    }
  }

  /** The accounts that no transaction has locked. */
  private List<UUID> free(Account... some) throws SQLException {
    List<UUID> free = new ArrayList<>();
    try (Connection connection = database.asOwner();
        PreparedStatement select =
            connection.prepareStatement(
                "select id from accounts.account where id = any(?) for update skip locked")) {
      Object[] ids = Stream.of(some).map(it -> it.id().value()).toArray();
      select.setArray(1, connection.createArrayOf("uuid", ids));
      try (ResultSet row = select.executeQuery()) {
        while (row.next()) {
          free.add(row.getObject("id", UUID.class));
        }
      }
    }
    return free;
  }

  private Outcome<LedgerRecord> post(PostingRequest posting) {
    return Objects.requireNonNull(transaction.execute(_ -> ledger.post(List.of(posting))))
        .getFirst();
  }

  private static PostingRequest.Transfer transfer(
      String key, Account from, Account to, long amount) {
    return PostingFixture.transfer(key, from, to.id(), amount);
  }

  private Batches.Request batch(String key, PostingRequest.Transfer... transfers) {
    return new Batches.Request(
        PostingRequest.Operation.BATCH.key(ada.owner(), new IdempotencyKey(key)),
        transfers[0].fingerprint(),
        false,
        List.of(transfers));
  }

  private long posted(Account account) {
    return accounts.find(account.id()).orElseThrow().posted();
  }
}
