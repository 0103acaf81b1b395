package dev.evenkeel.notifications.webhooks;

import static dev.testing.Refusals.assertRefused;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.testing.Api;
import dev.testing.WholeApplication;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;
import org.springframework.boot.test.web.server.LocalServerPort;
import org.springframework.jdbc.core.simple.JdbcClient;
import tools.jackson.databind.JsonNode;

/** Notifications reach their owner's endpoints: signed, and retried until they are delivered. */
@WholeApplication
@ExtendWith(OutputCaptureExtension.class)
class WebhookSenderTests {

  private static final String ENDPOINTS = "/v1/webhook-endpoints";
  private static final Duration LONG = Duration.ofSeconds(20);

  @LocalServerPort int port;
  @Autowired JdbcClient jdbc;

  Receiver receiver;
  Api ada;
  UUID from;
  UUID to;

  @BeforeEach
  void openAccounts() throws Exception {
    receiver = new Receiver();
    ada = new Api(port, "ada-" + UUID.randomUUID());
    from = ada.openAccount(1000);
    to = new Api(port, "bob-" + UUID.randomUUID()).openAccount(0);
  }

  @AfterEach
  void close() {
    receiver.close();
  }

  private Api.Answer createEndpoint(Receiver receiver) {
    Api.Answer created = ada.post(ENDPOINTS, Map.of("url", receiver.url()));
    assertThat(created.status()).as(created.toString()).isEqualTo(201);
    return created;
  }

  private UUID createEndpoint() {
    return createEndpoint(receiver).id();
  }

  private void transfer(int count) {
    for (int i = 0; i < count; i++) {
      ada.transfer(from, to, 1);
    }
  }

  private JsonNode newestDelivery(UUID endpoint) {
    return ada.get(ENDPOINTS + "/" + endpoint + "/deliveries").body().at("/data/0");
  }

  private JsonNode awaitDelivery(UUID endpoint, String status, int attempts, String lastError) {
    await()
        .atMost(LONG)
        .untilAsserted(() -> {
          JsonNode delivery = newestDelivery(endpoint);
          assertThat(delivery.path("status").asString("")).isEqualTo(status);
          assertThat(delivery.path("attempts").asInt()).isEqualTo(attempts);
          assertThat(delivery.path("lastError").asString("")).isEqualTo(lastError);
        });
    return newestDelivery(endpoint);
  }

  private void awaitReceived(int count) {
    await().atMost(LONG).until(() -> receiver.received.size() >= count);
  }

  /** Ends the pause before the next attempt, and forgets the error of the last one. */
  private void makeDue(UUID endpoint) {
    jdbc.sql(
            """
            update notifications.webhook_delivery
            set next_attempt_at = clock_timestamp(), last_error = null
            where endpoint = ? and status = 'pending'
            """)
        .param(endpoint)
        .update();
  }

  @Test
  void sendsTheNotificationWithoutItsTexts() {
    Api.Answer endpoint = createEndpoint(receiver);
    UUID transfer = ada.transfer(from, to, 5).id();
    awaitReceived(1);

    Receiver.Request request = receiver.received.getFirst();
    JsonNode notification = ada.get("/v1/notifications").body().at("/data/0");
    assertThat(request.isSignedWith(endpoint.at("/secret"))).isTrue();
    assertThat(request.header("Content-Type")).startsWith("application/json");
    assertThat(request.json().propertyNames()).containsExactly("type", "timestamp", "data");
    assertThat(request.json().at("/type").asString()).isEqualTo("transfer.sent");
    assertThat(request.json().at("/timestamp")).isEqualTo(notification.at("/createdAt"));
    JsonNode data = request.json().at("/data");
    assertThat(data.propertyNames())
        .containsExactly("id", "sequence", "account", "type", "subject", "createdAt");
    assertThat(data.propertyStream())
        .allSatisfy(
            member -> assertThat(member.getValue()).isEqualTo(notification.get(member.getKey())));
    assertThat(data.at("/subject/id").asString()).isEqualTo(transfer.toString());

    JsonNode delivery = awaitDelivery(endpoint.id(), "delivered", 1, "");
    assertThat(delivery.propertyNames()).containsExactly("id", "type", "status", "attempts");
    assertThat(delivery.at("/type").asString()).isEqualTo("transfer.sent");
    assertThat(delivery.at("/id").asString()).isEqualTo(request.header("webhook-id"));
  }

  @Test
  void sendsOnlyTheRequestedTypes() {
    ada.post(ENDPOINTS, Map.of("url", receiver.url(), "types", List.of("account.frozen")));
    transfer(1);
    ada.post("/v1/accounts/" + from + "/freeze");
    awaitReceived(1);

    assertThat(receiver.received)
        .extracting(request -> request.json().at("/type").asString())
        .containsExactly("account.frozen");
  }

  @Test
  void retriesTheSameRequest() {
    receiver.responds(500);
    UUID endpoint = createEndpoint();
    transfer(1);

    JsonNode failed = awaitDelivery(endpoint, "pending", 1, "status 500");
    assertThat(Instant.parse(failed.at("/nextAttemptAt").asString()))
        .isBetween(Instant.now().plusSeconds(1), Instant.now().plusSeconds(6));

    receiver.responds(200);
    makeDue(endpoint);
    awaitDelivery(endpoint, "delivered", 2, "");
    Receiver.Request first = receiver.received.getFirst();
    Receiver.Request second = receiver.received.getLast();
    assertThat(second.header("webhook-id")).isEqualTo(first.header("webhook-id"));
    assertThat(second.body()).isEqualTo(first.body());
  }

  @Test
  void deliveryIsDeadAfterEightAttempts(CapturedOutput output) {
    receiver.responds(404);
    UUID endpoint = createEndpoint();
    transfer(1);
    for (int attempt = 1; attempt < 8; attempt++) {
      awaitDelivery(endpoint, "pending", attempt, "status 404");
      makeDue(endpoint);
    }
    JsonNode dead = awaitDelivery(endpoint, "dead", 8, "status 404");
    String line =
        "Delivery %s to endpoint %s is dead: status 404"
            .formatted(dead.at("/id").asString(), endpoint);
    assertThat(output).containsOnlyOnce(line);

    String redeliver = "/v1/webhook-deliveries/" + dead.at("/id").asString() + "/redeliver";
    assertThat(ada.post(redeliver).status()).isEqualTo(202);
    awaitDelivery(endpoint, "pending", 1, "status 404");
    assertRefused(ada.post(redeliver), 409, "delivery-pending");

    receiver.responds(200);
    makeDue(endpoint);
    awaitDelivery(endpoint, "delivered", 2, "");
    assertThat(receiver.received).hasSize(10);
  }

  @Test
  void hangingAndDeadEndpointsDelayNoOther() throws Exception {
    Receiver dead = new Receiver();
    createEndpoint(dead);
    dead.close();
    try (Receiver hanging = new Receiver()) {
      hanging.hangs();
      createEndpoint(hanging);
      createEndpoint();
      transfer(40);

      long start = System.nanoTime();
      awaitReceived(40);
      assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(Duration.ofSeconds(4));
    }
  }

  @Test
  void failingEndpointGetsOneAttemptAtATime() {
    receiver.responds(500);
    UUID endpoint = createEndpoint();
    transfer(9);
    await()
        .atMost(LONG)
        .until(() -> pending(endpoint, "attempts > 0 and last_error is not null") == 9);

    receiver.hangs();
    int before = receiver.received.size();
    makeDue(endpoint);
    awaitReceived(before + 1);
    assertThat(pending(endpoint, "next_attempt_at > clock_timestamp()")).as("claimed").isEqualTo(1);

    receiver.responds(200);
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
  void replacedSecretsStillSign() {
    Api.Answer endpoint = createEndpoint(receiver);
    String rotate = ENDPOINTS + "/" + endpoint.id() + "/rotate-secret";
    Api.Answer lost = ada.post(rotate);
    Api.Answer repeated = ada.post(rotate);
    assertThat(repeated.status()).isEqualTo(200);
    List<String> secrets =
        Stream.of(endpoint, lost, repeated).map(answer -> answer.at("/secret")).toList();
    assertThat(secrets).doesNotHaveDuplicates().allMatch(secret -> secret.startsWith("whsec_"));
    transfer(1);
    awaitReceived(1);

    assertThat(secrets)
        .allSatisfy(
            secret -> assertThat(receiver.received.getFirst().isSignedWith(secret)).isTrue());
  }

  @Test
  void unreadableSecretSpendsNoAttempt() {
    UUID endpoint = createEndpoint();
    jdbc.sql(
            """
            update notifications.webhook_endpoint set secret = (
                select secret from notifications.webhook_endpoint where id = ?)
            where id = ?
            """)
        .params(createEndpoint(), endpoint)
        .update();
    transfer(1);

    awaitDelivery(endpoint, "pending", 0, "the endpoint's secret cannot be decrypted");
  }

  @Test
  void sendsNothingWhileDisabled() {
    String path = ENDPOINTS + "/" + createEndpoint();
    assertThat(ada.post(path + "/disable").at("/status")).isEqualTo("disabled");
    assertThat(ada.post(path + "/disable").status()).isEqualTo(200);
    transfer(1);
    await().atMost(LONG).until(() -> ada.get("/v1/notifications").body().at("/data").size() == 1);

    assertThat(ada.post(path + "/enable").at("/status")).isEqualTo("enabled");
    transfer(1);
    awaitReceived(1);
    assertThat(receiver.received.getFirst().json().at("/data/sequence").asLong()).isEqualTo(2);
  }
}
