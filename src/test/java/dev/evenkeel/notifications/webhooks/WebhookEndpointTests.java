package dev.evenkeel.notifications.webhooks;

import static dev.testing.Refusals.assertRefused;
import static dev.testing.Refusals.assertReplayed;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.testing.Api;
import dev.testing.TestDatabase;
import dev.testing.WholeApplication;
import java.net.http.HttpRequest.BodyPublishers;
import java.sql.Connection;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.Callable;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.boot.test.web.server.LocalServerPort;
import org.springframework.jdbc.core.simple.JdbcClient;

/** Making an endpoint. */
@WholeApplication
class WebhookEndpointTests {

  private static final String ENDPOINTS = "/v1/webhook-endpoints";
  private static final Map<String, String> VALID = Map.of("url", "https://example.com/hook");

  @LocalServerPort int port;
  @Autowired JdbcClient jdbc;
  @Autowired TestDatabase database;

  Api ada;

  @BeforeEach
  void connect() {
    ada = new Api(port, "ada-" + UUID.randomUUID());
  }

  @Test
  void theSecretIsShownOnce() {
    Api.Answer made = ada.post(ENDPOINTS, VALID);

    assertThat(made.status()).as(made.toString()).isEqualTo(201);
    assertThat(made.header("Location")).contains(ENDPOINTS + "/" + made.id());
    assertThat(made.body().propertyNames())
        .containsExactly("id", "url", "types", "status", "createdAt", "secret");
    assertThat(made.at("/secret")).matches("whsec_[A-Za-z0-9+/]{43}=");
    assertThat(made.at("/status")).isEqualTo("enabled");
    assertThat(made.body().at("/types")).as("all").hasSize(10);
    assertThat(ada.get(ENDPOINTS + "/" + made.id()).body().propertyNames())
        .containsExactly("id", "url", "types", "status", "createdAt");
    assertThat(ada.get(ENDPOINTS).text()).doesNotContain("secret");
  }

  @Test
  void underAKeyThereIsOne() {
    String key = UUID.randomUUID().toString();
    Api.Answer made = ada.post(ENDPOINTS, key, VALID);
    Api.Answer again = ada.post(ENDPOINTS, key, VALID);

    assertThat(again.status()).isEqualTo(200);
    assertThat(again.isReplay()).isTrue();
    assertThat(again.id()).isEqualTo(made.id());
    assertThat(again.body().has("secret")).isFalse();
    assertRefused(
        ada.post(ENDPOINTS, key, Map.of("url", "https://example.com/other")),
        422,
        "idempotency-key-reused",
        "new-key");

    ada.send(ada.request(ENDPOINTS + "/" + made.id()).DELETE());
    assertRefused(ada.post(ENDPOINTS, key, VALID), 404, "not-found");
  }

  @Test
  void aKeyIsOptional() {
    Api.Answer made =
        withoutKey("{\"url\":\"https://example.com/hook\",\"types\":[\"payment.failed\"]}");

    assertThat(made.status()).isEqualTo(201);
    assertThat(made.body().at("/types/0").asString()).isEqualTo("payment.failed");
  }

  private Api.Answer withoutKey(String body) {
    return ada.send(
        ada.request(ENDPOINTS)
            .header("Content-Type", "application/json")
            .POST(BodyPublishers.ofString(body)));
  }

  @Test
  void whatIsRefusedWithoutAKeyLeavesNothing() {
    assertRefused(withoutKey("{\"url\":\"ftp://example.com\"}"), 422, "address-not-allowed");
    assertThat(rows()).isZero();

    ada.post(ENDPOINTS, Map.of("url", "ftp://example.com"));
    assertThat(rows()).as("kept for its key").isEqualTo(1);
  }

  private long rows() {
    return jdbc.sql("select count(*) from notifications.webhook_endpoint where owner = ?")
        .param(ada.caller())
        .query(Long.class)
        .single();
  }

  /** So no two of them count what there is before either is made. */
  @Test
  void anOwnersEndpointsAreMadeOneAfterTheOther() throws Exception {
    ada.post(ENDPOINTS, VALID);
    Future<Api.Answer> made;
    try (Connection another = database.asApplication();
        var statement =
            another.prepareStatement("select from notifications.feed where owner = ? for update");
        var threads = Executors.newVirtualThreadPerTaskExecutor()) {
      another.setAutoCommit(false);
      statement.setString(1, ada.caller());
      statement.execute();
      made = threads.submit(() -> ada.post(ENDPOINTS, VALID));
      await().until(() -> made.isDone() || waiting() == 1);

      assertThat(made).as("it waits").isNotDone();
      another.rollback();
    }
    assertThat(made.resultNow().status()).isEqualTo(201);
  }

  private long waiting() {
    return jdbc.sql(
            """
            select count(*) from pg_stat_activity
            where datname = current_database() and wait_event_type = 'Lock'
            """)
        .query(Long.class)
        .single();
  }

  @Test
  void twentyAreEnoughAlsoAtOnce() throws Exception {
    List<Callable<Api.Answer>> requests =
        IntStream.range(0, 24)
            .<Callable<Api.Answer>>mapToObj(_ -> () -> ada.post(ENDPOINTS, VALID))
            .toList();
    List<Integer> statuses;
    try (var threads = Executors.newFixedThreadPool(8)) {
      statuses =
          threads.invokeAll(requests).stream()
              .map(Future::resultNow)
              .map(Api.Answer::status)
              .toList();
    }
    assertThat(statuses).filteredOn(status -> status == 201).hasSize(20);
    assertThat(statuses).filteredOn(status -> status == 409).hasSize(4);

    String key = UUID.randomUUID().toString();
    Api.Answer refused = ada.post(ENDPOINTS, key, VALID);
    assertRefused(refused, 409, "too-many-endpoints", "new-key");
    ada.send(ada.request(ENDPOINTS + "/" + ada.get(ENDPOINTS).at("/data/0/id")).DELETE());
    assertReplayed(ada.post(ENDPOINTS, key, VALID), refused);
    assertThat(ada.post(ENDPOINTS, VALID).status()).isEqualTo(201);
    assertThat(ada.get(ENDPOINTS + "?limit=100").body().at("/data")).hasSize(20);
  }

  @Test
  void whatIsNotAllowedStaysRefusedUnderItsKey() {
    String key = UUID.randomUUID().toString();
    Map<String, String> ftp = Map.of("url", "ftp://example.com/hook");
    Api.Answer refused = ada.post(ENDPOINTS, key, ftp);

    assertRefused(refused, 422, "address-not-allowed", "new-key");
    assertThat(refused.at("/errors/0/field")).isEqualTo("url");
    assertReplayed(ada.post(ENDPOINTS, key, ftp), refused);
    assertThat(ada.get(ENDPOINTS).body().at("/data")).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{}",
        "{\"url\":null}",
        "{\"url\":7}",
        "{\"url\":\"no url\"}",
        "{\"url\":\"\"}",
        "{\"url\":\"https://example.com\",\"types\":[]}",
        "{\"url\":\"https://example.com\",\"types\":[null]}",
        "{\"url\":\"https://example.com\",\"types\":[\"payment.forgotten\"]}",
        "{\"url\":\"https://example.com\",\"types\":\"payment.failed\"}",
        "{\"url\":\"https://example.com\",\"secret\":\"whsec_mine\"}",
        "{\"url\":\"https://example.com\\u0000\"}"
      })
  void whatIsNoEndpointIsInvalid(String body) {
    assertRefused(ada.post(ENDPOINTS, body), 400, "invalid-request", "no");
    assertThat(ada.get(ENDPOINTS).body().at("/data")).isEmpty();
  }

  @Test
  void unknownIdsAreUnknown() {
    for (String id : List.of(UUID.randomUUID().toString(), "none")) {
      assertRefused(ada.get(ENDPOINTS + "/" + id), 404, "not-found");
      assertRefused(ada.post("/v1/webhook-deliveries/" + id + "/redeliver"), 404, "not-found");
    }
  }
}
