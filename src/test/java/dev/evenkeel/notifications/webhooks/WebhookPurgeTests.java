package dev.evenkeel.notifications.webhooks;

import static dev.testing.Refusals.assertReplayed;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.evenkeel.database.RetentionPolicy;
import dev.testing.Api;
import dev.testing.TestDatabase;
import dev.testing.WholeApplication;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.boot.test.web.server.LocalServerPort;
import org.springframework.jdbc.core.simple.JdbcClient;

/** What is kept of webhooks, and for how long. */
@WholeApplication
class WebhookPurgeTests {

  private static final String ENDPOINTS = "/v1/webhook-endpoints";
  private static final Map<String, String> FTP = Map.of("url", "ftp://example.com");
  private static final String AGE =
      """
      update notifications.webhook_delivery set id = uuidv7(make_interval(hours => - ?))
      where id = ?
      """;
  private static final Duration LONG = Duration.ofSeconds(20);

  @LocalServerPort int port;
  @Autowired TestDatabase database;
  @Autowired JdbcClient jdbc;
  @Autowired List<RetentionPolicy> retentions;

  Api ada;

  @BeforeEach
  void connect() {
    ada = new Api(port, "ada-" + UUID.randomUUID());
  }

  private void asOwner(String sql, Object... parameters) throws SQLException {
    try (Connection owner = database.asOwner();
        PreparedStatement statement = owner.prepareStatement(sql)) {
      for (int i = 0; i < parameters.length; i++) {
        statement.setObject(i + 1, parameters[i]);
      }
      statement.execute();
    }
  }

  @Test
  void aRefusalIsForgottenAfterThirtyDaysAndNoSooner() throws SQLException {
    ada.post(ENDPOINTS, "old", FTP);
    Api.Answer recent = ada.post(ENDPOINTS, "recent", FTP);
    String age =
        """
        update notifications.webhook_endpoint set created_at = created_at - make_interval(hours => ?)
        where owner = ? and idempotency_key = ?
        """;
    asOwner(age, 30 * 24 + 1, ada.caller(), "old");
    asOwner(age, 30 * 24 - 1, ada.caller(), "recent");

    // It may just be running by the clock
    await()
        .atMost(LONG)
        .untilAsserted(() -> {
          retentions.forEach(RetentionPolicy::apply);
          assertThat(ada.post(ENDPOINTS, "old", FTP).isReplay()).isFalse();
        });

    assertReplayed(ada.post(ENDPOINTS, "recent", FTP), recent);
  }

  private UUID endpointWithDeliveries(Receiver receiver, int count) {
    UUID endpoint = ada.post(ENDPOINTS, Map.of("url", receiver.url())).id();
    UUID from = ada.openAccount(1000);
    UUID to = new Api(port, "bob-" + UUID.randomUUID()).openAccount(0);
    for (int i = 0; i < count; i++) {
      ada.transfer(from, to, 1);
    }
    await().atMost(LONG).until(() -> deliveries(endpoint) == count);
    return endpoint;
  }

  private long deliveries(UUID endpoint) {
    return jdbc.sql("select count(*) from notifications.webhook_delivery where endpoint = ?")
        .param(endpoint)
        .query(Long.class)
        .single();
  }

  @Test
  void aDeliveryThatEndedIsForgottenAfterThirtyDaysAndNoSooner() throws Exception {
    try (Receiver receiver = new Receiver()) {
      UUID endpoint = endpointWithDeliveries(receiver, 3);
      String path = ENDPOINTS + "/" + endpoint + "/deliveries";
      await().atMost(LONG).until(() -> !ada.get(path).text().contains("pending"));
      List<UUID> ids =
          ada.get(path)
              .body()
              .at("/data")
              .valueStream()
              .map(d -> UUID.fromString(d.at("/id").asString()))
              .toList();
      asOwner(AGE, 30 * 24 + 1, ids.get(0));
      asOwner(AGE, 30 * 24 - 1, ids.get(1));
      asOwner(
          """
          update notifications.webhook_delivery set status = 'pending', next_attempt_at = 'infinity'
          where id = ?
          """,
          ids.get(2));
      asOwner(AGE, 30 * 24 + 1, ids.get(2));

      await()
          .atMost(LONG)
          .untilAsserted(() -> {
            retentions.forEach(RetentionPolicy::apply);
            assertThat(deliveries(endpoint)).isEqualTo(2);
          });
    }
  }

  @Test
  void whatWasDeletedLeavesNoDelivery() throws Exception {
    try (Receiver receiver = new Receiver()) {
      UUID endpoint = endpointWithDeliveries(receiver, 3);
      ada.send(ada.request(ENDPOINTS + "/" + endpoint).DELETE());

      await()
          .atMost(LONG)
          .untilAsserted(() -> {
            retentions.forEach(RetentionPolicy::apply);
            assertThat(deliveries(endpoint)).isZero();
          });
    }
  }
}
