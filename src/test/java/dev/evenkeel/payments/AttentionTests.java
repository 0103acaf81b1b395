package dev.evenkeel.payments;

import static dev.testing.Refusals.assertRefused;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.testing.Api;
import dev.testing.WholeApplication;
import java.sql.SQLException;
import java.util.Map;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;

/** What the provider contradicts or has forgotten waits for a person, and moves no money. */
@WholeApplication
class AttentionTests extends PaymentFixture {

  private Api.Answer decide(UUID id, String outcome) {
    return operator.post(
        "/v1/operations/payments/" + id + "/resolve",
        Map.of("outcome", outcome, "reason", "Seen on their statement"));
  }

  private Api.Answer ask(UUID id) {
    return operator.post("/v1/operations/payments/" + id + "/resolve");
  }

  private boolean isUnresolved(UUID id) {
    return operator
        .get("/v1/operations/payments/unresolved?limit=100")
        .body()
        .at("/data")
        .valueStream()
        .anyMatch(it -> it.at("/id").asString().equals(id.toString()));
  }

  private void assertNobodyAsksAgain(UUID id) throws SQLException {
    assertThat(count("payments.payment where next_attempt_at is null and id = '" + id + "'"))
        .isEqualTo(1);
  }

  private UUID paidInWithAnotherAmount() {
    simulator.misbehave("amount_mismatch");
    Api.Answer mismatched = api.payIn(account, 1000, "tok_ok");
    assertThat(mismatched.status()).as(mismatched.toString()).isEqualTo(202);
    assertThat(mismatched.at("/status")).isEqualTo("processing");
    assertThat(mismatched.at("/attention")).isEqualTo("amount-mismatch");
    return mismatched.id();
  }

  @Test
  void anotherAmountThanAskedForIsNeverPosted() throws SQLException {
    UUID id = paidInWithAnotherAmount();

    assertThat(isUnresolved(id)).isTrue();
    assertThat(ask(id).at("/attention")).isEqualTo("amount-mismatch");
    assertNobodyAsksAgain(id);
    assertThat(simulator.received(id)).isEqualTo(1);
    assertBalance(0, 0);

    Api.Answer decided = decide(id, "succeeded");
    assertThat(decided.at("/status")).as(decided.toString()).isEqualTo("succeeded");
    assertThat(decided.body().has("attention")).isFalse();
    assertThat(decided.body().at("/timeline").toString()).contains("Seen on their statement");
    assertThat(isUnresolved(id)).isFalse();
    assertBalance(1000, 0);
    assertTold("payment.succeeded");
    assertRefused(decide(id, "succeeded"), 409, "no-decision-needed");
    assertRefused(decide(id, "failed"), 409, "no-decision-needed");
    assertLedgerBalances();
  }

  @Test
  void whatIsSaidRightLaterIsPostedAndStillWaitsForAPerson() {
    UUID id = paidInWithAnotherAmount();
    simulator.heal();

    Api.Answer asked = ask(id);

    assertThat(asked.at("/status")).as(asked.toString()).isEqualTo("succeeded");
    assertThat(asked.at("/attention")).isEqualTo("amount-mismatch");
    assertThat(isUnresolved(id)).isTrue();
    decide(id, "succeeded");
    assertThat(isUnresolved(id)).isFalse();
    assertBalance(1000, 0);
    assertTold("payment.succeeded");
  }

  @Test
  void whatIsHeldStaysHeldUntilSomebodyDecides() {
    paidIn(1000);
    simulator.misbehave("amount_mismatch");
    UUID id = api.payOut(account, 400, "tok_ok").id();
    assertBalance(1000, 400);

    Api.Answer decided = decide(id, "failed");

    assertThat(decided.at("/status")).as(decided.toString()).isEqualTo("failed");
    assertThat(decided.at("/failure/code")).isEqualTo("provider_rejected");
    assertBalance(1000, 0);
    assertTold("payment.succeeded", "payment.failed");
  }

  @Test
  void aContradictionMovesNothingAndIsOnlyAcknowledged() throws SQLException {
    UUID id = paidIn(1000);
    simulator.misbehave("contradict");

    Api.Answer asked = ask(id);

    assertThat(asked.at("/status")).as(asked.toString()).isEqualTo("succeeded");
    assertThat(asked.at("/attention")).isEqualTo("contradiction");
    assertNobodyAsksAgain(id);
    assertThat(isUnresolved(id)).isTrue();
    assertRefused(decide(id, "failed"), 409, "decision-contradicts");
    assertThat(payment(id).at("/attention").asString()).isEqualTo("contradiction");
    assertThat(decide(id, "succeeded").at("/status")).isEqualTo("succeeded");
    assertThat(payment(id).has("attention")).isFalse();
    assertThat(isUnresolved(id)).isFalse();
    assertBalance(1000, 0);
    assertTold("payment.succeeded");
  }

  @Test
  void aSecondChargeUnderItsKeyIsAContradiction() {
    UUID id = paidIn(1000);
    simulator.misbehave(Map.of("mode", "none", "keyRetention", 0));
    assertThat(
            simulator
                .order(
                    "/charges",
                    id.toString(),
                    Map.of(
                        "reference", id, "amount", 1000, "currency", "EUR", "instrument", "tok_ok"))
                .status())
        .isEqualTo(201);
    simulator.heal();

    assertThat(ask(id).at("/attention")).isEqualTo("contradiction");
    decide(id, "succeeded");
    assertBalance(1000, 0);
  }

  @Test
  void eachDecisionIsInTheTimelineAlsoForTheSameReason() {
    UUID id = paidInWithAnotherAmount();
    decide(id, "succeeded");
    assertThat(decisions(id)).isEqualTo(1);
    simulator.misbehave("contradict");
    for (int i = 2; i <= 3; i++) {
      assertThat(ask(id).at("/attention")).isEqualTo("contradiction");
      decide(id, "succeeded");
      assertThat(decisions(id)).isEqualTo(i);
    }
  }

  private long decisions(UUID id) {
    return payment(id)
        .at("/timeline")
        .valueStream()
        .filter(step -> step.at("/note").asString().contains("Seen on their statement"))
        .count();
  }

  @Test
  void aDecisionThatTheProviderContradictsLaterNeedsAnother() {
    UUID id = paidInWithAnotherAmount();
    decide(id, "failed");
    simulator.heal();

    Api.Answer asked = ask(id);

    assertThat(asked.at("/status")).isEqualTo("failed");
    assertThat(asked.at("/attention")).isEqualTo("contradiction");
    assertRefused(decide(id, "succeeded"), 409, "decision-contradicts");
    assertThat(decide(id, "failed").status()).isEqualTo(200);
    assertBalance(0, 0);
  }

  @ParameterizedTest
  @ValueSource(strings = {"lost_answer", "down"})
  void whatTheProviderMayHaveForgottenIsNeverSentAgain(String fault) throws SQLException {
    simulator.misbehave(fault);
    UUID id = api.payIn(account, 1000, "tok_ok").id();
    keepAway();
    int received = simulator.received(id);
    change(id, "first_sent_at = clock_timestamp() - interval '23 h', next_attempt_at = now()");
    simulator.misbehave(Map.of("mode", "none", "keyRetention", 0));

    letThrough();

    await()
        .atMost(LONG)
        .untilAsserted(
            () -> assertThat(payment(id).at("/attention").asString()).isEqualTo("expired-key"));
    assertThat(payment(id).at("/status").asString()).isEqualTo("processing");
    assertThat(ask(id).at("/attention")).isEqualTo("expired-key");
    assertThat(simulator.received(id)).isEqualTo(received);
    assertThat(isUnresolved(id)).isTrue();
    assertBalance(0, 0);
    String inAnHour = "next_attempt_at > clock_timestamp() + interval '59 min'";
    assertThat(count("payments.payment where id = '%s' and %s".formatted(id, inAnHour)))
        .isEqualTo(1);
    assertThat(decide(id, "failed").at("/status")).isEqualTo("failed");
    assertThat(count("payments.payment where id = '%s' and %s".formatted(id, inAnHour))).isZero();
  }

  @Test
  void withinTheProvidersMemoryItIsSentAgain() throws SQLException {
    simulator.misbehave("down");
    UUID id = api.payIn(account, 1000, "tok_ok").id();
    keepAway();
    change(
        id, "first_sent_at = clock_timestamp() - interval '22 h 59 min', next_attempt_at = now()");
    simulator.heal();

    letThrough();

    awaitStatus(id, "succeeded");
    assertThat(simulator.operations(id)).hasSize(1);
  }

  @Test
  void theProviderIsAskedAtOnceIfAnOperatorWants() throws SQLException {
    simulator.misbehave("lost_answer");
    UUID id = api.payIn(account, 1000, "tok_ok").id();
    keepAway();
    change(id, "next_attempt_at = clock_timestamp() + interval '1 h', claimed_until = null");
    assertThat(ask(id).at("/status")).as("it may not be called").isEqualTo("processing");
    simulator.heal();
    letThrough();

    Api.Answer asked = ask(id);

    assertThat(asked.at("/status")).as(asked.toString()).isEqualTo("succeeded");
    assertRefused(decide(id, "succeeded"), 409, "no-decision-needed");
  }

  @Test
  void aRefundIsDecidedAlike() {
    UUID payment = paidIn(1000);
    simulator.misbehave("amount_mismatch");
    UUID refund = api.refund(payment, 400).id();
    assertBalance(1000, 400);
    assertThat(isUnresolved(refund)).isTrue();
    String path = "/v1/payments/" + payment + "/refunds/" + refund;
    assertThat(api.get(path).at("/attention")).isEqualTo("amount-mismatch");

    Api.Answer decided = decide(refund, "succeeded");

    assertThat(decided.at("/kind")).isEqualTo("refund");
    assertThat(decided.at("/payment")).isEqualTo(payment.toString());
    assertThat(decided.at("/status")).isEqualTo("succeeded");
    assertThat(api.get(path).at("/status")).isEqualTo("succeeded");
    assertBalance(600, 0);
    assertTold("payment.succeeded", "refund.succeeded");
    assertLedgerBalances();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{}",
        "{\"outcome\":\"succeeded\"}",
        "{\"outcome\":\"succeeded\",\"reason\":\"\"}",
        "{\"outcome\":\"returned\",\"reason\":\"why\"}",
        "{\"outcome\":\"SUCCEEDED\",\"reason\":\"why\"}",
        "{\"outcome\":\"succeeded\",\"reason\":\"why\",\"amount\":1}",
        "{\"outcome\":\"succeeded\",\"reason\":7}",
        "[]"
      })
  void whatIsNoDecisionIsRefused(String body) {
    UUID id = paidInWithAnotherAmount();

    Api.Answer refused = operator.post("/v1/operations/payments/" + id + "/resolve", body);

    assertRefused(refused, 400, "invalid-request");
    assertThat(payment(id).at("/status").asString()).isEqualTo("processing");
    decide(id, "failed");
  }

  @Test
  void onlyOperatorsSeeAndDecide() {
    UUID id = paidInWithAnotherAmount();
    String path = "/v1/operations/payments/" + id + "/resolve";
    Map<String, String> decision = Map.of("outcome", "succeeded", "reason", "I say so");

    assertRefused(api.post(path, decision), 403, "forbidden");
    assertRefused(api.post(path), 403, "forbidden");
    assertRefused(api.get("/v1/operations/payments/unresolved"), 403, "forbidden");
    assertRefused(ask(UUID.randomUUID()), 404, "not-found");
    assertRefused(decide(UUID.randomUUID(), "failed"), 404, "not-found");
    assertThat(payment(id).at("/status").asString()).isEqualTo("processing");
    decide(id, "failed");
  }

  @Test
  void theUnresolvedAreListedNewestFirst() {
    keepAway();
    UUID older = api.payIn(account, 1, "tok_ok").id();
    UUID newer = api.payIn(account, 1, "tok_ok").id();

    Api.Answer first = operator.get("/v1/operations/payments/unresolved?limit=1");
    JsonNode cursor = first.body().at("/nextCursor");
    Api.Answer second =
        operator.get("/v1/operations/payments/unresolved?limit=1&cursor=" + cursor.asString());

    assertThat(first.at("/data/0/id")).isEqualTo(newer.toString());
    assertThat(second.at("/data/0/id")).isEqualTo(older.toString());
  }
}
