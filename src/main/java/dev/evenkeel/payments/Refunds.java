package dev.evenkeel.payments;

import dev.evenkeel.accounts.Account;
import dev.evenkeel.accounts.Accounts;
import dev.evenkeel.idempotency.IdempotentRequest;
import dev.evenkeel.idempotency.Outcome;
import dev.evenkeel.money.Money;
import dev.evenkeel.observability.TracePropagation;
import dev.evenkeel.problems.Problem;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Component;
import org.springframework.transaction.annotation.Propagation;
import org.springframework.transaction.annotation.Transactional;

/** Refunds of pay-ins, in full or in part: each a payment of its own, of the kind refund. */
@Component
public class Refunds {

  private final PaymentRepository payments;
  private final PaymentIntake intake;
  private final Accounts accounts;
  private final TracePropagation later;

  Refunds(
      PaymentRepository payments, PaymentIntake intake, Accounts accounts, TracePropagation later) {
    this.payments = payments;
    this.intake = intake;
    this.accounts = accounts;
    this.later = later;
  }

  /**
   * As {@link Payments#accept}. The money is held at once, and leaves the account on approval.
   *
   * @param payment has to exist, and to be the owner's
   * @param amount minor units; null for what is left
   */
  @Transactional(propagation = Propagation.NEVER)
  public Outcome<Payment> accept(IdempotentRequest request, UUID payment, @Nullable Long amount) {
    return intake.accept(request, true, () -> new Outcome.Done<>(ask(request, payment, amount)));
  }

  /** The payment's lock comes first: what is left of it is shared by all its refunds. */
  private PaymentIntake.Asked ask(IdempotentRequest request, UUID id, @Nullable Long asked) {
    Payment payment = payments.lock(id).orElseThrow();
    Account account = accounts.find(payment.getAccount()).orElseThrow();
    long left = payment.getAmount() - payments.promisedBack(id);
    long amount = Objects.requireNonNullElse(asked, left);
    Problem refusal = refusal(payment, account, amount, left);
    // Where nothing is left, it is kept with its refusal only
    PaymentRequest refund =
        payment.request().refund(request, id, Money.of(Math.max(amount, 1), payment.getCurrency()));
    return new PaymentIntake.Asked(
        new Payment(refund, later.traceparent(), payments.now()), account, refusal);
  }

  private static @Nullable Problem refusal(
      Payment payment, Account account, long amount, long left) {
    boolean refundable =
        payment.getKind() == PaymentKind.PAY_IN
            && payment.getStatus() == PaymentStatus.SUCCEEDED
            && left > 0;
    if (!refundable) {
      return Problem.of(
          PaymentProblem.NOT_REFUNDABLE,
          "Only a pay-in that has succeeded can be refunded, as long as something of it is left.");
    }
    Problem refusal = PaymentIntake.refusal(account, payment.money());
    return refusal == null && amount > left
        ? Problem.of(
            PaymentProblem.REFUND_EXCEEDS_PAYMENT,
            "Of the payment %s are left.".formatted(Money.of(left, payment.getCurrency())))
        : refusal;
  }

  /** Whoever owns it. What was refused is none. */
  public Optional<Payment> find(UUID payment, UUID id) {
    return payments
        .findById(id)
        .filter(it -> it.getStatus() != PaymentStatus.REFUSED)
        .filter(it -> payment.equals(it.getPayment()));
  }

  /**
   * Of one payment, newest first.
   *
   * @param after only refunds with a smaller id
   */
  @Transactional(readOnly = true)
  public List<Payment> list(UUID payment, UUID after, int limit) {
    return payments.findByIdInOrderByIdDesc(payments.listRefunds(payment, after, limit));
  }
}
