package dev.evenkeel.payments;

import static dev.testing.Refusals.assertRefused;
import static org.assertj.core.api.Assertions.assertThat;

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
                  where t.operation = 'payment' and t.idempotency_key = '%s/returned'
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
    // the account since, its balance, what is held, entries on system accounts
    "spent, 0, 0, 1000 -800",
    "held, 300, 300, 1000 -300",
    "frozen, 0, 0, 1000",
    "closed, 0, 0, 1000 -1000"
  })
  void takesBackWhateverBecameOfTheAccount(
      String since, long posted, long held, String systemEntries) throws SQLException {
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

    assertBalance(posted, held);
    assertSystemEntries(
        payment, Stream.of(systemEntries.split(" ")).mapToLong(Long::parseLong).toArray());
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
}
