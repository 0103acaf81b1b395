package dev.evenkeel.notifications;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.evenkeel.Evenkeel;
import dev.evenkeel.accounts.AccountId;
import dev.evenkeel.accounts.TransferId;
import dev.evenkeel.accounts.TransfersPosted;
import dev.testing.ApplicationProcess;
import dev.testing.TestDatabase;
import java.io.IOException;
import java.net.URI;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.SplittableRandom;
import java.util.UUID;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.json.JsonMapper;

/** Kills two instances while they process events: {@code ./mvnw verify -Pdrills}. */
@Tag("drill")
class KillDrillTests {

  private static final Duration LONG = Duration.ofMinutes(3);
  private static final int KILLS = 20;
  private static final int EVENTS_EACH = 500;

  final TestDatabase database = TestDatabase.create();
  final SplittableRandom random = new SplittableRandom();
  final List<TransfersPosted.Party> parties =
      IntStream.range(0, 20)
          .mapToObj(i ->
              new TransfersPosted.Party(new AccountId(UUID.randomUUID()), "owner-" + i, "Main"))
          .toList();

  private ApplicationProcess instance() throws IOException {
    return new ApplicationProcess(
        database, URI.create("http://127.0.0.1:9"), "-XX:+UseSerialGC", "-Xmx256m");
  }

  private void store(int count) throws SQLException {
    try (Connection connection = database.asApplication();
        PreparedStatement insert =
            connection.prepareStatement(
                """
                insert into shared.outbox (id, consumer, type, event)
                values (uuidv7(), 'notifications', ?, ?)
                """)) {
      for (int i = 0; i < count; i++) {
        TransfersPosted.Party from = parties.get(random.nextInt(20));
        TransfersPosted.Party to = parties.get(random.nextInt(20));
        insert.setString(1, TransfersPosted.class.getName());
        insert.setString(
            2,
            JsonMapper.shared()
                .writeValueAsString(
                    new TransfersPosted(
                        UUID.randomUUID(),
                        List.of(
                            new TransfersPosted.Posted(
                                new TransferId(UUID.randomUUID()), from, to, 1, "EUR", null)),
                        Instant.parse("2026-01-01T00:00:00.000001Z"),
                        null)));
        insert.addBatch();
      }
      insert.executeBatch();
    }
  }

  private long number(String query) throws SQLException {
    try (Connection connection = database.asOwner();
        var rows = connection.createStatement().executeQuery(query)) {
      rows.next();
      return rows.getLong(1);
    }
  }

  private long left() throws SQLException {
    return number("select count(*) from shared.outbox");
  }

  @Test
  void twentyKillsLoseAndRepeatNothing() throws Exception {
    List<ApplicationProcess> instances = List.of(instance(), instance());
    for (ApplicationProcess instance : instances) {
      instance.start(Evenkeel.class);
    }
    int killsWithEventsLeft = 0;
    try {
      for (int i = 0; i < KILLS; i++) {
        store(EVENTS_EACH);
        int target = random.nextInt(EVENTS_EACH);
        await()
            .atMost(LONG)
            .pollDelay(Duration.ZERO)
            .pollInterval(Duration.ofMillis(2))
            .until(() -> left() <= target);
        instances.get(i % 2).kill();
        killsWithEventsLeft += left() > 0 ? 1 : 0;
        instances.get(i % 2).start(Evenkeel.class);
      }
      await().atMost(LONG).until(() -> left() == 0);
    } finally {
      for (ApplicationProcess instance : instances) {
        instance.kill();
      }
    }

    int events = KILLS * EVENTS_EACH;
    System.out.printf(
        "DRILL %d events, %d kills, %d with events left%n", events, KILLS, killsWithEventsLeft);
    assertThat(killsWithEventsLeft).as("kills with events left").isPositive();
    assertThat(number("select count(*) from notifications.notification")).isEqualTo(2L * events);
    assertThat(number("select count(distinct (subject_id, type)) from notifications.notification"))
        .isEqualTo(2L * events);
    assertThat(
            number(
                """
                select count(*) from notifications.feed f
                where f.seq <> (select count(*) from notifications.notification n where n.owner = f.owner)
                   or f.seq <> (select max(seq) from notifications.notification n where n.owner = f.owner)
                """))
        .as("sequences with gaps")
        .isZero();
  }
}
