package dev.evenkeel.notifications;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.evenkeel.accounts.AccountId;
import dev.evenkeel.accounts.TransferId;
import dev.evenkeel.accounts.TransfersPosted;
import dev.evenkeel.events.Outbox;
import dev.testing.TestDatabase;
import dev.testing.WholeApplication;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.transaction.PlatformTransactionManager;
import org.springframework.transaction.support.TransactionTemplate;

/** An event adds its notifications once, numbered without gaps. */
@Tag("database")
@WholeApplication
class FeedTests {

  private static final Duration LONG = Duration.ofSeconds(30);

  @Autowired Feed feed;
  @Autowired Notifications notifications;
  @Autowired Outbox outbox;
  @Autowired PlatformTransactionManager transactions;
  @Autowired JdbcClient jdbc;
  @Autowired TestDatabase database;

  final String ada = "ada-" + UUID.randomUUID();
  final String bob = "bob-" + UUID.randomUUID();

  private static TransfersPosted event(TransfersPosted.Posted... transfers) {
    return new TransfersPosted(
        UUID.randomUUID(), List.of(transfers), Instant.parse("2026-01-01T00:00:00Z"), null);
  }

  private static TransfersPosted.Posted transfer(String from, String to) {
    return new TransfersPosted.Posted(
        new TransferId(UUID.randomUUID()), party(from), party(to), 1, "EUR", null);
  }

  private static TransfersPosted.Party party(String owner) {
    return new TransfersPosted.Party(new AccountId(UUID.randomUUID()), owner, "Main");
  }

  private void inTransaction(Runnable work) {
    new TransactionTemplate(transactions).executeWithoutResult(_ -> work.run());
  }

  private void append(TransfersPosted... appended) {
    inTransaction(() -> append(List.of((Object[]) appended)));
  }

  private void append(List<Object> appended) {
    feed.append(appended.stream().flatMap(event -> NotificationData.of(event).stream()).toList());
  }

  private void publish(TransfersPosted... published) {
    inTransaction(() -> Stream.of(published).forEach(outbox::publish));
  }

  private static void concurrently(List<Runnable> tasks) throws Exception {
    try (var threads = Executors.newFixedThreadPool(6)) {
      for (Future<?> task : tasks.stream().map(threads::submit).toList()) {
        task.get();
      }
    }
  }

  private void assertSequences(long last, String... owners) {
    assertThat(owners)
        .allSatisfy(owner ->
            assertThat(notifications.feed(owner, null, Long.MAX_VALUE, 10_000).reversed())
                .extracting(Notification::sequence)
                .isEqualTo(LongStream.rangeClosed(1, last).boxed().toList()));
  }

  private long stored(TransfersPosted event) {
    return jdbc.sql("select count(*) from shared.outbox where event like ?")
        .param("%" + event.id() + "%")
        .query(Long.class)
        .single();
  }

  private void awaitProcessed(TransfersPosted event) {
    await().atMost(LONG).until(() -> stored(event) == 0);
  }

  private void asOwner(String sql) throws SQLException {
    try (Connection connection = database.asOwner();
        Statement statement = connection.createStatement()) {
      statement.execute(sql);
    }
  }

  /** The first appends insert the feeds' rows, the others find them. */
  @Test
  void oppositeOwnerOrderCausesNoDeadlock() throws Exception {
    concurrently(
        IntStream.range(0, 200)
            .<Runnable>mapToObj(
                i -> () -> append(event(i % 2 == 0 ? transfer(ada, bob) : transfer(bob, ada))))
            .toList());

    assertSequences(200, ada, bob);
  }

  @Test
  void keepsTheOrderOfAnEventsTransfers() {
    TransfersPosted.Posted[] transfers =
        Stream.generate(() -> transfer(ada, bob)).limit(100).toArray(TransfersPosted.Posted[]::new);

    append(event(transfers));

    assertThat(notifications.feed(ada, null, Long.MAX_VALUE, 100).reversed())
        .extracting(notification -> notification.subject().id())
        .containsExactlyElementsOf(Stream.of(transfers).map(it -> it.transfer().value()).toList());
  }

  @Test
  void equalEventsWithDifferentIdsAreTwo() {
    TransfersPosted one = event(transfer(ada, bob));
    TransfersPosted other = new TransfersPosted(UUID.randomUUID(), one.transfers(), one.at(), null);

    publish(one, other);

    awaitProcessed(one);
    awaitProcessed(other);
    assertSequences(2, ada);
  }

  @Test
  void rolledBackEventIsNotStored() {
    TransfersPosted event = event(transfer(ada, bob));
    new TransactionTemplate(transactions)
        .executeWithoutResult(transaction -> {
          outbox.publish(event);
          transaction.setRollbackOnly();
        });
    assertThat(stored(event)).isZero();

    TransfersPosted next = event(transfer(ada, bob));
    publish(next);
    awaitProcessed(next);
    assertSequences(1, ada);
  }

  @Test
  void blockedFeedDelaysNoCommit() throws Exception {
    List<TransfersPosted> published =
        Stream.generate(() -> event(transfer(ada, bob))).limit(60).toList();
    try (Connection owner = database.asOwner();
        Statement lock = owner.createStatement()) {
      owner.setAutoCommit(false);
      lock.execute("lock table notifications.feed in access exclusive mode");

      long start = System.nanoTime();
      published.forEach(this::publish);
      assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(Duration.ofSeconds(5));
      assertThat(stored(published.getLast())).isEqualTo(1);
    }
    published.forEach(this::awaitProcessed);
    assertSequences(60, ada);
  }

  @Test
  void failedEventIsProcessedAgain() throws Exception {
    TransfersPosted event = event(transfer(ada, bob));
    asOwner("revoke insert on notifications.notification from evenkeel");
    try {
      publish(event);
      await().atMost(LONG).until(() -> isFailed(event));
      assertSequences(0, ada);
    } finally {
      asOwner("grant insert on notifications.notification to evenkeel");
    }

    awaitProcessed(event);
    assertSequences(1, ada, bob);
  }

  private boolean isFailed(TransfersPosted event) {
    return jdbc.sql(
            """
            select count(*) = 1 from shared.outbox
            where last_error is not null and event like ?
            """)
        .param("%" + event.id() + "%")
        .query(Boolean.class)
        .single();
  }
}
