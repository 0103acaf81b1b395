package dev.evenkeel.payments.reconciliation;

import static org.assertj.core.api.Assertions.assertThat;

import dev.evenkeel.accounts.Audit;
import dev.evenkeel.idempotency.IdempotentResponses;
import dev.evenkeel.payments.Reconciliation.Difference;
import dev.evenkeel.payments.Reconciliation.Kind;
import dev.evenkeel.payments.Reconciliation.Report;
import dev.evenkeel.payments.provider.Deduction;
import dev.evenkeel.payments.reconciliation.DeductionPostings.Differing;
import dev.paymentprovider.PaymentProvider;
import dev.testing.WholeApplication;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Instant;
import java.time.LocalDate;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.springframework.beans.factory.annotation.Autowired;

/** Fees and payouts to our bank are posted as the provider's report lists them. */
@WholeApplication
class DeductionTests extends ReconciliationFixture {

  /** Each test has a day of its own, before those of other tests. */
  private static final AtomicInteger DAYS = new AtomicInteger();

  @Autowired Audit audit;
  @TempDir Path folder;

  private final LocalDate day = LocalDate.of(2017, 1, 1).plusWeeks(DAYS.incrementAndGet());
  private final String charge = "op_" + UUID.randomUUID();
  private final String settlement = "op_" + UUID.randomUUID();
  private UUID payment;

  /** A pay-in of ours, of 10.00, of which the provider has paid 9.00 to our bank. */
  @BeforeEach
  void chargeAndSettle() throws Exception {
    payment = api.payIn(account, 1000, "tok_ok").id();
    change(payment, "created_at = '%1$sT12:00:00Z', final_at = '%1$sT12:00:01Z'".formatted(day));
    Files.write(
        folder.resolve("operations.jsonl"),
        List.of(
            line(charge, payment.toString(), "charge", 1000),
            line(settlement, settlement, "settlement", 900)));
  }

  private String line(String id, String key, String kind, long amount) {
    return """
    {"id":"%s","key":"%s","kind":"%s","reference":"%s","amount":%d,"currency":"EUR","status":"approved","at":"%sT12:00:00Z"}
    """
        .formatted(id, key, kind, key, amount, day)
        .strip();
  }

  private Report reconcile(int feeBasisPoints) throws IOException {
    Path file = folder.resolve("operations.jsonl");
    try (PaymentProvider there = PaymentProvider.start(0, file, feeBasisPoints)) {
      return IdempotentResponses.result(reconcile(day, there.url()));
    }
  }

  private Audit.Clearing clearing() {
    return audit.check().clearing().stream()
        .filter(it -> "simulator".equals(it.provider()) && it.currency().equals("EUR"))
        .findFirst()
        .orElseThrow();
  }

  private long posted(String key) throws SQLException {
    return countRows(
        "accounts.transfer where operation = 'deduction' and idempotency_key = '%s'"
            .formatted(key));
  }

  @Test
  void postsEachOnce() throws Exception {
    long before = clearing().owed().longValueExact();

    assertThat(reconcile(250).differences()).isEmpty();
    assertThat(reconcile(250).differences()).isEmpty();

    Audit.Clearing after = clearing();
    assertThat(after.owed().longValueExact()).isEqualTo(before - 25 - 900);
    assertThat(after.reported()).as("by the provider, which has this payment only").isEqualTo(75);
    assertThat(after.reportedAt()).isNotNull();
    assertThat(posted("fee/" + charge)).isEqualTo(1);
    assertThat(posted("bank_payout/" + settlement)).isEqualTo(1);
    assertLedgerBalances();
  }

  @Test
  void listsFeeThatChanges() throws Exception {
    reconcile(250);
    Audit.Clearing before = clearing();

    assertThat(reconcile(300).differences())
        .containsExactly(
            new Difference(
                Kind.AMOUNT_DIFFERS, null, charge, "posted otherwise", "fee of 30 EUR", false));
    assertThat(clearing().owed()).isEqualTo(before.owed());
    assertThat(reconcile(250).differences()).singleElement().matches(Difference::resolved);
  }

  @ParameterizedTest
  @CsvSource({
    "0, EUR",
    "-9223372036854775808, EUR",
    "9223372036854775807, EUR",
    "5, XXX",
    "5, EURO"
  })
  void listsWhatCannotBePosted(long amount, String currency) throws Exception {
    Instant at = Instant.now();
    String id = settlement;
    var bad = new Deduction(id, Deduction.Kind.BANK_PAYOUT, amount, currency, at);
    var back = new Deduction(id, Deduction.Kind.BANK_PAYOUT, -900, "EUR", at);
    var again = new Deduction(id, Deduction.Kind.BANK_PAYOUT, -800, "EUR", at);
    long before = clearing().owed().longValueExact();

    assertThat(deductions.post("simulator", List.of(bad, back, again, back)))
        .containsExactly(new Differing(bad, false), new Differing(again, true));
    assertThat(clearing().owed().longValueExact()).as("what came back").isEqualTo(before + 900);
  }

  @Test
  void payInChangesWhatItsProviderOwes() throws Exception {
    long before = clearing().owed().longValueExact();

    api.payIn(account, 700, "tok_ok");

    assertThat(clearing().owed().longValueExact()).isEqualTo(before + 700);
    assertThat(operator.get("/v1/operations/ledger").at("/clearing/0/owed")).isNotEmpty();
  }
}
