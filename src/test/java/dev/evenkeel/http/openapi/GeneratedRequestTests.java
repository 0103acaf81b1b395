package dev.evenkeel.http.openapi;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.evenkeel.http.openapi.RequestGenerator.Draft;
import dev.testing.Api;
import dev.testing.Contract;
import dev.testing.WholeApplication;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.TreeMap;
import java.util.UUID;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.boot.test.web.server.LocalServerPort;
import org.springframework.jdbc.core.simple.JdbcClient;

/**
 * Sends requests that are generated from {@code docs/openapi.yaml}, good ones and bad ones, to
 * every operation. Every response is one that the document describes, what the document does not
 * allow is refused, and what is refused for that leaves no trace in the database. {@code
 * -Devenkeel.requests=} sets their number, {@code -Devenkeel.requests.seed=} sends the same again.
 */
@WholeApplication
class GeneratedRequestTests {

  private static final int COUNT = Integer.getInteger("evenkeel.requests", 2_000);
  private static final long SEED =
      Long.getLong("evenkeel.requests.seed", new Random().nextLong(1L << 40));

  /** So many bad requests are sent between two looks at the database. */
  private static final int BAD_AT_ONCE = 300;

  private static final Contract CONTRACT = Contract.COMMITTED;

  /** Those with a body are more often chosen: most can be wrong with them. */
  private static final List<Contract.Operation> OPERATIONS =
      CONTRACT.operations().stream()
          .flatMap(it -> Collections.nCopies(it.node().has("requestBody") ? 4 : 1, it).stream())
          .toList();

  @LocalServerPort int port;
  @Autowired JdbcClient jdbc;

  private final KnownResources resources = new KnownResources();
  private final RequestGenerator generator = new RequestGenerator(CONTRACT, resources);
  private final Map<Contract.Operation, Integer> succeeded = new HashMap<>();
  private final List<Draft> bad = new ArrayList<>();

  @SuppressWarnings("NullAway.Init") // by the test
  private Api api;

  private int good;

  @Test
  void answersAsTheDocumentSays() {
    api = Api.operator(port, "generated-" + UUID.randomUUID());
    for (int i = 0; i < 3; i++) {
      resources.learn(
          "/v1/accounts",
          Optional.of("/v1/accounts/" + api.openAccount("EUR", 1_000_000_000_000L)),
          Api.json(Map.of()));
    }
    for (int i = 0; i < COUNT; i++) {
      Random random = new Random(SEED + i * 0x9E3779B97F4A7C15L);
      Contract.Operation operation = OPERATIONS.get(random.nextInt(OPERATIONS.size()));
      consider(
          random.nextInt(3) == 0
              ? generator.good(operation, random)
              : generator.mutated(operation, random));
    }
    sendBad();
    report();
  }

  /** What is left would keep the application busy: deliveries of webhooks that nobody receives. */
  private void deleteAll() {
    CONTRACT.operations().stream()
        .filter(operation -> operation.method().equals("DELETE"))
        .flatMap(operation -> resources.forget(operation).stream())
        .forEach(path -> api.send(api.request(path).DELETE()));
  }

  /** Sends a request now if it is good. Bad ones wait for others of their kind. */
  private void consider(Draft draft) {
    Contract.Request request = request(draft);
    Optional<Contract.Operation> operation = CONTRACT.operation(request);
    if (operation.isEmpty() || !CONTRACT.violations(operation.get(), request).isEmpty()) {
      bad.add(draft);
      if (bad.size() == BAD_AT_ONCE) {
        sendBad();
      }
    } else if (!isStream(operation.get())) {
      good++;
      Api.Answer answer = send(draft);
      if (answer.status() < 300) {
        succeeded.merge(operation.get(), 1, Integer::sum);
        resources.learn(draft.path(), answer.header("Location"), answer.body());
      }
    }
  }

  private static boolean isStream(Contract.Operation operation) {
    return operation.node().at("/responses/200/content").has("text/event-stream");
  }

  private void sendBad() {
    deleteAll();
    await().until(() -> count("shared.outbox") == 0);
    await().until(() -> count("payments.payment where status in ('PENDING', 'PROCESSING')") == 0);
    Map<String, Long> before = rows();
    for (Draft draft : bad) {
      Api.Answer answer = send(draft);
      assertThat(answer.status())
          .as("seed %d: %s is not allowed, but answered %s", SEED, draft, answer)
          .isIn(400, 401, 404, 405, 406, 413, 415);
    }
    assertThat(rows()).as("seed %d: one of these left a trace:\n%s", SEED, bad).isEqualTo(before);
    bad.clear();
  }

  private Api.Answer send(Draft draft) {
    try {
      Api.Answer answer = api.send(builder(draft));
      // Documented, but not for lack of a database or because of bad input
      assertThat(answer.at("/type"))
          .as("seed %d: %s -> %s", SEED, draft, answer)
          .isNotIn("/problems/database-unavailable", "/problems/outcome-unknown");
      return answer;
    } catch (AssertionError undescribed) {
      throw new AssertionError("seed %d: %s".formatted(SEED, draft), undescribed);
    }
  }

  private HttpRequest.Builder builder(Draft draft) {
    HttpRequest.Builder request = api.request(draft.target());
    draft.headers().forEach(header -> request.header(header.name(), header.value()));
    return request.method(
        draft.method(),
        draft.body().isEmpty() ? BodyPublishers.noBody() : BodyPublishers.ofString(draft.body()));
  }

  private Contract.Request request(Draft draft) {
    HttpRequest request = builder(draft).build();
    return new Contract.Request(request.method(), request.uri(), request.headers(), draft.body());
  }

  /** Leaves out what jobs delete meanwhile: locks, deliveries and secrets of deleted endpoints. */
  private Map<String, Long> rows() {
    return jdbc
        .sql(
            """
            select table_schema || '.' || table_name from information_schema.tables
            where table_schema not in ('pg_catalog', 'information_schema', 'public')
              and table_type = 'BASE TABLE'
              and table_name not in ('shedlock', 'webhook_delivery', 'webhook_previous_secret')
            """)
        .query(String.class)
        .list()
        .stream()
        .collect(Collectors.toMap(table -> table, this::count, Long::sum, TreeMap::new));
  }

  private long count(String rows) {
    return jdbc.sql("select count(*) from " + rows).query(Long.class).single();
  }

  /** Good requests have to be good: else nothing is shown. */
  private void report() {
    int successes = succeeded.values().stream().mapToInt(Integer::intValue).sum();
    List<String> never =
        CONTRACT.operations().stream()
            .filter(operation -> !succeeded.containsKey(operation))
            .map(Contract.Operation::toString)
            .toList();
    System.out.printf(
        "Seed %d: %d requests, %d of them good, of which %d succeeded; none of %s%n",
        SEED, COUNT, good, successes, never);
    assertThat(successes).isGreaterThan(good / 3);
    assertThat(never)
        .doesNotContain("POST /v1/accounts", "POST /v1/transfers", "POST /v1/payments");
  }
}
