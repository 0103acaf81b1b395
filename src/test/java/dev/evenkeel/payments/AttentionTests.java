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
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What the provider contradicts or has forgotten waits for an operator and moves no money. */
@WholeApplication
class AttentionTests extends PaymentFixture {

  private static final String IN_AN_HOUR =
      "next_attempt_at > clock_timestamp() + interval '59 min'";

  private static String resolve(UUID id) {
    return "/v1/operations/payments/" + id + "/resolve";
  }

  private Api.Answer decide(UUID id, String outcome) {
    return operator.post(
        resolve(id), Map.of("outcome", outcome, "reason", "Seen on their statement"));
  }

  private Api.Answer decideAmount(UUID id, long amount) {
    return operator.post(
        resolve(id),
        Map.of("outcome", "succeeded", "amount", amount, "reason", "Seen on their statement"));
  }

  /** Makes the provider be called now. */
  private Api.Answer ask(UUID id) {
    return operator.post(resolve(id));
  }

  private boolean isUnresolved(UUID id) {
    return operator
        .get("/v1/operations/payments/unresolved?limit=100")
        .body()
        .at("/data")
        .valueStream()
        .anyMatch(it -> it.at("/id").asString().equals(id.toString()));
  }

  private long decisions(UUID id) {
    return payment(id)
        .at("/timeline")
        .valueStream()
        .filter(step -> step.at("/note").asString().contains("Seen on their statement"))
        .count();
  }

  private UUID mismatchedPayIn() {
    simulator.misbehave("amount_mismatch");
    Api.Answer mismatched = api.payIn(account, 1000, "tok_ok");
    assertAnswer(mismatched, 202, "processing");
    assertThat(mismatched.at("/attention")).isEqualTo("amount-mismatch");
    return mismatched.id();
  }

  @Test
  void mismatchIsPostedOnlyByDecision() throws SQLException {
    UUID id = mismatchedPayIn();

    assertThat(isUnresolved(id)).isTrue();
    assertThat(ask(id).at("/attention")).isEqualTo("amount-mismatch");
    assertThat(is(id, IN_AN_HOUR)).as("asked again").isTrue();
    assertThat(simulator.received(id)).isEqualTo(1);
    assertBalance(0, 0);

    Api.Answer decided = decide(id, "succeeded");
    assertAnswer(decided, 200, "succeeded");
    assertThat(decided.body().has("attention")).isFalse();
    assertThat(decisions(id)).isEqualTo(1);
    assertThat(isUnresolved(id)).isFalse();
    assertBalance(1000, 0);
    assertNotified("payment.succeeded");
    assertRefused(decide(id, "succeeded"), 409, "no-decision-needed");
    assertRefused(decide(id, "failed"), 409, "no-decision-needed");
    assertLedgerBalances();
  }

  @Test
  void laterApprovalIsPostedButNeedsDecision() {
    UUID id = mismatchedPayIn();
    simulator.heal();

    Api.Answer asked = ask(id);

    assertAnswer(asked, 200, "succeeded");
    assertThat(asked.at("/attention")).isEqualTo("amount-mismatch");
    assertThat(isUnresolved(id)).isTrue();
    decide(id, "succeeded");
    assertThat(isUnresolved(id)).isFalse();
    assertBalance(1000, 0);
    assertNotified("payment.succeeded");
  }

  @ParameterizedTest
  @CsvSource({"payment, failed, 1000", "refund, failed, 1000", "refund, succeeded, 600"})
  void decisionEndsHold(String kind, String outcome, long balance) {
    UUID payIn = paidIn(1000);
    boolean refund = kind.equals("refund");
    simulator.misbehave("amount_mismatch");
    UUID id = (refund ? api.refund(payIn, 400) : api.payOut(account, 400, "tok_ok")).id();
    String path = refund ? path(payIn, id) : path(id);
    assertBalance(1000, 400);
    assertThat(isUnresolved(id)).isTrue();
    assertThat(api.get(path).at("/attention")).isEqualTo("amount-mismatch");

    Api.Answer decided = decide(id, outcome);

    assertAnswer(decided, 200, outcome);
    assertThat(decided.at("/kind")).isEqualTo(refund ? "refund" : "pay_out");
    assertThat(api.get(path).at("/failure/code"))
        .isEqualTo(outcome.equals("failed") ? "provider_rejected" : "");
    assertBalance(balance, 0);
    assertNotified("payment.succeeded", kind + "." + outcome);
    assertLedgerBalances();
  }

  @ParameterizedTest
  @CsvSource({
    "pay_in, 900, 1900",
    "pay_in, 1001, 2001",
    "pay_out, 900, 100",
    "pay_out, 1001, -1",
    "refund, 900, 100"
  })
  void postsWhatReallyMoved(String kind, long amount, long balance) {
    account = api.openAccount(1);
    UUID payIn = paidIn(1000);
    simulator.misbehave("amount_mismatch");
    UUID id =
        switch (kind) {
          case "pay_in" -> api.payIn(account, 1000, "tok_ok").id();
          case "pay_out" -> api.payOut(account, 1000, "tok_ok").id();
          default -> api.refund(payIn, 1000).id();
        };

    Api.Answer decided = decideAmount(id, amount);

    assertAnswer(decided, 200, "succeeded");
    assertThat(decided.body().at("/amount").asLong()).as("what was asked").isEqualTo(1000);
    assertThat(decided.body().at("/moved").asLong()).isEqualTo(amount);
    assertThat(api.posted(account)).isEqualTo(balance);
    assertThat(api.balance(account).at("/held").asLong()).isZero();
    assertThat(decisions(kind.equals("refund") ? payIn : id))
        .isEqualTo(kind.equals("refund") ? 0 : 1);
    if (amount == 1001) {
      assertThat(ask(id).body().has("attention")).as("the provider agrees").isFalse();
    }
    if (kind.equals("refund")) {
      assertThat(refunded(payIn)).isEqualTo(amount);
      assertThat(api.get(path(payIn, id)).body().at("/moved").asLong()).isEqualTo(amount);
    }
    assertLedgerBalances();
  }

  @Test
  void decidedPayInIsRefundableUpToWhatMoved() {
    UUID id = mismatchedPayIn();
    decideAmount(id, 900);
    simulator.heal();
    paidIn(500);

    assertRefused(api.refund(id, 901), 422, "refund-exceeds-payment", "new-key");
    assertThat(api.refund(id).body().at("/amount").asLong()).isEqualTo(900);
  }

  @Test
  void rejectsAmountBeyondAskedAndReported() {
    UUID id = mismatchedPayIn();

    assertRefused(decideAmount(id, 1002), 422, "decision-out-of-range");

    assertThat(payment(id).at("/attention").asString()).isEqualTo("amount-mismatch");
    assertThat(decisions(id)).isZero();
    assertBalance(0, 0);
    decide(id, "failed");
  }

  @Test
  void approvalAfterFailureIsBookedByDecision() {
    UUID id = mismatchedPayIn();
    decide(id, "failed");
    simulator.heal();
    assertThat(ask(id).at("/attention")).isEqualTo("contradiction");

    Api.Answer decided = decideAmount(id, 1000);

    assertAnswer(decided, 200, "succeeded");
    assertThat(decided.body().has("failure")).isFalse();
    assertThat(ask(id).body().has("attention")).as("the provider agrees").isFalse();
    assertBalance(1000, 0);
    assertNotified("payment.failed", "payment.succeeded");
    assertThat(api.refund(id, 1000).at("/status")).isEqualTo("succeeded");
    assertLedgerBalances();
  }

  @Test
  void differenceOfFinalPaymentIsPosted() {
    UUID id = paidIn(1000);
    long balance = 1000;
    for (long amount : new long[] {400, 999, 999}) {
      simulator.misbehave("contradict");
      assertThat(ask(id).at("/attention")).isEqualTo("contradiction");

      assertAnswer(decideAmount(id, amount), 200, "succeeded");

      balance = amount;
      assertBalance(balance, 0);
      assertThat(payment(id).at("/moved").asLong()).isEqualTo(amount);
    }
    assertThat(entries()).hasSize(3);
    assertNotified("payment.succeeded", "payment.returned", "payment.succeeded");
    assertLedgerBalances();
  }

  @Test
  void sameOutcomeIsOnlyAcknowledged() throws SQLException {
    UUID id = paidIn(1000);
    simulator.misbehave("contradict");

    for (int decisions = 1; decisions <= 2; decisions++) {
      Api.Answer asked = ask(id);
      assertAnswer(asked, 200, "succeeded");
      assertThat(asked.at("/attention")).isEqualTo("contradiction");
      assertThat(is(id, "next_attempt_at is null")).as("nobody asks again").isTrue();
      assertThat(isUnresolved(id)).isTrue();
      assertThat(decide(id, "succeeded").at("/status")).isEqualTo("succeeded");
      assertThat(payment(id).has("attention")).isFalse();
      assertThat(isUnresolved(id)).isFalse();
      assertThat(decisions(id)).as("also for the same reason").isEqualTo(decisions);
    }
    assertBalance(1000, 0);
    assertNotified("payment.succeeded");
  }

  @ParameterizedTest
  @CsvSource({"pay_in, 1000", "pay_out, 2000", "refund, 2000"})
  void whatNeverMovedIsPostedBack(String kind, long balance) {
    UUID payIn = paidIn(1000);
    paidIn(1000);
    UUID id =
        switch (kind) {
          case "pay_in" -> payIn;
          case "pay_out" -> api.payOut(account, 1000, "tok_ok").id();
          default -> api.refund(payIn, 1000).id();
        };
    simulator.misbehave("contradict");
    assertThat(ask(id).at("/attention")).isEqualTo("contradiction");

    Api.Answer decided = decide(id, "failed");

    assertAnswer(decided, 200, "failed");
    assertThat(decided.at("/failure/code")).isEqualTo("provider_rejected");
    assertThat(decided.body().has("attention")).isFalse();
    assertThat(ask(id).body().has("attention")).as("the provider agrees").isFalse();
    assertBalance(balance, 0);
    assertLedgerBalances();
  }

  @Test
  void rejectsFailureOfWhatWasRefunded() {
    UUID id = paidIn(1000);
    api.refund(id, 400);
    simulator.misbehave("contradict");
    ask(id);

    assertRefused(decide(id, "failed"), 422, "decision-out-of-range");

    assertBalance(600, 0);
    decide(id, "succeeded");
  }

  @Test
  void rejectsFailureWhileARefundIsUnderWay() throws SQLException {
    UUID id = paidIn(1000);
    openBreaker(true);
    assertThat(api.refund(id, 400).status()).isEqualTo(202);
    change(id, "attention = '{CONTRADICTION}'");

    assertRefused(decide(id, "failed"), 422, "decision-out-of-range");
    assertRefused(decideAmount(id, 399), 422, "decision-out-of-range");

    assertBalance(1000, 400);
    assertAnswer(decideAmount(id, 400), 200, "succeeded");
  }

  /** The provider's amount stays another one, which an operator has acknowledged. */
  @Test
  void booksReturnsOfAnotherAmount() throws SQLException {
    UUID id = mismatchedPayIn();
    simulator.heal();
    assertAnswer(decideAmount(id, 500), 200, "succeeded");
    assertThat(ask(id).at("/attention")).isEqualTo("contradiction");
    decide(id, "succeeded");

    simulator.takeBack(id, 100);
    await().until(() -> payment(id).at("/returned").asLong() == 100);
    simulator.takeBack(id, 200);
    await().until(() -> payment(id).at("/returned").asLong() == 300);
    change(id, "next_attempt_at = now()");
    await().atMost(LONG).until(() -> is(id, "next_attempt_at is null"));

    assertThat(payment(id).has("attention")).as("decided once").isFalse();
    assertBalance(200, 0);
    simulator.takeBack(id, 201);
    await().until(() -> payment(id).at("/attention").asString("").equals("contradiction"));
    assertBalance(200, 0);
    assertLedgerBalances();
  }

  @Test
  void asksAboutTheAmountAgainAfterAReturn() {
    UUID id = mismatchedPayIn();
    simulator.heal();
    assertAnswer(decideAmount(id, 500), 200, "succeeded");

    simulator.takeBack(id, 100);

    await().until(() -> payment(id).at("/attention").asString("").equals("contradiction"));
    assertThat(payment(id).at("/returned").asLong()).isEqualTo(100);
    assertBalance(400, 0);
  }

  /** What the provider gives back of an operation that we do not know is not the customer's. */
  @Test
  void booksNoReturnOfAnUnknownOperation() throws SQLException {
    UUID id = mismatchedPayIn();
    simulator.heal();
    assertAnswer(decideAmount(id, 500), 200, "succeeded");
    change(id, "provider_operation = 'op_other'");

    simulator.takeBack(id, 100);

    await().until(() -> payment(id).at("/attention").asString("").equals("contradiction"));
    assertThat(payment(id).at("/timeline").toString()).contains("1000 EUR, 100 returned");
    assertBalance(500, 0);
  }

  @Test
  void secondChargeIsContradiction() {
    UUID id = paidIn(1000);
    simulator.misbehave(Map.of("mode", "none", "keyRetention", 0));
    Map<String, Object> again =
        Map.of("reference", id, "amount", 1000, "currency", "EUR", "instrument", "tok_ok");
    assertThat(simulator.order("/charges", id.toString(), again).status()).isEqualTo(201);
    simulator.heal();

    assertThat(ask(id).at("/attention")).isEqualTo("contradiction");
    decide(id, "succeeded");
    assertBalance(1000, 0);
  }

  @Test
  void contradictedDecisionNeedsAnother() throws SQLException {
    UUID id = mismatchedPayIn();
    decide(id, "failed");
    assertThat(is(id, "next_attempt_at is not null")).as("asked later").isTrue();
    simulator.heal();

    Api.Answer asked = ask(id);

    assertThat(asked.at("/status")).isEqualTo("failed");
    assertThat(asked.at("/attention")).isEqualTo("contradiction");
    assertThat(decide(id, "failed").status()).isEqualTo(200);
    assertBalance(0, 0);
    ask(id);
    assertAnswer(decide(id, "succeeded"), 200, "succeeded");
    assertBalance(1000, 0);
  }

  /** The provider took it back while the payment counted as failed, so nothing was booked then. */
  @Test
  void booksReturnThatCameBeforeTheDecision() throws SQLException {
    UUID id = mismatchedPayIn();
    decide(id, "failed");
    simulator.heal();
    simulator.takeBack(id);
    await().until(() -> ask(id).at("/attention").equals("contradiction"));

    assertAnswer(decide(id, "succeeded"), 200, "succeeded");
    assertThat(is(id, "next_attempt_at is not null")).as("asked later").isTrue();
    change(id, "next_attempt_at = now()");

    awaitStatus(id, "returned");
    assertBalance(0, 0);
    assertLedgerBalances();
  }

  @Test
  void isNotAskedAgainWhatWasDecided() throws SQLException {
    UUID id = paidIn(1000);
    simulator.misbehave("contradict");
    ask(id);

    decide(id, "succeeded");
    change(id, "next_attempt_at = now()");

    await().atMost(LONG).until(() -> is(id, "next_attempt_at is null"));
    assertThat(is(id, "attention is null")).isTrue();
    assertThat(ask(id).at("/attention")).as("on request").isEqualTo("contradiction");
    decide(id, "succeeded");
    simulator.heal();
    assertThat(ask(id).body().has("attention")).as("both agree").isFalse();
    simulator.misbehave("contradict");
    change(id, "next_attempt_at = now()");
    await().until(() -> payment(id).at("/attention").asString("").equals("contradiction"));
  }

  @ParameterizedTest
  @ValueSource(strings = {"lost_answer", "down"})
  void neverSendsAgainWithExpiredKey(String fault) throws SQLException {
    simulator.misbehave(fault);
    UUID id = api.payIn(account, 1000, "tok_ok").id();
    openBreaker(true);
    int received = simulator.received(id);
    change(id, "first_sent_at = clock_timestamp() - interval '23 h', next_attempt_at = now()");
    simulator.misbehave(Map.of("mode", "none", "keyRetention", 0));

    openBreaker(false);

    await()
        .atMost(LONG)
        .untilAsserted(
            () -> assertThat(payment(id).at("/attention").asString()).isEqualTo("expired-key"));
    assertThat(status(id)).isEqualTo("processing");
    assertThat(ask(id).at("/attention")).isEqualTo("expired-key");
    assertThat(simulator.received(id)).isEqualTo(received);
    assertThat(isUnresolved(id)).isTrue();
    assertBalance(0, 0);
    assertThat(is(id, IN_AN_HOUR)).isTrue();
    assertThat(decide(id, "failed").at("/status")).isEqualTo("failed");
    assertThat(is(id, IN_AN_HOUR)).isFalse();
  }

  @Test
  void sendsAgainWhileKeyIsKnown() throws SQLException {
    simulator.misbehave("down");
    UUID id = api.payIn(account, 1000, "tok_ok").id();
    openBreaker(true);
    change(
        id, "first_sent_at = clock_timestamp() - interval '22 h 59 min', next_attempt_at = now()");
    simulator.heal();

    openBreaker(false);

    awaitStatus(id, "succeeded");
    assertThat(simulator.operations(id)).hasSize(1);
  }

  @Test
  void operatorAsksAtOnce() throws SQLException {
    simulator.misbehave("lost_answer");
    UUID id = api.payIn(account, 1000, "tok_ok").id();
    openBreaker(true);
    change(id, "next_attempt_at = clock_timestamp() + interval '1 h', claimed_until = null");
    assertThat(ask(id).at("/status")).as("it may not be called").isEqualTo("processing");
    simulator.heal();
    openBreaker(false);

    Api.Answer asked = ask(id);

    assertAnswer(asked, 200, "succeeded");
    assertRefused(decide(id, "succeeded"), 409, "no-decision-needed");
  }

  @Test
  void rejectsInvalidDecision() {
    UUID id = mismatchedPayIn();

    for (String body :
        new String[] {
          "{}",
          "{\"outcome\":\"succeeded\"}",
          "{\"outcome\":\"succeeded\",\"reason\":\"\"}",
          "{\"outcome\":\"succeeded\",\"reason\":\" \\u200b\"}",
          "{\"outcome\":\"returned\",\"reason\":\"why\"}",
          "{\"outcome\":\"SUCCEEDED\",\"reason\":\"why\"}",
          "{\"outcome\":\"succeeded\",\"amount\":900}",
          "{\"outcome\":\"succeeded\",\"reason\":\"why\",\"amount\":0}",
          "{\"outcome\":\"succeeded\",\"reason\":\"why\",\"amount\":9.5}",
          "{\"outcome\":\"succeeded\",\"reason\":\"why\",\"amount\":\"900\"}",
          "{\"outcome\":\"succeeded\",\"reason\":\"why\",\"amount\":900,\"fee\":1}",
          "{\"outcome\":\"failed\",\"reason\":\"why\",\"amount\":900}",
          "{\"outcome\":\"succeeded\",\"reason\":7}",
          "[]"
        }) {
      assertRefused(operator.post(resolve(id), body), 400, "invalid-request");
    }

    assertThat(status(id)).isEqualTo("processing");
    decide(id, "failed");
  }

  @Test
  void onlyOperatorsSeeAndDecide() {
    UUID id = mismatchedPayIn();
    Map<String, String> decision = Map.of("outcome", "succeeded", "reason", "I say so");

    assertRefused(api.post(resolve(id), decision), 403, "forbidden");
    assertRefused(api.post(resolve(id)), 403, "forbidden");
    assertRefused(api.get("/v1/operations/payments/unresolved"), 403, "forbidden");
    assertRefused(ask(UUID.randomUUID()), 404, "not-found");
    assertRefused(decide(UUID.randomUUID(), "failed"), 404, "not-found");
    assertThat(status(id)).isEqualTo("processing");
    decide(id, "failed");
  }

  @Test
  void listsUnresolvedNewestFirst() {
    UUID older = pendingPayIn(1);
    UUID newer = pendingPayIn(1);
    String unresolved = "/v1/operations/payments/unresolved?limit=1";

    Api.Answer first = operator.get(unresolved);
    Api.Answer second = operator.get(unresolved + "&cursor=" + first.at("/nextCursor"));

    assertThat(first.at("/data/0/id")).isEqualTo(newer.toString());
    assertThat(second.at("/data/0/id")).isEqualTo(older.toString());
  }
}
