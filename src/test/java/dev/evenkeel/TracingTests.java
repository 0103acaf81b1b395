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
import java.util.Map;
import java.util.UUID;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.boot.micrometer.tracing.test.autoconfigure.AutoConfigureTracing;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;
import org.springframework.boot.test.web.server.LocalServerPort;
import org.springframework.context.annotation.Import;
import org.springframework.test.context.junit.jupiter.EnabledIf;

/** A payment is one trace, from the request to the notification. */
@WholeApplication
@AutoConfigureTracing
@Import(RecordedSpans.class)
@ExtendWith(OutputCaptureExtension.class)
class TracingTests {

  private static final Duration LONG = Duration.ofSeconds(20);
  private static final String PAY = "http post /v1/payments";
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

  /** The trace's spans in the order in which they ended, each as {@code parent > name}. */
  private List<String> tree(String trace) {
    List<SpanData> all = spansNamed(trace, "");
    Map<String, String> names =
        all.stream().collect(Collectors.toMap(SpanData::getSpanId, SpanData::getName));
    return all.stream()
        .map(span -> names.getOrDefault(span.getParentSpanId(), "") + " > " + span.getName())
        .toList();
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
          List<String> tree = tree(traceOfRequest("/v1/payments"));
          assertThat(tree)
              .containsOnlyOnce(
                  " > " + PAY,
                  PAY + " > insert payments.payment",
                  PAY + " > provider.charge",
                  PAY + " > insert accounts.transfer")
              .containsSubsequence(
                  PAY + " > insert payments.payment",
                  PAY + " > connection",
                  PAY + " > provider.charge",
                  PAY + " > update payments.payment",
                  PAY + " > insert accounts.transfer",
                  PAY + " > connection");
          // part of notifications
          assertThat(tree)
              .containsOnlyOnce(
                  PAY + " > notifications.append",
                  "notifications.append > insert notifications.notification");
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
          List<String> tree = tree(traceOfRequest("/v1/payments"));
          assertThat(tree)
              .contains(PAY + " > provider.charge", PAY + " > payments.recovery")
              .containsSubsequence(
                  "payments.recovery > provider.ask",
                  "payments.recovery > provider.charge",
                  "payments.recovery > update payments.payment",
                  "payments.recovery > insert accounts.transfer")
              .containsOnlyOnce("payments.recovery > insert accounts.transfer");
          // part of notifications
          assertThat(tree).containsOnlyOnce(PAY + " > notifications.append");
          // end of notifications
        });
  }

  /** A scheduled job finds out what operators have to know, and the request is long over. */
  @Test
  void saysInTheTraceOfItsRequestThatAPaymentNeedsADecision(CapturedOutput output)
      throws SQLException {
    simulator.misbehave("hang");
    spans.reset();
    UUID payment = api.payIn(account, 1250, "tok_ok").id();
    String trace = traceOfRequest("/v1/payments");
    asOwner(
        """
        update payments.payment
        set created_at = created_at - interval '1 day', first_sent_at = first_sent_at - interval '1 day'
        where id = '%s'
        """
            .formatted(payment));

    String line = "\\[%s] .* Payment %s, PROCESSING, needs a decision".formatted(trace, payment);
    await().atMost(LONG).untilAsserted(() -> assertThat(output).containsPattern(line));
    Api.operator(port, "olga")
        .post(
            "/v1/operations/payments/" + payment + "/resolve",
            Map.of("outcome", "failed", "reason", "They have no record of it"));
  }

  private void asOwner(String sql) throws SQLException {
    try (Connection connection = database.asOwner()) {
      connection.createStatement().execute(sql);
    }
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
        .untilAsserted(() -> {
          String trace = traceOfRequest("/v1/payments");
          List<SpanData> attempts = spansNamed(trace, "notifications.append");
          assertThat(attempts)
              .hasSizeGreaterThan(1)
              .last()
              .satisfies(span ->
                  assertThat(span.getStatus().getStatusCode()).isNotEqualTo(StatusCode.ERROR));
          assertThat(tree(trace))
              .filteredOn(span -> span.equals(PAY + " > notifications.append"))
              .hasSameSizeAs(attempts);
        });
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
          assertThat(tree(post.getTraceId()))
              .containsExactly(
                  "http post /v1/transfers > ledger.post", " > http post /v1/transfers");
          assertThat(tree(batch))
              .containsOnlyOnce(
                  " > ledger.batch",
                  "ledger.batch > connection",
                  "ledger.batch > insert accounts.transfer");
          // part of notifications
          assertThat(tree(batch))
              .containsOnlyOnce(
                  "ledger.batch > notifications.append",
                  "notifications.append > insert notifications.notification");
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
