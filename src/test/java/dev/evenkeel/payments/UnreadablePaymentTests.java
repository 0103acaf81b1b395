package dev.evenkeel.payments;

import static dev.testing.Refusals.assertRefused;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.testing.Api;
import dev.testing.WholeApplication;
import java.sql.SQLException;
import java.util.Map;
import java.util.UUID;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;
import tools.jackson.databind.JsonNode;

/** A payment that cannot be read or ended waits alone, until an operator has to look. */
@WholeApplication
@ExtendWith(OutputCaptureExtension.class)
class UnreadablePaymentTests extends PaymentFixture {

  private static final String FIRST = "next_attempt_at = now() - interval '1 h'";

  private UUID poisonous;
  private UUID other;

  @BeforeEach
  void allowOtherValues() throws SQLException {
    // They stay away: nothing else in this database depends on them
    for (String column : new String[] {"kind", "status", "attention"}) {
      asOwner(
          "alter table payments.payment drop constraint if exists payment_%s_check"
              .formatted(column));
    }
    poisonous = pendingPayIn(100);
    other = pendingPayIn(1000);
  }

  @AfterEach
  void restore() throws SQLException {
    change(
        poisonous,
        """
        kind = 'PAY_IN', account = '%s', failures = 0, attention = null, claimed_until = null, next_attempt_at = now(),
        created_at = now(), final_at = case when status <> 'NEW' then final_at end,
        status = case when status = 'NEW' then 'PENDING' else status end
        """
            .formatted(account));
  }

  private JsonNode unresolved() {
    Api.Answer answer = operator.get("/v1/operations/payments/unresolved?limit=100");
    assertThat(answer.status()).isEqualTo(200);
    return answer
        .body()
        .at("/data")
        .valueStream()
        .filter(it -> it.at("/id").asString().equals(poisonous.toString()))
        .findFirst()
        .orElseThrow();
  }

  private void assertOtherSucceedsAndPoisonousWaits() {
    openBreaker(false);
    awaitStatus(other, "succeeded");
    await()
        .atMost(LONG)
        .until(() -> is(poisonous, "failures > 0 and next_attempt_at > clock_timestamp()"));
  }

  private void assertNeedsAttentionAfterTenth(CapturedOutput output) throws SQLException {
    change(poisonous, "failures = 8, claimed_until = null, hinted = true, " + FIRST);
    // Recovery and expiry may both fail on it
    await()
        .atMost(LONG)
        .until(() -> is(poisonous, "failures > 8 and (attention is null) = (failures < 10)"));
    change(poisonous, "claimed_until = null, " + FIRST);
    await()
        .atMost(LONG)
        .until(() -> is(poisonous, "failures >= 10 and attention = '{UNREADABLE}'"));
    assertThat(unresolved().at("/attention").asString()).isEqualTo("unreadable");
    String line = "Payment " + poisonous + " needs a decision: 10 attempts in a row failed";
    await().untilAsserted(() -> assertThat(output).containsOnlyOnce(line));
  }

  @ParameterizedTest
  @ValueSource(strings = {"kind = 'NEW'", "status = 'NEW', final_at = now()"})
  void valueOfNewerReleaseDelaysNoOther(String change, CapturedOutput output) throws SQLException {
    change(poisonous, change + ", " + FIRST);

    assertOtherSucceedsAndPoisonousWaits();

    Api.Answer list = api.get("/v1/payments?account=" + account);
    assertThat(list.status()).isEqualTo(200);
    assertThat(list.body().at("/data").valueStream())
        .anyMatch(it -> it.at("/id").asString().equals(other.toString()));
    assertNeedsAttentionAfterTenth(output);
    assertThat(simulator.received(poisonous)).isZero();
    assertThat(operator.post(resolve()).at("/attention")).isEqualTo("unreadable");
    assertRefused(decideFailed(), 409, "payment-unreadable");
    assertThat(api.cancel(poisonous).status()).isIn(404, 409);
    assertThat(api.refund(poisonous).status()).isIn(404, 409);
  }

  @Test
  void decisionEndsWhatCanBeReadAgain() throws SQLException {
    change(poisonous, "attention = '{UNREADABLE}'");

    assertThat(decideFailed().at("/status")).isEqualTo("failed");
    openBreaker(false);
  }

  private String resolve() {
    return "/v1/operations/payments/" + poisonous + "/resolve";
  }

  private Api.Answer decideFailed() {
    return operator.post(resolve(), Map.of("outcome", "failed", "reason", "Never sent"));
  }

  @Test
  void unknownAttentionIsListed() throws SQLException {
    change(poisonous, "attention = '{NEW}'");

    assertThat(unresolved().at("/attention").asString()).isEqualTo("unreadable");
  }

  @Test
  void unknownStepDoesNotStopPayment() throws SQLException {
    asOwner(
        "update payments.payment_step set status = 'NEW' where payment = '%s'"
            .formatted(poisonous));

    openBreaker(false);

    awaitStatus(poisonous, "succeeded");
    assertThat(payment(poisonous).at("/timeline/0/status").asString()).isEqualTo("unreadable");
  }

  @ParameterizedTest
  @ValueSource(strings = {"1 min", "2 h"})
  void paymentThatCannotEndDelaysNoOther(String age, CapturedOutput output) throws SQLException {
    change(
        poisonous,
        "account = gen_random_uuid(), created_at = now() - interval '%s', ".formatted(age) + FIRST);

    assertOtherSucceedsAndPoisonousWaits();

    assertNeedsAttentionAfterTenth(output);
  }

  @Test
  void refundWaitsForPaymentOfNewerRelease() throws SQLException {
    openBreaker(false);
    awaitStatus(poisonous, "succeeded");
    openBreaker(true);
    UUID refund = api.refund(poisonous, 40).id();
    change(poisonous, "status = 'NEW'");
    openBreaker(false);
    change(refund, FIRST);

    await().atMost(LONG).until(() -> is(refund, "failures > 0 and status = 'PENDING'"));
    assertThat(simulator.received(refund)).isZero();

    change(poisonous, "status = 'SUCCEEDED'");
    change(refund, FIRST);
    awaitStatus(path(poisonous, refund), "succeeded");
  }

  @Test
  void refundOfNewerReleaseCounts() throws SQLException {
    openBreaker(false);
    awaitStatus(poisonous, "succeeded");
    UUID refund = api.refund(poisonous, 60).id();
    change(refund, "status = 'NEW'");
    try {
      assertRefused(api.refund(poisonous, 60), 422, "refund-exceeds-payment", "new-key");
    } finally {
      change(refund, "status = 'SUCCEEDED'");
    }
  }
}
