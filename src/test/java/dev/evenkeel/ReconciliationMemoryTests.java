package dev.evenkeel;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import dev.testing.Api;
import dev.testing.ApplicationProcess;
import dev.testing.TestDatabase;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpRequest.BodyPublishers;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.concurrent.Executors;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/**
 * A day with more payments and operations than fit into memory. With {@code
 * -Devenkeel.test.operations=1000000} there are a million.
 */
class ReconciliationMemoryTests {

  private static final int OPERATIONS = Integer.getInteger("evenkeel.test.operations", 20_000);
  private static final String MEMORY = OPERATIONS > 100_000 ? "-Xmx256m" : "-Xmx128m";
  private static final LocalDate DAY = LocalDate.now(ZoneOffset.UTC).minusDays(1);
  private static final Instant START = DAY.atStartOfDay(ZoneOffset.UTC).toInstant();

  final TestDatabase database = TestDatabase.create();
  HttpServer provider;
  ApplicationProcess application;

  @BeforeEach
  void start() throws IOException {
    provider = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    provider.setExecutor(Executors.newVirtualThreadPerTaskExecutor());
    provider.createContext("/", ReconciliationMemoryTests::answer);
    provider.start();
    application =
        new ApplicationProcess(
            database,
            URI.create("http://127.0.0.1:" + provider.getAddress().getPort()),
            MEMORY,
            "-XX:+ExitOnOutOfMemoryError");
    application.start(Evenkeel.class);
  }

  @AfterEach
  void stop() throws InterruptedException {
    application.kill();
    provider.stop(0);
  }

  /** The operation in the middle has another amount than its payment; the last one has none. */
  @Test
  void comparesManyOperationsInConstantMemory() throws Exception {
    load(OPERATIONS - 1);

    Api.Answer report =
        application.api.send(
            application
                .api
                .request("/v1/operations/reconciliation?day=" + DAY)
                .timeout(Duration.ofMinutes(30))
                .POST(BodyPublishers.noBody()));

    assertThat(report.status()).as(report.toString()).isEqualTo(200);
    assertThat(report.body().at("/matched").asInt()).isEqualTo(OPERATIONS - 2);
    assertThat(report.body().at("/differences").valueStream())
        .extracting(it -> it.at("/kind").asString() + " " + it.at("/operation").asString())
        .containsExactly("amount-differs " + id(OPERATIONS / 2), "missing-here " + id(OPERATIONS));
    assertThat(application.isAlive()).isTrue();
  }

  private static void answer(HttpExchange exchange) throws IOException {
    try (exchange) {
      String query = exchange.getRequestURI().getQuery();
      String after = query == null ? "" : query.replaceAll(".*&after=op_|^.*limit=100$", "");
      int first = after.isEmpty() ? 1 : Integer.parseInt(after) + 1;
      byte[] body =
          IntStream.range(first, Math.min(first + 100, OPERATIONS + 1))
              .mapToObj(ReconciliationMemoryTests::line)
              .collect(Collectors.joining(",", "{\"data\":[", "]}"))
              .getBytes(StandardCharsets.UTF_8);
      exchange.sendResponseHeaders(query == null ? 404 : 200, body.length);
      exchange.getResponseBody().write(body);
    }
  }

  private static String id(int number) {
    return "op_" + number;
  }

  private static String line(int number) {
    String key = "00000000-0000-7000-8000-%012x".formatted(number);
    return "{\"id\":\"%s\",\"key\":\"%s\",\"kind\":\"charge\",\"reference\":\"%s\",\"amount\":%d,\"currency\":\"EUR\",\"status\":\"approved\",\"at\":\"%s\"}"
        .formatted(
            id(number), key, key, number == OPERATIONS / 2 ? 2 : 1, START.plusMillis(10L * number));
  }

  private void load(int payments) throws SQLException {
    try (Connection owner = database.asOwner();
        Statement statement = owner.createStatement()) {
      statement.execute(
          """
          insert into payments.payment
              (id, owner, idempotency_key, fingerprint, account, kind, amount, currency, instrument, status,
               provider, provider_operation, attempts, sends, created_at, final_at)
          select ('00000000-0000-7000-8000-' || lpad(to_hex(i), 12, '0'))::uuid, 'demo', i, '\\x01',
                 gen_random_uuid(), 'PAY_IN', 1, 'EUR', 'tok_ok', 'SUCCEEDED', 'simulator', 'op_' || i, 1, 1, at, at
          from (select i, timestamptz '%s' + i * interval '10 ms' as at from generate_series(1, %d) i) n
          """
              .formatted(START, payments));
      statement.execute("analyze payments.payment");
    }
  }
}
