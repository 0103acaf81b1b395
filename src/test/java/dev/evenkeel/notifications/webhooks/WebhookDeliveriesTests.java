package dev.evenkeel.notifications.webhooks;

import static org.assertj.core.api.Assertions.assertThat;

import dev.evenkeel.notifications.webhooks.DeliveryRules.Step;
import dev.evenkeel.notifications.webhooks.WebhookDeliveries.Claimed;
import dev.evenkeel.notifications.webhooks.WebhookDeliveries.Tried;
import dev.testing.Api;
import dev.testing.TestDatabase;
import dev.testing.WholeApplication;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.boot.test.web.server.LocalServerPort;
import org.springframework.jdbc.core.simple.JdbcClient;

/** Two instances at one delivery: that of the tests, and one that has a key of its own. */
@WholeApplication
class WebhookDeliveriesTests {

  private static final Set<String> KEYS = Set.of("elsewhere");

  @LocalServerPort int port;
  @Autowired JdbcClient jdbc;
  @Autowired TestDatabase database;
  @Autowired WebhookDeliveries deliveries;

  UUID endpoint;
  UUID delivery;

  /** Nobody here can decrypt its secret, so that nobody but the test claims it. */
  @BeforeEach
  void oneIsDue() {
    Api ada = new Api(port, "ada-" + UUID.randomUUID());
    UUID account = ada.openAccount(0);
    endpoint =
        jdbc.sql(
                """
                insert into notifications.webhook_endpoint
                    (id, owner, idempotency_key, fingerprint, status, url, secret)
                values (uuidv7(), ?, 'key', '', 'enabled', 'http://127.0.0.1:9/', 'elsewhere:x')
                returning id
                """)
            .param(ada.caller())
            .query(UUID.class)
            .single();
    UUID notification =
        jdbc.sql(
                """
                insert into notifications.notification
                    (id, owner, seq, event, account, type, subject_kind, subject_id, account_name, occurred_at)
                values (uuidv7(), ?, 1, uuidv7(), ?, 'account.frozen', 'account', uuidv7(), 'Main', now())
                returning id
                """)
            .params(ada.caller(), account)
            .query(UUID.class)
            .single();
    delivery =
        jdbc.sql(
                """
                insert into notifications.webhook_delivery (id, endpoint, notification)
                values (uuidv7(), ?, ?)
                returning id
                """)
            .params(endpoint, notification)
            .query(UUID.class)
            .single();
  }

  private Claimed claimed() {
    return deliveries.claim(endpoint, KEYS, 8).getFirst();
  }

  private String status() {
    return jdbc.sql("select status from notifications.webhook_delivery where id = ?")
        .param(delivery)
        .query(String.class)
        .single();
  }

  @Test
  void whoseSecretCannotBeDecryptedIsNotDue() {
    assertThat(deliveries.endpointsDue(Set.of("here"))).doesNotContain(endpoint);
    assertThat(deliveries.endpointsDue(KEYS)).contains(endpoint);
  }

  @Test
  void whatAnotherIsClaimingIsPassedOver() throws SQLException {
    try (Connection another = database.asApplication();
        var statement =
            another.prepareStatement(
                "select from notifications.webhook_delivery where id = ? for update")) {
      another.setAutoCommit(false);
      statement.setObject(1, delivery);
      statement.execute();

      assertThat(deliveries.claim(endpoint, KEYS, 8)).isEmpty();
      another.rollback();
    }
    assertThat(deliveries.claim(endpoint, KEYS, 8)).hasSize(1);
    assertThat(deliveries.claim(endpoint, KEYS, 8)).as("it is claimed").isEmpty();
  }

  @Test
  void whoComesLateDoesNotEndTheAttemptOfAnother() {
    Claimed late = claimed();
    jdbc.sql("update notifications.webhook_delivery set next_attempt_at = now() where id = ?")
        .param(delivery)
        .update();
    Claimed latest = claimed();

    deliveries.apply(List.of(new Tried(late, new Step.GiveUp("no answer", false))));
    assertThat(status()).isEqualTo("pending");

    deliveries.apply(List.of(new Tried(latest, new Step.Delivered())));
    assertThat(status()).isEqualTo("delivered");
  }
}
