package dev.evenkeel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.testing.Api;
import dev.testing.ApplicationProcess;
import dev.testing.TestDatabase;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.UUID;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;

/**
 * A statement larger than the memory of the process that writes it, for a slow reader. With {@code
 * -Devenkeel.test.entries=1000000} it has a million entries.
 */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class StatementMemoryTests {

  private static final Duration LONG = Duration.ofMinutes(2);
  private static final int ENTRIES = Integer.getInteger("evenkeel.test.entries", 100_000);

  final TestDatabase database = TestDatabase.create();
  ApplicationProcess application;
  Api api;
  UUID account;

  @BeforeAll
  void start() throws IOException, SQLException {
    application =
        new ApplicationProcess(
            database, URI.create("http://127.0.0.1:9"), "-Xmx128m", "-XX:+ExitOnOutOfMemoryError");
    api = application.api;
    application.start(
        Evenkeel.class,
        // What is asserted does not depend on how busy the machine is
        "--server.tomcat.connection-timeout=2m",
        "--spring.datasource.hikari.connection-timeout=20000",
        "--spring.datasource.hikari.data-source-properties.options="
            + "-c lock_timeout=15s -c statement_timeout=20s -c transaction_timeout=30s",
        "--spring.datasource.hikari.data-source-properties.socketTimeout=40");
    account = api.openAccount(0);
    load();
  }

  @AfterAll
  void stop() throws InterruptedException {
    application.kill();
  }

  @Test
  void streamsLongStatementsInConstantMemory() throws Exception {
    try (HttpClient client = HttpClient.newHttpClient()) {
      try (BufferedReader lines = statement(client)) {
        assertThat(lines.readLine()).startsWith("kind,");
        assertThat(lines.readLine()).startsWith("opening,0,");
        assertThat(lines.readLine()).startsWith("entry,1,");

        awaitThatItWaitsForItsReader();
        assertThat(api.get("/v1/accounts/" + account).status()).isEqualTo(200);

        for (int sequence = 2; sequence <= ENTRIES; sequence++) {
          String line = lines.readLine();
          if (line == null || !line.startsWith("entry," + sequence + ",")) {
            throw new AssertionError("instead of entry " + sequence + ": " + line);
          }
        }
        assertThat(lines.readLine()).isEqualTo("closing,%d,,,%d,EUR,,".formatted(ENTRIES, ENTRIES));
        assertThat(lines.readLine()).isNull();
      }
    }
    assertThat(application.isAlive()).isTrue();
  }

  @Test
  void cutsOffStatementsThatFail() throws Exception {
    try (HttpClient client = HttpClient.newHttpClient();
        BufferedReader lines = statement(client);
        Connection owner = database.asOwner();
        Statement sql = owner.createStatement()) {
      assertThat(lines.readLine()).startsWith("kind,");
      awaitThatItWaitsForItsReader();

      sql.execute("revoke select on accounts.entry from evenkeel");
      try {
        assertThatThrownBy(() -> lines.lines().forEach(_ -> {}))
            .isInstanceOf(UncheckedIOException.class);
      } finally {
        sql.execute("grant select on accounts.entry to evenkeel");
      }
    }
  }

  private BufferedReader statement(HttpClient client) throws Exception {
    HttpResponse<InputStream> answer =
        client.send(
            api.request("/v1/accounts/" + account + "/entries")
                .timeout(LONG)
                .header("Accept", "text/csv")
                .build(),
            BodyHandlers.ofInputStream());
    assertThat(answer.statusCode()).isEqualTo(200);
    return new BufferedReader(new InputStreamReader(answer.body(), StandardCharsets.UTF_8));
  }

  /** All that is under way is full, and stays so. */
  private void awaitThatItWaitsForItsReader() {
    await()
        .atMost(LONG)
        .during(Duration.ofSeconds(1))
        .pollInterval(Duration.ofMillis(20))
        .until(() -> connectionsThatReadEntries() == 0);
  }

  private int connectionsThatReadEntries() throws SQLException {
    try (Connection connection = database.asApplication();
        Statement query = connection.createStatement();
        ResultSet row =
            query.executeQuery(
                """
                select count(*) from pg_stat_activity
                where datname = current_database() and application_name = 'evenkeel'
                  and state <> 'idle' and query like '%from accounts.entry e%'
                """)) {
      row.next();
      return row.getInt(1);
    }
  }

  /** Inserts in bulk, without the per-entry checks, which would take an hour. */
  private void load() throws SQLException {
    try (Connection owner = database.asOwner();
        Statement statement = owner.createStatement()) {
      statement.execute("alter table accounts.entry disable trigger check_new_entries");
      statement.execute(
          """
          insert into accounts.transfer
              (id, owner, operation, idempotency_key, fingerprint, from_account, to_account, amount, currency,
               description, payment, posted_at)
          select id, 'demo', 'payment', id, '\\x01', '00000000-0000-8000-8000-000001455552', '%1$s', 1, 'EUR',
                 'Number ' || i, id, now() - interval '1 day' + i * interval '1 millisecond'
          from (select i, ('00000000-0000-7000-8000-' || lpad(to_hex(i), 12, '0'))::uuid as id
                from generate_series(1, %2$d) i) n
          """
              .formatted(account, ENTRIES));
      statement.execute(
          """
          insert into accounts.entry
              (transfer, account, amount, currency, seq, balance_after, posted_at)
          select id, to_account, 1, 'EUR', n, n, posted_at
          from (select *, row_number() over (order by id) as n from accounts.transfer) t
          union all
          select id, from_account, -1, 'EUR', null, null, posted_at
          from accounts.transfer
          """);
      statement.execute(
          "update accounts.account set posted = %1$d, seq = %1$d where id = '%2$s'"
              .formatted(ENTRIES, account));
      statement.execute("analyze accounts.transfer, accounts.entry");
    }
  }
}
