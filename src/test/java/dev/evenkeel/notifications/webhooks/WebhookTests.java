package dev.evenkeel.notifications.webhooks;

import static dev.testing.Refusals.assertRefused;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.evenkeel.idempotency.Outcome;
import dev.evenkeel.notifications.WebhookDeliveries;
import dev.evenkeel.notifications.WebhookEndpoints;
import dev.evenkeel.problems.CommonProblem;
import dev.testing.Api;
import dev.testing.TestDatabase;
import dev.testing.WholeApplication;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.boot.test.web.server.LocalServerPort;
import org.springframework.jdbc.core.simple.JdbcClient;
import tools.jackson.databind.JsonNode;

/** Notifications that are sent to their owners' endpoints: signed, and until they are delivered. */
@WholeApplication
class WebhookTests {

  private static final Duration LONG = Duration.ofSeconds(20);

  @LocalServerPort int port;
  @Autowired JdbcClient jdbc;
  @Autowired WebhookDeliveries deliveries;
  @Autowired WebhookEndpoints endpoints;
  @Autowired TestDatabase database;

  Receiver receiver;
  Api ada;
  UUID from;
  UUID to;

  @BeforeEach
  void open() throws Exception {
    receiver = new Receiver();
    ada = new Api(port, "ada-" + UUID.randomUUID());
    from = ada.openAccount(1000);
    to = new Api(port, "bob-" + UUID.randomUUID()).openAccount(0);
  }

  @AfterEach
  void close() {
    receiver.close();
  }

  private Api.Answer endpoint() {
    return endpoint(receiver);
  }

  private Api.Answer endpoint(Receiver receiver) {
    Api.Answer answer = ada.post("/v1/webhook-endpoints", Map.of("url", receiver.url()));
    assertThat(answer.status()).as(answer.toString()).isEqualTo(201);
    return answer;
  }

  private JsonNode delivery(UUID endpoint) {
    return ada.get("/v1/webhook-endpoints/" + endpoint + "/deliveries").body().at("/data/0");
  }

  private void awaitStatus(UUID endpoint, String status) {
    await()
        .atMost(LONG)
        .untilAsserted(
            () -> assertThat(delivery(endpoint).path("status").asString("")).isEqualTo(status));
  }

  private void awaitReceived(int count) {
    await().atMost(LONG).until(() -> receiver.received.size() >= count);
  }

  /** As if the pause was over. */
  private void makeDue(UUID endpoint) {
    jdbc.sql(
            """
            update notifications.webhook_delivery set next_attempt_at = clock_timestamp()
            where endpoint = ? and status = 'pending'
            """)
        .param(endpoint)
        .update();
  }

  @Test
  void aNotificationIsSentSignedAndWithoutItsTexts() {
    String secret = endpoint().at("/secret");
    UUID transfer = ada.transfer(from, to, 5).id();
    awaitReceived(1);

    Receiver.Received received = receiver.received.getFirst();
    JsonNode told = ada.get("/v1/notifications").body().at("/data/0");
    assertThat(received.isSignedWith(secret)).isTrue();
    assertThat(received.header("Content-Type")).startsWith("application/json");
    assertThat(received.json().propertyNames()).containsExactly("type", "timestamp", "data");
    assertThat(received.json().at("/type").asString()).isEqualTo("transfer.sent");
    assertThat(received.json().at("/timestamp")).isEqualTo(told.at("/createdAt"));
    JsonNode data = received.json().at("/data");
    assertThat(data.propertyNames())
        .containsExactly("id", "sequence", "account", "type", "subject", "createdAt");
    assertThat(data.at("/id")).isEqualTo(told.at("/id"));
    assertThat(data.at("/subject/id").asString()).isEqualTo(transfer.toString());
  }

  @Test
  void whatWasDeliveredIsSaidSo() {
    UUID endpoint = endpoint().id();
    ada.transfer(from, to, 5);
    awaitStatus(endpoint, "delivered");

    JsonNode delivery = delivery(endpoint);
    assertThat(delivery.at("/type").asString()).isEqualTo("transfer.sent");
    assertThat(delivery.at("/attempts").asInt()).isEqualTo(1);
    assertThat(delivery.at("/id").asString())
        .isEqualTo(receiver.received.getFirst().header("webhook-id"));
    assertThat(delivery.propertyNames()).containsExactly("id", "type", "status", "attempts");
  }

  @Test
  void anEndpointHearsOnlyWhatItWantsTo() {
    ada.post(
        "/v1/webhook-endpoints", Map.of("url", receiver.url(), "types", List.of("account.frozen")));
    ada.transfer(from, to, 5);
    ada.post("/v1/accounts/" + from + "/freeze");
    awaitReceived(1);

    assertThat(receiver.received).hasSize(1);
    assertThat(receiver.received.getFirst().json().at("/type").asString())
        .isEqualTo("account.frozen");
  }

  @Test
  void whatFailedIsTriedAgainAsTheSame() {
    receiver.behaves(Receiver.status(500));
    UUID endpoint = endpoint().id();
    ada.transfer(from, to, 5);
    await().atMost(LONG).until(() -> delivery(endpoint).has("lastError"));

    JsonNode failed = delivery(endpoint);
    assertThat(failed.at("/status").asString()).isEqualTo("pending");
    assertThat(failed.at("/lastError").asString()).isEqualTo("status 500");
    assertThat(Instant.parse(failed.at("/nextAttemptAt").asString()))
        .isBetween(Instant.now().plusSeconds(1), Instant.now().plusSeconds(6));

    receiver.behaves(Receiver.status(200));
    makeDue(endpoint);
    awaitStatus(endpoint, "delivered");
    assertThat(delivery(endpoint).at("/attempts").asInt()).isEqualTo(2);
    assertThat(receiver.received.getFirst().header("webhook-id"))
        .isEqualTo(receiver.received.getLast().header("webhook-id"));
    assertThat(receiver.received.getFirst().body()).isEqualTo(receiver.received.getLast().body());
  }

  @Test
  void whatFailsEightTimesIsDeadUntilItIsSentAgainByHand() {
    receiver.behaves(Receiver.status(404));
    UUID endpoint = endpoint().id();
    ada.transfer(from, to, 5);
    for (int attempt = 1; attempt < 8; attempt++) {
      int so = attempt;
      await()
          .atMost(LONG)
          .until(() ->
              delivery(endpoint).path("attempts").asInt() == so
                  && delivery(endpoint).has("lastError"));
      String redeliver =
          "/v1/webhook-deliveries/" + delivery(endpoint).at("/id").asString() + "/redeliver";
      assertRefused(ada.post(redeliver), 409, "delivery-pending");
      jdbc.sql("update notifications.webhook_delivery set last_error = null where endpoint = ?")
          .param(endpoint)
          .update();
      makeDue(endpoint);
    }
    awaitStatus(endpoint, "dead");
    assertThat(delivery(endpoint).at("/lastError").asString()).isEqualTo("status 404");

    receiver.behaves(Receiver.status(200));
    Api.Answer again =
        ada.post(
            "/v1/webhook-deliveries/" + delivery(endpoint).at("/id").asString() + "/redeliver");
    assertThat(again.status()).isEqualTo(202);
    awaitStatus(endpoint, "delivered");
    assertThat(receiver.received).hasSize(9);
  }

  @Test
  void anEndpointThatIsGoneIsDisabled() {
    receiver.behaves(Receiver.status(410));
    UUID endpoint = endpoint().id();
    ada.transfer(from, to, 5);
    awaitStatus(endpoint, "dead");

    assertThat(ada.get("/v1/webhook-endpoints/" + endpoint).at("/status")).isEqualTo("disabled");
  }

  @Test
  void aPauseThatTheEndpointAsksForIsHonoured() {
    receiver.behaves(exchange -> {
      exchange.getResponseHeaders().add("Retry-After", "120");
      exchange.sendResponseHeaders(429, -1);
    });
    UUID endpoint = endpoint().id();
    ada.transfer(from, to, 5);
    await().atMost(LONG).until(() -> delivery(endpoint).has("lastError"));

    assertThat(Instant.parse(delivery(endpoint).at("/nextAttemptAt").asString()))
        .isBetween(Instant.now().plusSeconds(100), Instant.now().plusSeconds(121));
  }

  @Test
  void noRedirectIsFollowed() throws Exception {
    try (Receiver elsewhere = new Receiver()) {
      receiver.behaves(exchange -> {
        exchange.getResponseHeaders().add("Location", elsewhere.url());
        exchange.sendResponseHeaders(307, -1);
      });
      UUID endpoint = endpoint().id();
      ada.transfer(from, to, 5);
      await().atMost(LONG).until(() -> delivery(endpoint).has("lastError"));

      assertThat(delivery(endpoint).at("/lastError").asString()).isEqualTo("status 307");
      assertThat(elsewhere.received).isEmpty();
    }
  }

  @Test
  void anAnswerIsNeitherReadToItsEndNorKept() {
    byte[] page = "<secret>".repeat(100).getBytes(StandardCharsets.UTF_8);
    receiver.behaves(exchange -> {
      exchange.sendResponseHeaders(500, 0);
      while (true) {
        exchange.getResponseBody().write(page);
      }
    });
    UUID endpoint = endpoint().id();
    ada.transfer(from, to, 5);
    await().atMost(LONG).until(() -> delivery(endpoint).has("lastError"));

    assertThat(delivery(endpoint).at("/lastError").asString()).isEqualTo("status 500");
  }

  /** It sends a header now and then, for ever. */
  @Test
  void whoDribblesIsLeftAfterFiveSeconds() throws Exception {
    CountDownLatch end = new CountDownLatch(1);
    receiver.behaves(exchange -> {
      exchange.sendResponseHeaders(200, 0);
      try {
        while (end.getCount() > 0) {
          exchange.getResponseBody().write('.');
          exchange.getResponseBody().flush();
          end.await(500, java.util.concurrent.TimeUnit.MILLISECONDS);
        }
      } catch (InterruptedException closed) {
        Thread.currentThread().interrupt();
      }
    });
    UUID endpoint = endpoint().id();
    ada.transfer(from, to, 5);
    await().atMost(LONG).until(() -> delivery(endpoint).has("lastError"));
    end.countDown();

    assertThat(delivery(endpoint).at("/lastError").asString()).isEqualTo("timed out");
  }

  @Test
  void oneThatHangsAndOneThatIsDeadKeepNobodyWaiting() throws Exception {
    CountDownLatch end = new CountDownLatch(1);
    Receiver dead = new Receiver();
    endpoint(dead);
    dead.close();
    try (Receiver hanging = new Receiver()) {
      hanging.behaves(_ -> {
        try {
          end.await();
        } catch (InterruptedException closed) {
          Thread.currentThread().interrupt();
        }
      });
      endpoint(hanging);
      endpoint();
      for (int i = 0; i < 40; i++) {
        ada.transfer(from, to, 1);
      }
      long begin = System.nanoTime();
      awaitReceived(40);

      assertThat(Duration.ofNanos(System.nanoTime() - begin)).isLessThan(Duration.ofSeconds(4));
      end.countDown();
    }
  }

  @Test
  void anEndpointThatFailsIsTriedOneAtATime() throws Exception {
    receiver.behaves(Receiver.status(500));
    UUID endpoint = endpoint().id();
    for (int i = 0; i < 9; i++) {
      ada.transfer(from, to, 1);
    }
    await()
        .atMost(LONG)
        .until(() -> pending(endpoint, "attempts > 0 and last_error is not null") == 9);

    CountDownLatch end = new CountDownLatch(1);
    receiver.behaves(_ -> {
      try {
        end.await();
      } catch (InterruptedException closed) {
        Thread.currentThread().interrupt();
      }
    });
    int before = receiver.received.size();
    makeDue(endpoint);
    awaitReceived(before + 1);
    assertThat(pending(endpoint, "next_attempt_at > clock_timestamp()")).as("claimed").isEqualTo(1);

    receiver.behaves(Receiver.status(200));
    end.countDown();
    await().atMost(LONG).until(() -> pending(endpoint, "true") <= 1);
  }

  private long pending(UUID endpoint, String condition) {
    return jdbc.sql(
            "select count(*) from notifications.webhook_delivery"
                + " where status = 'pending' and endpoint = ? and "
                + condition)
        .param(endpoint)
        .query(Long.class)
        .single();
  }

  @Test
  void afterARotationBothSecretsSign() {
    Api.Answer made = endpoint();
    Api.Answer rotated = ada.post("/v1/webhook-endpoints/" + made.id() + "/rotate-secret");
    assertThat(rotated.status()).isEqualTo(200);
    assertThat(rotated.at("/secret")).startsWith("whsec_").isNotEqualTo(made.at("/secret"));
    ada.transfer(from, to, 5);
    awaitReceived(1);

    assertThat(receiver.received.getFirst().isSignedWith(rotated.at("/secret"))).isTrue();
    assertThat(receiver.received.getFirst().isSignedWith(made.at("/secret"))).isTrue();

    jdbc.sql(
            """
            update notifications.webhook_endpoint
            set previous_until = clock_timestamp() - interval '1 s' where id = ?
            """)
        .param(made.id())
        .update();
    ada.transfer(from, to, 5);
    awaitReceived(2);
    assertThat(receiver.received.getLast().isSignedWith(rotated.at("/secret"))).isTrue();
    assertThat(receiver.received.getLast().isSignedWith(made.at("/secret"))).isFalse();
  }

  @Test
  void aSecretOfBeforeWhoseKeyIsGoneIsLeftOut() {
    Api.Answer made = endpoint();
    Api.Answer rotated = ada.post("/v1/webhook-endpoints/" + made.id() + "/rotate-secret");
    jdbc.sql(
            """
            update notifications.webhook_endpoint
            set previous_secret = 'gone:' || split_part(previous_secret, ':', 2) where id = ?
            """)
        .param(made.id())
        .update();
    ada.transfer(from, to, 5);
    awaitReceived(1);

    assertThat(receiver.received.getFirst().isSignedWith(rotated.at("/secret"))).isTrue();
    assertThat(receiver.received.getFirst().header("webhook-signature")).doesNotContain(" ");
  }

  @Test
  void secretsAreKeptEncryptedAndForTheirEndpointOnly() {
    Api.Answer made = endpoint();
    Api.Answer other = endpoint();

    List<String> stored =
        jdbc.sql("select secret from notifications.webhook_endpoint where owner = ? order by id")
            .param(ada.caller())
            .query((row, _) -> row.getString("secret"))
            .list();
    assertThat(stored).allSatisfy(secret -> assertThat(secret).startsWith("test:"));
    assertThat(Set.copyOf(stored)).hasSize(2);
    assertThat(stored.toString())
        .doesNotContain(made.at("/secret").substring("whsec_".length()))
        .doesNotContain(other.at("/secret").substring("whsec_".length()));

    jdbc.sql("update notifications.webhook_endpoint set secret = ? where id = ?")
        .params(stored.getFirst(), other.id())
        .update();
    ada.transfer(from, to, 5);
    await().atMost(LONG).until(() -> delivery(other.id()).has("lastError"));
    assertThat(delivery(other.id()).at("/lastError").asString())
        .isEqualTo("the request could not be sent");
  }

  @Test
  void whatIsDisabledIsSentNothing() {
    UUID endpoint = endpoint().id();
    String path = "/v1/webhook-endpoints/" + endpoint;
    assertThat(ada.post(path + "/disable").at("/status")).isEqualTo("disabled");
    assertThat(ada.post(path + "/disable").status()).isEqualTo(200);
    ada.transfer(from, to, 5);
    await().atMost(LONG).until(() -> ada.get("/v1/notifications").body().at("/data").size() == 1);

    assertThat(ada.post(path + "/enable").at("/status")).isEqualTo("enabled");
    ada.transfer(from, to, 5);
    awaitReceived(1);
    assertThat(receiver.received.getFirst().json().at("/data/sequence").asLong()).isEqualTo(2);
  }

  @Test
  void whatIsDeletedIsGoneWithWhatWasPending() {
    receiver.behaves(Receiver.status(500));
    UUID endpoint = endpoint().id();
    ada.transfer(from, to, 5);
    await().atMost(LONG).until(() -> delivery(endpoint).has("lastError"));
    String delivery = delivery(endpoint).at("/id").asString();
    String path = "/v1/webhook-endpoints/" + endpoint;

    assertThat(ada.send(ada.request(path).DELETE()).status()).isEqualTo(204);

    assertRefused(ada.send(ada.request(path).DELETE()), 404, "not-found");
    assertRefused(ada.get(path), 404, "not-found");
    assertRefused(ada.get(path + "/deliveries"), 404, "not-found");
    assertRefused(ada.post("/v1/webhook-deliveries/" + delivery + "/redeliver"), 404, "not-found");
    assertThat(ada.get("/v1/webhook-endpoints").body().at("/data")).isEmpty();
  }

  /**
   * Whoever appends to its owner's feed has seen it: the delivery is there before it is deleted.
   */
  @Test
  void anEndpointIsNotDeletedWhileItsFeedIsAppendedTo() throws Exception {
    UUID endpoint = endpoint().id();
    String path = "/v1/webhook-endpoints/" + endpoint;
    ada.transfer(from, to, 5);
    awaitStatus(endpoint, "delivered");
    try (ExecutorService threads = Executors.newSingleThreadExecutor();
        Connection appending = database.asApplication()) {
      appending.setAutoCommit(false);
      appending
          .createStatement()
          .execute(
              "select from notifications.feed where owner = '%s' for update"
                  .formatted(ada.caller()));
      Future<Api.Answer> deletion = threads.submit(() -> ada.send(ada.request(path).DELETE()));
      await().atMost(LONG).until(this::somebodyWaitsForALock);
      assertThat(ada.get(path).at("/status")).isEqualTo("enabled");
      appending.rollback();
      await().atMost(LONG).until(deletion::isDone);
      assertThat(deletion.resultNow().status()).isEqualTo(204);
    }
    assertRefused(ada.get(path), 404, "not-found");
  }

  private boolean somebodyWaitsForALock() {
    return jdbc.sql(
            """
            select exists (
                select from pg_stat_activity
                where wait_event_type = 'Lock' and datname = current_database()
                  and query like '%notifications.feed%')
            """)
        .query(Boolean.class)
        .single();
  }

  /** As where the endpoint is deleted between being found and being changed. */
  @Test
  void whatHasJustBeenDeletedIsUnknown() {
    Api.Answer made = endpoint();
    ada.transfer(from, to, 5);
    awaitStatus(made.id(), "delivered");
    UUID delivery = UUID.fromString(delivery(made.id()).at("/id").asString());
    endpoints.delete(made.id(), ada.caller());

    assertThat(List.of(endpoints.rotateSecret(made.id()), deliveries.redeliver(delivery)))
        .allSatisfy(outcome ->
            assertThat(outcome)
                .isInstanceOfSatisfying(
                    Outcome.Refused.class,
                    refused ->
                        assertThat(refused.problem().type()).isEqualTo(CommonProblem.NOT_FOUND)));
  }

  @Test
  void onlyItsOwnerHasADeliverySentAgain() {
    UUID endpoint = endpoint().id();
    ada.transfer(from, to, 5);
    awaitStatus(endpoint, "delivered");
    Api operator = new Api(port, "olga-" + UUID.randomUUID() + ";operator");

    assertRefused(
        operator.post(
            "/v1/webhook-deliveries/" + delivery(endpoint).at("/id").asString() + "/redeliver"),
        404,
        "not-found");
    assertThat(receiver.received).hasSize(1);
  }

  @ParameterizedTest
  @ValueSource(strings = {"rotate-secret", "enable", "disable"})
  void nobodyElseSeesOrChangesAnEndpoint(String step) {
    UUID endpoint = endpoint().id();
    String path = "/v1/webhook-endpoints/" + endpoint;
    Api stranger = new Api(port, "stranger-" + UUID.randomUUID());
    Api operator = new Api(port, "olga-" + UUID.randomUUID() + ";operator");

    assertRefused(stranger.get(path), 404, "not-found");
    assertRefused(stranger.get(path + "/deliveries"), 404, "not-found");
    assertRefused(stranger.post(path + "/" + step), 404, "not-found");
    assertRefused(operator.post(path + "/" + step), 404, "not-found");
    assertRefused(stranger.send(stranger.request(path).DELETE()), 404, "not-found");
    assertThat(operator.get(path).status()).isEqualTo(200);
    assertThat(ada.get(path).at("/status")).isEqualTo("enabled");
  }
}
