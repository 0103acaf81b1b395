package dev.evenkeel.observability.traces;

import static dev.testing.Refusals.assertRefused;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;
import static org.awaitility.Awaitility.await;

import dev.paymentprovider.PaymentProvider;
import dev.testing.Api;
import dev.testing.LockHolder;
import dev.testing.Simulator;
import dev.testing.TestDatabase;
import dev.testing.WholeApplication;
import io.opentelemetry.sdk.trace.export.BatchSpanProcessor;
import java.io.InputStream;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.boot.micrometer.tracing.opentelemetry.autoconfigure.SpanProcessors;
import org.springframework.boot.micrometer.tracing.test.autoconfigure.AutoConfigureTracing;
import org.springframework.boot.test.web.server.LocalServerPort;
import org.springframework.test.context.TestPropertySource;
import org.springframework.test.context.junit.jupiter.EnabledIf;
import tools.jackson.databind.JsonNode;

/** Operators see which requests were slow or failed, and why. */
@WholeApplication
@AutoConfigureTracing
// An application of its own, in which no other test makes requests
@TestPropertySource(properties = "evenkeel.trace-memory=63MB")
class TraceOperationsTests {

  private static final Duration LONG = Duration.ofSeconds(20);

  @LocalServerPort int port;
  @Autowired PaymentProvider provider;
  @Autowired TestDatabase database;
  @Autowired SpanProcessors processors;

  final String trace = UUID.randomUUID().toString().replace("-", "");
  Api api;
  Api operator;
  Simulator simulator;
  UUID account;
  UUID other;

  @BeforeEach
  void connect() {
    api = new Api(port, "ada-" + UUID.randomUUID());
    operator = Api.operator(port, "olga");
    simulator = new Simulator(provider);
    account = api.openAccount(1000);
    other = api.openAccount(0);
  }

  @AfterEach
  void heal() {
    simulator.heal();
  }

  /** Makes a request part of the test's trace. */
  private HttpRequest.Builder traced(HttpRequest.Builder request) {
    return request.header("traceparent", "00-" + trace + "-00f067aa0ba902b7-01");
  }

  private Api.Answer transfer(String description) {
    return api.send(
        traced(
            api.posting(
                "/v1/transfers",
                UUID.randomUUID().toString(),
                Map.of(
                    "from",
                    account,
                    "to",
                    other,
                    "amount",
                    1,
                    "currency",
                    "EUR",
                    "description",
                    description))));
  }

  private Api.Answer payIn(String instrument) {
    return api.send(traced(api.payingIn(account, 1250, instrument)));
  }

  private List<JsonNode> requests() {
    return operator.get("/v1/operations/requests").body().at("/data").valueStream().toList();
  }

  private Optional<JsonNode> listed() {
    return requests().stream()
        .filter(request -> request.at("/traceId").asString().equals(trace))
        .findFirst();
  }

  /** The test's request, once it has ended. */
  private JsonNode awaitListed() {
    return await().atMost(LONG).until(this::listed, Optional::isPresent).orElseThrow();
  }

  private static double part(JsonNode request, String part) {
    return request.at("/parts/" + part).asDouble();
  }

  private static void assertAddsUp(JsonNode request) {
    double sum = request.at("/parts").valueStream().mapToDouble(JsonNode::asDouble).sum();
    assertThat(sum).isCloseTo(request.at("/durationMs").asDouble(), within(0.0001));
    assertThat(request.at("/parts").valueStream()).allMatch(part -> part.asDouble() >= 0);
  }

  private Api.Answer trace(String id) {
    return operator.get("/v1/operations/traces/" + id);
  }

  /** The span of this name in a trace, once it has ended. */
  private JsonNode awaitSpan(String trace, String name) {
    return await()
        .atMost(LONG)
        .until(
            () ->
                trace(trace)
                    .body()
                    .at("/spans")
                    .valueStream()
                    .filter(span -> span.at("/name").asString().equals(name))
                    .findFirst(),
            Optional::isPresent)
        .orElseThrow();
  }

  @Test
  @EnabledIf(expression = "${evenkeel.ledger.group-commit:true}", loadContext = true)
  void showsHowLongATransferWaitedForItsBatch() throws SQLException {
    CompletableFuture<Api.Answer> transfer;
    try (LockHolder _ = LockHolder.lockingAccount(database, account)) {
      transfer = CompletableFuture.supplyAsync(() -> transfer("Lunch"));
      await().during(Duration.ofMillis(800)).atMost(LONG).until(() -> !transfer.isDone());
    }
    assertThat(transfer.join().status()).isEqualTo(201);

    JsonNode request = awaitListed();
    assertThat(request.at("/method").asString()).isEqualTo("POST");
    assertThat(request.at("/route").asString()).isEqualTo("/v1/transfers");
    assertThat(request.at("/status").asInt()).isEqualTo(201);
    assertThat(part(request, "batch")).isGreaterThan(400);
    assertThat(part(request, "database")).isZero();
    assertThat(part(request, "provider")).isZero();
    assertAddsUp(request);
  }

  @Test
  @EnabledIf(expression = "${evenkeel.ledger.group-commit:true}", loadContext = true)
  void leadsFromATransferToTheSqlOfItsBatch() {
    transfer("Lunch");

    JsonNode request = awaitSpan(trace, "POST /v1/transfers");
    JsonNode post = awaitSpan(trace, "ledger.post");
    assertThat(request.at("/parent").asString()).isEqualTo("00f067aa0ba902b7");
    assertThat(post.at("/parent")).isEqualTo(request.at("/id"));
    assertThat(post.at("/attributes").propertyNames()).contains("batch.size", "queued.us");

    JsonNode links = trace(trace).body().at("/links");
    assertThat(links).hasSize(1);
    String batch = links.at("/0").asString();
    assertThat(awaitSpan(batch, "ledger.batch").has("parent")).isFalse();
    assertThat(awaitSpan(batch, "connection").at("/durationMs").asDouble()).isPositive();
    assertThat(trace(batch).text()).contains("insert into accounts.entry");
  }

  @Test
  void showsHowLongTheProviderTook() {
    simulator.misbehave(Map.of("mode", "slow", "latencyMs", 700));
    assertThat(payIn("tok_ok").status()).isEqualTo(201);

    JsonNode request = awaitListed();
    assertThat(part(request, "provider")).isGreaterThanOrEqualTo(700);
    assertThat(part(request, "database")).isPositive();
    assertAddsUp(request);
  }

  @Test
  void listsFailedRequestsFirst() throws SQLException {
    asOwner("revoke select on accounts.account from evenkeel");
    try {
      api.sendToFail(traced(api.request("/v1/accounts/" + account).GET()).build());
    } finally {
      asOwner("grant select on accounts.account to evenkeel");
    }

    awaitListed();
    JsonNode first = requests().getFirst();
    assertThat(first.at("/traceId").asString()).isEqualTo(trace);
    assertThat(first.at("/status").asInt()).isEqualTo(500);
    assertThat(first.at("/route").asString()).isEqualTo("/v1/accounts/{id}");
    assertThat(part(first, "database")).isPositive();
    assertAddsUp(first);
    assertThat(awaitSpan(trace, "select accounts.account").at("/error").asString())
        .isEqualTo("org.postgresql.util.PSQLException");
  }

  /** What failed is for operators, who find it by the trace. */
  @Test
  void tellsTheCallerOnlyTheTrace() throws SQLException {
    asOwner("revoke select on accounts.account from evenkeel");
    try {
      Api.Answer failed =
          api.sendToFail(traced(api.request("/v1/accounts/" + account).GET()).build());
      assertThat(failed.at("/type")).isEqualTo("/problems/internal-error");
      assertThat(failed.at("/traceId")).isEqualTo(trace);
      assertThat(failed.text()).doesNotContain("permission", "SQL", "select");
    } finally {
      asOwner("grant select on accounts.account to evenkeel");
    }
  }

  private void asOwner(String sql) throws SQLException {
    try (Connection connection = database.asOwner()) {
      connection.createStatement().execute(sql);
    }
  }

  @Test
  void keepsTracesThatTheCallerDoesNotSample() {
    api.send(
        api.request("/v1/accounts")
            .header("traceparent", "00-" + trace + "-00f067aa0ba902b7-00")
            .GET());

    awaitSpan(trace, "GET /v1/accounts");
  }

  /** A slow payment has more than one reason to be kept. */
  @Test
  void showsEachSpanAndRequestOnce() {
    simulator.misbehave(Map.of("mode", "slow", "latencyMs", 700));
    payIn("tok_ok");
    awaitListed();
    awaitSpan(trace, "notifications.append"); // part of notifications

    assertThat(trace(trace).body().at("/spans").valueStream())
        .extracting(span -> span.at("/id").asString())
        .doesNotHaveDuplicates();
    assertThat(requests())
        .filteredOn(request -> request.at("/traceId").asString().equals(trace))
        .hasSize(1);
  }

  @Test
  void showsNothingSecret() {
    String secret = "tok_" + UUID.randomUUID();
    payIn(secret);
    transfer(secret);
    api.send(traced(api.request("/v1/payments/" + secret).GET()));
    api.sendToFail(traced(api.request("/v1/" + secret).GET()).build());

    awaitSpan(trace, "POST /v1/payments");
    awaitSpan(trace, "POST /v1/transfers");
    awaitSpan(trace, "GET /v1/payments/{id}");
    awaitSpan(trace, "GET NOT_FOUND");
    assertThat(trace(trace).text())
        .doesNotContain(secret, api.authorization().substring("Bearer ".length()), "eyJ");
  }

  // part of notifications
  @Test
  void leavesOutStreams() throws Exception {
    try (HttpClient client = HttpClient.newHttpClient();
        InputStream stream =
            client
                .send(
                    traced(api.request("/v1/notifications/stream")).build(),
                    BodyHandlers.ofInputStream())
                .body()) {
      assertThat(stream).isNotNull();
    }

    // The application learns from the next events that nobody listens
    await()
        .atMost(LONG)
        .until(() -> {
          api.transfer(account, api.openAccount(0), 1);
          return trace(trace).status() == 200;
        });
    assertThat(awaitSpan(trace, "GET /v1/notifications/stream").at("/attributes/stream").asString())
        .isEqualTo("true");
    assertThat(listed()).isEmpty();
  }

  // end of notifications

  @ParameterizedTest
  @ValueSource(
      strings = {
        "4bf92f3577b34da6a3ce929d0e0e4737",
        "0",
        "no-trace",
        "4BF92F3577B34DA6A3CE929D0E0E4737"
      })
  void rejectsUnknownTraces(String id) {
    assertRefused(trace(id), 404, "not-found");
  }

  @Test
  void rejectsUnknownParameters() {
    assertRefused(operator.get("/v1/operations/requests?limit=1"), 400, "invalid-request");
    assertRefused(operator.get("/v1/operations/traces/0?limit=1"), 400, "invalid-request");
  }

  @Test
  void queuesNothingForExportWithoutAnEndpoint() {
    assertThat(processors.list())
        .hasAtLeastOneElementOfType(KeptTraces.class)
        .doesNotHaveAnyElementsOfTypes(BatchSpanProcessor.class);
  }
}
