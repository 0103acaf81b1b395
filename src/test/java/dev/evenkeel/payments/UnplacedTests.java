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
import org.junit.jupiter.api.extension.ExtendWith;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;

/** Money that its account can no longer take is in suspense, and an operator learns of it. */
@WholeApplication
@ExtendWith(OutputCaptureExtension.class)
class UnplacedTests extends PaymentFixture {

  private static final String SUSPENSE = "00000000-0000-8000-8000-000003455552";

  /** A pay-in that succeeded although its account was closed by other means than the API. */
  private UUID unplacedPayIn() throws SQLException {
    UUID payment = pendingPayIn(1000);
    asOwner("update accounts.account set status = 'closed' where id = '%s'".formatted(account));
    openBreaker(false);
    awaitStatus(payment, "succeeded");
    return payment;
  }

  private Api.Answer decide(UUID payment) {
    return operator.post(
        "/v1/operations/payments/" + payment + "/resolve",
        Map.of("outcome", "succeeded", "reason", "Moved to another account"));
  }

  private long funds() {
    Api.Answer refused = moveToBank(1L << 40);
    assertRefused(refused, 422, "insufficient-funds");
    return refused.body().at("/available").asLong();
  }

  private Api.Answer moveToBank(long amount) {
    return adjust("suspense", "bank", amount);
  }

  private Api.Answer adjust(String from, String to, long amount) {
    Api approver = Api.operator(port, "olaf-" + UUID.randomUUID());
    Api.Answer proposed =
        operator.post(
            "/v1/operations/adjustments",
            Map.of(
                "from", from,
                "to", to,
                "amount", amount,
                "currency", "EUR",
                "reason", "Sent by bank transfer"));
    return approver.post("/v1/operations/adjustments/" + proposed.id() + "/approve");
  }

  private long inSuspense(UUID payment) throws SQLException {
    return countRows(
        """
        accounts.entry e join accounts.transfer t on t.id = e.transfer
        where t.payment = '%s' and e.account = '%s'
        """
            .formatted(payment, SUSPENSE));
  }

  @Test
  void payInOfClosedAccountNeedsAnOperator(CapturedOutput output) throws SQLException {
    UUID payment = unplacedPayIn();

    assertThat(payment(payment).at("/attention").asString()).isEqualTo("unplaced");
    assertThat(output)
        .containsPattern("\\[\\w{32}] .*Money of payment %s, SUCCEEDED".formatted(payment));
    assertThat(inSuspense(payment)).isEqualTo(1);
    assertNotified("payment.succeeded");
    // part of notifications
    assertThat(api.get("/v1/notifications").at("/data/0/body"))
        .isEqualTo("€10.00 was paid in, but Main cannot take it; we are looking into it");
    // end of notifications
    Api.Answer decided = decide(payment);
    assertAnswer(decided, 200, "succeeded");
    assertThat(decided.body().has("attention")).isFalse();
    assertLedgerBalances();
  }

  @Test
  void unplacedPayInCanBeRefunded() throws SQLException {
    UUID payment = unplacedPayIn();

    assertThat(api.refund(payment, 400).at("/status")).isEqualTo("succeeded");
    assertThat(api.refund(payment).at("/amount")).isEqualTo("600");

    assertThat(refunded(payment)).isEqualTo(1000);
    assertThat(inSuspense(payment)).isEqualTo(3);
    assertBalance(0, 0);
    assertRefused(api.refund(payment), 409, "not-refundable", "new-key");
    assertLedgerBalances();
  }

  @Test
  void refundNeedsTheMoneyInSuspense() throws SQLException {
    UUID payment = unplacedPayIn();
    moveToBank(funds());

    Api.Answer refused = api.refund(payment);

    assertRefused(refused, 409, "not-refundable", "new-key");
    assertThat(refused.body().has("available")).as("others' money").isFalse();
  }

  /** A return from a closed account took money out of suspense; what is there belongs to others. */
  @Test
  void refundsNobodyElsesMoney() {
    UUID payment = paidIn(1000);
    awaitStatus(api.payOut(account, 1000, "tok_ok").id(), "succeeded");
    api.post("/v1/accounts/" + account + "/close");
    simulator.takeBack(payment, 400L);
    await().until(() -> payment(payment).at("/attention").asString("").equals("unplaced"));
    adjust("bank", "suspense", 5000);

    assertRefused(api.refund(payment, 600), 409, "not-refundable", "new-key");
  }

  @Test
  void nobodyElseTakesWhatARefundHolds() throws SQLException {
    UUID payment = unplacedPayIn();
    long before = funds();
    openBreaker(true);

    assertThat(api.refund(payment, 400).status()).isEqualTo(202);

    assertThat(funds()).isEqualTo(before - 400);
  }

  @Test
  void payOutReturnedToClosedAccountNeedsAnOperator() {
    paidIn(1000);
    UUID payOut = api.payOut(account, 1000, "tok_ok").id();
    api.post("/v1/accounts/" + account + "/close");

    simulator.takeBack(payOut);

    awaitStatus(payOut, "returned");
    assertThat(payment(payOut).at("/attention").asString()).isEqualTo("unplaced");
    assertThat(decide(payOut).body().has("attention")).isFalse();
  }

  @Test
  void contradictedPaymentInSuspenseIsNotRefundable() throws SQLException {
    UUID payment = unplacedPayIn();
    simulator.misbehave(Map.of("mode", "contradict", "remaining", 1));
    operator.post("/v1/operations/payments/" + payment + "/resolve");

    assertThat(payment(payment).at("/attention").asString()).isEqualTo("contradiction");
    assertRefused(api.refund(payment), 409, "not-refundable", "new-key");
    assertThat(decide(payment).at("/attention")).as("still in suspense").isEqualTo("unplaced");
    assertThat(api.refund(payment).at("/status")).isEqualTo("succeeded");
  }

  @Test
  void decisionWhoseMoneyIsUnplacedNeedsAnother() throws SQLException {
    simulator.misbehave("amount_mismatch");
    UUID payment = api.payIn(account, 1000, "tok_ok").id();
    asOwner("update accounts.account set status = 'closed' where id = '%s'".formatted(account));

    assertThat(decide(payment).at("/attention")).isEqualTo("unplaced");
    assertThat(decide(payment).body().has("attention")).isFalse();
  }

  /** The account could pay again, but it never got the money. */
  @Test
  void rejectsDecisionThatTakesBackWhatIsInSuspense() throws SQLException {
    UUID payment = unplacedPayIn();
    asOwner("update accounts.account set status = 'open' where id = '%s'".formatted(account));

    Api.Answer decided =
        operator.post(
            "/v1/operations/payments/" + payment + "/resolve",
            Map.of("outcome", "failed", "reason", "Never arrived"));

    assertRefused(decided, 422, "decision-out-of-range");
    assertBalance(0, 0);
    assertThat(decide(payment).body().has("attention")).isFalse();
  }
}
