package dev.evenkeel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.paymentprovider.PaymentProvider;
import dev.testing.Api;
import dev.testing.RecordedSpans;
import dev.testing.Simulator;
import dev.testing.TestDatabase;
import dev.testing.WholeApplication;
import io.opentelemetry.api.trace.SpanKind;
import io.opentelemetry.api.trace.StatusCode;
import io.opentelemetry.sdk.testing.exporter.InMemorySpanExporter;
import io.opentelemetry.sdk.trace.data.SpanData;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.UUID;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.boot.micrometer.tracing.test.autoconfigure.AutoConfigureTracing;
import org.springframework.boot.test.web.server.LocalServerPort;
import org.springframework.context.annotation.Import;
import org.springframework.test.context.junit.jupiter.EnabledIf;

/** A payment is one trace, from the request to the notification. */
@WholeApplication
@AutoConfigureTracing
@Import(RecordedSpans.class)
class TracingTests {

  private static final Duration LONG = Duration.ofSeconds(20);
  private static final String TRACE = "4bf92f3577b34da6a3ce929d0e0e4736";

  @LocalServerPort int port;
  @Autowired PaymentProvider provider;
  @Autowired TestDatabase database;

  final InMemorySpanExporter spans = RecordedSpans.SPANS;
  Api api;
  Simulator simulator;
  UUID account;

  @BeforeEach
  void connect() {
    // Events that are told together share their SQL, which is then in no one's trace.
    await().atMost(LONG).until(() -> unfinished() == 0);
    api = new Api(port, "ada-" + UUID.randomUUID());
    simulator = new Simulator(provider);
    account = api.openAccount(0);
  }

  /** Counts events that are not told yet, and payments that will publish one. */
  private long unfinished() throws SQLException {
    try (Connection connection = database.asOwner();
        ResultSet row =
            connection
                .createStatement()
                .executeQuery(
                    """
                    select (select count(*) from shared.outbox)
                        + (select count(*) from payments.payment where status in ('PENDING', 'PROCESSING'))
                    """)) {
      row.next();
      return row.getLong(1);
    }
  }

  @AfterEach
  void heal() {
    simulator.heal();
  }

  private List<SpanData> spansNamed(String trace, String name) {
    return spans.getFinishedSpanItems().stream()
        .filter(span -> span.getTraceId().equals(trace) && span.getName().startsWith(name))
        .toList();
  }

  /** The SQL of the trace that ran within a span of this name. */
  private List<SpanData> sqlWithin(String trace, String name) {
    return spansNamed(trace, "query").stream().filter(sql -> isWithin(sql, name)).toList();
  }

  private boolean isWithin(SpanData span, String name) {
    return spansNamed(span.getTraceId(), "").stream()
        .filter(parent -> parent.getSpanId().equals(span.getParentSpanId()))
        .anyMatch(parent -> parent.getName().startsWith(name) || isWithin(parent, name));
  }

  private String traceOfRequest(String path) {
    List<SpanData> servers =
        spans.getFinishedSpanItems().stream()
            .filter(span -> span.getKind() == SpanKind.SERVER && span.getName().contains(path))
            .toList();
    assertThat(servers).hasSize(1);
    return servers.getFirst().getTraceId();
  }

  private void awaitTold() {
    // part of notifications
    await()
        .atMost(LONG)
        .until(
            () -> api.get("/v1/notifications?account=" + account).body().at("/data").size() == 1);
    // end of notifications
  }

  @Test
  void tracesAPaymentFromRequestToNotification() {
    spans.reset();

    assertThat(api.payIn(account, 1250, "tok_ok").status()).isEqualTo(201);
    awaitTold();

    await()
        .atMost(LONG)
        .untilAsserted(() -> {
          String trace = traceOfRequest("/v1/payments");
          assertThat(spansNamed(trace, "provider.charge"))
              .singleElement()
              .satisfies(span -> assertThat(span.getKind()).isEqualTo(SpanKind.CLIENT));
          assertThat(sqlWithin(trace, "http post")).as("SQL of the request").isNotEmpty();
          // part of notifications
          assertThat(spansNamed(trace, "notifications.append")).hasSize(1);
          assertThat(sqlWithin(trace, "notifications.append"))
              .as("SQL of the consumer")
              .isNotEmpty();
          // end of notifications
        });
  }

  @Test
  void continuesTheTraceInRecovery() {
    simulator.misbehave("hang");
    spans.reset();

    Api.Answer accepted = api.payIn(account, 1250, "tok_ok");
    assertThat(accepted.status()).isEqualTo(202);
    simulator.heal();
    awaitTold();

    await()
        .atMost(LONG)
        .untilAsserted(() -> {
          String trace = traceOfRequest("/v1/payments");
          assertThat(spansNamed(trace, "payments.recovery")).isNotEmpty();
          assertThat(spansNamed(trace, "provider.ask")).isNotEmpty();
          assertThat(spansNamed(trace, "provider.charge")).hasSize(2);
          assertThat(spansNamed(trace, "notifications.append")).hasSize(1); // part of notifications
        });
  }

  // part of notifications
  @Test
  void continuesTheTraceAfterAFailedAttempt() throws SQLException {
    spans.reset();
    asOwner("revoke insert on notifications.notification from evenkeel");
    try {
      assertThat(api.payIn(account, 1250, "tok_ok").status()).isEqualTo(201);
      await()
          .atMost(LONG)
          .until(
              () -> !spansNamed(traceOfRequest("/v1/payments"), "notifications.append").isEmpty());
    } finally {
      asOwner("grant insert on notifications.notification to evenkeel");
    }
    awaitTold();

    await()
        .atMost(LONG)
        .untilAsserted(() ->
            assertThat(spansNamed(traceOfRequest("/v1/payments"), "notifications.append"))
                .hasSizeGreaterThan(1)
                .last()
                .satisfies(span ->
                    assertThat(span.getStatus().getStatusCode()).isNotEqualTo(StatusCode.ERROR)));
  }

  private void asOwner(String sql) throws SQLException {
    try (Connection connection = database.asOwner()) {
      connection.createStatement().execute(sql);
    }
  }

  // end of notifications

  @Test
  void continuesTheCallersTraceAndNamesItInProblems() {
    Api.Answer problem =
        api.send(
            api.request("/v1/payments/" + UUID.randomUUID())
                .header("traceparent", "00-" + TRACE + "-00f067aa0ba902b7-01")
                .GET());

    assertThat(problem.status()).isEqualTo(404);
    assertThat(problem.at("/traceId")).isEqualTo(TRACE);
  }

  /** Several transfers share a batch, and so its trace: each has a link to it. */
  @Test
  @EnabledIf(
      expression = "${evenkeel.ledger.group-commit:true}",
      loadContext = true,
      reason = "without group commit there is no batch, and the SQL is in the transfer's own trace")
  void linksATransferToTheTraceOfItsBatch() {
    UUID from = api.openAccount(100);
    spans.reset();

    assertThat(api.transfer(from, account, 1).status()).isEqualTo(201);
    awaitTold();

    await()
        .atMost(LONG)
        .untilAsserted(() -> {
          SpanData post = one(spansNamed(traceOfRequest("/v1/transfers"), "ledger.post"));
          assertThat(post.getAttributes().asMap().toString()).contains("batch.size", "queued.us");
          String batch = one(post.getLinks()).getSpanContext().getTraceId();
          assertThat(batch).isNotEqualTo(post.getTraceId());
          assertThat(spansNamed(batch, "ledger.batch")).hasSize(1);
          assertThat(sqlWithin(batch, "ledger.batch")).as("SQL of the batch").isNotEmpty();
          // part of notifications
          assertThat(spansNamed(batch, "notifications.append")).hasSize(1);
          assertThat(sqlWithin(batch, "notifications.append"))
              .as("SQL of the consumer")
              .isNotEmpty();
          // end of notifications
        });
  }

  private static <T> T one(List<T> list) {
    assertThat(list).hasSize(1);
    return list.getFirst();
  }

  @Test
  void keepsParameterValuesOutOfSpans() {
    api.payIn(account, 1250, "tok_ok");

    assertThat(spans.getFinishedSpanItems())
        .allSatisfy(span ->
            assertThat(span.getAttributes().asMap().values())
                .noneMatch(value -> value.toString().contains("tok_ok")));
  }

  @Test
  void beginsNoTraceForPolling() {
    // Once what the other tests began has ended: a dozen sweeps and a redelivery, unseen.
    spans.reset();
    await()
        .during(Duration.ofSeconds(3))
        .atMost(LONG)
        .until(() -> {
          boolean silent = spans.getFinishedSpanItems().isEmpty();
          spans.reset();
          return silent;
        });
  }
}
