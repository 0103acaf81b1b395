package dev.evenkeel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.paymentprovider.PaymentProvider;
import dev.testing.Api;
import dev.testing.Simulator;
import dev.testing.TestDatabase;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import java.util.stream.LongStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

/**
 * A real process, ended by kill -9 in the middle of everything, and started again. It dies once, as
 * each start takes long; each test is about one of the things that were under way.
 */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class CrashTests {

  private static final Duration LONG = Duration.ofMinutes(3);

  final TestDatabase database = TestDatabase.create();
  final List<UUID> answered = new ArrayList<>();
  PaymentProvider provider;
  Simulator simulator;
  Api api;
  int port;
  @Nullable Process application;

  UUID from;
  UUID to;
  PayIn hanging;
  PayIn late;

  /** A pay-in whose caller waits for its answer. */
  private record PayIn(UUID account, UUID payment, Thread caller) {}

  @BeforeAll
  void startBothAndKillOne(@TempDir Path folder) throws Exception {
    provider = PaymentProvider.start(0, folder.resolve("operations.jsonl"));
    simulator = new Simulator(provider);
    try (ServerSocket free = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      port = free.getLocalPort();
    }
    api = new Api(port, "demo");
    start();
    dieInTheMiddle();
    start();
    simulator.heal();
  }

  private void dieInTheMiddle() throws Exception {
    from = api.openAccount(1_000_000);
    to = api.openAccount(0);
    UUID first = api.openAccount(0);
    UUID second = api.openAccount(0);

    // No listener gets through: the process dies with all that is to be told.
    try (Connection owner = database.asOwner();
        Statement lock = owner.createStatement()) {
      owner.setAutoCommit(false);
      lock.execute("lock table notifications.feed in access exclusive mode");
      for (int i = 0; i < 40; i++) {
        Api.Answer transfer = api.transfer(from, to, 1);
        assertThat(transfer.status()).as(transfer.toString()).isEqualTo(201);
        answered.add(transfer.id());
      }
      late = beginPayIn(second, "tok_slow");
      simulator.misbehave("hang");
      hanging = beginPayIn(first, "tok_ok");
      kill();
      owner.rollback();
    }

    hanging.caller().join();
    late.caller().join();
    assertThat(simulator.operations(hanging.payment())).isEmpty();
    await().atMost(LONG).until(() -> simulator.operations(late.payment()).size() == 1);
    assertThat(count("notifications.notification")).isZero();
  }

  /** Until the provider has it, and is still at it. */
  private PayIn beginPayIn(UUID account, String instrument) throws SQLException {
    Thread caller =
        Thread.ofVirtual()
            .start(() -> {
              try {
                api.payIn(account, 1250, instrument);
              } catch (RuntimeException gone) {
                // The connection ends with the process.
              }
            });
    String claimed =
        "payments.payment where account = '%s' and status = 'PROCESSING'".formatted(account);
    await().atMost(LONG).until(() -> count(claimed) == 1);
    UUID payment = paymentInto(account);
    await().atMost(LONG).until(() -> simulator.received(payment) == 1);
    return new PayIn(account, payment, caller);
  }

  @AfterAll
  void stopBoth() throws InterruptedException {
    kill();
    provider.close();
  }

  private void start() throws IOException {
    Path output = Files.createDirectories(Path.of("target", "crash-tests"));
    application =
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
                "--evenkeel.payments.provider.url=" + provider.url(),
                "--evenkeel.accounts.max-overdraft=1000000",
                "--spring.modulith.events.staleness.published=3s",
                "--spring.modulith.events.staleness.processing=3s",
                "--spring.modulith.events.staleness.resubmitted=3s",
                "--spring.modulith.events.staleness.check-interval=500ms")
            .redirectErrorStream(true)
            .redirectOutput(
                ProcessBuilder.Redirect.appendTo(
                    output.resolve("application-" + port + ".log").toFile()))
            .start();
    await()
        .atMost(LONG)
        .ignoreExceptions()
        .until(() -> api.get("/actuator/health/readiness").status() == 200);
  }

  /** Without a chance to say goodbye. */
  private void kill() throws InterruptedException {
    Process process = application;
    if (process != null) {
      process.destroyForcibly();
      assertThat(process.waitFor(10, TimeUnit.SECONDS)).isTrue();
      application = null;
    }
  }

  private long count(String rows) throws SQLException {
    try (Connection connection = database.asOwner();
        Statement query = connection.createStatement();
        ResultSet result = query.executeQuery("select count(*) from " + rows)) {
      result.next();
      return result.getLong(1);
    }
  }

  private UUID paymentInto(UUID account) throws SQLException {
    try (Connection connection = database.asOwner();
        PreparedStatement query =
            connection.prepareStatement("select id from payments.payment where account = ?")) {
      query.setObject(1, account);
      try (ResultSet result = query.executeQuery()) {
        result.next();
        return result.getObject(1, UUID.class);
      }
    }
  }

  private void assertPaidOnce(PayIn payIn) {
    UUID account = payIn.account();
    UUID payment = payIn.payment();
    await()
        .atMost(LONG)
        .untilAsserted(() ->
            assertThat(api.get("/v1/payments/" + payment).at("/status")).isEqualTo("succeeded"));
    assertThat(simulator.operations(payment)).hasSize(1);
    assertThat(api.posted(account)).isEqualTo(1250);
    assertThat(api.get("/v1/accounts/" + account + "/entries").body().at("/data")).hasSize(1);
    await()
        .atMost(LONG)
        .untilAsserted(() -> {
          assertThat(count("platform.event_publication")).isZero();
          Api.Answer feed = api.get("/v1/notifications?account=" + account);
          assertThat(feed.body().at("/data")).as(feed.toString()).hasSize(1);
          assertThat(feed.at("/data/0/subject/id")).isEqualTo(payment.toString());
        });
  }

  @Test
  void aPayInWhoseProviderHangsSurvivesTheProcess() {
    assertPaidOnce(hanging);
  }

  @Test
  void aChargeWhoseAnswerFoundNobodyIsNotMadeAgain() {
    assertPaidOnce(late);
    assertThat(simulator.received(late.payment())).as("asked for, not sent again").isEqualTo(1);
  }

  @Test
  void whatWasAnsweredIsThere() {
    assertThat(answered)
        .hasSize(40)
        .allSatisfy(
            transfer -> assertThat(api.get("/v1/transfers/" + transfer).status()).isEqualTo(200));
    assertThat(api.posted(from)).isEqualTo(-40);
    assertThat(api.posted(to)).isEqualTo(40);
  }

  @Test
  void whatWasToBeToldIsToldOnce() {
    await().atMost(LONG).until(() -> count("platform.event_publication") == 0);
    List<JsonNode> told =
        api.get("/v1/notifications?limit=100").body().at("/data").valueStream().toList();

    assertThat(told.stream().map(it -> it.at("/sequence").asLong()))
        .as("no gaps")
        .containsExactlyInAnyOrderElementsOf(
            LongStream.rangeClosed(1, told.size()).boxed().toList());
    assertThat(told.stream().filter(it -> answered.contains(subject(it))))
        .as("each transfer, to both sides")
        .hasSize(80);
    assertThat(told.stream().map(it -> it.at("/type").asString() + subject(it)))
        .doesNotHaveDuplicates();
  }

  private static UUID subject(JsonNode notification) {
    return UUID.fromString(notification.at("/subject/id").asString());
  }
}
