package dev.evenkeel.notifications.web;

import static dev.testing.Refusals.assertRefused;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import com.sun.management.HotSpotDiagnosticMXBean;
import com.zaxxer.hikari.HikariDataSource;
import dev.evenkeel.notifications.Notifications;
import dev.evenkeel.notifications.Notifications.Place;
import dev.evenkeel.problems.BusyException;
import dev.testing.Api;
import dev.testing.WholeApplication;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.net.InetAddress;
import java.net.Socket;
import java.net.http.HttpRequest.BodyPublishers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.CountDownLatch;
import java.util.stream.LongStream;
import javax.sql.DataSource;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.beans.factory.annotation.Qualifier;
import org.springframework.boot.test.web.server.LocalServerPort;
import org.springframework.context.SmartLifecycle;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.scheduling.TaskScheduler;
import tools.jackson.databind.JsonNode;

/** The feed as it grows, without a gap and without a double. */
@WholeApplication
class StreamTests {

  private static final Duration LONG = Duration.ofSeconds(20);

  @LocalServerPort int port;
  @Autowired Streams streams;
  @Autowired DataSource dataSource;
  @Autowired JdbcClient jdbc;
  @Autowired Notifications notifications;
  @Autowired TaskScheduler scheduler;

  @Autowired
  @Qualifier("webServerGracefulShutdown") SmartLifecycle webServer;

  Api ada;
  UUID from;
  UUID to;

  @BeforeEach
  void accounts() {
    ada = new Api(port, "ada-" + UUID.randomUUID());
    from = ada.openAccount(1_000_000);
    to = new Api(port, "bob-" + UUID.randomUUID()).openAccount(0);
  }

  private void transfers(int count) {
    for (int i = 0; i < count; i++) {
      assertThat(ada.transfer(from, to, 1).status()).isEqualTo(201);
    }
  }

  private void awaitTold(int count) {
    await()
        .atMost(LONG)
        .until(() ->
            ada.get("/v1/notifications?limit=1").body().at("/data/0/sequence").asLong() == count);
  }

  private static List<Long> range(long first, long last) {
    return LongStream.rangeClosed(first, last).boxed().toList();
  }

  @Test
  void whoListensHearsWhatIsNew() throws Exception {
    transfers(1);
    awaitTold(1);
    try (Listening listening = Listening.to(ada)) {
      transfers(1);

      await().atMost(LONG).until(() -> listening.events.size() == 1);
      Listening.Event heard = listening.events.getFirst();
      assertThat(heard.id()).as("not what was there before").isEqualTo(2);
      assertThat(heard.type()).isEqualTo("transfer.sent");
      assertThat(heard.data()).isEqualTo(ada.get("/v1/notifications").body().at("/data/0"));
    }
  }

  /** As when a newer version runs beside this one. */
  @Test
  void aTypeThatIsNotKnownSilencesNothing() throws Exception {
    try (Listening listening = Listening.to(ada)) {
      jdbc.sql(
              """
              with feed as (
                  insert into notifications.feed (owner, seq) values (:owner, 1) returning *)
              insert into notifications.notification
                  (id, owner, seq, event, account, type, subject_kind, subject_id, account_name, occurred_at)
              select uuidv7(), owner, seq, uuidv7(), :account, 'x.new', 'x', uuidv7(), 'Main', clock_timestamp()
              from feed
              """)
          .param("owner", ada.caller())
          .param("account", from)
          .update();
      transfers(1);

      await().atMost(LONG).until(() -> listening.ids().equals(List.of(1L, 2L)));
      assertThat(listening.events.getFirst().type()).isEqualTo("x.new");
    }
    JsonNode told = ada.get("/v1/notifications").body().at("/data/1");
    assertThat(told.at("/type").asString()).isEqualTo("x.new");
    assertThat(told.at("/subject/kind").asString()).isEqualTo("x");
    assertThat(told.at("/body").asString()).isEqualTo("It concerns Main");
  }

  @Test
  void nobodyHearsOfAnother() throws Exception {
    try (Listening hers = Listening.to(ada);
        Listening anothers = Listening.to(new Api(port, "eve-" + UUID.randomUUID()))) {
      transfers(1);

      await().atMost(LONG).until(() -> hers.events.size() == 1);
      assertThat(anothers.events).isEmpty();
    }
  }

  @Test
  void whoComesBackHearsWhatWasMissed() throws Exception {
    transfers(3);
    awaitTold(3);
    try (Listening listening = Listening.after(ada, 1)) {
      await().atMost(LONG).until(() -> listening.events.size() == 2);
      transfers(1);

      await().atMost(LONG).until(() -> listening.events.size() == 3);
      assertThat(listening.ids()).isEqualTo(range(2, 4));
    }
  }

  @Test
  void aStreamThatIsCutAgainAndAgainMissesNothing() throws Exception {
    Thread sending = Thread.ofVirtual().start(() -> transfers(150));
    List<Long> heard = new ArrayList<>();
    while (heard.size() < 150) {
      long last = heard.isEmpty() ? 0 : heard.getLast();
      try (Listening listening = Listening.after(ada, last)) {
        await().atMost(LONG).until(() -> !listening.events.isEmpty());
        heard.addAll(listening.ids());
      }
    }
    sending.join();

    assertThat(heard).isEqualTo(range(1, 150));
  }

  @Test
  void whoIsFarBehindCatchesUp() throws Exception {
    transfers(250);
    awaitTold(250);

    try (Listening listening = Listening.after(ada, 0)) {
      await().atMost(LONG).until(() -> listening.events.size() == 250);
      assertThat(listening.ids()).isEqualTo(range(1, 250));
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"abc", "-1", "1.5", "0x1", "", "1e3", "99999999999999999999"})
  void aMadeUpLastEventIdIsRefused(String id) {
    assertRefused(
        ada.send(
            ada.request("/v1/notifications/stream")
                .header("Accept", "text/event-stream")
                .header("Last-Event-ID", id)
                .GET()),
        400,
        "invalid-request");
  }

  @Test
  void aLastEventIdThatIsYetToComeHidesNothing() throws Exception {
    try (Listening listening = Listening.after(ada, 1_000_000)) {
      transfers(1);

      await().atMost(LONG).until(() -> listening.ids().equals(List.of(1L)));
    }
  }

  @Test
  void whoAcceptsNoEventsGetsNone() {
    assertRefused(
        ada.send(
            ada.request("/v1/notifications/stream").header("Accept", "application/json").GET()),
        406,
        "not-acceptable");
  }

  @Test
  void whoAsksForTheHeadersOpensNothing() {
    int before = streams.count();
    Api.Answer head =
        ada.send(
            ada.request("/v1/notifications/stream")
                .header("Accept", "text/event-stream")
                .method("HEAD", BodyPublishers.noBody()));

    assertThat(head.status()).isEqualTo(200);
    assertThat(head.header("Content-Type"))
        .hasValueSatisfying(type -> assertThat(type).startsWith("text/event-stream"));
    assertThat(streams.count()).isLessThanOrEqualTo(before);
  }

  @Test
  void streamsEndBeforeTheServerWaitsForThem() throws Exception {
    assertThat(streams.getPhase()).isGreaterThan(webServer.getPhase());
    try (Listening listening = Listening.to(ada)) {
      streams.stop();
      await().atMost(LONG).until(listening::hasEnded);
      try (Listening late = Listening.to(ada)) {
        await().atMost(LONG).until(late::hasEnded);
      }
    } finally {
      streams.start();
    }
  }

  @Test
  void whoLeavesIsForgotten() throws Exception {
    Listening leaving = Listening.to(ada);
    int before = streams.count();
    leaving.close();
    // It is noticed when there is something to say.
    transfers(2);

    await()
        .atMost(LONG)
        .until(() -> {
          transfers(1);
          return streams.count() < before;
        });
  }

  @Test
  void whatElseRunsByTheClockKeepsNoStreamWaiting() throws Exception {
    CountDownLatch begun = new CountDownLatch(1);
    CountDownLatch end = new CountDownLatch(1);
    var slow =
        scheduler.scheduleWithFixedDelay(
            () -> {
              begun.countDown();
              try {
                end.await();
              } catch (InterruptedException stopped) {
                Thread.currentThread().interrupt();
              }
            },
            Duration.ofHours(1));
    try (Listening listening = Listening.to(ada)) {
      begun.await();
      transfers(1);

      await().atMost(LONG).until(() -> listening.events.size() == 1);
    } finally {
      end.countDown();
      slow.cancel(false);
    }
  }

  private Socket opened(String caller) throws IOException {
    Socket socket = new Socket(InetAddress.getLoopbackAddress(), port);
    socket
        .getOutputStream()
        .write(
            "GET /v1/notifications/stream HTTP/1.1\r\nHost: localhost\r\nX-Test-Caller: %s\r\n\r\n"
                .formatted(caller)
                .getBytes(StandardCharsets.US_ASCII));
    return socket;
  }

  private static String status(Socket socket) throws IOException {
    return new String(socket.getInputStream().readNBytes(12), StandardCharsets.US_ASCII);
  }

  @Test
  void anOwnerHasSoManyStreamsAndNoMore() throws Exception {
    List<Socket> sockets = new ArrayList<>();
    try {
      for (int i = 0; i < 100; i++) {
        sockets.add(opened(ada.caller()));
      }
      for (Socket socket : sockets) {
        assertThat(status(socket)).isEqualTo("HTTP/1.1 200");
      }
      try (Socket another = opened(ada.caller())) {
        assertThat(status(another)).isEqualTo("HTTP/1.1 429");
      }

      Api.Answer refused = ada.get("/v1/notifications/stream");
      assertRefused(refused, 429, "too-many-requests");
      assertThat(refused.header("Retry-After")).isPresent();
      Listening.to(new Api(port, "bob-" + UUID.randomUUID())).close();
    } finally {
      for (Socket socket : sockets) {
        socket.close();
      }
    }
  }

  @Test
  void anInstanceHasSoManyStreamsAndNoMore() {
    Streams instance = new Streams(notifications);
    instance.start();
    for (int i = 0; i < 5000; i++) {
      instance.open(new Place("o" + i, 0));
    }

    assertThatThrownBy(() -> instance.open(new Place("another", 0)))
        .isInstanceOf(BusyException.class);
  }

  @Test
  void aThousandStreamsTakeNeitherThreadsNorConnections() throws Exception {
    int threads = ManagementFactory.getThreadMXBean().getThreadCount();
    int before = streams.count();
    List<Socket> sockets = new ArrayList<>();
    try {
      for (int i = 0; i < 1000; i++) {
        sockets.add(opened("o" + i));
      }
      await().atMost(LONG).until(() -> streams.count() >= before + 1000);

      assertThat(requestThreads()).isLessThan(100);
      assertThat(ManagementFactory.getThreadMXBean().getThreadCount()).isLessThan(threads + 50);
      assertThat(
              dataSource
                  .unwrap(HikariDataSource.class)
                  .getHikariPoolMXBean()
                  .getActiveConnections())
          .isLessThan(5);
      try (Listening listening = Listening.to(ada)) {
        transfers(1);
        await().atMost(Duration.ofSeconds(5)).until(() -> listening.events.size() == 1);
      }
    } finally {
      for (Socket socket : sockets) {
        socket.close();
      }
    }
  }

  private static int requestThreads() throws IOException {
    Path dump = Files.createTempDirectory("threads").resolve("dump.json");
    ManagementFactory.getPlatformMXBean(HotSpotDiagnosticMXBean.class)
        .dumpThreads(dump.toString(), HotSpotDiagnosticMXBean.ThreadDumpFormat.JSON);
    return Files.readString(dump).split("\"tomcat-handler-").length - 1;
  }
}
