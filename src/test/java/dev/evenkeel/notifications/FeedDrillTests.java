package dev.evenkeel.notifications;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.evenkeel.accounts.AccountId;
import dev.evenkeel.accounts.TransferId;
import dev.evenkeel.accounts.TransfersPosted;
import dev.evenkeel.events.EventBacklog;
import dev.evenkeel.events.EventConsumer;
import dev.evenkeel.events.Outbox;
import dev.testing.Api;
import dev.testing.LockHolder;
import dev.testing.TestDatabase;
import dev.testing.WholeApplication;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.boot.test.web.server.LocalServerPort;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.transaction.PlatformTransactionManager;
import org.springframework.transaction.support.TransactionTemplate;

/**
 * Measures the way from a commit to the feed, for docs/notifications.md: {@code ./mvnw verify
 * -Pdrills}.
 */
@Tag("drill")
@WholeApplication
class FeedDrillTests {

  private static final Duration VERY_LONG = Duration.ofMinutes(10);
  private static final int BACKLOG = 100_000;

  @LocalServerPort int port;
  @Autowired EventBacklog backlog;
  @Autowired Outbox outbox;
  @Autowired PlatformTransactionManager transactions;
  @Autowired Feed feed;
  @Autowired JdbcClient jdbc;
  @Autowired TestDatabase database;

  Api ada;
  UUID from;
  UUID to;

  @BeforeEach
  void openAccounts() {
    ada = new Api(port, "ada-" + UUID.randomUUID());
    from = ada.openAccount(1_000_000_000);
    to = ada.openAccount(0);
  }

  private double query(String sql) throws SQLException {
    try (Connection connection = database.asOwner();
        var rows = connection.createStatement().executeQuery(sql)) {
      rows.next();
      return rows.getDouble(1);
    }
  }

  private static void report(String what, Object... values) {
    System.out.println("DRILL " + what.formatted(values));
  }

  @Test
  void quietSystemAppendsAtOnce() throws Exception {
    try (Pace pace = new Pace()) {
      pace.keep(20, () -> ada.transfer(from, to, 1));
      await().atMost(VERY_LONG).until(() -> pace.done() >= 400);
    }
    String owner = ada.caller();
    await().atMost(VERY_LONG).until(() -> query("select count(*) from shared.outbox") == 0);

    double p99 =
        query(
            """
            select percentile_disc(0.99) within group
                (order by extract(epoch from n.created_at - t.posted_at) * 1000)
            from notifications.notification n join accounts.transfer t on t.id = n.subject_id
            where n.owner = '%s'
            """
                .formatted(owner));
    report("from commit to feed, quiet: p99 %.0f ms", p99);
    assertThat(p99).isLessThanOrEqualTo(250);
  }

  /** Publishes events of one transfer each, which is the smallest size. */
  private void publish(int count) {
    for (int published = 0; published < count; published += 1000) {
      new TransactionTemplate(transactions)
          .executeWithoutResult(
              _ -> Stream.generate(this::event).limit(1000).forEach(outbox::publish));
    }
  }

  private record OneByOne(Feed feed) implements EventConsumer {

    @Override
    public String name() {
      return "one-by-one";
    }

    @Override
    public Set<Class<?>> types() {
      return Set.of(TransfersPosted.class);
    }

    @Override
    public void consume(List<Object> events) {
      feed.append(NotificationData.of(events.getFirst()));
    }
  }

  private final List<TransfersPosted.Party> parties =
      IntStream.range(0, 100)
          .mapToObj(i ->
              new TransfersPosted.Party(new AccountId(UUID.randomUUID()), "drill-" + i, "Main"))
          .toList();
  private int next;

  private TransfersPosted event() {
    TransfersPosted.Party one = parties.get(next++ % 100);
    TransfersPosted.Party other = parties.get((next * 7 + 3) % 100);
    return new TransfersPosted(
        UUID.randomUUID(),
        List.of(
            new TransfersPosted.Posted(
                new TransferId(UUID.randomUUID()), one, other, 1, "EUR", null)),
        Instant.now(),
        null);
  }

  private LockHolder holdingBack() throws SQLException {
    return LockHolder.lockingEvents(database, NotificationConsumer.NAME);
  }

  @Test
  void backlogIsProcessedInBatches() throws Exception {
    try (LockHolder _ = holdingBack()) {
      publish(3000);
      jdbc.sql("update shared.outbox set consumer = 'one-by-one' where consumer = ?")
          .param(NotificationConsumer.NAME)
          .update();
    }
    long begin = System.nanoTime();
    while (backlog.process(new OneByOne(feed), 1)) {
      // until the backlog is empty
    }
    assertThat(query("select count(*) from shared.outbox where consumer = 'one-by-one'")).isZero();
    double oneByOne = 2 * 3000 / seconds(begin);

    try (Pace pace = new Pace()) {
      double before;
      try (LockHolder _ = holdingBack()) {
        publish(BACKLOG);
        pace.keep(100, () -> ada.transfer(from, to, 1));
        await().atMost(VERY_LONG).until(() -> pace.done() >= 200);
        before = pace.rate(Duration.ofSeconds(5));
      }
      begin = System.nanoTime();
      int doneBefore = pace.done();
      await()
          .atMost(VERY_LONG)
          .pollInterval(Duration.ofMillis(200))
          .until(() -> query("select count(*) from shared.outbox") < 100);
      double seconds = seconds(begin);
      double meanwhile = (pace.done() - doneBefore) / seconds;
      double drained = 2 * BACKLOG / seconds;

      report(
          "backlog of %d: %.0f notifications/s, one by one %.0f/s: %.1f times; transfers %.0f/s, before %.0f/s",
          BACKLOG, drained, oneByOne, drained / oneByOne, meanwhile, before);
      assertThat(drained).isGreaterThanOrEqualTo(3 * oneByOne);
      assertThat(meanwhile).isGreaterThanOrEqualTo(0.8 * before);
    }
  }

  private static double seconds(long begin) {
    return (System.nanoTime() - begin) / 1e9;
  }

  /** Sends requests at a steady rate, whether or not earlier ones have been answered. */
  private static final class Pace implements AutoCloseable {

    private final ScheduledExecutorService clock = Executors.newSingleThreadScheduledExecutor();
    private final AtomicInteger done = new AtomicInteger();

    void keep(int perSecond, Runnable request) {
      clock.scheduleAtFixedRate(
          () ->
              Thread.ofVirtual()
                  .start(() -> {
                    request.run();
                    done.incrementAndGet();
                  }),
          0,
          1_000_000 / perSecond,
          TimeUnit.MICROSECONDS);
    }

    int done() {
      return done.get();
    }

    double rate(Duration over) {
      int before = done.get();
      long begin = System.nanoTime();
      await().atMost(VERY_LONG).until(() -> System.nanoTime() - begin >= over.toNanos());
      return (done.get() - before) / seconds(begin);
    }

    @Override
    public void close() {
      clock.shutdownNow();
    }
  }
}
