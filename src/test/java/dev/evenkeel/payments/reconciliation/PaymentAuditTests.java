package dev.evenkeel.payments.reconciliation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.evenkeel.payments.PaymentFixture;
import dev.testing.WholeApplication;
import io.micrometer.core.instrument.MeterRegistry;
import java.sql.SQLException;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;

/** Each succeeded payment has one posting, and each such posting its payment, or somebody hears. */
@WholeApplication
@ExtendWith(OutputCaptureExtension.class)
class PaymentAuditTests extends PaymentFixture {

  @Autowired PaymentAudit audit;
  @Autowired MeterRegistry meters;

  @Test
  void whatWasPaidRefundedAndTakenBackIsPosted() {
    UUID payment = paidIn(1000);
    api.refund(payment, 100);
    api.payOut(account, 200, "tok_ok");
    api.payIn(account, 300, "tok_declined");
    UUID returned = paidIn(400);
    simulator.takeBack(returned);
    awaitStatus(returned, "returned");

    assertThat(audit.check()).isEmpty();
  }

  @Test
  void aPaymentWithoutItsPostingIsFound(CapturedOutput output) throws SQLException {
    UUID id = api.payIn(account, 1000, "tok_declined").id();
    change(id, "status = 'SUCCEEDED', failure_code = null, failure_message = null");

    assertThat(audit.check()).containsExactly(id + ": settled 1000, posted null");
    assertCounted(1);
    assertThat(output).contains("PAYMENTS AND LEDGER DIFFER").contains(id.toString());
    change(id, "status = 'FAILED', failure_code = 'card_declined', failure_message = 'x'");
    assertCounted(0);
  }

  /** Unless it runs at this moment, by the clock. */
  private void assertCounted(int differences) {
    await()
        .untilAsserted(() -> {
          audit.run();
          assertThat(meters.get("evenkeel.payments.differences").gauge().value())
              .isEqualTo(differences);
        });
  }

  @Test
  void aPostingOfAnotherAmountIsFound() throws SQLException {
    UUID id = paidIn(1000);
    change(id, "amount = 1001");

    assertThat(audit.check()).containsExactly(id + ": settled 1001, posted 1000");
    change(id, "amount = 1000");
  }

  @Test
  void aPostingWithoutItsPaymentIsFound() throws SQLException {
    UUID id = paidIn(1000);
    change(id, "status = 'CANCELED'");

    assertThat(audit.check()).containsExactly(id + ": posted, not settled");
    change(id, "status = 'SUCCEEDED'");
  }

  @Test
  void aReturnThatIsNotPostedIsFound() throws SQLException {
    UUID id = paidIn(1000);
    change(id, "status = 'RETURNED'");

    assertThat(audit.check()).containsExactly(id + "/returned: settled 1000, posted null");
    change(id, "status = 'SUCCEEDED'");
  }
}
