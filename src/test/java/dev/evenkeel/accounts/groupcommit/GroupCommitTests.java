package dev.evenkeel.accounts.groupcommit;

import static dev.evenkeel.accounts.groupcommit.GroupCommitFixture.LONG;
import static dev.evenkeel.accounts.groupcommit.GroupCommitFixture.answer;
import static dev.evenkeel.accounts.groupcommit.GroupCommitFixture.kind;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.evenkeel.accounts.Account;
import dev.evenkeel.accounts.Accounts;
import dev.evenkeel.accounts.Ledger;
import dev.evenkeel.accounts.LedgerRecord;
import dev.evenkeel.accounts.PostingRequest;
import dev.evenkeel.accounts.Transfer;
import dev.evenkeel.accounts.posting.PostingFixture;
import dev.evenkeel.idempotency.Outcome;
import dev.evenkeel.problems.BusyException;
import dev.evenkeel.problems.OutcomeUnknownException;
import dev.testing.LockHolder;
import dev.testing.PatientDatabase;
import dev.testing.TestDatabase;
import dev.testing.WholeApplication;
import io.micrometer.observation.Observation;
import io.micrometer.observation.ObservationRegistry;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.boot.availability.AvailabilityChangeEvent;
import org.springframework.boot.availability.LivenessState;
import org.springframework.context.ApplicationContext;
import org.springframework.dao.DataAccessException;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.transaction.support.TransactionTemplate;

/** Requests that share a transaction do not affect each other. */
@Tag("database")
@WholeApplication
@PatientDatabase
class GroupCommitTests {

  @Autowired ApplicationContext application;
  @Autowired Accounts accounts;
  @Autowired Ledger ledger;
  @Autowired TransactionTemplate transaction;
  @Autowired TestDatabase database;
  @Autowired JdbcClient jdbc;

  final String owner = "ada-" + UUID.randomUUID();
  Account ada;
  Account bob;
  Account eve;
  Account dan;

  @BeforeEach
  void openAccounts() {
    ada = opened(1_000_000);
    bob = opened(1000);
    eve = opened(1000);
    dan = opened(1000);
  }

  @Test
  void sharesTransactions() throws Exception {
    Account poor = opened(0);
    List<Future<Outcome<LedgerRecord>>> payable = new ArrayList<>();
    List<Future<Outcome<LedgerRecord>>> unpayable = new ArrayList<>();
    try (var group = new GroupCommitFixture(application)) {
      Future<Outcome<LedgerRecord>> first;
      try (var _ = LockHolder.lockingAllTransfers(database)) {
        first = group.taken(transfer(ada, bob, 100));
        for (int i = 1; i <= 20; i++) {
          payable.add(group.queued(transfer(ada, bob, i)));
          unpayable.add(group.queued(transfer(poor, bob, i)));
        }
      }

      assertThat(kind(first)).isEqualTo("Done");
      for (int i = 1; i <= 20; i++) {
        assertThat(done(payable.get(i - 1)).amount()).isEqualTo(i);
        assertThat(kind(unpayable.get(i - 1))).isEqualTo("Refused");
      }
      assertThat(group.batches()).isEqualTo(2);
    }
    assertThat(transactions()).as("transactions for 41 postings").isEqualTo(2);
    assertThat(now(bob).posted()).isEqualTo(100 + 210);
    assertThat(now(bob).sequence()).isEqualTo(21);
  }

  @Test
  void separatesDuplicates() throws Exception {
    PostingRequest posting = transfer("same", ada, bob, 10);
    PostingRequest another = transfer("same", ada, bob, 20);
    try (var group = new GroupCommitFixture(application)) {
      Future<Outcome<LedgerRecord>> one;
      Future<Outcome<LedgerRecord>> two;
      Future<Outcome<LedgerRecord>> three;
      try (var _ = LockHolder.lockingAllTransfers(database)) {
        group.taken(transfer(ada, bob, 1));
        one = group.queued(posting);
        two = group.submit(posting);
        three = group.submit(another);
      }

      assertThat(kind(one)).isEqualTo("Done");
      assertThat(answer(two)).isEqualTo(new Outcome.Replayed<>(done(one)));
      assertThat(answer(three)).isEqualTo(Outcome.keyReused());
    }
    assertThat(now(bob).posted()).isEqualTo(11);
  }

  @Test
  void queuesNoDuplicates() throws Exception {
    PostingRequest posting = transfer("same", ada, bob, 10);
    List<Future<Outcome<LedgerRecord>>> duplicates = new ArrayList<>();
    try (var group = new GroupCommitFixture(application, 2, LONG)) {
      Future<Outcome<LedgerRecord>> first;
      Future<Outcome<LedgerRecord>> other;
      try (var _ = LockHolder.lockingAllTransfers(database)) {
        group.taken(transfer(ada, bob, 1));
        first = group.queued(posting);
        for (int i = 0; i < 50; i++) {
          duplicates.add(group.submit(posting));
        }
        other = group.queued(transfer(ada, bob, 100));
      }

      assertThat(kind(other)).isEqualTo("Done");
      for (Future<Outcome<LedgerRecord>> duplicate : duplicates) {
        assertThat(answer(duplicate)).isEqualTo(new Outcome.Replayed<>(done(first)));
      }
      assertThat(group.batches()).isEqualTo(2);
    }
    assertThat(now(bob).posted()).isEqualTo(111);
  }

  @Test
  void keepsItsLanesAfterAFailure() throws Exception {
    AtomicReference<@Nullable Error> failure = new AtomicReference<>(new LinkageError("planted"));
    try (var group = failing(failure)) {
      assertThatThrownBy(() -> answer(group.submit(transfer(ada, bob, 1))))
          .rootCause()
          .hasMessage("planted");

      failure.set(null);
      assertThat(kind(group.submit(transfer(ada, bob, 2)))).isEqualTo("Done");
      assertThat(group.events).isEmpty();
    }
    assertThat(now(bob).posted()).isEqualTo(2);
  }

  @Test
  void reportsALaneThatEnds() throws Exception {
    AtomicReference<@Nullable Error> failure = new AtomicReference<>(new InternalError("planted"));
    try (var group = failing(failure)) {
      assertThatThrownBy(() -> answer(group.submit(transfer(ada, bob, 1))))
          .rootCause()
          .hasMessage("planted");

      await().until(() -> !group.events.isEmpty());
      assertThat(group.events)
          .singleElement()
          .extracting(event -> ((AvailabilityChangeEvent<?>) event).getState())
          .isEqualTo(LivenessState.BROKEN);
    }
  }

  private GroupCommitFixture failing(AtomicReference<@Nullable Error> failure) {
    ObservationRegistry observations = ObservationRegistry.create();
    observations
        .observationConfig()
        .observationHandler((Observation.Context context) -> {
          Error planted = failure.get();
          if (planted != null) {
            throw planted;
          }
          return true;
        });
    return new GroupCommitFixture(application, 100, LONG, observations);
  }

  @Test
  void rejectsRequestsOnceTheQueueIsFull() throws Exception {
    try (var group = new GroupCommitFixture(application, 2, LONG)) {
      Future<Outcome<LedgerRecord>> one;
      Future<Outcome<LedgerRecord>> two;
      try (var _ = LockHolder.lockingAllTransfers(database)) {
        group.taken(transfer(ada, bob, 1));
        one = group.queued(transfer(ada, bob, 10));
        two = group.queued(transfer(ada, bob, 10));
        Future<Outcome<LedgerRecord>> tooMany = group.submit(transfer(ada, bob, 100));

        await().atMost(LONG.dividedBy(2)).until(tooMany::isDone);
        assertBusy(tooMany);
      }

      assertThat(kind(one)).isEqualTo("Done");
      assertThat(kind(two)).isEqualTo("Done");
    }
    assertThat(now(bob).posted()).isEqualTo(21);
  }

  @Test
  void withdrawsRequestsThatWaitTooLong() throws Exception {
    PostingRequest late = transfer(ada, bob, 100);
    try (var group = new GroupCommitFixture(application, 100, Duration.ofMillis(200))) {
      Future<Outcome<LedgerRecord>> taken;
      try (var _ = LockHolder.lockingAllTransfers(database)) {
        taken = group.taken(transfer(ada, bob, 1));

        assertBusy(group.queued(late));
        assertThat(group.queue()).as("queue").isZero();
        assertThat(taken).as("request in a batch").isNotDone();
      }
      assertThat(kind(taken)).isEqualTo("Done");
    }
    assertThat(now(bob).posted()).isEqualTo(1);
    assertThat(stored()).doesNotContain(late.key().value());
  }

  @Test
  void withdrawsRequestsThatNeedAStuckAccount() throws Exception {
    PostingRequest late = transfer(eve, dan, 100);
    try (var group = new GroupCommitFixture(application, 100, Duration.ofMillis(200));
        var eves = LockHolder.locking(database, eve)) {
      Future<Outcome<LedgerRecord>> answer = group.submit(late);
      eves.awaitWaiting();

      // A request with its key may hold the lock, on another instance
      assertThatThrownBy(() -> answer(answer)).hasCauseInstanceOf(OutcomeUnknownException.class);
    }
    assertThat(now(dan).posted()).isZero();
    assertThat(stored()).doesNotContain(late.key().value());
  }

  @Test
  void skipsLockedAccounts() throws Exception {
    try (var group = new GroupCommitFixture(application)) {
      List<Future<Outcome<LedgerRecord>>> stuck = new ArrayList<>();
      try (var adas = LockHolder.locking(database, ada)) {
        stuck.add(group.submit(transfer(ada, bob, 1)));
        adas.awaitWaiting();
        stuck.add(group.submit(transfer(bob, ada, 2)));
        stuck.add(group.submit(transfer(ada, bob, 4)));

        for (int i = 0; i < 10; i++) {
          assertThat(kind(group.submit(transfer(eve, dan, 10)))).isEqualTo("Done");
        }
        assertThat(stuck).noneMatch(Future::isDone);
        assertThat(adas.waiting()).as("waiting connections").hasSizeLessThan(2);
      }
      for (Future<Outcome<LedgerRecord>> answer : stuck) {
        assertThat(kind(answer)).isEqualTo("Done");
      }
    }
    assertThat(now(dan).posted()).isEqualTo(100);
    assertThat(now(ada).posted()).isEqualTo(2 - 1 - 4);
  }

  /** The waiting lane must not hold the other account of a stuck request. */
  @Test
  void skipsRequestsThatShareAnAccount() throws Exception {
    for (Account shared : List.of(bob, opened(1000))) {
      Account stuckAccount = opened(1000);
      for (PostingRequest stuck :
          List.of(transfer(stuckAccount, shared, 1), transfer(bob, stuckAccount, 1))) {
        try (var group = new GroupCommitFixture(application)) {
          Future<Outcome<LedgerRecord>> answer;
          try (var holder = LockHolder.locking(database, stuckAccount)) {
            answer = group.submit(stuck);
            holder.awaitWaiting();

            assertThat(kind(group.submit(transfer(eve, shared, 1)))).isEqualTo("Done");
            assertThat(kind(group.submit(transfer(bob, eve, 1)))).isEqualTo("Done");
            assertThat(answer).isNotDone();
          }
          assertThat(kind(answer)).isEqualTo("Done");
        }
      }
    }
  }

  /** One account after the other, they would take a lock's timeout each. */
  @Test
  void waitsForManyStuckAccountsAtOnce() throws Exception {
    Account[] locked = IntStream.range(0, 40).mapToObj(_ -> opened(10)).toArray(Account[]::new);
    try (var group = new GroupCommitFixture(application);
        var elsewhere = LockHolder.locking(database, locked)) {
      List<Future<Outcome<LedgerRecord>>> stuck =
          Stream.of(locked).map(account -> group.submit(transfer(account, bob, 1))).toList();
      try (var eves = LockHolder.locking(database, eve)) {
        stuck = new ArrayList<>(stuck);
        stuck.add(group.submit(transfer(eve, dan, 1)));
        elsewhere.awaitWaiting();
        eves.letGo();

        assertThat(kind(stuck.removeLast())).isEqualTo("Done");
        assertThat(stuck).noneMatch(Future::isDone);
      }
      elsewhere.letGo();
      for (Future<Outcome<LedgerRecord>> answer : stuck) {
        assertThat(kind(answer)).isEqualTo("Done");
      }
    }
    assertThat(now(bob).posted()).isEqualTo(40);
  }

  @Test
  void waitsForStuckAccountsInTurn() throws Exception {
    try (var group = new GroupCommitFixture(application);
        var eves = LockHolder.locking(database, eve)) {
      Future<Outcome<LedgerRecord>> first;
      Future<Outcome<LedgerRecord>> second;
      try (var adas = LockHolder.locking(database, ada)) {
        first = group.submit(transfer(ada, bob, 1));
        adas.awaitWaiting();
        second = group.submit(transfer(eve, dan, 2));
        assertThat(kind(group.submit(transfer(bob, dan, 4)))).isEqualTo("Done");
      }

      assertThat(kind(first)).isEqualTo("Done");
      eves.awaitWaiting();
      assertThat(second).isNotDone();
      eves.letGo();
      assertThat(kind(second)).isEqualTo("Done");
    }
    assertThat(now(dan).posted()).isEqualTo(6);
  }

  @Test
  void failsPoisonousRequestsAlone() throws Exception {
    try (var group = new GroupCommitFixture(application)) {
      Future<Outcome<LedgerRecord>> before;
      Future<Outcome<LedgerRecord>> poison;
      Future<Outcome<LedgerRecord>> after;
      try (var _ = LockHolder.lockingAllTransfers(database)) {
        group.taken(transfer(ada, bob, 1));
        before = group.queued(transfer(ada, bob, 10));
        poison = group.queued(poison(ada, bob));
        after = group.queued(transfer(bob, ada, 5));
      }

      assertThat(kind(before)).isEqualTo("Done");
      assertThat(kind(after)).isEqualTo("Done");
      assertThatThrownBy(() -> answer(poison))
          .isInstanceOf(ExecutionException.class)
          .cause()
          .isInstanceOf(DataAccessException.class)
          .hasMessageContaining("0x00");
    }
    assertThat(now(bob).posted()).isEqualTo(6);
  }

  @Test
  void findsPoisonousRequestsInHalves() throws Exception {
    List<Future<Outcome<LedgerRecord>>> good = new ArrayList<>();
    try (var group = new GroupCommitFixture(application)) {
      try (var _ = LockHolder.lockingAllTransfers(database)) {
        group.taken(transfer(ada, bob, 1));
        group.queued(poison(ada, bob));
        for (int i = 0; i < 63; i++) {
          good.add(group.queued(transfer(ada, bob, 1)));
        }
      }
      for (Future<Outcome<LedgerRecord>> answer : good) {
        assertThat(kind(answer)).isEqualTo("Done");
      }
    }
    assertThat(transactions()).as("transactions, the first request's too").isEqualTo(1 + 6);
  }

  @Test
  void skipsLockedAccountsDespitePoison() throws Exception {
    try (var group = new GroupCommitFixture(application);
        var eves = LockHolder.locking(database, eve)) {
      Future<Outcome<LedgerRecord>> stuck;
      Future<Outcome<LedgerRecord>> other;
      try (var _ = LockHolder.lockingAllTransfers(database)) {
        group.taken(transfer(ada, bob, 1));
        group.queued(poison(ada, bob));
        stuck = group.queued(transfer(eve, dan, 1));
        other = group.queued(transfer(ada, bob, 10));
      }

      assertThat(kind(other)).isEqualTo("Done");
      assertThat(stuck).isNotDone();
      eves.letGo();
      assertThat(kind(stuck)).isEqualTo("Done");
    }
    assertThat(now(bob).posted()).isEqualTo(11);
    assertThat(now(dan).posted()).isEqualTo(1);
  }

  /** Another transaction takes a key after the batch has looked it up. */
  @Test
  void retriesTheBatchAfterAKeyConflict() throws Exception {
    PostingRequest.Transfer same = transfer("same", ada, bob, 10);
    PostingRequest elsewhere =
        new PostingRequest.Transfer(
            same.key(),
            same.fingerprint(),
            eve.id(),
            dan.id(),
            same.money(),
            null,
            null,
            same.metadata());
    PostingRequest before = transfer(ada, bob, 1);
    List<Future<Outcome<LedgerRecord>>> answers = new ArrayList<>();
    try (var group = new GroupCommitFixture(application)) {
      transaction.executeWithoutResult(_ -> {
        ledger.post(List.of(elsewhere));
        try (var holder = LockHolder.usingKey(database, before.key())) {
          group.taken(before);
          holder.awaitWaiting();
          answers.add(group.queued(transfer(ada, bob, 2)));
          answers.add(group.queued(same));
          answers.add(group.queued(transfer(ada, bob, 4)));
        } catch (SQLException e) {
          throw new IllegalStateException(e);
        }
        await()
            .pollInterval(Duration.ofMillis(5))
            .until(() -> group.batches() == 2 && isAnyoneWaiting());
      });

      assertThat(kind(answers.getFirst())).isEqualTo("Done");
      assertThat(kind(answers.getLast())).isEqualTo("Done");
      assertThat(answer(answers.get(1))).isInstanceOf(Outcome.Replayed.class);
    }
    assertThat(transactions()).as("transactions").isEqualTo(3);
    assertThat(now(bob).posted()).isEqualTo(7);
    assertThat(now(dan).posted()).isEqualTo(10);
  }

  @Test
  void postsAgainAfterALostConnection() throws Exception {
    try (var group = new GroupCommitFixture(application)) {
      Future<Outcome<LedgerRecord>> answer;
      try (var adas = LockHolder.locking(database, ada)) {
        answer = group.submit(transfer(ada, bob, 10));
        int process = adas.awaitWaiting();
        terminate(process);
        await()
            .pollInterval(Duration.ofMillis(5))
            .until(() ->
                answer.isDone() || adas.waiting().stream().anyMatch(other -> other != process));
      }
      assertThat(kind(answer)).isEqualTo("Done");
    }
    assertThat(now(bob).posted()).isEqualTo(10);
  }

  @Test
  void finishesTheQueueOnShutdown() throws Exception {
    try (var group = new GroupCommitFixture(application)) {
      PostingRequest late = transfer(ada, bob, 100);
      List<Future<Outcome<LedgerRecord>>> answers = new ArrayList<>();
      Thread shutdown;
      try (var _ = LockHolder.lockingAllTransfers(database)) {
        answers.add(group.taken(transfer(ada, bob, 1)));
        answers.add(group.queued(transfer(ada, bob, 2)));
        answers.add(group.queued(transfer(ada, bob, 4)));
        shutdown = shutDown(group);

        Future<Outcome<LedgerRecord>> refused = group.submit(late);
        await().atMost(LONG.dividedBy(2)).until(refused::isDone);
        assertBusy(refused);
        assertThat(answers).noneMatch(Future::isDone);
      }
      assertThat(shutdown.join(LONG)).as("it ends").isTrue();
      for (Future<Outcome<LedgerRecord>> answer : answers) {
        assertThat(kind(answer)).isEqualTo("Done");
      }
      assertThat(stored()).doesNotContain(late.key().value());
    }
    assertThat(now(bob).posted()).isEqualTo(7);
  }

  @Test
  void finishesTheWaitingLaneOnShutdown() throws Exception {
    try (var group = new GroupCommitFixture(application)) {
      List<Future<Outcome<LedgerRecord>>> answers = new ArrayList<>();
      Thread shutdown;
      try (var adas = LockHolder.locking(database, ada);
          var _ = LockHolder.locking(database, eve)) {
        answers.add(group.submit(transfer(ada, bob, 1)));
        adas.awaitWaiting();
        answers.add(group.submit(transfer(eve, dan, 2)));
        answers.add(group.submit(transfer(ada, bob, 4)));
        assertThat(kind(group.submit(transfer(bob, dan, 8)))).isEqualTo("Done");
        shutdown = shutDown(group);
      }
      assertThat(shutdown.join(LONG)).as("it ends").isTrue();
      for (Future<Outcome<LedgerRecord>> answer : answers) {
        assertThat(kind(answer)).isEqualTo("Done");
      }
    }
    assertThat(now(dan).posted()).isEqualTo(10);
  }

  @Test
  void answersCorrectlyDuringShutdown() throws Exception {
    Set<String> posted = ConcurrentHashMap.newKeySet();
    Set<String> refused = ConcurrentHashMap.newKeySet();
    AtomicBoolean end = new AtomicBoolean();
    try (var group = new GroupCommitFixture(application, 100, Duration.ofSeconds(1))) {
      List<Future<?>> callers = new ArrayList<>();
      for (int i = 0; i < 16; i++) {
        callers.add(
            group.callers.submit(() -> {
              while (!end.get()) {
                PostingRequest posting = transfer(ada, bob, 1);
                try {
                  group.ledger.submit(posting);
                  posted.add(posting.key().value());
                } catch (BusyException busy) {
                  refused.add(posting.key().value());
                }
              }
            }));
      }
      await().until(() -> posted.size() > 100);
      Thread shutdown = shutDown(group);
      await().until(() -> !refused.isEmpty());
      end.set(true);

      assertThat(shutdown.join(LONG)).as("it ends").isTrue();
      for (Future<?> caller : callers) {
        caller.get(LONG.toSeconds(), TimeUnit.SECONDS);
      }
    }
    assertThat(stored())
        .containsExactlyInAnyOrderElementsOf(posted)
        .doesNotContainAnyElementsOf(refused);
    assertThat(now(bob).posted()).isEqualTo(posted.size());
  }

  /** Starts the shutdown and returns once it waits for the lanes. */
  private static Thread shutDown(GroupCommitFixture group) {
    Thread shutdown =
        Thread.ofPlatform()
            .start(() -> {
              try {
                group.ledger.destroy();
              } catch (InterruptedException e) {
                throw new IllegalStateException(e);
              }
            });
    await()
        .pollInterval(Duration.ofMillis(1))
        .until(() ->
            shutdown.getState() == Thread.State.WAITING
                || shutdown.getState() == Thread.State.TERMINATED);
    return shutdown;
  }

  private Account opened(long overdraftLimit) {
    return PostingFixture.opened(accounts, owner, overdraftLimit);
  }

  private static PostingRequest.Transfer transfer(Account from, Account to, long amount) {
    return transfer(UUID.randomUUID().toString(), from, to, amount);
  }

  private static PostingRequest.Transfer transfer(
      String key, Account from, Account to, long amount) {
    return PostingFixture.transfer(key, from, to.id(), amount);
  }

  /** A request that the database rejects; only the HTTP layer checks texts before. */
  private static PostingRequest poison(Account from, Account to) {
    PostingRequest.Transfer good = transfer(from, to, 100);
    return new PostingRequest.Transfer(
        good.key(),
        good.fingerprint(),
        good.from(),
        good.to(),
        good.money(),
        "no text: \0",
        null,
        good.metadata());
  }

  private static Transfer done(Future<Outcome<LedgerRecord>> future) throws Exception {
    return (Transfer) ((Outcome.Done<LedgerRecord>) answer(future)).result();
  }

  private static void assertBusy(Future<Outcome<LedgerRecord>> future) {
    assertThatThrownBy(() -> answer(future)).hasCauseInstanceOf(BusyException.class);
  }

  private Account now(Account account) {
    return accounts.find(account.id()).orElseThrow();
  }

  private long transactions() {
    return jdbc.sql("select count(distinct xmin::text) from accounts.transfer where owner = ?")
        .param(owner)
        .query(Long.class)
        .single();
  }

  private List<String> stored() {
    return jdbc.sql("select idempotency_key from accounts.transfer where owner = ?")
        .param(owner)
        .query((row, _) -> row.getString("idempotency_key"))
        .list();
  }

  private boolean isAnyoneWaiting() {
    return jdbc.sql(
            """
            select exists (select from pg_stat_activity
                where datname = current_database() and wait_event_type = 'Lock')
            """)
        .query(Boolean.class)
        .single();
  }

  private void terminate(int process) {
    jdbc.sql("select pg_terminate_backend(?)").param(process).query(Boolean.class).single();
  }
}
