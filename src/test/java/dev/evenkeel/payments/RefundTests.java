package dev.evenkeel.payments;

import static dev.testing.Refusals.assertRefused;
import static dev.testing.Refusals.assertReplayed;
import static org.assertj.core.api.Assertions.assertThat;

import dev.testing.Api;
import dev.testing.WholeApplication;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.junit.jupiter.api.Test;

/** A pay-in is refunded in full or in parts, and never more of it than came in. */
@WholeApplication
class RefundTests extends PaymentFixture {

  private static String refunds(UUID payment) {
    return path(payment) + "/refunds";
  }

  @Test
  void refundsAllByDefault() {
    UUID payment = paidIn(1000);

    Api.Answer refund = api.refund(payment);

    assertThat(refund.status()).as(refund.toString()).isEqualTo(201);
    assertThat(refund.header("Location")).contains(path(payment, refund.id()));
    assertThat(refund.body().propertyNames())
        .containsExactlyInAnyOrder("id", "payment", "amount", "currency", "status", "createdAt");
    assertThat(refund.at("/payment")).isEqualTo(payment.toString());
    assertThat(refund.body().at("/amount").asLong()).isEqualTo(1000);
    assertThat(refund.at("/status")).isEqualTo("succeeded");
    assertThat(refunded(payment)).isEqualTo(1000);
    assertThat(status(payment)).isEqualTo("succeeded");
    assertBalance(0, 0);
    assertNotified("payment.succeeded", "refund.succeeded");
    assertLedgerBalances();
  }

  @Test
  void refundsInParts() {
    UUID payment = paidIn(1000);
    String key = newKey();

    assertThat(api.refund(payment, 300).status()).isEqualTo(201);
    assertThat(refunded(payment)).isEqualTo(300);
    assertThat(api.refund(payment).body().at("/amount").asLong()).isEqualTo(700);

    assertThat(refunded(payment)).isEqualTo(1000);
    assertBalance(0, 0);
    Api.Answer nothingLeft = api.refund(key, payment, 1);
    assertRefused(nothingLeft, 409, "not-refundable", "new-key");
    assertReplayed(api.refund(key, payment, 1), nothingLeft);
    assertRefused(api.refund(payment), 409, "not-refundable", "new-key");
  }

  @Test
  void rejectsMoreThanIsLeft() {
    UUID payment = paidIn(1000);
    api.refund(payment, 300);
    paidIn(5000);
    String key = newKey();

    Api.Answer refused = api.refund(key, payment, 701);

    assertRefused(refused, 422, "refund-exceeds-payment", "new-key");
    assertReplayed(api.refund(key, payment, 701), refused);
    assertBalance(5700, 0);
    assertThat(api.get(refunds(payment)).body().at("/data")).hasSize(1);
  }

  @Test
  void rejectsWhatWasSpent() {
    UUID payment = paidIn(1000);
    api.payOut(account, 600, "tok_ok");
    String key = newKey();

    Api.Answer refused = api.refund(key, payment, 401);

    assertRefused(refused, 422, "insufficient-funds", "new-key");
    paidIn(1);
    assertReplayed(api.refund(key, payment, 401), refused);
    assertBalance(401, 0);
    assertThat(refunded(payment)).as("a refused refund does not count").isZero();
    assertThat(api.refund(payment, 401).status()).isEqualTo(201);
  }

  @Test
  void concurrentRefundsShareThePayment() throws Exception {
    UUID payment = paidIn(1000);
    paidIn(10_000);

    List<Api.Answer> answers = atOnce(16, () -> api.refund(payment, 300));

    List<Api.Answer> accepted =
        answers.stream().filter(answer -> answer.status() / 100 == 2).toList();
    assertThat(accepted).hasSize(3);
    assertThat(answers)
        .filteredOn(answer -> answer.status() / 100 != 2)
        .allSatisfy(answer -> assertRefused(answer, 422, "refund-exceeds-payment", "new-key"));
    accepted.forEach(refund -> awaitStatus(path(payment, refund.id()), "succeeded"));
    assertThat(refunded(payment)).isEqualTo(900);
    assertBalance(10_100, 0);
  }

  @Test
  void rejectsAllButSucceededPayIns() {
    UUID payIn = paidIn(1000);
    UUID paidOut = api.payOut(account, 100, "tok_ok").id();
    UUID declined = api.payIn(account, 100, "tok_declined").id();
    UUID undecided = api.payIn(account, 100, "tok_async").id();

    for (UUID payment : List.of(paidOut, declined, undecided)) {
      assertRefused(api.refund(payment, 1), 409, "not-refundable", "new-key");
    }
    api.post("/v1/accounts/" + account + "/freeze");
    assertRefused(api.refund(payIn), 409, "account-frozen", "new-key");
  }

  @Test
  void rejectsPaymentUnderAttention() throws SQLException {
    UUID payment = paidIn(1000);
    change(payment, "attention = '{CONTRADICTION}'");

    assertRefused(api.refund(payment, 400), 409, "not-refundable", "new-key");
  }

  @Test
  void pendingRefundCountsAgainstTheRest() {
    UUID payment = paidIn(1000);
    openBreaker(true);
    Api.Answer pending = api.refund(payment, 600);

    assertAnswer(pending, 202, "pending");
    assertBalance(1000, 600);
    assertThat(refunded(payment)).isZero();
    assertRefused(api.refund(payment, 401), 422, "refund-exceeds-payment", "new-key");
    openBreaker(false);
    awaitStatus(path(payment, pending.id()), "succeeded");
    assertThat(refunded(payment)).isEqualTo(600);
  }

  @Test
  void declinedRefundMayBeTriedAgain() {
    UUID payment = paidIn(1000);
    Map<String, Object> elsewhere =
        Map.of("reference", "r", "charge", payment, "amount", 900, "currency", "EUR");
    assertThat(simulator.order("/refunds", elsewhere).status()).isEqualTo(201);

    Api.Answer declined = api.refund(payment, 1000);

    assertAnswer(declined, 201, "failed");
    assertThat(declined.at("/failure/code")).isEqualTo("payment_returned");
    assertThat(refunded(payment)).isZero();
    assertBalance(1000, 0);
    assertNotified("payment.succeeded", "refund.failed");
    assertThat(api.refund(payment, 100).at("/status")).isEqualTo("succeeded");
  }

  @Test
  void needsKeyAndTakesOnlyValidAmount() {
    UUID payment = paidIn(1000);

    assertRefused(api.post(refunds(payment)), 400, "idempotency-key-missing", "no");
    Map<String, Object> inDollars = Map.of("amount", 1, "currency", "USD");
    assertRefused(api.post(refunds(payment), inDollars), 400, "invalid-request", "no");
    for (String amount :
        List.of("0", "-1", "1.5", "1e2", "\"1\"", "true", "null", "1000000000000001")) {
      Api.Answer refused = api.post(refunds(payment), "{\"amount\": " + amount + "}");
      assertRefused(refused, 400, "invalid-request", "no");
      assertThat(refused.at("/errors/0/field")).isEqualTo("amount");
    }
    assertBalance(1000, 0);
  }

  @Test
  void refundIsNotAPayment() {
    UUID payment = paidIn(1000);
    UUID other = paidIn(1000);
    UUID refund = api.refund(payment, 100).id();

    assertRefused(api.get(path(refund)), 404, "not-found");
    assertRefused(api.cancel(refund), 404, "not-found");
    assertRefused(api.refund(refund, 1), 404, "not-found");
    assertRefused(api.get(refunds(refund)), 404, "not-found");
    assertRefused(api.get(path(other, refund)), 404, "not-found");
    assertRefused(api.get(path(payment, payment)), 404, "not-found");
    assertThat(api.get("/v1/payments").body().at("/data")).hasSize(2);
  }

  @Test
  void listsNewestFirst() {
    UUID payment = paidIn(1000);
    List<String> made = new ArrayList<>();
    for (int i = 1; i <= 3; i++) {
      made.addFirst(api.refund(payment, i).id().toString());
    }

    Api.Answer first = api.get(refunds(payment) + "?limit=2");
    Api.Answer second = api.get(refunds(payment) + "?limit=2&cursor=" + first.at("/nextCursor"));

    assertThat(List.of(first.at("/data/0/id"), first.at("/data/1/id"), second.at("/data/0/id")))
        .isEqualTo(made);
    assertThat(second.body().at("/nextCursor").isNull()).isTrue();
    assertThat(api.get(refunds(payment) + "/" + made.getFirst()).body())
        .isEqualTo(first.body().at("/data/0"));
  }
}
