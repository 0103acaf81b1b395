package dev.evenkeel.payments;

import static dev.testing.Refusals.assertRefused;
import static dev.testing.Refusals.assertReplayed;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.evenkeel.database.RetentionPolicy;
import dev.testing.Api;
import dev.testing.WholeApplication;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.Callable;
import org.junit.jupiter.api.Test;
import org.springframework.beans.factory.annotation.Autowired;

/** Refusals are kept for 30 days, accepted payments and refunds for good. */
@WholeApplication
class PaymentPurgeTests extends PaymentFixture {

  @Autowired List<RetentionPolicy> retentions;

  private void age(String key, int hours) throws SQLException {
    assertThat(
            asOwner(
                """
                update payments.payment set created_at = created_at - interval '%d h'
                where owner = '%s' and idempotency_key = '%s'
                """
                    .formatted(hours, api.caller(), key)))
        .isEqualTo(1);
  }

  /** Another instance may hold the lock of the scheduled purge. */
  private void awaitForgotten(Callable<Api.Answer> request) {
    await()
        .untilAsserted(() -> {
          retentions.forEach(RetentionPolicy::apply);
          assertThat(request.call().isReplay()).isFalse();
        });
  }

  @Test
  void forgetsRefusalsAfterThirtyDays() throws SQLException {
    UUID payment = paidIn(1000);
    Api.Answer recent = api.payOut("recent", account, 1001, "tok_ok");
    assertRefused(recent, 422, "insufficient-funds", "new-key");
    api.payOut("old", account, 1001, "tok_ok");
    assertRefused(api.refund("refund", payment, 1001), 422, "refund-exceeds-payment", "new-key");
    age("old", 30 * 24 + 1);
    age("refund", 30 * 24 + 1);
    age("recent", 30 * 24 - 1);

    awaitForgotten(() -> api.payOut("old", account, 1001, "tok_ok"));
    awaitForgotten(() -> api.refund("refund", payment, 1001));

    assertReplayed(api.payOut("recent", account, 1001, "tok_ok"), recent);
  }

  @Test
  void keepsAcceptedPayments() throws SQLException {
    api.payIn("accepted", account, 1000, "tok_declined");
    age("accepted", 24 * 365);
    api.payOut("old", account, 10, "tok_ok");
    age("old", 24 * 365);

    awaitForgotten(() -> api.payOut("old", account, 10, "tok_ok"));

    assertThat(api.payIn("accepted", account, 1000, "tok_declined").isReplay()).isTrue();
  }

  @Test
  void forgetsOnlyRefusedCaptures() throws SQLException {
    UUID payment = api.authorize(account, 100, "tok_ok").id();
    Api.Answer recent = capture("recent", payment, 101);
    capture("old", payment, 101);
    capture("accepted", payment, 60);
    for (String key : List.of("old", "accepted")) {
      asOwner(
          """
          update payments.capture_request set created_at = created_at - interval '31 days'
          where owner = '%s' and idempotency_key = '%s'
          """
              .formatted(api.caller(), key));
    }

    awaitForgotten(() -> capture("old", payment, 101));

    assertReplayed(capture("recent", payment, 101), recent);
    assertThat(capture("accepted", payment, 60).isReplay()).isTrue();
  }

  private Api.Answer capture(String key, UUID payment, long amount) {
    return api.post(path(payment) + "/capture", key, Map.of("amount", amount));
  }

  @Test
  void databaseKeepsAcceptedPayments() throws SQLException {
    UUID id = paidIn(1000);

    try (Connection application = database.asApplication();
        Statement statement = application.createStatement()) {
      for (String table : List.of("payment_step where payment", "payment where id")) {
        assertThatThrownBy(
                () -> statement.execute("delete from payments.%s = '%s'".formatted(table, id)))
            .isInstanceOf(SQLException.class);
      }
    }
    try (Connection owner = database.asOwner();
        Statement statement = owner.createStatement()) {
      owner.setAutoCommit(false);
      statement.execute("delete from payments.payment_step where payment = '" + id + "'");
      assertThatThrownBy(
              () -> statement.execute("delete from payments.payment where id = '" + id + "'"))
          .hasMessageContaining("what was accepted cannot be deleted");
      owner.rollback();
    }
  }
}
