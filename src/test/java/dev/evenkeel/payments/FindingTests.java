package dev.evenkeel.payments;

import static dev.evenkeel.payments.Operations.approved;
import static dev.evenkeel.payments.Operations.charge;
import static org.assertj.core.api.Assertions.assertThat;

import dev.evenkeel.accounts.AccountId;
import dev.evenkeel.idempotency.Fingerprint;
import dev.evenkeel.idempotency.IdempotencyKey;
import dev.evenkeel.idempotency.IdempotentRequest;
import dev.evenkeel.money.Money;
import dev.evenkeel.payments.provider.ProviderOperation.Return;
import dev.evenkeel.payments.rules.Transition;
import java.time.Instant;
import java.util.List;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Operators are asked about a fact once, and again when it changes or comes back. */
class FindingTests {

  private static final Instant NOW = Instant.parse("2026-01-01T00:00:00Z");
  private static final Finding FINDING = new Finding("op_1", "approved 1251 EUR");

  private final Payment payment =
      new Payment(
          new PaymentRequest(
              new IdempotentRequest("ada", new IdempotencyKey("key"), Fingerprint.of("pay-in")),
              new AccountId(new UUID(0, 1)),
              PaymentKind.PAY_IN,
              Money.of(1000, "EUR"),
              "tok_ok",
              null,
              null,
              null,
              null,
              false),
          "simulator",
          null,
          null,
          NOW);

  private void apply(Transition transition) {
    payment.apply(transition, NOW, NOW, NOW);
  }

  private void raise() {
    apply(new Transition.RaiseAttention(Attention.AMOUNT_MISMATCH, "Other", FINDING, 1251L));
  }

  private void end(PaymentStatus status, @Nullable String operation) {
    apply(new Transition.End(status, "The end", null, operation, null, false));
  }

  private void book(@Nullable String agreed) {
    apply(new Transition.Book(PaymentStatus.SUCCEEDED, List.of(), null, agreed, false));
  }

  @ParameterizedTest
  @CsvSource({
    "op_1, 0, approved 1000 EUR",
    "op_1, 100, 'approved 1000 EUR, 0 returned'",
    "op_2, 100, approved 1000 EUR",
    ", 0, approved 1000 EUR"
  })
  void namesReturnsThatAreNotBooked(@Nullable String known, long booked, String text) {
    assertThat(Finding.of(known, booked, approved("op_1")).text()).isEqualTo(text);
  }

  @ParameterizedTest
  @CsvSource({
    "op_1, 0, ', 300 returned, 200 reinstated'",
    "op_1, 100, ''",
    "op_2, 100, ', 300 returned, 200 reinstated'",
    ", 100, ''",
    ", 300, ', 300 returned, 200 reinstated'"
  })
  void leavesOutWhatIsBooked(@Nullable String known, long booked, String more) {
    var operation =
        charge(
            "op_1", "approved", 900, new Return("r_1", 100, false), new Return("r_2", 200, true));

    assertThat(Finding.of(known, booked, operation).text()).isEqualTo("approved 900 EUR" + more);
  }

  @Test
  void staysThroughADecision() {
    raise();
    assertThat(payment.wasAsked(FINDING)).as("while it is open").isFalse();

    end(PaymentStatus.FAILED, null);

    assertThat(payment.wasAsked(FINDING)).isTrue();
    assertThat(payment.wasAsked(new Finding("op_1", "approved 1252 EUR"))).isFalse();
    assertThat(payment.wasAsked(new Finding("op_2", "approved 1251 EUR"))).isFalse();
    book(null);
    assertThat(payment.wasAsked(FINDING)).isTrue();
    apply(new Transition.StopAsking(null));
    assertThat(payment.wasAsked(FINDING)).isTrue();
  }

  @Test
  void isForgottenOnceBothSidesAgree() {
    raise();
    end(PaymentStatus.FAILED, "op_1");
    assertThat(payment.wasAsked(FINDING)).as("decided by the provider").isFalse();

    raise();
    book("op_1");
    assertThat(payment.wasAsked(FINDING)).as("booked").isFalse();

    raise();
    apply(new Transition.StopAsking("op_1"));
    assertThat(payment.wasAsked(FINDING)).as("asked").isFalse();

    raise();
    payment.agree(List.of("op_2"));
    assertThat(payment.wasAsked(FINDING)).as("another is reported").isTrue();
    payment.agree(List.of("op_1"));
    assertThat(payment.wasAsked(FINDING)).as("reported").isFalse();
  }

  @Test
  void isNotedEachTimeItIsRaised() {
    raise();
    raise();
    assertThat(payment.getTimeline()).extracting(TimelineEntry::note).containsExactly("Other");

    payment.endAttention();
    raise();

    assertThat(payment.getTimeline())
        .extracting(TimelineEntry::note)
        .containsExactly("Other", "Other");
  }
}
