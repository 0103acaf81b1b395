package dev.evenkeel.payments;

import dev.evenkeel.accounts.AccountId;
import dev.evenkeel.database.RetryingTransactions;
import dev.evenkeel.idempotency.Outcome;
import dev.evenkeel.payments.rules.PaymentRules;
import dev.evenkeel.payments.rules.Transition;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Component;
import org.springframework.transaction.annotation.Propagation;
import org.springframework.transaction.annotation.Transactional;

/** Pay-ins and pay-outs of customers. */
@Component
public class Payments {

  private final PaymentRepository payments;
  private final PaymentIntake intake;
  private final PaymentTransitions transitions;
  private final RetryingTransactions transactions;

  Payments(
      PaymentRepository payments,
      PaymentIntake intake,
      PaymentTransitions transitions,
      RetryingTransactions transactions) {
    this.payments = payments;
    this.intake = intake;
    this.transitions = transitions;
    this.transactions = transactions;
  }

  /**
   * Accepts a payment durably and tries to finish it before the deadline; recovery finishes it
   * otherwise. Runs transactions of its own and calls the provider between them.
   */
  @Transactional(propagation = Propagation.NEVER)
  public Outcome<Payment> accept(PaymentRequest request) {
    return intake.submit(request);
  }

  /** Cancels a payment of which nothing was ever sent. Canceling it again changes nothing. */
  public Outcome<Payment> cancel(PaymentId id) {
    return transactions.run(() -> {
      Payment payment = payments.lockAndRead(id.value()).orElseThrow();
      Transition transition = PaymentRules.cancel(payment.getStatus());
      if (transition == null) {
        return Outcome.refused(
            PaymentProblem.NOT_CANCELABLE,
            "The payment may already have been sent to the provider.");
      }
      transitions.carryOut(payment, transition, payments.now());
      payment.getTimeline(); // loads it while the transaction lasts
      return new Outcome.Done<>(payment);
    });
  }

  /** Finds a payment by id, whoever owns it. Refunds and refused requests are not payments. */
  public Optional<Payment> find(PaymentId id) {
    return payments
        .findById(id.value())
        .filter(it -> it.getStatus() != PaymentStatus.REFUSED)
        .filter(it -> it.getKind() == PaymentKind.PAY_IN || it.getKind() == PaymentKind.PAY_OUT);
  }

  /**
   * Lists an owner's payments, newest first. Filters that are null match everything.
   *
   * @param reference the owner's own reference
   * @param after the last id of the previous page
   */
  @Transactional(readOnly = true)
  public List<Payment> list(
      String owner,
      @Nullable AccountId account,
      @Nullable PaymentStatus status,
      @Nullable String reference,
      @Nullable String idempotencyKey,
      PaymentId after,
      int limit) {
    String name = status == null ? null : status.name();
    UUID of = account == null ? null : account.value();
    List<UUID> ids =
        payments.list(owner, of, name, reference, idempotencyKey, after.value(), limit);
    return payments.findByIdInOrderByIdDesc(ids);
  }
}
