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
import dev.testing.TokenIssuer;
import dev.testing.WholeApplication;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.net.InetAddress;
import java.net.Socket;
import java.net.http.HttpRequest.BodyPublishers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Date;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.CountDownLatch;
import java.util.stream.LongStream;
import javax.sql.DataSource;
import org.junit.jupiter.api.AfterEach;
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

/** A stream follows its owner's feed without gaps and repetitions. */
@WholeApplication
class StreamTests {

  private static final String STREAM = "/v1/notifications/stream";
  private static final Duration LONG = Duration.ofSeconds(20);

  @LocalServerPort int port;
  @Autowired Streams streams;
  @Autowired DataSource dataSource;
  @Autowired JdbcClient jdbc;
  @Autowired Notifications notifications;
  @Autowired TaskScheduler scheduler;

  @Autowired
  @Qualifier("webServerGracefulShutdown") SmartLifecycle webServer;

  final List<Socket> sockets = new ArrayList<>();
  Api ada;
  UUID from;
  UUID to;

  @BeforeEach
  void openAccounts() {
    ada = new Api(port, "ada-" + UUID.randomUUID());
    from = ada.openAccount(1_000_000);
    to = new Api(port, "bob-" + UUID.randomUUID()).openAccount(0);
  }

  @AfterEach
  void closeSockets() throws IOException {
    for (Socket socket : sockets) {
      socket.close();
    }
  }

  private void transfer(int count) {
    for (int i = 0; i < count; i++) {
      assertThat(ada.transfer(from, to, 1).status()).isEqualTo(201);
    }
  }

  private void transferAndAwait(int count) {
    transfer(count);
    awaitFeed(count);
  }

  private void awaitFeed(int count) {
    await()
        .atMost(LONG)
        .until(() ->
            ada.get("/v1/notifications?limit=1").body().at("/data/0/sequence").asLong() == count);
  }

  private static void awaitIds(Listening listening, long first, long last) {
    List<Long> ids = LongStream.rangeClosed(first, last).boxed().toList();
    await().atMost(LONG).until(() -> listening.events.size() >= ids.size());
    assertThat(listening.ids()).isEqualTo(ids);
  }

  @Test
  void sendsNewNotificationsOnly() throws Exception {
    transferAndAwait(1);
    try (Listening listening = Listening.to(ada)) {
      transfer(1);

      awaitIds(listening, 2, 2);
      Listening.Event event = listening.events.getFirst();
      assertThat(event.type()).isEqualTo("transfer.sent");
      assertThat(event.data()).isEqualTo(ada.get("/v1/notifications").body().at("/data/0"));
    }
  }

  /** A newer version of the application may run beside this one. */
  @Test
  void sendsNotificationsOfUnknownTypes() throws Exception {
    try (Listening listening = Listening.to(ada)) {
      jdbc.sql(
              """
              with feed as (
                  insert into notifications.feed (owner, seq) values (:owner, 1) returning *)
              insert into notifications.notification
                  (id, owner, seq, account, type, subject_id, account_name)
              select uuidv7(), owner, seq, :account, 'x.new', uuidv7(), 'Main'
              from feed
              """)
          .param("owner", ada.caller())
          .param("account", from)
          .update();
      transfer(1);

      awaitIds(listening, 1, 2);
      assertThat(listening.events.getFirst().type()).isEqualTo("x.new");
    }
    JsonNode unknown = ada.get("/v1/notifications").body().at("/data/1");
    assertThat(unknown.at("/type").asString()).isEqualTo("x.new");
    assertThat(unknown.at("/subject/kind").asString()).isEqualTo("x");
    assertThat(unknown.at("/body").asString()).isEqualTo("It concerns Main");
  }

  @Test
  void sendsOnlyTheOwnersNotifications() throws Exception {
    try (Listening hers = Listening.to(ada);
        Listening other = Listening.to(new Api(port, "eve-" + UUID.randomUUID()))) {
      transfer(1);

      awaitIds(hers, 1, 1);
      assertThat(other.events).isEmpty();
    }
  }

  @Test
  void resumesAfterLastEventId() throws Exception {
    transferAndAwait(3);
    try (Listening listening = Listening.after(ada, 1)) {
      awaitIds(listening, 2, 3);
      transfer(1);
      awaitIds(listening, 2, 4);
    }
  }

  @Test
  void catchesUpInBatches() throws Exception {
    transferAndAwait(250);
    try (Listening listening = Listening.after(ada, 0)) {
      awaitIds(listening, 1, 250);
    }
  }

  @Test
  void interruptedStreamMissesNothing() throws Exception {
    Thread load = Thread.ofVirtual().start(() -> transfer(150));
    List<Long> ids = new ArrayList<>(List.of(0L));
    while (ids.size() <= 150) {
      try (Listening listening = Listening.after(ada, ids.getLast())) {
        await().atMost(LONG).until(() -> !listening.events.isEmpty());
        ids.addAll(listening.ids());
      }
    }
    load.join();

    assertThat(ids).isEqualTo(LongStream.rangeClosed(0, 150).boxed().toList());
  }

  /** Half a second between each hundred would take half a minute. */
  @Test
  void catchesUpWithoutWaitingForPolls() throws Exception {
    int count = 6000;
    for (int sent = 0; sent < count; sent += 1000) {
      batch(1000);
    }
    awaitFeed(count);

    long start = System.nanoTime();
    try (Listening listening = Listening.after(ada, 0)) {
      awaitIds(listening, 1, count);
    }
    assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(Duration.ofSeconds(15));
  }

  private void batch(int count) {
    Map<String, Object> transfer = Map.of("from", from, "to", to, "amount", 1, "currency", "EUR");
    Map<String, Object> body =
        Map.of("transfers", Collections.nCopies(count, transfer), "atomic", true);
    assertThat(ada.post("/v1/transfers/batch", body).status()).isEqualTo(200);
  }

  @Test
  void lastEventIdBeyondTheEndHidesNothing() throws Exception {
    try (Listening listening = Listening.after(ada, 1_000_000)) {
      transfer(1);
      awaitIds(listening, 1, 1);
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"abc", "-1", "1.5", "0x1", "", "1e3", "99999999999999999999"})
  void rejectsInvalidLastEventId(String id) {
    var request =
        ada.request(STREAM).header("Accept", "text/event-stream").header("Last-Event-ID", id);
    assertRefused(ada.send(request.GET()), 400, "invalid-request");
  }

  @Test
  void rejectsOtherMediaTypes() {
    var request = ada.request(STREAM).header("Accept", "application/json");
    assertRefused(ada.send(request.GET()), 406, "not-acceptable");
  }

  @Test
  void headRequestOpensNoStream() {
    int before = streams.count();
    var request = ada.request(STREAM).header("Accept", "text/event-stream");
    Api.Answer head = ada.send(request.method("HEAD", BodyPublishers.noBody()));

    assertThat(head.status()).isEqualTo(200);
    assertThat(head.header("Content-Type"))
        .hasValueSatisfying(type -> assertThat(type).startsWith("text/event-stream"));
    assertThat(streams.count()).isLessThanOrEqualTo(before);
  }

  @Test
  void streamsEndBeforeTheServerShutsDown() throws Exception {
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

  /** The client reconnects with a new token, and misses nothing. */
  @Test
  void streamEndsWithItsToken() throws Exception {
    Instant expiry = Instant.now().plusSeconds(3);
    Api shortLived =
        Api.withToken(
            port,
            TokenIssuer.ofTests()
                .sign(
                    TokenIssuer.ofTests()
                        .claims(ada.caller(), TokenIssuer.OWNER_SCOPES)
                        .expirationTime(Date.from(expiry))
                        .build()));
    try (Listening listening = Listening.to(shortLived)) {
      transfer(1);
      awaitIds(listening, 1, 1);

      await().atMost(LONG).until(listening::hasEnded);
      assertThat(Instant.now()).isAfter(expiry.minusSeconds(1));
      assertThat(streams.count(ada.caller())).isZero();
    }
  }

  /** A closed connection is noticed at the next write. */
  @Test
  void closedStreamIsForgotten() throws Exception {
    Listening leaving = Listening.to(ada);
    int before = streams.count();
    leaving.close();

    await()
        .atMost(LONG)
        .until(() -> {
          transfer(1);
          return streams.count() < before;
        });
  }

  @Test
  void slowScheduledTaskDelaysNoStream() throws Exception {
    CountDownLatch started = new CountDownLatch(1);
    CountDownLatch end = new CountDownLatch(1);
    var slow =
        scheduler.scheduleWithFixedDelay(
            () -> {
              started.countDown();
              try {
                end.await();
              } catch (InterruptedException stopped) {
                Thread.currentThread().interrupt();
              }
            },
            Duration.ofHours(1));
    try (Listening listening = Listening.to(ada)) {
      started.await();
      transfer(1);
      awaitIds(listening, 1, 1);
    } finally {
      end.countDown();
      slow.cancel(false);
    }
  }

  /** Opens streams one after another, each with as little as a client needs. */
  private void open(int count, String caller) throws IOException {
    byte[] request = streamRequest(caller);
    for (int i = 0; i < count; i++) {
      Socket socket = new Socket(InetAddress.getLoopbackAddress(), port);
      sockets.add(socket);
      socket.getOutputStream().write(request);
      assertThat(socket.getInputStream().readNBytes(12)).asString().isEqualTo("HTTP/1.1 200");
    }
  }

  private byte[] streamRequest(String caller) {
    return "GET %s HTTP/1.1\r\nHost: localhost\r\nAuthorization: %s\r\n\r\n"
        .formatted(STREAM, new Api(port, caller).authorization())
        .getBytes(StandardCharsets.US_ASCII);
  }

  @Test
  void limitsTheStreamsOfAnOwner() throws Exception {
    open(100, ada.caller());

    Api.Answer refused = ada.get(STREAM);
    assertRefused(refused, 429, "too-many-requests");
    assertThat(refused.header("Retry-After")).isPresent();
    Listening.to(new Api(port, "bob-" + UUID.randomUUID())).close();
  }

  /** A reset is noticed at the next comment, at the latest. */
  @Test
  void freesThePlacesOfStreamsThatWereReset() throws Exception {
    for (int i = 0; i < 200; i++) {
      Socket socket = new Socket(InetAddress.getLoopbackAddress(), port);
      socket.setSoLinger(true, 0);
      socket.getOutputStream().write(streamRequest(ada.caller()));
      socket.close();
    }

    await().atMost(Duration.ofSeconds(40)).until(() -> streams.count(ada.caller()) == 0);
    open(1, ada.caller());
  }

  @Test
  void limitsTheStreamsOfAnInstance() {
    SimpleMeterRegistry meters = new SimpleMeterRegistry();
    Streams instance = new Streams(notifications, meters);
    instance.start();
    Instant until = Instant.now().plusSeconds(60);
    for (int i = 0; i < 5000; i++) {
      instance.open(new Place("owner-" + i, 0), until);
    }

    assertThat(meters.get("evenkeel.notifications.streams.open").gauge().value()).isEqualTo(5000);
    assertThatThrownBy(() -> instance.open(new Place("another", 0), until))
        .isInstanceOf(BusyException.class);
  }

  @Test
  void silentStreamsUseNoThreadsAndConnections() throws Exception {
    int threads = ManagementFactory.getThreadMXBean().getThreadCount();
    for (int i = 0; i < 10; i++) {
      open(100, "owner-" + i);
    }
    assertThat(streams.count()).isGreaterThanOrEqualTo(1000);

    assertThat(requestThreads()).isLessThan(100);
    assertThat(ManagementFactory.getThreadMXBean().getThreadCount()).isLessThan(threads + 50);
    assertThat(
            dataSource.unwrap(HikariDataSource.class).getHikariPoolMXBean().getActiveConnections())
        .isLessThan(5);
    try (Listening listening = Listening.to(ada)) {
      transfer(1);
      await().atMost(Duration.ofSeconds(5)).until(() -> listening.events.size() == 1);
    }
  }

  private static int requestThreads() throws IOException {
    Path dump = Files.createTempDirectory("threads").resolve("dump.json");
    ManagementFactory.getPlatformMXBean(HotSpotDiagnosticMXBean.class)
        .dumpThreads(dump.toString(), HotSpotDiagnosticMXBean.ThreadDumpFormat.JSON);
    return Files.readString(dump).split("\"tomcat-handler-").length - 1;
  }
}
