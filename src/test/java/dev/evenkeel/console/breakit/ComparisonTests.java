package dev.evenkeel.console.breakit;

import static dev.evenkeel.payments.PaymentStatus.AUTHORIZED;
import static dev.evenkeel.payments.PaymentStatus.FAILED;
import static dev.evenkeel.payments.PaymentStatus.PROCESSING;
import static dev.evenkeel.payments.PaymentStatus.SUCCEEDED;
import static org.assertj.core.api.Assertions.assertThat;

import dev.evenkeel.console.breakit.Promise.State;
import dev.evenkeel.console.breakit.SimulatorClient.Operation;
import dev.evenkeel.payments.PaymentId;
import dev.evenkeel.payments.PaymentMonitor.Progress;
import dev.evenkeel.payments.PaymentStatus;
import java.time.Instant;
import java.util.List;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** When the provider's operations are our payments, and how long a difference may be seen. */
class ComparisonTests {

  private static final Instant BEGAN = Instant.parse("2030-01-01T00:00:00Z");
  private static final Instant SOON = BEGAN.plusSeconds(1);
  private static final Instant LATE = BEGAN.plusSeconds(3);
  private static final Instant AFTER_GRACE = BEGAN.plus(Comparison.GRACE);

  private final Comparison comparison = new Comparison();
  private final PaymentId id = new PaymentId(UUID.randomUUID());

  private void payment(PaymentStatus status, @Nullable String operation) {
    payment(status, operation, false, BEGAN);
  }

  private void payment(
      PaymentStatus status, @Nullable String operation, boolean undecided, Instant now) {
    comparison.payment(
        new Progress(id, status, 1250, "EUR", operation, undecided, 1, List.of(BEGAN), BEGAN, null),
        now);
  }

  private void operation(String operation, String status, long amount) {
    operation(operation, id.toString(), status, amount, BEGAN);
  }

  private void operation(
      String operation, String reference, String status, long amount, Instant now) {
    comparison.operation(
        new Operation(operation, "charge", reference, amount, "EUR", status, BEGAN), now);
  }

  private State at(Instant time) {
    return comparison.promise(true, BEGAN, time).state();
  }

  @Test
  void agreesOnTheSameOperationAndAmount() {
    payment(SUCCEEDED, "op_1");
    operation("op_1", "approved", 1250);

    assertThat(at(AFTER_GRACE)).isEqualTo(State.KEPT);
    assertThat(comparison.open(10)).isEmpty();
  }

  @Test
  void agreesOnNoMoneyMoved() {
    payment(FAILED, null);
    operation("op_1", "declined", 1250);

    assertThat(at(AFTER_GRACE)).isEqualTo(State.KEPT);
  }

  @Test
  void anUnknownOutcomeIsNoDifference() {
    payment(PROCESSING, null);
    operation("op_1", "approved", 1250);

    assertThat(at(SOON)).as("a moment").isEqualTo(State.KEPT);
    assertThat(at(LATE)).isEqualTo(State.CHECKING);
    assertThat(at(BEGAN.plusSeconds(86_400))).isEqualTo(State.CHECKING);
    assertThat(comparison.open(10)).containsExactly(id.toString());
  }

  @Test
  void whatWaitsForItsCaptureIsNotLate() {
    payment(AUTHORIZED, "op_1");
    operation("op_1", "authorized", 1250);

    assertThat(at(AFTER_GRACE)).isEqualTo(State.KEPT);
    assertThat(comparison.openOperations(10)).hasSize(1);
  }

  /** The provider may still approve what is not decided, whatever our payment says. */
  @Test
  void anUndecidedOperationOfAnEndedPaymentIsReadAgain() {
    payment(FAILED, null);
    operation("op_1", "pending", 1250);
    assertThat(comparison.openOperations(10)).hasSize(1);

    operation("op_1", "approved", 1250);

    assertThat(at(AFTER_GRACE)).isEqualTo(State.BROKEN);
  }

  @Test
  void aSecondOperationBreaksThePromise() {
    payment(SUCCEEDED, "op_1");
    operation("op_1", "approved", 1250);
    operation("op_2", "approved", 1250);

    assertThat(at(LATE)).as("may not be read yet").isEqualTo(State.CHECKING);
    assertThat(at(AFTER_GRACE)).isEqualTo(State.BROKEN);
  }

  @Test
  void isNotBrokenSoonAfterADifferenceBegan() {
    payment(SUCCEEDED, "op_1");
    operation("op_1", "approved", 1250);
    assertThat(at(SOON)).isEqualTo(State.KEPT);

    operation("op_2", id.toString(), "approved", 1250, AFTER_GRACE);

    assertThat(at(AFTER_GRACE.plus(Comparison.GRACE).minusMillis(1))).isEqualTo(State.CHECKING);
    assertThat(at(AFTER_GRACE.plus(Comparison.GRACE))).isEqualTo(State.BROKEN);
  }

  @Test
  void anotherAmountBreaksThePromise() {
    payment(SUCCEEDED, "op_1");
    operation("op_1", "approved", 1251);

    assertThat(at(AFTER_GRACE)).isEqualTo(State.BROKEN);
  }

  @Test
  void moneyOfAFailedPaymentBreaksThePromise() {
    payment(FAILED, null);
    operation("op_1", "approved", 1250);

    assertThat(at(AFTER_GRACE)).isEqualTo(State.BROKEN);
  }

  @Test
  void anOperationWithoutAPaymentBreaksThePromise() {
    operation("op_1", "approved", 1250);

    assertThat(at(AFTER_GRACE)).as("not looked up yet").isEqualTo(State.CHECKING);
    comparison.paymentsRead(comparison.open(10), SOON);
    assertThat(at(AFTER_GRACE)).isEqualTo(State.BROKEN);
  }

  @Test
  void isNotBrokenBeforeBothSidesAreReadForAWhile() {
    payment(SUCCEEDED, "op_1");

    assertThat(comparison.promise(false, AFTER_GRACE, AFTER_GRACE).state())
        .isEqualTo(State.CHECKING);
    assertThat(comparison.promise(true, AFTER_GRACE, AFTER_GRACE.plusSeconds(9)).state())
        .isEqualTo(State.CHECKING);
    Instant later = AFTER_GRACE.plus(Comparison.GRACE);
    assertThat(comparison.promise(true, later, later).state()).isEqualTo(State.BROKEN);
    assertThat(comparison.promise(false, later, later).state())
        .as("it stays so")
        .isEqualTo(State.BROKEN);
  }

  @Test
  void isNotBrokenSoonAfterSomethingWasNotRead() {
    payment(SUCCEEDED, "op_1");
    assertThat(at(SOON)).isEqualTo(State.KEPT);

    assertThat(comparison.promise(false, AFTER_GRACE, AFTER_GRACE).state())
        .isEqualTo(State.CHECKING);
    assertThat(comparison.promise(true, AFTER_GRACE, AFTER_GRACE).state())
        .isEqualTo(State.CHECKING);
  }

  @Test
  void anOperationIsReadAgainBeforeItBreaksThePromise() {
    operation("op_1", "pending", 1250);
    payment(SUCCEEDED, "op_1", false, SOON);

    assertThat(at(SOON.plus(Comparison.GRACE))).isEqualTo(State.CHECKING);
    operation("op_1", id.toString(), "pending", 1250, LATE);
    assertThat(at(SOON.plus(Comparison.GRACE))).isEqualTo(State.BROKEN);
    operation("op_1", id.toString(), "approved", 1250, LATE);
    assertThat(at(SOON.plus(Comparison.GRACE))).isEqualTo(State.KEPT);
  }

  @Test
  void whatTheProviderHasNotDecidedIsNotLate() {
    payment(PROCESSING, "op_1", true, BEGAN);
    operation("op_1", "pending", 1250);

    assertThat(at(AFTER_GRACE)).isEqualTo(State.KEPT);
    assertThat(comparison.open(10)).as("read again").containsExactly(id.toString());
  }

  @Test
  void readsAgainWhatDiffersFirstAndThenInTurn() {
    String one = new UUID(0, 1).toString();
    String other = new UUID(0, 2).toString();
    payment(PROCESSING, null);
    operation("op_1", "pending", 1250);
    operation("op_2", one, "approved", 1, SOON);
    operation("op_3", one, "pending", 1, SOON);
    operation("op_4", other, "approved", 1, SOON);

    assertThat(comparison.open(10)).containsExactly(one, other, id.toString());
    assertThat(comparison.openOperations(1)).extracting(Operation::id).containsExactly("op_3");
    comparison.paymentsRead(List.of(one), LATE);
    assertThat(comparison.open(1)).containsExactly(other);
  }

  @Test
  void aPaymentWithoutAnOperationBreaksThePromise() {
    payment(SUCCEEDED, "op_1");

    assertThat(at(AFTER_GRACE)).isEqualTo(State.BROKEN);
  }

  @Test
  void isNotKeptBeforeAllWasRead() {
    assertThat(comparison.promise(false, BEGAN, SOON).state()).isEqualTo(State.CHECKING);
  }

  @Test
  void forgetsTheOldestThatAgree() {
    operation("op_1", "approved", 1250);
    for (int i = 0; i < Comparison.MAX_PAIRS + 10; i++) {
      comparison.operation(
          new Operation("op_other_" + i, "charge", null, 1, "EUR", "declined", BEGAN), BEGAN);
    }

    assertThat(comparison.isFull()).isFalse();
    assertThat(comparison.open(10)).as("what is open stays").containsExactly(id.toString());
  }
}
