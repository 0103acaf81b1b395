package dev.evenkeel.payments.rules;

import static dev.evenkeel.payments.PaymentStatus.FAILED;
import static dev.evenkeel.payments.PaymentStatus.SUCCEEDED;

import dev.evenkeel.idempotency.Outcome;
import dev.evenkeel.payments.Failure;
import dev.evenkeel.payments.Movement;
import dev.evenkeel.payments.PaymentProblem;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * What an operator's decision does to a payment: it ends it, corrects what has moved, or only
 * acknowledges. Plain Java, as {@link PaymentRules}.
 */
public final class DecisionRules {

  private DecisionRules() {}

  /**
   * Applies an operator's decision on a payment that needs attention. It says what really happened:
   * what differs from what is known is posted.
   *
   * @param refunds the sum of all refunds that have not failed, those under way included
   * @param amount what has moved; null if it is what is known or, if nothing has moved as far as is
   *     known, what was to be captured or was asked for
   */
  public static Outcome<Transition> decide(
      PaymentSnapshot payment,
      long refunds,
      boolean succeeded,
      @Nullable Long amount,
      String note) {
    MovedMoney money = payment.money();
    long expected = Objects.requireNonNullElse(payment.capture(), money.asked());
    long known = payment.status().hasSucceeded() ? money.moved() : expected;
    long really = succeeded ? Objects.requireNonNullElse(amount, known) : 0;
    if (payment.status().isFinal() && really == money.moved()) {
      return new Outcome.Done<>(new Transition.StopAsking(null));
    }
    long least = money.returned() + refunds;
    if (really < least || really > money.most()) {
      return Outcome.refused(
          PaymentProblem.DECISION_OUT_OF_RANGE,
          "What has moved is at least what was returned and what refunds take, %d, and at most what was asked for or reported, %d."
              .formatted(least, money.most()));
    }
    return new Outcome.Done<>(
        payment.status().isFinal()
            ? correct(money, really, note)
            : decideOpen(succeeded, really == money.asked() ? null : really, note));
  }

  private static Transition decideOpen(boolean succeeded, @Nullable Long amount, String note) {
    return succeeded
        ? new Transition.End(SUCCEEDED, note, null, null, amount, false)
        : new Transition.End(FAILED, note, decidedFailure(note), null, null, false);
  }

  private static Transition correct(MovedMoney money, long really, String note) {
    List<Movement> difference =
        List.of(new Movement(Movement.Kind.DECIDED, money.nextDecision(), really - money.moved()));
    return really == 0
        ? new Transition.Book(FAILED, difference, decidedFailure(note), null, false)
        : new Transition.Book(money.after(difference).status(), difference, null, null, false);
  }

  private static Failure decidedFailure(String note) {
    return new Failure("provider_rejected", note);
  }
}
