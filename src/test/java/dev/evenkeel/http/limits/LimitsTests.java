package dev.evenkeel.http.limits;

import static dev.testing.Refusals.assertRefused;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.testing.Api;
import dev.testing.LockHolder;
import dev.testing.PatientDatabase;
import dev.testing.TestDatabase;
import dev.testing.WholeApplication;
import io.github.resilience4j.bulkhead.BulkheadRegistry;
import io.micrometer.core.instrument.MeterRegistry;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.UUID;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.boot.test.web.server.LocalServerPort;
import org.springframework.test.annotation.DirtiesContext;
import org.springframework.test.context.TestPropertySource;

/** A few requests must not stop the rest. */
@WholeApplication
@PatientDatabase
@TestPropertySource(
    properties = {
      "evenkeel.max-concurrent-requests=60",
      "evenkeel.max-body-memory=4MB",
      "evenkeel.limits.requests-per-second=20",
      // Half of the production limit: some tests wait for it
      "server.tomcat.connection-timeout=5s",
    })
@DirtiesContext
class LimitsTests {

  private static final String MERCHANT = "merchant";
  private static final String TRANSFERS = "/v1/transfers?owner=" + MERCHANT;
  private static final int MORE_THAN_ALL_PLACES = 80;

  @LocalServerPort int port;
  @Autowired TestDatabase database;
  @Autowired MeterRegistry meters;
  @Autowired LimitsSettings settings;

  private static final Duration LONG = Duration.ofSeconds(60);

  final ExecutorService clients = Executors.newVirtualThreadPerTaskExecutor();
  final List<Socket> sockets = new ArrayList<>();
  UUID account;

  @BeforeEach
  void openAccounts() throws SQLException {
    account = as("ada").openAccount(100);
    try (Connection connection = database.asOwner();
        Statement statement = connection.createStatement()) {
      statement.execute(
          """
          insert into accounts.account
              (id, owner, name, currency, overdraft_limit, idempotency_key, fingerprint)
          select uuidv7(), '%s', 'Main', 'EUR', 0, 'key-' || n, '' from generate_series(1, 101) n
          on conflict do nothing
          """
              .formatted(MERCHANT));
    }
  }

  @AfterEach
  void closeSockets() throws IOException {
    for (Socket socket : sockets) {
      socket.close();
    }
    clients.close();
  }

  private Api as(String owner) {
    return Api.operator(port, owner + "-" + UUID.randomUUID());
  }

  @ParameterizedTest
  @ValueSource(strings = {"/v1/accounts", "/v1/accounts/{id}/freeze", "/v1/provider/webhooks"})
  void bodiesThatDoNotArriveTakeNoPlaces(String path) throws Exception {
    for (int i = 0; i < MORE_THAN_ALL_PLACES; i++) {
      beginPost(path);
    }

    await()
        .during(Duration.ofSeconds(1))
        .atMost(Duration.ofSeconds(5))
        .until(this::othersAreServed);
  }

  @Test
  void bodiesThatArriveSlowlyTakeNoPlaces() throws Exception {
    List<Future<String>> statuses = new ArrayList<>();
    for (int i = 0; i < MORE_THAN_ALL_PLACES; i++) {
      Socket socket = beginPost("/v1/accounts");
      statuses.add(clients.submit(() -> status(socket)));
      clients.submit(() -> dribble(socket));
    }

    await()
        .during(Duration.ofSeconds(1))
        .atMost(Duration.ofSeconds(5))
        .until(this::othersAreServed);
    for (Future<String> status : statuses) {
      assertThat(status.get()).isEqualTo("HTTP/1.1 408");
    }
    assertThat(as("bob").openAccount(0)).isNotNull();
  }

  /** The frame of a body may dribble too: Tomcat reads on until the line of a chunk is complete. */
  @Test
  void requestsThatDribbleEnd() throws Exception {
    String post =
        "POST /v1/accounts HTTP/1.1|Host: localhost|Content-Type: application/json|Authorization: "
            + as("slow").authorization()
            + "|";
    String chunked = post + "Transfer-Encoding: chunked||";
    Map<String, String> beginnings =
        Map.of(
            "request line", "GET /",
            "header", "GET / HTTP/1.1|X:",
            "body", post + "Content-Length: 1000||",
            "chunk", chunked + "3E8|",
            "chunk extension", chunked + "2;",
            "trailer", chunked + "2|{}|0|X:",
            "body that is refused",
                post.replace("/v1/accounts", "/none") + "Content-Length: 1000||");
    Map<String, Socket> open = new HashMap<>();
    for (Map.Entry<String, String> beginning : beginnings.entrySet()) {
      Socket socket = connect();
      socket
          .getOutputStream()
          .write(beginning.getValue().replace("|", "\r\n").getBytes(StandardCharsets.US_ASCII));
      open.put(beginning.getKey(), socket);
    }

    await()
        .pollInterval(Duration.ofMillis(200))
        .atMost(Duration.ofSeconds(20))
        .untilAsserted(() -> {
          open.values().removeIf(LimitsTests::hasHungUp);
          assertThat(open.keySet()).isEmpty();
        });
  }

  /** Each is nearly as large as a body may be, and stops before its end. */
  @Test
  void bodiesHaveLimitedMemory() throws Exception {
    byte[] part = " ".repeat(60_000).getBytes(StandardCharsets.US_ASCII);
    List<Future<String>> statuses = new ArrayList<>();
    for (int i = 0; i < 40; i++) {
      Socket socket = beginPost("/v1/provider/webhooks", part.length + 1);
      socket.getOutputStream().write(part);
      statuses.add(clients.submit(() -> status(socket)));
    }

    await().until(() -> statuses.stream().filter(Future::isDone).count() > 20);
    assertThat(as("bob").openAccount(0)).as("others have memory left").isNotNull();
    for (Future<String> status : statuses) {
      assertThat(status.get()).isIn("HTTP/1.1 503", "HTTP/1.1 408");
    }
    assertThat(statuses.stream().map(Future::resultNow)).contains("HTTP/1.1 503");
  }

  @Test
  void bodiesThatStopArrivingAreAnswered() throws Exception {
    Socket nothing = beginPost("/v1/accounts");
    Socket part = beginPost("/v1/accounts");
    part.getOutputStream().write('{');
    for (Socket socket : List.of(nothing, part)) {
      BufferedReader answer =
          new BufferedReader(
              new InputStreamReader(socket.getInputStream(), StandardCharsets.US_ASCII));
      assertThat(answer.readLine()).startsWith("HTTP/1.1 408");
      assertThat(answer.lines().anyMatch(line -> line.contains("/problems/request-timeout")))
          .isTrue();
    }
  }

  private Socket connect() throws IOException {
    Socket socket = new Socket(InetAddress.getLoopbackAddress(), port);
    sockets.add(socket);
    return socket;
  }

  private Socket beginPost(String path) throws IOException {
    return beginPost(path, 1000);
  }

  private Socket beginPost(String path, int bytes) throws IOException {
    Socket socket = connect();
    // Signing takes longer than all the rest
    String token = path.startsWith("/v1/provider") ? "none" : as("slow").authorization();
    String head =
        """
        POST %s HTTP/1.1
        Host: localhost
        Authorization: %s
        Content-Type: application/json
        Content-Length: %d

        """
            .formatted(path.replace("{id}", account.toString()), token, bytes);
    socket.getOutputStream().write(head.replace("\n", "\r\n").getBytes(StandardCharsets.US_ASCII));
    return socket;
  }

  private static String status(Socket socket) throws IOException {
    return new String(socket.getInputStream().readNBytes(12), StandardCharsets.US_ASCII);
  }

  /** Sends spaces, which may precede JSON, until the server hangs up. */
  private static void dribble(Socket socket) {
    await().pollInterval(Duration.ofMillis(200)).atMost(LONG).until(() -> hasHungUp(socket));
  }

  private static boolean hasHungUp(Socket socket) {
    try {
      socket.getOutputStream().write(' ');
      return false;
    } catch (IOException hungUp) {
      return true;
    }
  }

  private boolean othersAreServed() {
    return as("bob").get("/v1/accounts/" + account).status() == 200;
  }

  @ParameterizedTest
  @CsvSource({
    "reconciliation, /v1/operations/reconciliation?day=2019-12-02, application/json",
    "statements, /v1/accounts/{id}/entries, text/csv",
    "transfer-lists, " + TRANSFERS + ", application/json"
  })
  void expensiveReadsHaveFewPlaces(String kind, String path, String type) throws Exception {
    int places = Objects.requireNonNull(settings.expensiveReads().get(kind));
    List<Future<Api.Answer>> answers;
    try (LockHolder _ = LockHolder.lockingExpensiveReads(database)) {
      answers =
          IntStream.range(0, 40).mapToObj(_ -> clients.submit(() -> read(path, type))).toList();
      await().until(() -> answers.stream().filter(Future::isDone).count() == 40 - places);

      assertThat(answers.stream().filter(Future::isDone).map(Future::resultNow))
          .allSatisfy(refused -> {
            assertRefused(refused, 503, "busy");
            assertThat(refused.header("Retry-After")).contains("1");
          });
      assertThat(activeRequests()).isLessThanOrEqualTo(places);
      assertThat(othersAreServed()).isTrue();
    }
    for (Future<Api.Answer> answer : answers) {
      answer.get();
    }
    assertThat(answers.stream().map(Future::resultNow).filter(read -> read.status() == 200))
        .hasSize(places);
    assertThat(read(path, type).status()).isEqualTo(200);
  }

  /** After that, those who wait get the report of the audit before. */
  @Test
  void anAuditDelaysOthersForTwoSecondsAtMost() throws Exception {
    Api operator = as("operator");
    String before = operator.get("/v1/operations/ledger").at("/checkedAt");
    List<Future<Api.Answer>> answers;
    try (LockHolder _ = LockHolder.lockingExpensiveReads(database)) {
      answers =
          IntStream.range(0, 40)
              .mapToObj(_ -> clients.submit(() -> as("any").get("/v1/operations/ledger")))
              .toList();
      // All 40 if the scheduled audit is the one that runs
      await().until(() -> answers.stream().filter(Future::isDone).count() >= 39);

      assertThat(answers.stream().filter(Future::isDone).map(Future::resultNow))
          .allSatisfy(answer -> assertThat(answer.at("/checkedAt")).isEqualTo(before));
      assertThat(activeRequests()).isLessThanOrEqualTo(1);
    }
    for (Future<Api.Answer> answer : answers) {
      assertThat(answer.get().status()).isEqualTo(200);
    }
    assertThat(operator.get("/v1/operations/ledger").at("/checkedAt")).isGreaterThan(before);
  }

  private double activeRequests() {
    return meters.get("hikaricp.connections.active").tag("pool", "requests").gauge().value();
  }

  private int freePlaces(String kind) {
    return (int)
        meters
            .get("resilience4j.bulkhead.available.concurrent.calls")
            .tag("name", "read-" + kind)
            .gauge()
            .value();
  }

  private Api.Answer read(String path, String type) {
    Api api = as("operator");
    return api.send(api.request(path.replace("{id}", account.toString())).header("Accept", type));
  }

  @Test
  void anOwnerTakesHalfOfThePlaces() throws Exception {
    Api greedy = as("greedy");
    int half = Objects.requireNonNull(settings.expensiveReads().get("transfer-lists")) / 2;
    try (LockHolder _ = LockHolder.lockingExpensiveReads(database)) {
      List<Future<Api.Answer>> hers =
          IntStream.range(0, 10)
              .mapToObj(_ -> clients.submit(() -> greedy.get(TRANSFERS)))
              .toList();
      await().until(() -> hers.stream().filter(Future::isDone).count() == 10 - half);
      List<Future<Api.Answer>> others =
          IntStream.range(0, 4)
              .mapToObj(_ -> clients.submit(() -> as("bob").get(TRANSFERS)))
              .toList();
      await().until(() -> others.stream().filter(Future::isDone).count() == 4 - half);
    }
  }

  @Test
  void cheapListsNeedNoPlace() throws Exception {
    int places = Objects.requireNonNull(settings.expensiveReads().get("transfer-lists"));
    await().until(() -> freePlaces("transfer-lists") == places);
    try (LockHolder _ = LockHolder.lockingExpensiveReads(database)) {
      for (int i = 0; i < 4; i++) {
        clients.submit(() -> as("any").get(TRANSFERS));
      }
      await().until(() -> freePlaces("transfer-lists") == 0);

      assertThat(as("bob").get(TRANSFERS + "&idempotencyKey=none").status()).isEqualTo(200);
      assertThat(as("bob").get(TRANSFERS + "&idempotencyKey=").status()).isEqualTo(503);
    }
  }

  @Test
  void listsOfFewAccountsNeedNoPlace() throws Exception {
    int places = Objects.requireNonNull(settings.expensiveReads().get("transfer-lists"));
    await().until(() -> freePlaces("transfer-lists") == places);
    Api ada = as("ada");
    ada.openAccount(0);
    try (LockHolder _ = LockHolder.lockingExpensiveReads(database)) {
      List<Future<Api.Answer>> lists =
          IntStream.range(0, places + 1)
              .mapToObj(_ -> clients.submit(() -> ada.get("/v1/transfers")))
              .toList();
      await().until(() -> activeRequests() == lists.size());
    }
  }

  @Test
  void anOwnerHasItsOwnRate() throws Exception {
    Api hasty = as("hasty");
    List<Future<Api.Answer>> answers =
        IntStream.range(0, 300)
            .mapToObj(_ -> clients.submit(() -> hasty.get("/v1/accounts/" + account)))
            .toList();
    for (Future<Api.Answer> answer : answers) {
      answer.get();
    }

    assertThat(answers.stream().map(Future::resultNow).filter(it -> it.status() == 429))
        .isNotEmpty()
        .allSatisfy(refused -> {
          assertRefused(refused, 429, "too-many-requests");
          assertThat(refused.header("Retry-After")).contains("1");
        });
    assertThat(othersAreServed()).isTrue();
  }

  @Test
  void rejectsPlacesForAllConnections() {
    BulkheadRegistry bulkheads = BulkheadRegistry.ofDefaults();
    LimitsSettings allTaken = new LimitsSettings(0, Map.of("ledger", 6, "statements", 10));

    assertThatThrownBy(() -> new LimitsConfiguration(allTaken, List.of(), bulkheads, 16))
        .hasMessageContaining("maximum-pool-size")
        .hasMessageContaining("statements");
    assertThat(new LimitsConfiguration(allTaken, List.of(), bulkheads, 17)).isNotNull();
  }
}
