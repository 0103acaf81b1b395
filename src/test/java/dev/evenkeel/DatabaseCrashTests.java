package dev.evenkeel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.paymentprovider.PaymentProvider;
import dev.testing.Api;
import dev.testing.FreePort;
import dev.testing.TokenIssuer;
import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.boot.SpringApplication;
import org.springframework.context.ConfigurableApplicationContext;

/**
 * PostgreSQL is killed with kill -9 while transfers are posted, and restarted. Callers do what the
 * contract says: they repeat the same request with the same key.
 */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class DatabaseCrashTests {

  private static final Duration LONG = Duration.ofMinutes(2);
  private static final int CALLERS = 8;
  private static final int ENOUGH = 100;

  final Map<String, UUID> posted = new ConcurrentHashMap<>();
  final Set<Integer> statuses = ConcurrentHashMap.newKeySet();
  final AtomicBoolean enough = new AtomicBoolean();

  PaymentProvider provider;
  EmbeddedPostgres database;
  ConfigurableApplicationContext application;
  Path folder;
  int port;
  Api api;
  UUID from;
  UUID to;
  Api.Answer balanceWhileAway;

  @BeforeAll
  void killTheDatabaseUnderLoad(@TempDir Path folder) throws Exception {
    this.folder = folder;
    port = FreePort.find();
    provider = PaymentProvider.start(0, folder.resolve("operations.jsonl"));
    database = start();
    createRoles();
    startApplication();
    from = api.openAccount(1_000_000_000);
    to = api.openAccount(0);
    try (ExecutorService callers = Executors.newVirtualThreadPerTaskExecutor()) {
      for (int i = 0; i < CALLERS; i++) {
        callers.execute(this::transferUntilEnough);
      }
      try {
        await().atMost(LONG).until(() -> posted.size() > ENOUGH);
        kill();
        await().atMost(LONG).until(() -> statuses.contains(503));
        balanceWhileAway = api.get("/v1/accounts/" + from);
        // Once the processes of the one that was killed have noticed.
        database = await().atMost(LONG).ignoreExceptions().until(this::start, _ -> true);
        int before = posted.size();
        await().atMost(LONG).until(() -> posted.size() > before + ENOUGH);
      } finally {
        enough.set(true);
      }
    }
  }

  private void transferUntilEnough() {
    while (!enough.get()) {
      String key = UUID.randomUUID().toString();
      Api.Answer answer = api.transfer(key, from, to, 1);
      statuses.add(answer.status());
      while (answer.status() == 503 && !enough.get()) {
        answer = api.transfer(key, from, to, 1);
        statuses.add(answer.status());
      }
      if (answer.status() != 503) {
        posted.put(key, answer.id());
      }
    }
  }

  @Test
  void keepsWhatWasConfirmedOnce() throws SQLException {
    posted.forEach((key, id) -> {
      Api.Answer again = api.transfer(key, from, to, 1);
      assertThat(again.status()).as(again.toString()).isEqualTo(200);
      assertThat(again.id()).isEqualTo(id);
    });
    assertThat(api.posted(to)).isEqualTo(posted.size());
    assertThat(api.get("/v1/accounts/" + to).body().at("/sequence").asInt())
        .isEqualTo(posted.size());
  }

  @Test
  void answersOnly503WhileTheDatabaseIsAway() {
    assertThat(statuses).isSubsetOf(200, 201, 503);
    assertThat(balanceWhileAway.status()).as(balanceWhileAway.toString()).isEqualTo(503);
    assertThat(balanceWhileAway.header("Retry-After")).isPresent();
  }

  @Test
  void balancesTheLedgerAfterwards() {
    assertThat(api.get("/v1/operations/ledger").body().at("/balanced").asBoolean()).isTrue();
  }

  private EmbeddedPostgres start() throws IOException {
    return EmbeddedPostgres.builder()
        .setRegisterShutdownHook(false)
        .setDataDirectory(folder.resolve("database"))
        .setCleanDataDirectory(false)
        .setPort(port)
        .setServerConfig("fsync", "on")
        .setServerConfig("synchronous_commit", "on")
        .start();
  }

  private void createRoles() throws SQLException {
    try (Connection superuser = database.getPostgresDatabase().getConnection();
        Statement statement = superuser.createStatement()) {
      statement.execute("create role evenkeel_owner login");
      statement.execute("create role evenkeel login");
      statement.execute("create database evenkeel owner evenkeel_owner");
    }
  }

  private void startApplication() {
    application =
        SpringApplication.run(
            Evenkeel.class,
            "--server.port=0",
            "--spring.datasource.url=jdbc:postgresql://127.0.0.1:" + port + "/evenkeel",
            "--spring.datasource.username=evenkeel",
            "--spring.flyway.user=evenkeel_owner",
            TokenIssuer.ofTests().argument(),
            "--evenkeel.payments.provider.url=" + provider.url());
    String http = application.getEnvironment().getRequiredProperty("local.server.port");
    api = Api.operator(Integer.parseInt(http), "demo");
  }

  private void kill() throws IOException {
    List<String> pidFile = Files.readAllLines(folder.resolve("database/postmaster.pid"));
    ProcessHandle postmaster = ProcessHandle.of(Long.parseLong(pidFile.getFirst())).orElseThrow();
    postmaster.destroyForcibly();
    postmaster.onExit().join();
    database.close(); // lets go of its folder
  }

  @AfterAll
  void stop() throws IOException {
    application.close();
    database.close();
    provider.close();
  }
}
