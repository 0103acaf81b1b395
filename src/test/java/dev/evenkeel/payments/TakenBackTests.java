package dev.evenkeel.payments;

import static dev.testing.Refusals.assertRefused;
import static org.assertj.core.api.Assertions.assertThat;

import dev.testing.Api;
import dev.testing.WholeApplication;
import java.sql.SQLException;
import java.util.Map;
import java.util.UUID;
import org.junit.jupiter.api.Test;

/** What the provider takes back is posted back, whatever has become of the account since. */
@WholeApplication
class TakenBackTests extends PaymentFixture {

  private static final String RECEIVABLE = "00000000-0000-8000-8000-%";

  private void takeBack(UUID payment) {
    simulator.takeBack(payment);
    awaitStatus(payment, "returned");
    assertLedgerBalances();
  }

  /** How often the posting of this return has an entry of so much on a system account. */
  private long systemEntries(UUID payment, String condition) throws SQLException {
    return count(
        """
        accounts.entry e join accounts.transfer t on t.id = e.transfer
        where t.operation = 'payment' and t.idempotency_key = '%s/returned'
          and e.account::text like '%s' and %s
        """
            .formatted(payment, RECEIVABLE, condition));
  }

  @Test
  void aChargeBackTakesWhatWasPaidIn() throws SQLException {
    UUID payment = paidIn(1000);
    paidIn(500);

    takeBack(payment);

    assertBalance(500, 0);
    Api.Answer entries = api.get("/v1/accounts/" + account + "/entries");
    assertThat(entries.body().at("/data/0/amount").asLong()).isEqualTo(-1000);
    assertThat(api.get("/v1/transfers/" + entries.at("/data/0/transferId")).at("/payment"))
        .isEqualTo(payment.toString());
    assertThat(systemEntries(payment, "e.amount = 1000")).isEqualTo(1);
    assertThat(payment(payment).at("/timeline/2/status").asString()).isEqualTo("returned");
    assertTold("payment.succeeded", "payment.succeeded", "payment.returned");
    assertRefused(api.refund(payment), 409, "not-refundable", "new-key");
  }

  @Test
  void whatTheCustomerDoesNotHaveIsOurReceivable() throws SQLException {
    UUID payment = paidIn(1000);
    api.payOut(account, 800, "tok_ok");

    takeBack(payment);

    assertBalance(0, 0);
    assertThat(systemEntries(payment, "e.amount = 1000")).isEqualTo(1);
    assertThat(systemEntries(payment, "e.amount = -800")).isEqualTo(1);
  }

  @Test
  void whatIsHeldForOthersIsNotTaken() throws SQLException {
    UUID payment = paidIn(1000);
    UUID other = api.openAccount(0);
    api.hold(account, other, 300);

    takeBack(payment);

    assertBalance(300, 300);
    assertThat(systemEntries(payment, "e.amount = -300")).isEqualTo(1);
  }

  @Test
  void fromAFrozenAccountItIsTakenAllTheSame() {
    UUID payment = paidIn(1000);
    api.post("/v1/accounts/" + account + "/freeze");

    takeBack(payment);

    assertBalance(0, 0);
  }

  @Test
  void fromAClosedAccountItGoesToSuspense() throws SQLException {
    UUID payment = paidIn(1000);
    api.payOut(account, 1000, "tok_ok");
    assertThat(api.post("/v1/accounts/" + account + "/close").status()).isEqualTo(200);

    takeBack(payment);

    assertBalance(0, 0);
    assertThat(systemEntries(payment, "e.amount = -1000")).isEqualTo(1);
    assertThat(systemEntries(payment, "e.amount = 1000")).isEqualTo(1);
  }

  @Test
  void aPayOutThatComesBackIsTheCustomersAgain() {
    paidIn(1000);
    UUID payment = api.payOut(account, 400, "tok_ok").id();

    takeBack(payment);

    assertBalance(1000, 0);
    assertTold("payment.succeeded", "payment.succeeded", "payment.returned");
  }

  @Test
  void aPayOutThatComesBackToAClosedAccountGoesToSuspense() throws SQLException {
    paidIn(1000);
    UUID payment = api.payOut(account, 1000, "tok_ok").id();
    assertThat(api.post("/v1/accounts/" + account + "/close").status()).isEqualTo(200);

    takeBack(payment);

    assertBalance(0, 0);
    assertThat(systemEntries(payment, "e.amount = 1000")).isEqualTo(1);
    assertThat(systemEntries(payment, "e.amount = -1000")).isEqualTo(1);
  }

  @Test
  void aRefundThatFailsLateCountsNeitherAsRefundedNorAgainstTheRest() {
    UUID payment = paidIn(1000);
    UUID refund = api.refund(payment).id();

    simulator.takeBack(refund);

    String path = "/v1/payments/" + payment + "/refunds/" + refund;
    awaitStatus(path, "returned");
    assertBalance(1000, 0);
    assertThat(payment(payment).at("/refunded").asLong()).isZero();
    assertTold("payment.succeeded", "refund.succeeded", "refund.failed");
    assertThat(api.refund(payment).at("/status")).isEqualTo("succeeded");
    assertThat(payment(payment).at("/refunded").asLong()).isEqualTo(1000);
    assertLedgerBalances();
  }

  @Test
  void whatWasTakenBackBeforeWeKnewOfItComesInAndGoes() {
    simulator.misbehave(Map.of("mode", "lost_answer", "remaining", 1));
    UUID payment = api.payIn(account, 1000, "tok_ok").id();
    keepAway();

    simulator.takeBack(payment);
    letThrough();

    awaitStatus(payment, "returned");
    assertBalance(0, 0);
    assertThat(api.get("/v1/accounts/" + account + "/entries").body().at("/data")).hasSize(2);
    assertTold("payment.succeeded", "payment.returned");
  }
}
