package dev.evenkeel.payments.reconciliation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.evenkeel.accounts.Ledger;
import dev.evenkeel.payments.PaymentFixture;
import dev.testing.WholeApplication;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.lang.reflect.InvocationHandler;
import java.lang.reflect.Proxy;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;
import org.springframework.transaction.PlatformTransactionManager;

/** The audit finds each difference between payments and ledger. */
@WholeApplication
@ExtendWith(OutputCaptureExtension.class)
class PaymentAuditTests extends PaymentFixture {

  @Autowired PaymentAudit audit;
  @Autowired MeterRegistry meters;
  @Autowired ReconciliationRepository payments;
  @Autowired Ledger ledger;
  @Autowired PlatformTransactionManager transactions;

  /** Another instance may be running the audit, so that its count comes later. */
  private void assertCounted(int differences) {
    await()
        .untilAsserted(() -> {
          audit.run();
          assertThat(meters.get("evenkeel.payments.differences").gauge().value())
              .isEqualTo(differences);
        });
  }

  private void decide(UUID payment, long amount) {
    Map<String, Object> decision =
        Map.of("outcome", "succeeded", "amount", amount, "reason", "Seen on their statement");
    assertAnswer(
        operator.post("/v1/operations/payments/" + payment + "/resolve", decision),
        200,
        "succeeded");
  }

  @Test
  void findsNothingInSoundBooks() throws SQLException {
    UUID payment = paidIn(1000);
    api.refund(payment, 100);
    api.payOut(account, 200, "tok_ok");
    api.payIn(account, 300, "tok_declined");
    UUID returned = paidIn(400);
    String part = simulator.takeBack(returned, 100);
    simulator.takeBack(returned);
    awaitStatus(returned, "returned");
    simulator.reinstate(part);
    awaitStatus(returned, "succeeded");
    simulator.misbehave("amount_mismatch");
    UUID mismatched = api.payOut(account, 200, "tok_ok").id();
    decide(mismatched, 201);
    change(mismatched, "attention = '{CONTRADICTION}'");
    decide(mismatched, 150);
    simulator.heal();
    UUID failed = paidIn(500);
    change(failed, "attention = '{CONTRADICTION}'");
    operator.post(
        "/v1/operations/payments/" + failed + "/resolve",
        Map.of("outcome", "failed", "reason", "Never seen there"));
    awaitStatus(failed, "failed");

    assertThat(audit.check()).isEmpty();
  }

  /** A decision that commits while the audit reads changes both sides. */
  @Test
  void decisionMeanwhileIsNoDifference() throws SQLException {
    UUID payment = paidIn(1000);
    change(payment, "attention = '{CONTRADICTION}'");
    AtomicBoolean decided = new AtomicBoolean();

    assertThat(
            check(read -> {
              if (read.equals("findMovements") && !decided.getAndSet(true)) {
                decide(payment, 900);
              }
            }))
        .isEmpty();

    assertThat(decided).isTrue();
  }

  /** Runs the audit, which reports each of its reads of payments before it makes it. */
  private List<String> check(Consumer<String> read) {
    InvocationHandler reporting =
        (_, method, arguments) -> {
          read.accept(method.getName());
          return method.invoke(payments, arguments);
        };
    ReconciliationRepository reported =
        (ReconciliationRepository)
            Proxy.newProxyInstance(
                getClass().getClassLoader(),
                new Class<?>[] {ReconciliationRepository.class},
                reporting);
    return new PaymentAudit(reported, ledger, transactions, new SimpleMeterRegistry()).check();
  }

  @Test
  void readsMovementsOncePerPage() {
    List<String> reads = new ArrayList<>();

    check(reads::add);

    long ofMovements = Collections.frequency(reads, "findMovements");
    assertThat(ofMovements).isEqualTo(reads.size() - ofMovements);
  }

  @Test
  void alertsAboutMissingPosting(CapturedOutput output) throws SQLException {
    UUID id = api.payIn(account, 1000, "tok_declined").id();
    change(id, "status = 'SUCCEEDED', failure_code = null, failure_message = null");

    assertThat(audit.check()).containsExactly(id + ": settled 1000, posted null");
    assertCounted(1);
    assertThat(output).contains("PAYMENTS AND LEDGER DIFFER").contains(id.toString());
    change(id, "status = 'FAILED', failure_code = 'card_declined', failure_message = 'x'");
    assertCounted(0);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '"',
      value = {
        "amount = 1001 | amount = 1000 | : settled 1001, posted 1000",
        "status = 'CANCELED' | status = 'SUCCEEDED' | : posted, not settled",
        "moved = 900 | moved = null | : settled 900, posted 1000"
      })
  void findsDifference(String change, String restore, String difference) throws SQLException {
    UUID id = paidIn(1000);
    change(id, change);

    assertThat(audit.check()).containsExactly(id + difference);
    change(id, restore);
  }

  @Test
  void findsReturnWithoutPosting() throws SQLException {
    UUID id = paidIn(1000);
    asOwner(
        "insert into payments.payment_movement values ('%s', 0, 'RETURNED', 'op_r', -400)"
            .formatted(id));

    assertThat(audit.check()).containsExactly(id + "/returned/op_r: settled 400, posted null");
    asOwner("delete from payments.payment_movement where payment = '%s'".formatted(id));
  }

  /** A newer release made them, and was rolled back. */
  @ParameterizedTest
  @ValueSource(strings = {"status", "movement"})
  void leavesOutWhatItCannotRead(String unreadable) throws SQLException {
    asOwner("alter table payments.payment drop constraint if exists payment_status_check");
    asOwner(
        "alter table payments.payment_movement drop constraint if exists payment_movement_kind_check");
    UUID id = paidIn(1000);
    String movement = "payments.payment_movement where payment = '%s'".formatted(id);
    if (unreadable.equals("status")) {
      change(id, "status = 'NEW'");
    } else {
      asOwner(
          "insert into payments.payment_movement values ('%s', 0, 'NEW', 'op_r', -400)"
              .formatted(id));
    }
    try {
      assertThat(audit.check()).isEmpty();
    } finally {
      change(id, "status = 'SUCCEEDED'");
      asOwner("delete from " + movement);
    }
  }
}
