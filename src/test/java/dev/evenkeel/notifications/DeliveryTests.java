package dev.evenkeel.notifications;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.evenkeel.accounts.TransfersPosted;
import dev.testing.TestDatabase;
import dev.testing.WholeApplication;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.context.ApplicationEventPublisher;
import org.springframework.transaction.PlatformTransactionManager;
import org.springframework.transaction.support.TransactionTemplate;

/** However often and however an event is delivered: one notification, in an order without gaps. */
@Tag("database")
@WholeApplication
class DeliveryTests {

  private static final Duration LONG = Duration.ofSeconds(30);

  @Autowired Feed feed;
  @Autowired Notifications notifications;
  @Autowired ApplicationEventPublisher events;
  @Autowired PlatformTransactionManager transactions;
  @Autowired TestDatabase database;

  final String ada = "ada-" + UUID.randomUUID();
  final String bob = "bob-" + UUID.randomUUID();

  private static TransfersPosted.Party party(String owner) {
    return new TransfersPosted.Party(UUID.randomUUID(), owner, "Main");
  }

  private static TransfersPosted posted(TransfersPosted.Posted... transfers) {
    return new TransfersPosted(
        UUID.randomUUID(), List.of(transfers), Instant.parse("2026-01-01T00:00:00Z"), null);
  }

  private static TransfersPosted.Posted transfer(String from, String to) {
    return new TransfersPosted.Posted(UUID.randomUUID(), party(from), party(to), 1, "EUR", null);
  }

  private void inTransaction(Runnable work) {
    new TransactionTemplate(transactions).executeWithoutResult(_ -> work.run());
  }

  private void deliver(TransfersPosted event) {
    inTransaction(() -> feed.append(NotificationData.of(event)));
  }

  private void publish(TransfersPosted event) {
    inTransaction(() -> events.publishEvent(event));
  }

  private List<Long> sequences(String owner) {
    return notifications.feed(owner, null, Long.MAX_VALUE, 10_000).stream()
        .map(Notification::sequence)
        .sorted()
        .toList();
  }

  private static List<Long> upTo(long last) {
    return LongStream.rangeClosed(1, last).boxed().toList();
  }

  /** Publications of the event that are not done. */
  private long outstanding(TransfersPosted event) throws SQLException {
    try (Connection connection = database.asApplication();
        Statement query = connection.createStatement();
        ResultSet result =
            query.executeQuery(
                "select count(*) from shared.event_publication where serialized_event like '%%%s%%'"
                    .formatted(event.id()))) {
      result.next();
      return result.getLong(1);
    }
  }

  private void asOwner(String sql) throws SQLException {
    try (Connection connection = database.asOwner();
        Statement statement = connection.createStatement()) {
      statement.execute(sql);
    }
  }

  private static void allAtOnce(List<Runnable> deliveries) throws Exception {
    try (ExecutorService threads = Executors.newFixedThreadPool(6)) {
      List<Callable<Object>> calls = new ArrayList<>();
      deliveries.forEach(delivery -> calls.add(Executors.callable(delivery)));
      for (Future<Object> done : threads.invokeAll(calls)) {
        done.get();
      }
    }
  }

  @Test
  void anEventThatIsDeliveredAgainTellsNothingAndTakesNoNumber() {
    TransfersPosted event = posted(transfer(ada, bob));

    deliver(event);
    deliver(event);
    deliver(posted(transfer(ada, bob)));

    assertThat(sequences(ada)).isEqualTo(upTo(2));
    assertThat(sequences(bob)).isEqualTo(upTo(2));
  }

  @Test
  void anEventOfWhichSomethingWasToldTellsTheRest() {
    TransfersPosted.Posted first = transfer(ada, ada);
    TransfersPosted half = posted(first);
    TransfersPosted whole =
        new TransfersPosted(half.id(), List.of(first, transfer(ada, ada)), half.at(), null);

    deliver(half);
    deliver(whole);

    assertThat(sequences(ada)).isEqualTo(upTo(4));
  }

  @Test
  void theSameEventDeliveredBySeveralAtOnceIsToldOnce() throws Exception {
    List<TransfersPosted> all =
        IntStream.range(0, 20).mapToObj(_ -> posted(transfer(ada, bob))).toList();

    allAtOnce(
        all.stream()
            .flatMap(event -> Stream.<Runnable>generate(() -> () -> deliver(event)).limit(4))
            .toList());

    assertThat(sequences(ada)).isEqualTo(upTo(20));
    assertThat(sequences(bob)).isEqualTo(upTo(20));
  }

  @Test
  void ownersInOppositeOrderNeitherDeadlockNorLeaveGaps() throws Exception {
    // The first deliveries make the feeds' rows, the others find them.
    allAtOnce(
        IntStream.range(0, 200)
            .<Runnable>mapToObj(i ->
                () -> deliver(i % 2 == 0 ? posted(transfer(ada, bob)) : posted(transfer(bob, ada))))
            .toList());

    assertThat(sequences(ada)).isEqualTo(upTo(200));
    assertThat(sequences(bob)).isEqualTo(upTo(200));
  }

  @Test
  void aBatchIsToldInItsOrder() {
    TransfersPosted.Posted[] batch =
        Stream.generate(() -> transfer(ada, bob)).limit(100).toArray(TransfersPosted.Posted[]::new);

    deliver(posted(batch));

    assertThat(notifications.feed(ada, null, Long.MAX_VALUE, 100).reversed())
        .extracting(told -> told.subject().id())
        .containsExactlyElementsOf(Stream.of(batch).map(TransfersPosted.Posted::transfer).toList());
  }

  @Test
  void twoEventsThatTellTheSameAreTwo() {
    TransfersPosted one = posted(transfer(ada, bob));
    TransfersPosted other =
        new TransfersPosted(UUID.randomUUID(), one.transfers(), one.at(), one.traceparent());

    inTransaction(() -> {
      events.publishEvent(one);
      events.publishEvent(other);
    });

    await().atMost(LONG).untilAsserted(() -> assertThat(sequences(ada)).isEqualTo(upTo(2)));
    await().atMost(LONG).until(() -> outstanding(one) + outstanding(other) == 0);
    assertThat(sequences(ada)).isEqualTo(upTo(2));
  }

  @Test
  void anEventPublishedAgainIsToldOnce() {
    TransfersPosted event = posted(transfer(ada, bob));

    publish(event);
    publish(event);

    await().atMost(LONG).until(() -> outstanding(event) == 0);
    assertThat(sequences(ada)).isEqualTo(upTo(1));
    assertThat(sequences(bob)).isEqualTo(upTo(1));
  }

  @Test
  void whatIsRolledBackIsNotTold() throws Exception {
    TransfersPosted event = posted(transfer(ada, bob));

    new TransactionTemplate(transactions)
        .executeWithoutResult(transaction -> {
          events.publishEvent(event);
          transaction.setRollbackOnly();
        });
    TransfersPosted next = posted(transfer(ada, bob));
    publish(next);

    await().atMost(LONG).until(() -> outstanding(next) == 0);
    assertThat(outstanding(event)).isZero();
    assertThat(sequences(ada)).isEqualTo(upTo(1));
  }

  /** Whoever commits neither waits for what follows nor does it. */
  @Test
  void whatIsToldDelaysNoCommit() throws Exception {
    TransfersPosted[] events =
        Stream.generate(() -> posted(transfer(ada, bob))).limit(60).toArray(TransfersPosted[]::new);
    try (Connection owner = database.asOwner();
        Statement lock = owner.createStatement()) {
      owner.setAutoCommit(false);
      lock.execute("lock table notifications.feed in access exclusive mode");

      long begin = System.nanoTime();
      Stream.of(events).forEach(this::publish);
      assertThat(Duration.ofNanos(System.nanoTime() - begin)).isLessThan(Duration.ofSeconds(5));
      assertThat(outstanding(events[59])).isEqualTo(1);
    }

    await().atMost(LONG).untilAsserted(() -> assertThat(sequences(ada)).isEqualTo(upTo(60)));
  }

  @Test
  void anEventWhoseListenerFailedIsDeliveredAgain() throws Exception {
    TransfersPosted event = posted(transfer(ada, bob));
    asOwner("revoke insert on notifications.notification from evenkeel");
    try {
      publish(event);
      await().atMost(LONG).until(() -> failures(event) == 1);
      assertThat(sequences(ada)).isEmpty();
    } finally {
      asOwner("grant insert on notifications.notification to evenkeel");
    }

    await().atMost(LONG).untilAsserted(() -> assertThat(sequences(ada)).isEqualTo(upTo(1)));
    await().atMost(LONG).until(() -> outstanding(event) == 0);
    assertThat(sequences(ada)).isEqualTo(upTo(1));
    assertThat(sequences(bob)).isEqualTo(upTo(1));
  }

  private long failures(TransfersPosted event) throws SQLException {
    try (Connection connection = database.asApplication();
        Statement query = connection.createStatement();
        ResultSet result =
            query.executeQuery(
                "select count(*) from shared.event_publication"
                    + " where status = 'FAILED' and serialized_event like '%%%s%%'"
                        .formatted(event.id()))) {
      result.next();
      return result.getLong(1);
    }
  }

  /** The last line: whoever forgets to look first gets an error, not a second notification. */
  @Test
  void theDatabaseTakesNoSecondNotificationOfTheSame() throws Exception {
    deliver(posted(transfer(ada, bob)));

    assertThat(
            org.assertj.core.api.Assertions.catchThrowable(() ->
                asOwner(
                    """
                    insert into notifications.notification
                        (id, owner, seq, event, account, type, subject_kind, subject_id,
                         amount, currency, account_name, occurred_at)
                    select gen_random_uuid(), owner, seq + 1, event, account, type, subject_kind,
                           subject_id, amount, currency, account_name, occurred_at
                    from notifications.notification where owner = '%s'
                    """
                        .formatted(ada))))
        .hasMessageContaining("notification_event_account_type_subject_id_key");
  }
}
