package dev.evenkeel.payments.state;

import dev.evenkeel.payments.Movement;
import dev.evenkeel.payments.PaymentStatus;
import dev.evenkeel.payments.rules.MovedMoney;
import jakarta.persistence.CollectionTable;
import jakarta.persistence.ElementCollection;
import jakarta.persistence.Embeddable;
import jakarta.persistence.JoinColumn;
import jakarta.persistence.OrderColumn;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.hibernate.annotations.Formula;
import org.jspecify.annotations.Nullable;

/** The amounts that a payment moved and that were returned, in minor units. */
@Embeddable
public class BookedMoney {

  @Formula(
      """
      (select coalesce(sum(coalesce(r.moved, r.amount) - r.returned), 0) from payments.payment r
       where r.refund_of = id and r.status = 'SUCCEEDED')
      """)
  private long refunded;

  @Formula("payments.uncovered_since(refund_of, amount)")
  private @Nullable Instant uncoveredSince;

  private @Nullable Long moved;
  private @Nullable Long reported;
  private long returned;

  @ElementCollection
  @CollectionTable(
      schema = "payments",
      name = "payment_movement",
      joinColumns = @JoinColumn(name = "payment"))
  @OrderColumn(name = "no")
  private List<Movement> movements = new ArrayList<>();

  /** What moved if the payment succeeded. */
  public long moved(long asked) {
    return Objects.requireNonNullElse(moved, asked);
  }

  /** The sum of what the provider has taken back. */
  public long returned() {
    return returned;
  }

  /** The sum of succeeded refunds. */
  public long refunded() {
    return refunded;
  }

  /** For a refund: since when its payment does not cover it any more; null if it does. */
  public @Nullable Instant uncoveredSince() {
    return uncoveredSince;
  }

  /** Keeps an amount that the provider reported, which limits an operator's decision. */
  public void report(@Nullable Long amount) {
    reported = amount == null ? reported : amount;
  }

  /**
   * Records what moved when the payment ended.
   *
   * @param amount null if it is what was asked for
   * @return the surplus over the requested amount, which itself is posted under the payment's own
   *     key
   */
  public List<Movement> end(@Nullable Long amount, long asked) {
    moved = amount;
    long more = moved(asked) - asked;
    List<Movement> beside =
        more > 0 ? List.of(new Movement(Movement.Kind.DECIDED, "1", more)) : List.of();
    movements.addAll(beside);
    return beside;
  }

  /** Records what moved after the end. */
  public void book(List<Movement> more, MovedMoney after) {
    moved = after.moved() == 0 ? null : after.moved();
    returned = after.returned();
    movements.addAll(more);
  }

  public MovedMoney snapshot(long asked, PaymentStatus status) {
    return new MovedMoney(
        asked,
        Math.max(asked, Objects.requireNonNullElse(reported, 0L)),
        status.hasSucceeded() ? moved(asked) : 0,
        returned,
        refunded,
        status.isFinal() ? List.copyOf(movements) : List.of());
  }
}
