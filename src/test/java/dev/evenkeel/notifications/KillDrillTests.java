package dev.evenkeel.notifications;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.evenkeel.Evenkeel;
import dev.evenkeel.accounts.TransfersPosted;
import dev.testing.Api;
import dev.testing.TestDatabase;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.SplittableRandom;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.json.JsonMapper;

/** Two instances, each killed again and again: {@code ./mvnw verify -Pdrills}. */
@Tag("drill")
class KillDrillTests {

  private static final Duration LONG = Duration.ofMinutes(3);
  private static final int KILLS = 20;
  private static final int EVENTS_EACH = 500;

  final TestDatabase database = TestDatabase.create();
  final SplittableRandom random = new SplittableRandom();
  final List<TransfersPosted.Party> parties =
      IntStream.range(0, 20)
          .mapToObj(i -> new TransfersPosted.Party(UUID.randomUUID(), "owner-" + i, "Main"))
          .toList();

  private Instance start() throws IOException {
    int port;
    try (ServerSocket free = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      port = free.getLocalPort();
    }
    Path output = Files.createDirectories(Path.of("target", "kill-drill"));
    Process process =
        new ProcessBuilder(
                ProcessHandle.current().info().command().orElseThrow(),
                "-XX:TieredStopAtLevel=1",
                "-XX:+UseSerialGC",
                "-Xmx256m",
                "-cp",
                System.getProperty("java.class.path"),
                Evenkeel.class.getName(),
                "--server.port=" + port,
                "--spring.datasource.url=" + database.url(),
                "--spring.datasource.username=evenkeel",
                "--spring.datasource.password=" + database.password(),
                "--spring.flyway.user=evenkeel_owner",
                "--spring.flyway.password=" + database.password(),
                "--evenkeel.payments.provider.url=http://127.0.0.1:9")
            .redirectErrorStream(true)
            .redirectOutput(output.resolve("application-" + port + ".log").toFile())
            .start();
    return new Instance(new Api(port, "demo"), process);
  }

  private record Instance(Api api, Process process) {

    void awaitReady() {
      await()
          .atMost(LONG)
          .ignoreExceptions()
          .until(() -> api.get("/actuator/health/readiness").status() == 200);
    }

    void kill() throws InterruptedException {
      process.destroyForcibly();
      assertThat(process.waitFor(10, TimeUnit.SECONDS)).isTrue();
    }
  }

  private void store(int count) throws SQLException {
    try (Connection connection = database.asApplication();
        PreparedStatement insert =
            connection.prepareStatement(
                """
                insert into platform.event_publication
                    (id, listener_id, event_type, serialized_event, publication_date, status)
                values (uuidv7(), 'notifications.transfers-posted', ?, ?, clock_timestamp(), 'PUBLISHED')
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
                                UUID.randomUUID(), from, to, 1, "EUR", null)),
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
    return number("select count(*) from platform.event_publication");
  }

  @Test
  void twentyKillsLoseNothingAndDoubleNothing() throws Exception {
    Instance[] instances = {start(), null};
    instances[0].awaitReady();
    instances[1] = start();
    instances[1].awaitReady();
    int inTheMiddle = 0;
    try {
      for (int i = 0; i < KILLS; i++) {
        store(EVENTS_EACH);
        int enough = random.nextInt(EVENTS_EACH);
        await()
            .atMost(LONG)
            .pollDelay(Duration.ZERO)
            .pollInterval(Duration.ofMillis(2))
            .until(() -> left() <= enough);
        instances[i % 2].kill();
        inTheMiddle += left() > 0 ? 1 : 0;
        instances[i % 2] = start();
        instances[i % 2].awaitReady();
      }
      await().atMost(LONG).until(() -> left() == 0);
    } finally {
      instances[0].kill();
      instances[1].kill();
    }

    int events = KILLS * EVENTS_EACH;
    System.out.printf("DRILL %d events, %d kills, %d in the middle%n", events, KILLS, inTheMiddle);
    assertThat(inTheMiddle).as("kills in the middle").isPositive();
    assertThat(number("select count(*) from notifications.notification")).isEqualTo(2L * events);
    assertThat(number("select count(distinct (event, type)) from notifications.notification"))
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
