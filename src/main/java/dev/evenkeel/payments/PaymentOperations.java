package dev.evenkeel.payments;

import dev.evenkeel.database.RetryingTransactions;
import dev.evenkeel.idempotency.Outcome;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.UUID;
import org.springframework.stereotype.Component;
import org.springframework.transaction.annotation.Transactional;

/** Payments and refunds as operators see them: what is not final, and what needs a decision. */
@Component
public class PaymentOperations {

  private final PaymentRepository payments;
  private final PaymentRecovery recovery;
  private final PaymentTransitions transitions;
  private final RetryingTransactions transactions;

  PaymentOperations(
      PaymentRepository payments,
      PaymentRecovery recovery,
      PaymentTransitions transitions,
      RetryingTransactions transactions) {
    this.payments = payments;
    this.recovery = recovery;
    this.transitions = transitions;
    this.transactions = transactions;
  }

  /** A payment or a refund, whoever owns it. What was refused is none. */
  public Optional<Payment> find(UUID id) {
    return payments.findById(id).filter(it -> it.getStatus() != PaymentStatus.REFUSED);
  }

  /**
   * What is not final or under attention, newest first.
   *
   * @param after only those with a smaller id
   */
  @Transactional(readOnly = true)
  public List<Payment> unresolved(UUID after, int limit) {
    return payments.findByIdInOrderByIdDesc(payments.listUnresolved(after, limit));
  }

  /** Asks the provider now, if it may be called; the payment as it is afterwards. */
  public Payment ask(UUID id) {
    recovery.resolve(id);
    return find(id).orElseThrow();
  }

  /**
   * A person's decision, which alone ends attention. In a transaction of its own.
   *
   * @param succeeded whether the money has moved
   * @param reason for the timeline, which its owner sees
   */
  public Outcome<Payment> decide(UUID id, boolean succeeded, String reason) {
    return transactions.run(() -> {
      Payment payment = payments.lock(id).orElseThrow();
      if (payment.getAttention() == null) {
        return Outcome.refused(PaymentProblem.NO_DECISION_NEEDED, "It is not under attention.");
      }
      String note = "Decided by an operator: " + reason;
      PaymentRules.Step step = PaymentRules.decide(payment.getStatus(), succeeded, note);
      if (step == null) {
        String status = payment.getStatus().name().toLowerCase(Locale.ROOT);
        return Outcome.refused(PaymentProblem.DECISION_CONTRADICTS, "It is final: " + status + ".");
      }
      Instant now = payments.now();
      transitions.carryOut(payment, step, now);
      payment.decided(note, now);
      payment.getTimeline(); // read while the transaction lasts
      return new Outcome.Done<>(payment);
    });
  }
}
