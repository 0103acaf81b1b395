package dev.evenkeel.payments;

import static dev.testing.Refusals.assertRefused;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.testing.Api;
import dev.testing.WholeApplication;
import java.sql.SQLException;
import java.util.Map;
import java.util.UUID;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What the provider returns is posted back, whatever has become of the account since. */
@WholeApplication
class TakenBackTests extends PaymentFixture {

  private static final String SYSTEM_ACCOUNTS = "00000000-0000-8000-8000-%";

  private void takeBack(UUID payment) {
    simulator.takeBack(payment);
    awaitStatus(payment, "returned");
    assertLedgerBalances();
  }

  /** The posting of the return has one entry of each amount on a system account. */
  private void assertSystemEntries(UUID payment, long... amounts) throws SQLException {
    for (long amount : amounts) {
      assertThat(
              countRows(
                  """
                  accounts.entry e join accounts.transfer t on t.id = e.transfer
                  where t.operation = 'payment' and t.idempotency_key like '%s/returned/%%'
                    and e.account::text like '%s' and e.amount = %d
                  """
                      .formatted(payment, SYSTEM_ACCOUNTS, amount)))
          .as("%d", amount)
          .isEqualTo(1);
    }
  }

  @Test
  void takesBackPayIn() throws SQLException {
    UUID payment = paidIn(1000);
    paidIn(500);

    takeBack(payment);

    assertBalance(500, 0);
    assertThat(entries().at("/0/amount").asLong()).isEqualTo(-1000);
    assertThat(api.get("/v1/transfers/" + entries().at("/0/transferId").asString()).at("/payment"))
        .isEqualTo(payment.toString());
    assertSystemEntries(payment, 1000);
    assertThat(payment(payment).at("/timeline/2/status").asString()).isEqualTo("returned");
    assertNotified("payment.succeeded", "payment.succeeded", "payment.returned");
    assertRefused(api.refund(payment), 409, "not-refundable", "new-key");
  }

  @ParameterizedTest
  @CsvSource({
    // the account since, its balance, what is held and owed, entries on system accounts
    "spent, 0, 0, 800, 1000 -800",
    "held, 300, 300, 300, 1000 -300",
    "frozen, 0, 0, 0, 1000",
    "closed, 0, 0, 0, 1000 -1000"
  })
  void takesBackWhateverBecameOfTheAccount(
      String since, long posted, long held, long owed, String systemEntries) throws SQLException {
    UUID payment = paidIn(1000);
    switch (since) {
      case "spent" -> api.payOut(account, 800, "tok_ok");
      case "held" -> api.hold(account, api.openAccount(0), 300);
      case "frozen" -> api.post("/v1/accounts/" + account + "/freeze");
      default -> {
        api.payOut(account, 1000, "tok_ok");
        api.post("/v1/accounts/" + account + "/close");
      }
    }

    takeBack(payment);

    assertBalance(posted, held, owed);
    assertSystemEntries(
        payment, Stream.of(systemEntries.split(" ")).mapToLong(Long::parseLong).toArray());
  }

  /** Otherwise the customer could pay out money that was held during the charge-back. */
  @Test
  void releasedMoneyRepaysWhatIsOwed() {
    UUID payment = paidIn(1000);
    UUID hold = api.hold(account, api.openAccount(0), 700).id();
    takeBack(payment);
    assertBalance(700, 700, 700);
    assertRefused(api.payOut(account, 1, "tok_ok"), 422, "insufficient-funds", "new-key");

    api.post("/v1/holds/" + hold + "/release");

    assertBalance(0, 0);
    assertThat(api.balance(account).has("owed")).isFalse();
    assertRefused(api.payOut(account, 1, "tok_ok"), 422, "insufficient-funds", "new-key");
    assertLedgerBalances();
  }

  @Test
  void canceledPayOutRepaysWhatIsOwed() throws SQLException {
    UUID payment = paidIn(1000);
    openBreaker(true);
    UUID payOut = api.payOut(account, 700, "tok_ok").id();
    change(payOut, "next_attempt_at = clock_timestamp() + interval '1 h'");
    openBreaker(false);
    takeBack(payment);
    assertBalance(700, 700, 700);

    api.cancel(payOut);

    assertBalance(0, 0);
    assertLedgerBalances();
  }

  @Test
  void nextCreditsRepayWhatIsOwed() {
    UUID payment = paidIn(1000);
    api.payOut(account, 800, "tok_ok");
    takeBack(payment);
    UUID other = api.openAccount(1000);

    api.transfer(other, account, 300);
    assertBalance(0, 0, 500);
    assertRefused(api.post("/v1/accounts/" + account + "/close"), 409, "account-not-empty");
    paidIn(900);

    assertBalance(400, 0);
    assertThat(entries().at("/0/amount").asLong()).isEqualTo(-500);
    assertThat(entries().at("/1/amount").asLong()).isEqualTo(900);
    assertLedgerBalances();
  }

  @Test
  void payOutReturnedToClosedAccountGoesToSuspense() throws SQLException {
    paidIn(1000);
    UUID payment = api.payOut(account, 1000, "tok_ok").id();
    api.post("/v1/accounts/" + account + "/close");

    takeBack(payment);

    assertBalance(0, 0);
    assertSystemEntries(payment, 1000, -1000);
  }

  @Test
  void returnedPayOutIsCustomersAgain() {
    paidIn(1000);
    UUID payment = api.payOut(account, 400, "tok_ok").id();

    takeBack(payment);

    assertBalance(1000, 0);
    assertNotified("payment.succeeded", "payment.succeeded", "payment.returned");
  }

  @Test
  void returnedRefundDoesNotCount() {
    UUID payment = paidIn(1000);
    UUID refund = api.refund(payment).id();

    simulator.takeBack(refund);

    awaitStatus(path(payment, refund), "returned");
    assertBalance(1000, 0);
    assertThat(refunded(payment)).isZero();
    assertNotified("payment.succeeded", "refund.succeeded", "refund.failed");
    assertThat(api.refund(payment).at("/status")).isEqualTo("succeeded");
    assertThat(refunded(payment)).isEqualTo(1000);
    assertLedgerBalances();
  }

  @Test
  void pendingRefundOfReturnedPaymentFails() throws SQLException {
    UUID payment = paidIn(1000);
    paidIn(500);
    openBreaker(true);
    UUID refund = api.refund(payment, 400).id();
    change(refund, "next_attempt_at = clock_timestamp() + interval '1 h'");
    openBreaker(false);

    takeBack(payment);

    awaitStatus(path(payment, refund), "failed");
    assertThat(api.get(path(payment, refund)).at("/failure/code")).isEqualTo("payment_returned");
    assertThat(simulator.received(refund)).isZero();
    assertBalance(500, 0);
  }

  @ParameterizedTest
  @CsvSource({"700, failed, payment_returned", "600, succeeded, ''"})
  void pendingRefundBeyondTheRestFails(long part, String status, String code) throws SQLException {
    UUID payment = paidIn(1000);
    paidIn(500);
    openBreaker(true);
    UUID refund = api.refund(payment, 400).id();
    simulator.takeBack(payment, part);
    assertThat(is(refund, "status = 'PENDING'")).isTrue();
    breakers.circuitBreaker("provider-queries").reset();
    awaitReturned(payment, part);

    openBreaker(false);

    awaitStatus(path(payment, refund), status);
    assertThat(api.get(path(payment, refund)).at("/failure/code")).isEqualTo(code);
    assertBalance(code.isEmpty() ? 500 : 1500 - part, 0);
  }

  @Test
  void postsBothWaysIfReturnedBeforeApproval() {
    simulator.misbehave(Map.of("mode", "lost_answer", "remaining", 1));
    UUID payment = api.payIn(account, 1000, "tok_ok").id();
    openBreaker(true);

    simulator.takeBack(payment);
    openBreaker(false);

    awaitStatus(payment, "returned");
    assertBalance(0, 0);
    assertThat(entries()).hasSize(2);
    assertNotified("payment.succeeded", "payment.returned");
  }

  private void awaitReturned(UUID payment, long amount) {
    await()
        .atMost(LONG)
        .untilAsserted(
            () -> assertThat(payment(payment).at("/returned").asLong()).isEqualTo(amount));
  }

  /** Makes the provider be asked now. */
  private Api.Answer ask(UUID payment) {
    return operator.post("/v1/operations/payments/" + payment + "/resolve");
  }

  @Test
  void booksEachPartOnce() {
    UUID payment = paidIn(1000);
    simulator.takeBack(payment, 300);
    awaitReturned(payment, 300);
    simulator.takeBack(payment, 200);
    awaitReturned(payment, 500);

    assertAnswer(ask(payment), 200, "succeeded");

    assertThat(payment(payment).at("/returned").asLong()).isEqualTo(500);
    assertBalance(500, 0);
    assertThat(entries()).hasSize(3);
    assertNotified("payment.succeeded", "payment.returned", "payment.returned");
    assertRefused(api.refund(payment, 501), 422, "refund-exceeds-payment", "new-key");
    takeBack(payment);
    assertBalance(0, 0);
    assertRefused(api.refund(payment, 1), 409, "not-refundable", "new-key");
  }

  @Test
  void returnOfWhatIsNotRefundedReturnsPayment() {
    UUID payment = paidIn(1000);
    api.refund(payment, 300);

    takeBack(payment);

    awaitReturned(payment, 700);
    assertThat(refunded(payment)).isEqualTo(300);
    assertBalance(0, 0);
  }

  /** The money of the refund is there again, while the payment stays returned. */
  @Test
  void whatComesBackAfterAChargeBackCanBeRefunded() {
    UUID payment = paidIn(1000);
    UUID refund = api.refund(payment, 500).id();
    takeBack(payment);
    awaitStatus(payment, "returned");
    assertRefused(api.refund(payment, 1), 409, "not-refundable");

    simulator.takeBack(refund);
    awaitStatus(path(payment, refund), "returned");

    assertBalance(500, 0);
    assertThat(api.refund(payment).at("/amount")).isEqualTo("500");
    assertLedgerBalances();
  }

  @Test
  void wonDisputeIsBookedBack() {
    UUID payment = paidIn(1000);
    String dispute = simulator.takeBack(payment);
    awaitStatus(payment, "returned");

    simulator.reinstate(dispute);

    awaitStatus(payment, "succeeded");
    awaitReturned(payment, 0);
    assertBalance(1000, 0);
    assertNotified("payment.succeeded", "payment.returned", "payment.reinstated");
    assertThat(payment(payment).at("/timeline/3/note").asString())
        .isEqualTo("Reinstated by the provider: €10.00");
    assertThat(api.refund(payment, 100).at("/status")).isEqualTo("succeeded");
    simulator.takeBack(payment, 900);
    awaitStatus(payment, "returned");
    assertBalance(0, 0);
    assertLedgerBalances();
  }

  @Test
  void booksReturnThatWasUndoneUnseen() {
    UUID payment = paidIn(1000);
    openBreaker(true);
    simulator.reinstate(simulator.takeBack(payment, 400));
    openBreaker(false);

    await().atMost(LONG).until(() -> entries().size() == 3);
    assertAnswer(ask(payment), 200, "succeeded");
    assertBalance(1000, 0);
    assertNotified("payment.succeeded", "payment.returned", "payment.reinstated");
  }

  @Test
  void reinstatedPayOutLeavesAgain() {
    paidIn(1000);
    UUID payment = api.payOut(account, 400, "tok_ok").id();
    String back = simulator.takeBack(payment, 100);
    awaitReturned(payment, 100);
    assertBalance(700, 0);

    simulator.reinstate(back);

    awaitReturned(payment, 0);
    assertBalance(600, 0);
    assertNotified(
        "payment.succeeded", "payment.succeeded", "payment.returned", "payment.reinstated");
  }

  @Test
  void partOfRefundComesBack() {
    UUID payment = paidIn(1000);
    UUID refund = api.refund(payment, 600).id();

    String back = simulator.takeBack(refund, 200);

    await().atMost(LONG).until(() -> refunded(payment) == 400);
    assertThat(api.get(path(payment, refund)).at("/status")).isEqualTo("succeeded");
    assertBalance(600, 0);
    assertNotified("payment.succeeded", "refund.succeeded", "refund.failed");
    simulator.reinstate(back);
    await().atMost(LONG).until(() -> refunded(payment) == 600);
    assertBalance(400, 0);
  }

  /** A refund that may have been sent is asked about, and never sent again. */
  @ParameterizedTest
  @CsvSource({"error500, failed, 1000", "lost_answer, succeeded, 600"})
  void sentRefundOfReturnedPaymentEnds(String fault, String status, long returned)
      throws SQLException {
    UUID payment = paidIn(1000);
    paidIn(500);
    simulator.misbehave(fault);
    UUID refund = api.refund(payment, 400).id();
    openBreaker(true);
    assertThat(api.get(path(payment, refund)).at("/status")).isEqualTo("processing");
    int sent = simulator.received(refund);
    simulator.heal();
    simulator.takeBack(payment);
    change(refund, "next_attempt_at = clock_timestamp() + interval '1 h', claimed_until = null");
    openBreaker(false);
    awaitReturned(payment, returned);

    if (status.equals("failed")) {
      assertThat(ask(refund).at("/status"))
          .as("a call may still be on the way")
          .isEqualTo("processing");
      asOwner(
          "update payments.payment_step set at = at - interval '10 s' where payment = '%s'"
              .formatted(payment));
    }
    change(refund, "next_attempt_at = clock_timestamp()");

    awaitStatus(path(payment, refund), status);
    assertThat(simulator.received(refund)).as("not sent again").isEqualTo(sent);
    assertBalance(500, 0);
  }
}
