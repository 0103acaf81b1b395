package dev.evenkeel.notifications;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.evenkeel.accounts.AccountId;
import dev.evenkeel.accounts.TransferId;
import dev.evenkeel.accounts.TransfersPosted;
import dev.evenkeel.events.EventBacklog;
import dev.evenkeel.events.EventConsumer;
import dev.testing.Api;
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
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.boot.test.web.server.LocalServerPort;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.jdbc.support.SqlArrayValue;
import tools.jackson.databind.json.JsonMapper;

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
  @Autowired JsonMapper json;
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

  /** Stores events of one transfer each, which is the smallest size. */
  private void store(int count, String consumer, String due) {
    for (int stored = 0; stored < count; stored += 1000) {
      List<String> events = IntStream.range(0, 1000).mapToObj(_ -> event()).toList();
      jdbc.sql(
              """
              insert into shared.outbox (id, consumer, type, event, next_attempt_at)
              select uuidv7(), ?, ?, e, %s
              from unnest(?::text[]) as events(e)
              """
                  .formatted(due))
          .params(
              consumer,
              TransfersPosted.class.getName(),
              new SqlArrayValue("text", events.toArray()))
          .update();
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

  private String event() {
    TransfersPosted.Party one = parties.get(next++ % 100);
    TransfersPosted.Party other = parties.get((next * 7 + 3) % 100);
    return json.writeValueAsString(
        new TransfersPosted(
            UUID.randomUUID(),
            List.of(
                new TransfersPosted.Posted(
                    new TransferId(UUID.randomUUID()), one, other, 1, "EUR", null)),
            Instant.now(),
            null));
  }

  @Test
  void backlogIsProcessedInBatches() throws Exception {
    store(3000, "one-by-one", "clock_timestamp()");
    long begin = System.nanoTime();
    while (backlog.process(new OneByOne(feed), 1)) {
      // until the backlog is empty
    }
    double oneByOne = 2 * 3000 / seconds(begin);

    store(BACKLOG, NotificationConsumer.NAME, "'infinity'");
    try (Pace pace = new Pace()) {
      pace.keep(100, () -> ada.transfer(from, to, 1));
      await().atMost(VERY_LONG).until(() -> pace.done() >= 200);
      double before = pace.rate(Duration.ofSeconds(5));

      jdbc.sql(
              """
              update shared.outbox set next_attempt_at = clock_timestamp()
              where next_attempt_at = 'infinity'
              """)
          .update();
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
