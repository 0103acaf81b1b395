package dev.evenkeel.payments;

import dev.evenkeel.accounts.Accounts;
import dev.evenkeel.accounts.LedgerProblem;
import dev.evenkeel.database.RetryingTransactions;
import dev.evenkeel.idempotency.Outcome;
import dev.evenkeel.observability.TracePropagation;
import dev.evenkeel.problems.Problem;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Component;
import org.springframework.transaction.annotation.Propagation;
import org.springframework.transaction.annotation.Transactional;

/** Payments to and from the outside. */
@Component
public class Payments {

  private final PaymentRepository payments;
  private final PaymentIntake intake;
  private final PaymentTransitions transitions;
  private final Accounts accounts;
  private final RetryingTransactions transactions;
  private final TracePropagation later;

  Payments(
      PaymentRepository payments,
      PaymentIntake intake,
      PaymentTransitions transitions,
      Accounts accounts,
      RetryingTransactions transactions,
      TracePropagation later) {
    this.payments = payments;
    this.intake = intake;
    this.transitions = transitions;
    this.accounts = accounts;
    this.transactions = transactions;
    this.later = later;
  }

  /**
   * Accepts a payment, durably, and tries to bring it to its end before the deadline; recovery does
   * what is left. Runs in transactions of its own, between which the provider is called.
   */
  @Transactional(propagation = Propagation.NEVER)
  public Outcome<Payment> accept(PaymentRequest request) {
    return intake.accept(
        request.keyed(),
        false,
        () ->
            accounts
                .find(request.account())
                .filter(account -> account.owner().equals(request.keyed().owner()))
                .<Outcome<PaymentIntake.Asked>>map(account -> {
                  Payment payment = new Payment(request, later.traceparent(), payments.now());
                  Problem refusal = PaymentIntake.refusal(account, request.money());
                  return new Outcome.Done<>(new PaymentIntake.Asked(payment, account, refusal));
                })
                .orElseGet(() -> Outcome.refused(LedgerProblem.accountNotFound("account"))));
  }

  /**
   * Only while nothing was ever sent; what is canceled already stays so. In a transaction of its
   * own.
   */
  public Outcome<Payment> cancel(UUID id) {
    return transactions.run(() -> {
      Payment payment = payments.lock(id).orElseThrow();
      PaymentRules.Step step = PaymentRules.cancel(payment.getStatus());
      if (step == null) {
        return Outcome.refused(
            PaymentProblem.NOT_CANCELABLE, "It may have been sent to the provider already.");
      }
      transitions.carryOut(payment, step, payments.now());
      payment.getTimeline(); // read while the transaction lasts
      return new Outcome.Done<>(payment);
    });
  }

  /** Whoever owns it. Refunds, and what was refused, are none. */
  public Optional<Payment> find(UUID id) {
    return payments
        .findById(id)
        .filter(it -> it.getStatus() != PaymentStatus.REFUSED)
        .filter(it -> it.getKind() != PaymentKind.REFUND);
  }

  /**
   * Newest first.
   *
   * @param reference only those with this reference of the owner's
   * @param idempotencyKey only the one under this key
   * @param after only payments with a smaller id
   */
  @Transactional(readOnly = true)
  public List<Payment> list(
      String owner,
      @Nullable UUID account,
      @Nullable PaymentStatus status,
      @Nullable String reference,
      @Nullable String idempotencyKey,
      UUID after,
      int limit) {
    String name = status == null ? null : status.name();
    List<UUID> ids = payments.list(owner, account, name, reference, idempotencyKey, after, limit);
    return payments.findByIdInOrderByIdDesc(ids);
  }
}
