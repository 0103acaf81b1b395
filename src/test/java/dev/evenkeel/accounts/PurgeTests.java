package dev.evenkeel.accounts;

import static dev.testing.Refusals.assertRefused;
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
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.boot.test.web.server.LocalServerPort;

/** Refusals are kept for 30 days, those within a batch as long as the batch. */
@WholeApplication
class PurgeTests {

  @LocalServerPort int port;
  @Autowired TestDatabase database;
  @Autowired List<RetentionPolicy> retentions;

  Api ada;
  UUID empty;
  UUID other;

  @BeforeEach
  void openAccounts() {
    ada = new Api(port, "ada-" + UUID.randomUUID());
    empty = ada.openAccount(0);
    other = ada.openAccount(0);
  }

  @Test
  void forgetsRefusalsAfterThirtyDays() throws SQLException {
    Api.Answer old = ada.transfer("old", empty, other, 10);
    Api.Answer recent = ada.transfer("recent", empty, other, 10);
    age("old", 30 * 24 + 1);
    age("recent", 30 * 24 - 1);

    await()
        .untilAsserted(() -> {
          retentions.forEach(RetentionPolicy::apply);
          assertThat(ada.transfer("old", empty, other, 10).isReplay()).isFalse();
        });

    assertRefused(old, 422, "insufficient-funds", "new-key");
    assertReplayed(ada.transfer("recent", empty, other, 10), recent);
  }

  @Test
  void keepsRefusalsOfBatches() throws SQLException {
    Api.Answer batch =
        ada.post(
            "/v1/transfers/batch",
            Map.of(
                "transfers",
                List.of(Map.of("from", empty, "to", other, "amount", 10, "currency", "EUR")),
                "atomic",
                false));
    ada.transfer("old", empty, other, 10);
    age(batch.id() + "/0", 24 * 365);
    age("old", 24 * 365);

    await()
        .untilAsserted(() -> {
          retentions.forEach(RetentionPolicy::apply);
          assertThat(ada.transfer("old", empty, other, 10).isReplay()).isFalse();
        });

    assertThat(ada.get("/v1/transfers/batch/" + batch.id()).body()).isEqualTo(batch.body());
  }

  private void age(String key, int hours) throws SQLException {
    try (Connection owner = database.asOwner();
        PreparedStatement update =
            owner.prepareStatement(
                """
                update accounts.transfer set posted_at = posted_at - make_interval(hours => ?)
                where owner = ? and idempotency_key = ?
                """)) {
      update.setInt(1, hours);
      update.setString(2, ada.caller());
      update.setString(3, key);
      assertThat(update.executeUpdate()).isEqualTo(1);
    }
  }
}
