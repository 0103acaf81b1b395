package dev.evenkeel.payments.rules;

import dev.evenkeel.payments.Movement;
import dev.evenkeel.payments.PaymentStatus;
import java.util.List;

/**
 * The amounts of a payment, in minor units.
 *
 * @param asked what was asked for
 * @param most the largest amount that can have moved: the requested one or, if that is larger, the
 *     one that the provider reported
 * @param moved what has moved; 0 unless the payment has succeeded
 * @param returned what the provider has taken back of it
 * @param refunded the sum of succeeded refunds
 * @param movements what has moved beside or after the payment itself
 */
public record MovedMoney(
    long asked, long most, long moved, long returned, long refunded, List<Movement> movements) {

  boolean has(Movement.Kind kind, String source) {
    return movements.stream().anyMatch(it -> it.kind() == kind && it.source().equals(source));
  }

  /** The source of the next decided movement. */
  String nextDecision() {
    return "" + (1 + movements.stream().filter(it -> it.kind() == Movement.Kind.DECIDED).count());
  }

  public MovedMoney after(List<Movement> more) {
    long decided = sum(more, true);
    long returned = this.returned - sum(more, false);
    return new MovedMoney(asked, most, moved + decided, returned, refunded, movements);
  }

  private static long sum(List<Movement> movements, boolean decided) {
    return movements.stream()
        .filter(it -> (it.kind() == Movement.Kind.DECIDED) == decided)
        .mapToLong(Movement::amount)
        .sum();
  }

  /** Whether no more is returned than has moved. */
  boolean isPossible() {
    return returned >= 0 && returned <= moved;
  }

  /** A payment counts as returned once nothing of it is left. */
  PaymentStatus status() {
    return returned > 0 && returned + refunded >= moved
        ? PaymentStatus.RETURNED
        : PaymentStatus.SUCCEEDED;
  }
}
