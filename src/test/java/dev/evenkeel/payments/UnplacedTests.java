package dev.evenkeel.payments;

import static org.assertj.core.api.Assertions.assertThat;

import dev.testing.Api;
import dev.testing.WholeApplication;
import java.sql.SQLException;
import java.util.Map;
import java.util.UUID;
import org.junit.jupiter.api.Test;

/** Money that its account can no longer take is in suspense, and an operator learns of it. */
@WholeApplication
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

  private long inSuspense(UUID payment) throws SQLException {
    return countRows(
        """
        accounts.entry e join accounts.transfer t on t.id = e.transfer
        where t.payment = '%s' and e.account = '%s'
        """
            .formatted(payment, SUSPENSE));
  }

  @Test
  void payInOfClosedAccountNeedsAnOperator() throws SQLException {
    UUID payment = unplacedPayIn();

    assertThat(payment(payment).at("/attention").asString()).isEqualTo("unplaced");
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
  void decisionWhoseMoneyIsUnplacedNeedsAnother() throws SQLException {
    simulator.misbehave("amount_mismatch");
    UUID payment = api.payIn(account, 1000, "tok_ok").id();
    asOwner("update accounts.account set status = 'closed' where id = '%s'".formatted(account));

    assertThat(decide(payment).at("/attention")).isEqualTo("unplaced");
    assertThat(decide(payment).body().has("attention")).isFalse();
  }
}
