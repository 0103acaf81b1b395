package dev.evenkeel.payments;

import static org.assertj.core.api.Assertions.assertThat;

import dev.testing.Api;
import dev.testing.LockHolder;
import dev.testing.WholeApplication;
import java.sql.SQLException;
import java.util.Map;
import java.util.UUID;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.beans.factory.annotation.Autowired;

/** Time alone ends payments or makes them need a decision, and a backlog delays nothing else. */
@WholeApplication
class ExpiryTests extends PaymentFixture {

  private static final String HOUR_OLD = "created_at = created_at - interval '1 h'";

  @Autowired PaymentAttempts attempts;

  @BeforeEach
  void stopScheduledExpiry() throws SQLException {
    lockExpiry(true);
  }

  @AfterEach
  void startScheduledExpiry() throws SQLException {
    lockExpiry(false);
  }

  private long expired() throws SQLException {
    return count("account = '%s' and failure_code = 'expired'".formatted(account));
  }

  @Test
  void failsUnsentPayInAfterAnHour() throws SQLException {
    UUID id = pendingPayIn(1000);
    attempts.expire();
    assertThat(status(id)).as("not yet").isEqualTo("pending");
    change(id, HOUR_OLD);

    attempts.expire();

    assertThat(status(id)).isEqualTo("failed");
    assertThat(payment(id).at("/failure/code").asString()).isEqualTo("expired");
    assertNotified("payment.failed");
    openBreaker(false);
    assertThat(is(id, "next_attempt_at is null")).isTrue();
    assertThat(simulator.received(id)).isZero();
    assertBalance(0, 0);
  }

  @Test
  void claimExpiresInsteadOfSending() throws SQLException {
    UUID id = pendingPayIn(1000);
    change(id, HOUR_OLD);

    assertThat(attempts.claim(new PaymentId(id)))
        .hasValueSatisfying(it -> assertThat(it.expired()).isTrue());

    assertThat(payment(id).at("/failure/code").asString()).isEqualTo("expired");
  }

  @Test
  void failsMoreThanOnePage() throws SQLException {
    UUID id = pendingPayIn(1000);
    change(id, HOUR_OLD);
    repeat(id, 250);

    attempts.expire();

    assertThat(expired()).isEqualTo(251);
  }

  @Test
  @Timeout(10) // waiting for the lock would take longer
  void skipsLockedPayment() throws Exception {
    UUID id = pendingPayIn(1000);
    change(id, HOUR_OLD);
    repeat(id, 2);

    try (LockHolder _ = LockHolder.lockingPayment(database, id)) {
      attempts.expire();

      assertThat(expired()).isEqualTo(2);
    }
    attempts.expire();

    assertThat(expired()).isEqualTo(3);
  }

  @Test
  void failingPaymentDoesNotStopOthers() throws SQLException {
    UUID id = pendingPayIn(1000);
    change(id, HOUR_OLD);
    repeat(id, 2);
    change(id, "account = gen_random_uuid()");

    attempts.expire();

    assertThat(expired()).isEqualTo(2);
    assertThat(status(id)).isEqualTo("pending");
    change(id, "account = '" + account + "'");
  }

  /** A pay-in was sent and met a fault; a pay-out or a refund was not sent. */
  private UUID unfinished(String kind, UUID payIn, String fault) {
    if (kind.equals("sent pay-in")) {
      simulator.misbehave(fault);
    } else {
      openBreaker(true);
    }
    UUID id =
        switch (kind) {
          case "pay-out" -> api.payOut(account, 400, "tok_ok").id();
          case "refund" -> api.refund(payIn, 400).id();
          default -> api.payIn(account, 400, "tok_ok").id();
        };
    openBreaker(true);
    return id;
  }

  @ParameterizedTest
  @ValueSource(strings = {"pay-out", "refund", "sent pay-in"})
  void doesNotExpire(String kind) throws SQLException {
    UUID payIn = paidIn(1000);
    UUID id = unfinished(kind, payIn, "lost_answer");
    change(id, "created_at = created_at - interval '22 h'");

    attempts.expire();
    simulator.heal();
    openBreaker(false);

    awaitStatus(kind.equals("refund") ? path(payIn, id) : path(id), "succeeded");
    assertBalance(kind.equals("sent pay-in") ? 1400 : 600, 0);
  }

  @ParameterizedTest
  @ValueSource(strings = {"pay-out", "refund", "sent pay-in"})
  void needsDecisionOnceKeyMayBeForgotten(String kind) throws SQLException {
    UUID payIn = paidIn(1000);
    UUID id = unfinished(kind, payIn, "error500");
    change(
        id,
        """
        created_at = created_at - interval '23 h', first_sent_at = first_sent_at - interval '23 h',
        claimed_until = null
        """);

    attempts.expire();

    String path = kind.equals("refund") ? path(payIn, id) : path(id);
    assertThat(api.get(path).at("/attention")).isEqualTo("expired-key");
    simulator.heal();
    openBreaker(false);
    Api.Answer decided =
        operator.post(
            "/v1/operations/payments/" + id + "/resolve",
            Map.of("outcome", "failed", "reason", "Not on their statement"));
    assertAnswer(decided, 200, "failed");
    assertThat(simulator.received(id)).isEqualTo(kind.equals("sent pay-in") ? 1 : 0);
    assertBalance(1000, 0);
  }

  @Test
  void hintOfUnsentPaymentDelaysNoOther() throws SQLException {
    paidIn(1000);
    openBreaker(true);
    UUID unsent = api.payOut(account, 400, "tok_ok").id();
    UUID other = api.payOut(account, 100, "tok_ok").id();
    change(unsent, "created_at = created_at - interval '23 h'");
    attempts.expire();
    change(unsent, "hinted = true, next_attempt_at = clock_timestamp() - interval '1 h'");

    openBreaker(false);

    awaitStatus(other, "succeeded");
    assertThat(is(unsent, "next_attempt_at is null and attention = '{EXPIRED_KEY}'")).isTrue();
    assertThat(simulator.received(unsent)).isZero();
    operator.post(
        "/v1/operations/payments/" + unsent + "/resolve",
        Map.of("outcome", "failed", "reason", "Never sent"));
  }

  @Test
  void unseenPayInExpiresAfterLastQuery() throws SQLException {
    simulator.misbehave("error500");
    UUID id = api.payIn(account, 1000, "tok_ok").id();
    openBreaker(true);
    change(id, HOUR_OLD + ", first_sent_at = first_sent_at - interval '1 h', claimed_until = null");
    long sent = simulator.received(id);
    simulator.heal();
    openBreaker(false);

    operator.post("/v1/operations/payments/" + id + "/resolve");
    assertThat(status(id)).as("a call may still be on the way").isEqualTo("processing");
    change(id, "created_at = created_at - interval '10 s', next_attempt_at = clock_timestamp()");

    awaitStatus(id, "failed");
    assertThat(payment(id).at("/failure/code").asString()).isEqualTo("expired");
    assertThat(simulator.received(id)).as("not sent again").isEqualTo(sent);
    assertThat(is(id, "next_attempt_at > clock_timestamp() + interval '9 min'"))
        .as("asked once more for a late call")
        .isTrue();
    assertBalance(0, 0);
  }

  /** One payment per sweep would take minutes: recovery works on until nothing is due. */
  @Test
  void expiredPaymentsDelayNoOther() throws SQLException {
    UUID first = pendingPayIn(100);
    UUID last = pendingPayIn(1000);
    change(first, "created_at = created_at - interval '2 h', next_attempt_at = created_at");
    repeat(first, 200);

    openBreaker(false);

    awaitStatus(last, "succeeded");
    awaitStatus(first, "failed");
    assertBalance(1000, 0);
  }

  @Test
  void failingPaymentsDelayNoOther() throws SQLException {
    UUID first = pendingPayIn(100);
    UUID last = pendingPayIn(1000);
    change(first, "account = gen_random_uuid()");
    repeat(first, 200);

    openBreaker(false);

    awaitStatus(last, "succeeded");
    assertBalance(1000, 0);
    asOwner(
        """
        update payments.payment set account = '%s', claimed_until = null, next_attempt_at = now()
        where owner = '%s' and final_at is null
        """
            .formatted(account, api.caller()));
  }
}
