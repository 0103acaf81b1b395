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
import org.awaitility.core.ThrowingRunnable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.boot.test.web.server.LocalServerPort;
import org.springframework.jdbc.core.simple.JdbcClient;

/** How long refused endpoints and deliveries are kept. */
@WholeApplication
class WebhookPurgeTests {

  private static final String ENDPOINTS = "/v1/webhook-endpoints";
  private static final Map<String, String> FTP = Map.of("url", "ftp://example.com");
  private static final int THIRTY_DAYS = 30 * 24;
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

  /** Purges until it has the effect: the hourly job may hold the rows at this moment. */
  private void purgeUntil(ThrowingRunnable effect) {
    await()
        .atMost(LONG)
        .untilAsserted(() -> {
          retentions.forEach(RetentionPolicy::apply);
          effect.run();
        });
  }

  private void ageRefusal(String key, int hours) throws SQLException {
    asOwner(
        """
        update notifications.webhook_endpoint set created_at = created_at - make_interval(hours => ?)
        where owner = ? and idempotency_key = ?
        """,
        hours,
        ada.caller(),
        key);
  }

  private void ageDelivery(String id, int hours) throws SQLException {
    asOwner(
        """
        update notifications.webhook_delivery set id = uuidv7(make_interval(hours => - ?))
        where id = ?::uuid
        """,
        hours,
        id);
  }

  @Test
  void refusalIsKeptForThirtyDays() throws SQLException {
    ada.post(ENDPOINTS, "old", FTP);
    Api.Answer recent = ada.post(ENDPOINTS, "recent", FTP);
    ageRefusal("old", THIRTY_DAYS + 1);
    ageRefusal("recent", THIRTY_DAYS - 1);

    purgeUntil(() -> assertThat(ada.post(ENDPOINTS, "old", FTP).isReplay()).isFalse());

    assertReplayed(ada.post(ENDPOINTS, "recent", FTP), recent);
  }

  /** Creates an endpoint with three deliveries. */
  private UUID createDeliveries(Receiver receiver) {
    UUID endpoint = ada.post(ENDPOINTS, Map.of("url", receiver.url())).id();
    UUID from = ada.openAccount(1000);
    UUID to = new Api(port, "bob-" + UUID.randomUUID()).openAccount(0);
    for (int i = 0; i < 3; i++) {
      ada.transfer(from, to, 1);
    }
    await().atMost(LONG).until(() -> count(endpoint) == 3);
    return endpoint;
  }

  private long count(UUID endpoint) {
    return jdbc.sql("select count(*) from notifications.webhook_delivery where endpoint = ?")
        .param(endpoint)
        .query(Long.class)
        .single();
  }

  @Test
  void finishedDeliveryIsKeptForThirtyDays() throws Exception {
    try (Receiver receiver = new Receiver()) {
      UUID endpoint = createDeliveries(receiver);
      String path = ENDPOINTS + "/" + endpoint + "/deliveries";
      await().atMost(LONG).until(() -> !ada.get(path).text().contains("pending"));
      Api.Answer deliveries = ada.get(path);
      String pending = deliveries.at("/data/2/id");
      asOwner(
          """
          update notifications.webhook_delivery set status = 'pending', next_attempt_at = 'infinity'
          where id = ?::uuid
          """,
          pending);
      ageDelivery(deliveries.at("/data/0/id"), THIRTY_DAYS + 1);
      ageDelivery(deliveries.at("/data/1/id"), THIRTY_DAYS - 1);
      ageDelivery(pending, THIRTY_DAYS + 1);

      purgeUntil(() -> assertThat(count(endpoint)).isEqualTo(2));
    }
  }

  @Test
  void deletedEndpointLosesItsDeliveries() throws Exception {
    try (Receiver receiver = new Receiver()) {
      UUID endpoint = createDeliveries(receiver);
      ada.send(ada.request(ENDPOINTS + "/" + endpoint).DELETE());

      purgeUntil(() -> assertThat(count(endpoint)).isZero());
    }
  }
}
