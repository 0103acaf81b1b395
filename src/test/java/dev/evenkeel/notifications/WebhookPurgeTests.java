package dev.evenkeel.notifications;

import static dev.testing.Refusals.assertReplayed;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.testing.Api;
import dev.testing.TestDatabase;
import dev.testing.WholeApplication;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.time.Duration;
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
  private static final Duration LONG = Duration.ofSeconds(20);

  @LocalServerPort int port;
  @Autowired TestDatabase database;
  @Autowired JdbcClient jdbc;
  @Autowired WebhookPurge purge;

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

    // Another application's lock may be in the way, for a moment
    await()
        .atMost(LONG)
        .untilAsserted(() -> {
          purge.purge();
          assertThat(ada.post(ENDPOINTS, "old", FTP).isReplay()).isFalse();
        });

    assertReplayed(ada.post(ENDPOINTS, "recent", FTP), recent);
  }
}
