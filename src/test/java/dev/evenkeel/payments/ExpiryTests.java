package dev.evenkeel.payments;

import static org.assertj.core.api.Assertions.assertThat;

import dev.testing.WholeApplication;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.UUID;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.springframework.beans.factory.annotation.Autowired;

/** Nobody is charged for yesterday's click; what is to be paid out waits as long as it takes. */
@WholeApplication
class ExpiryTests extends PaymentFixture {

  private static final String AN_HOUR_AGO = "created_at = created_at - interval '1 h'";

  @Autowired PaymentAttempts attempts;

  @BeforeEach
  void expireHereOnly() throws SQLException {
    keepFromExpiring(true);
  }

  @AfterEach
  void expireByTheClockAgain() throws SQLException {
    keepFromExpiring(false);
  }

  @Test
  void aPayInThatWasNeverSentForAnHourFails() throws SQLException {
    keepAway();
    UUID id = api.payIn(account, 1000, "tok_ok").id();
    attempts.expire();
    assertThat(payment(id).at("/status").asString()).as("not yet").isEqualTo("pending");
    change(id, AN_HOUR_AGO);

    attempts.expire();

    assertThat(payment(id).at("/status").asString()).isEqualTo("failed");
    assertThat(payment(id).at("/failure/code").asString()).isEqualTo("expired");
    assertTold("payment.failed");
    letThrough();
    assertThat(count("payments.payment where next_attempt_at is null and id = '" + id + "'"))
        .isEqualTo(1);
    assertThat(simulator.received(id)).isZero();
    assertBalance(0, 0);
  }

  @Test
  void whoeverClaimsItFirstDoesNotSendIt() throws SQLException {
    keepAway();
    UUID id = api.payIn(account, 1000, "tok_ok").id();
    change(id, AN_HOUR_AGO);

    assertThat(attempts.claim(id)).hasValueSatisfying(it -> assertThat(it.hasExpired()).isTrue());

    assertThat(payment(id).at("/failure/code").asString()).isEqualTo("expired");
  }

  @Test
  void howeverManyHaveExpiredAllOfThemEnd() throws SQLException {
    keepAway();
    UUID id = api.payIn(account, 1000, "tok_ok").id();
    change(id, AN_HOUR_AGO);
    repeat(id, 250);

    attempts.expire();

    assertThat(count(failed())).isEqualTo(251);
  }

  @Test
  @Timeout(10) // to wait for its lock would take longer
  void whatSomebodyElseHasKeepsNothingElseFromEnding() throws SQLException {
    keepAway();
    UUID id = api.payIn(account, 1000, "tok_ok").id();
    change(id, AN_HOUR_AGO);
    repeat(id, 2);

    try (Connection other = database.asApplication()) {
      other.setAutoCommit(false);
      other
          .prepareStatement(
              "select 1 from payments.payment where id = '%s' for update".formatted(id))
          .execute();
      attempts.expire();

      assertThat(count(failed())).isEqualTo(2);
      other.rollback();
    }
    attempts.expire();

    assertThat(payment(id).at("/status").asString()).isEqualTo("failed");
  }

  @Test
  void whatCannotBeEndedKeepsNothingElseFromEnding() throws SQLException {
    keepAway();
    UUID id = api.payIn(account, 1000, "tok_ok").id();
    change(id, AN_HOUR_AGO);
    repeat(id, 2);
    change(id, "account = gen_random_uuid()");

    attempts.expire();

    assertThat(count(failed())).isEqualTo(2);
    assertThat(payment(id).at("/status").asString()).isEqualTo("pending");
    change(id, "account = '" + account + "'");
  }

  private String failed() {
    return "payments.payment where account = '%s' and failure_code = 'expired'".formatted(account);
  }

  @Test
  void aPayOutDoesNotExpire() throws SQLException {
    paidIn(1000);
    keepAway();
    UUID id = api.payOut(account, 400, "tok_ok").id();
    change(id, "created_at = created_at - interval '3 days'");

    attempts.expire();
    letThrough();

    awaitStatus(id, "succeeded");
    assertBalance(600, 0);
  }

  @Test
  void aRefundDoesNotExpire() throws SQLException {
    UUID payment = paidIn(1000);
    keepAway();
    UUID id = api.refund(payment).id();
    change(id, "created_at = created_at - interval '3 days'");

    attempts.expire();
    letThrough();

    awaitStatus("/v1/payments/" + payment + "/refunds/" + id, "succeeded");
  }

  @Test
  void whatMayHaveBeenSentDoesNotExpire() throws SQLException {
    simulator.misbehave("lost_answer");
    UUID id = api.payIn(account, 1000, "tok_ok").id();
    keepAway();
    change(id, "created_at = created_at - interval '3 days'");

    attempts.expire();
    simulator.heal();
    letThrough();

    awaitStatus(id, "succeeded");
  }
}
