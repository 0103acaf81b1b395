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
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A real process, ended by kill -9, and started again. */
class CrashTests {

  private static final Duration LONG = Duration.ofMinutes(3);

  @TempDir Path folder;

  final TestDatabase database = TestDatabase.create();
  PaymentProvider provider;
  Simulator simulator;
  Api api;
  int port;
  @Nullable Process application;

  @BeforeEach
  void startBoth() throws IOException {
    provider = PaymentProvider.start(0, folder.resolve("operations.jsonl"));
    simulator = new Simulator(provider);
    try (ServerSocket free = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      port = free.getLocalPort();
    }
    api = new Api(port, "demo");
    start();
  }

  @AfterEach
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

  private UUID onlyPayment() throws SQLException {
    try (Connection connection = database.asOwner();
        Statement query = connection.createStatement();
        ResultSet result = query.executeQuery("select id from payments.payment")) {
      result.next();
      return result.getObject(1, UUID.class);
    }
  }

  private void assertPaidOnce(UUID account, UUID payment) {
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
  void aPayInWhoseProviderHangsSurvivesTheProcess() throws Exception {
    UUID account = api.openAccount(0);
    simulator.misbehave("hang");
    Thread caller =
        Thread.ofVirtual()
            .start(() -> {
              try {
                api.payIn(account, 1250, "tok_ok");
              } catch (RuntimeException gone) {
                // The connection ends with the process.
              }
            });
    await().atMost(LONG).until(() -> count("payments.payment where status = 'PROCESSING'") == 1);
    UUID payment = onlyPayment();
    await().atMost(LONG).until(() -> simulator.received(payment) == 1);

    kill();
    caller.join();
    assertThat(simulator.operations(payment)).isEmpty();
    start();
    simulator.heal();

    assertPaidOnce(account, payment);
  }

  @Test
  void aChargeWhoseAnswerFoundNobodyIsNotMadeAgain() throws Exception {
    UUID account = api.openAccount(0);
    Thread caller =
        Thread.ofVirtual()
            .start(() -> {
              try {
                api.payIn(account, 1250, "tok_slow");
              } catch (RuntimeException gone) {
                // The connection ends with the process.
              }
            });
    await().atMost(LONG).until(() -> count("payments.payment") == 1);
    UUID payment = onlyPayment();
    await().atMost(LONG).until(() -> simulator.received(payment) == 1);

    kill();
    caller.join();
    await().atMost(LONG).until(() -> simulator.operations(payment).size() == 1);
    start();

    assertPaidOnce(account, payment);
    assertThat(simulator.received(payment)).as("asked for, not sent again").isEqualTo(1);
  }

  @Test
  void whatWasAnsweredIsThereAndIsToldOnce() throws Exception {
    UUID from = api.openAccount(1_000_000);
    UUID to = api.openAccount(0);
    List<UUID> answered = new ArrayList<>();

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
      kill();
      owner.rollback();
    }
    assertThat(count("notifications.notification")).isZero();
    start();

    for (UUID transfer : answered) {
      assertThat(api.get("/v1/transfers/" + transfer).status()).isEqualTo(200);
    }
    assertThat(api.posted(to)).isEqualTo(40);
    await().atMost(LONG).until(() -> count("platform.event_publication") == 0);
    Api.Answer feed = api.get("/v1/notifications?limit=100");
    assertThat(feed.body().at("/data").valueStream().map(it -> it.at("/sequence").asLong()))
        .containsExactlyInAnyOrderElementsOf(LongStream.rangeClosed(1, 80).boxed().toList());
    assertThat(
            feed.body()
                .at("/data")
                .valueStream()
                .map(it -> it.at("/type").asString() + it.at("/subject/id").asString()))
        .doesNotHaveDuplicates()
        .hasSize(80);
  }
}
