package dev.evenkeel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.paymentprovider.PaymentProvider;
import dev.testing.Api;
import dev.testing.RecordedSpans;
import dev.testing.Simulator;
import dev.testing.TestDatabase;
import dev.testing.WholeApplication;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.tracing.Tracer;
import io.opentelemetry.sdk.trace.data.SpanData;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.slf4j.LoggerFactory;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.beans.factory.annotation.Qualifier;
import org.springframework.boot.logging.LogLevel;
import org.springframework.boot.logging.LoggingSystem;
import org.springframework.boot.micrometer.tracing.test.autoconfigure.AutoConfigureTracing;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;
import org.springframework.boot.test.web.server.LocalServerPort;
import org.springframework.context.annotation.Import;
import org.springframework.test.annotation.DirtiesContext;
import org.springframework.test.context.TestPropertySource;
import org.springframework.web.bind.annotation.RequestMethod;
import org.springframework.web.servlet.mvc.method.annotation.RequestMappingHandlerMapping;

/**
 * Sends canaries, which are texts that occur nowhere else, in every field of every operation. None
 * may get into a log, a span, a metric or a problem document.
 */
@WholeApplication
@AutoConfigureTracing
@TestPropertySource(
    properties = {
      "management.prometheus.metrics.export.enabled=true",
      // The simulator keeps failing here, and no payment should wait for the breaker
      "resilience4j.circuitbreaker.instances.provider.minimum-number-of-calls=1000"
    })
@Import(RecordedSpans.class)
@DirtiesContext // no other test needs this application
@ExtendWith(OutputCaptureExtension.class)
class CanaryTests {

  private static final Duration LONG = Duration.ofSeconds(30);

  /** Fields of bodies and parameters of queries, of all operations. */
  private static final List<String> FIELDS =
      List.of(
              "name currency overdraftLimit from to amount description reference metadata account kind"
                  .split(" "),
              "instrument capture atomic transfers expiresIn outcome reason url types type data owner"
                  .split(" "),
              "at day limit cursor status idempotencyKey unknown".split(" "))
          .stream()
          .flatMap(Stream::of)
          .toList();

  @LocalServerPort int port;
  @Autowired PaymentProvider provider;
  @Autowired TestDatabase database;
  @Autowired MeterRegistry meters;
  @Autowired Tracer tracer;
  @Autowired LoggingSystem logging;

  @Autowired
  @Qualifier("requestMappingHandlerMapping") RequestMappingHandlerMapping mappings;

  final String canary = "canary" + UUID.randomUUID().toString().substring(0, 8);

  /** Canaries, and secrets that were generated. */
  final List<String> secrets = new ArrayList<>(List.of(canary));

  final List<String> problems = new CopyOnWriteArrayList<>();
  Api ada;
  Api operator;
  Simulator simulator;

  @BeforeEach
  void connect() {
    logging.setLogLevel("dev.evenkeel", LogLevel.DEBUG);
    ada = new Api(port, "ada-" + UUID.randomUUID());
    operator = Api.operator(port, "olga-" + UUID.randomUUID());
    simulator = new Simulator(provider);
  }

  @AfterEach
  void heal() {
    logging.setLogLevel("dev.evenkeel", null);
    simulator.heal();
  }

  @Test
  void noTextOfACallerLeaks(CapturedOutput output) throws Exception {
    Map<String, String> texts = sendValidRequests();
    sendInvalidRequests();
    failInTheProvider(texts);
    failInTheDatabase(texts);
    await().atMost(LONG).until(() -> unfinished() == 0);

    assertThat(problems).hasSizeGreaterThan(500);
    assertThat(leaks(output)).isEmpty();
  }

  /** Shows that the search finds what it is meant to find. */
  @Test
  void findsPlantedLeaks(CapturedOutput output) {
    LoggerFactory.getLogger(CanaryTests.class).debug("planted", new Exception(canary));
    tracer.nextSpan().name("planted").start().error(new Exception(canary)).end();
    meters.counter("planted", "name", canary).increment();
    problems.add("{\"detail\":\"" + canary + "\"}");

    assertThat(leaks(output).toString()).contains("log:", "span:", "metric:", "problem:");
  }

  private List<String> leaks(CapturedOutput output) {
    List<String> leaks = new ArrayList<>();
    search("log", output.toString(), leaks);
    RecordedSpans.SPANS.getFinishedSpanItems().forEach(span -> search("span", text(span), leaks));
    search("metric", operator.get("/actuator/prometheus").text(), leaks);
    problems.forEach(problem -> search("problem", problem, leaks));
    return leaks;
  }

  private static String text(SpanData span) {
    return span.getName()
        + span.getStatus()
        + span.getAttributes().asMap()
        + span.getEvents().stream()
            .map(event -> event.getName() + event.getAttributes().asMap())
            .toList();
  }

  private void search(String source, String text, List<String> leaks) {
    for (String secret : secrets) {
      Pattern.compile(Pattern.quote(secret), Pattern.CASE_INSENSITIVE)
          .matcher(text)
          .results()
          .limit(5)
          .map(leak -> text.substring(Math.max(0, leak.start() - 80), leak.end()))
          .forEach(leak -> leaks.add(source + ": " + leak));
    }
  }

  private Api.Answer send(HttpRequest.Builder request, Api api) {
    Api.Answer answer = api.send(request);
    if (answer.status() >= 400) {
      problems.add(answer.text());
    }
    return answer;
  }

  private Api.Answer post(String path, Map<String, Object> body) {
    String key = canary + "-key-" + UUID.randomUUID();
    Api.Answer answer = ada.sendToFail(ada.posting(path, key, body).build());
    if (answer.status() >= 400) {
      problems.add(answer.text());
    }
    return answer;
  }

  private UUID created(String path, Map<String, Object> body) {
    Api.Answer answer = post(path, body);
    assertThat(answer.status()).as(path + " " + answer).isBetween(200, 202);
    return answer.id();
  }

  private Map<String, Object> transfer(Map<String, String> texts) {
    return with(texts, "from", "to", "currency", "description", "reference", "metadata");
  }

  private Map<String, Object> payment(Map<String, String> texts, String kind) {
    Map<String, Object> payment =
        with(texts, "account", "currency", "instrument", "description", "reference", "metadata");
    payment.put("kind", kind);
    return payment;
  }

  /** A request with an amount, texts and metadata. */
  private Map<String, Object> with(Map<String, String> texts, String... fields) {
    Map<String, Object> request = new HashMap<>(Map.of("amount", 10));
    for (String field : fields) {
      request.put(field, texts.get(field));
    }
    request.replace("metadata", Map.of(canary + "-name", canary + "-value"));
    return request;
  }

  /**
   * @return values for the fields of further requests
   */
  private Map<String, String> sendValidRequests() throws Exception {
    Map<String, Object> account =
        Map.of("name", canary + "-name", "currency", "EUR", "overdraftLimit", 100_000);
    Map<String, String> texts = new HashMap<>();
    texts.put("currency", "EUR");
    texts.put("from", created("/v1/accounts", account).toString());
    texts.put("to", created("/v1/accounts", account).toString());
    texts.put("account", texts.get("from"));
    for (String field : List.of("description", "reference", "instrument")) {
      texts.put(field, canary + "-" + field);
    }
    // part of notifications
    createEndpoint();
    // end of notifications

    UUID transfer = created("/v1/transfers", transfer(texts));
    ada.reverse(transfer);
    ada.get("/v1/transfers?reference=" + canary + "-reference");
    created("/v1/transfers/batch", Map.of("atomic", false, "transfers", List.of(transfer(texts))));
    for (String end : List.of("capture", "release")) {
      UUID hold = created("/v1/holds", with(texts, "from", "to", "currency", "description"));
      post("/v1/holds/" + hold + "/" + end, Map.of());
    }
    UUID payIn = created("/v1/payments", payment(texts, "pay_in"));
    created("/v1/payments/" + payIn + "/refunds", Map.of("amount", 1));
    UUID payOut = created("/v1/payments", payment(texts, "pay_out"));
    simulator.takeBack(payOut);
    post("/v1/payments/" + payIn + "/cancel", Map.of());
    ada.get("/v1/payments?idempotencyKey=" + canary);
    ada.send(
        ada.request("/v1/accounts/" + texts.get("from") + "/entries")
            .header("Accept", "text/csv")
            .GET());
    for (String change : List.of("freeze", "unfreeze", "close")) {
      ada.post("/v1/accounts/" + texts.get("from") + "/" + change);
    }
    // part of notifications
    await().atMost(LONG).until(() -> !ada.get("/v1/notifications").body().at("/data").isEmpty());
    ada.post("/v1/notifications/" + ada.get("/v1/notifications").at("/data/0/id") + "/read");
    // end of notifications
    return texts;
  }

  // part of notifications
  /** An endpoint that nobody listens at: its deliveries fail. */
  private void createEndpoint() {
    Api.Answer endpoint =
        post(
            "/v1/webhook-endpoints",
            Map.of("url", "http://127.0.0.1:9/" + canary + "?token=" + canary));
    String rotate = "/v1/webhook-endpoints/" + endpoint.id() + "/rotate-secret";
    for (Api.Answer answer : List.of(endpoint, ada.post(rotate))) {
      secrets.add(answer.at("/secret").substring("whsec_".length()));
    }
  }

  // end of notifications

  /** Sends each operation bodies, parameters and headers that it refuses. */
  private void sendInvalidRequests() {
    mappings.getHandlerMethods().keySet().stream()
        .forEach(mapping -> {
          for (String pattern : mapping.getPatternValues()) {
            if (pattern.startsWith("/v1/")) {
              String path = pattern.replaceAll("\\{.*?}", UUID.randomUUID().toString());
              for (RequestMethod method : mapping.getMethodsCondition().getMethods()) {
                sendInvalidRequests(method.name(), path);
              }
            }
          }
        });
  }

  private void sendInvalidRequests(String method, String path) {
    for (String field : FIELDS) {
      String value = canary + "-" + field;
      if (method.equals("POST")) {
        invalidBody(path, "{\"" + field + "\":\"" + value + "\"}");
        invalidBody(path, "{\"" + field + "\":[{\"no\":\"" + value + "\"}]}");
      } else {
        String query = "?" + field + "=" + value;
        send(ada.request(path + query).method(method, BodyPublishers.noBody()), ada);
      }
    }
    if (method.equals("POST")) {
      for (String body :
          List.of(
              canary,
              "\"" + canary + "\"",
              "[\"" + canary + "\"]",
              "{\"name\":\"" + canary,
              "{\"name\":" + canary + "}",
              "{\"amount\":1" + canary + "}")) {
        invalidBody(path, body);
      }
    }
    send(invalid(path, method).header("Accept", "text/" + canary), ada);
    send(invalid(path, method).header("Content-Type", "text/" + canary), ada);
    send(invalid(path, method).header("Content-Type", canary), ada);
    send(invalid(path, method).header("Idempotency-Key", canary + "x".repeat(300)), ada);
    send(invalid(path, method).header("Authorization", "Bearer " + canary), ada);
    send(invalid(path, method).header("Authorization", "Basic " + canary), ada);
    send(invalid(path, method).header("Cookie", "SESSION=" + canary), ada);
    send(invalid(path, method).header("Last-Event-ID", canary), ada);
    send(invalid(path, method).header("traceparent", canary), ada);
    send(invalid(path, method).header("webhook-signature", "v1," + canary), ada);
  }

  private HttpRequest.Builder invalid(String path, String method) {
    return ada.request(path + "?no=" + canary).method(method, BodyPublishers.ofString(canary));
  }

  private void invalidBody(String path, String body) {
    Api api = path.startsWith("/v1/operations") ? operator : ada;
    send(
        api.request(path)
            .header("Idempotency-Key", canary + UUID.randomUUID())
            .header("Content-Type", "application/json")
            .POST(BodyPublishers.ofString(body)),
        api);
  }

  private void failInTheProvider(Map<String, String> texts) {
    for (String fault :
        List.of("error500", "garbage", "truncated", "error429", "contradict", "lost_answer")) {
      simulator.misbehave(fault);
      post("/v1/payments", payment(texts, "pay_in"));
      simulator.heal();
    }
  }

  /** PostgreSQL's messages would show the whole row. */
  private void failInTheDatabase(Map<String, String> texts) throws SQLException {
    failing(
        "accounts.account",
        "name",
        () -> post("/v1/accounts", Map.of("name", canary + "-name", "currency", "EUR")));
    for (String field : List.of("description", "reference", "idempotency_key")) {
      failing("accounts.transfer", field, () -> post("/v1/transfers", transfer(texts)));
    }
    failing("payments.payment", "instrument", () -> post("/v1/payments", payment(texts, "pay_in")));
    // part of notifications
    failing("notifications.webhook_endpoint", "url", this::createEndpointInVain);
    failing(
        "notifications.notification",
        "account_name",
        () -> {
          post("/v1/transfers", transfer(texts));
          await()
              .atMost(LONG)
              .until(() -> {
                String events = operator.get("/v1/operations/events").text();
                problems.add(events);
                return events.contains("lastError");
              });
        });
    // end of notifications
  }

  // part of notifications
  private void createEndpointInVain() {
    post("/v1/webhook-endpoints", Map.of("url", "http://127.0.0.1:9/" + canary));
  }

  // end of notifications

  private void failing(String table, String column, Runnable request) throws SQLException {
    asOwner(
        "alter table %s add constraint canary check (%s not like '%%%s%%') not valid",
        table, column, canary);
    try {
      request.run();
    } finally {
      asOwner("alter table %s drop constraint canary", table);
    }
  }

  private void asOwner(String sql, Object... parts) throws SQLException {
    try (Connection connection = database.asOwner()) {
      connection.createStatement().execute(sql.formatted(parts));
    }
  }

  /** Counts events that are not processed yet, and payments that will publish one. */
  private long unfinished() throws SQLException {
    try (Connection connection = database.asOwner();
        ResultSet row =
            connection
                .createStatement()
                .executeQuery(
                    """
                    select (select count(*) from shared.outbox)
                        + (select count(*) from payments.payment
                           where final_at is null and attention is null)
                    """)) {
      row.next();
      return row.getLong(1);
    }
  }
}
