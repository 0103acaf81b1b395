package dev.evenkeel.payments;

import dev.evenkeel.database.RetryingTransactions;
import dev.evenkeel.idempotency.Outcome;
import dev.evenkeel.money.Money;
import dev.evenkeel.payments.provider.ProviderOperation;
import dev.evenkeel.payments.provider.ProviderResponse;
import dev.evenkeel.payments.rules.DecisionRules;
import dev.evenkeel.payments.rules.PaymentRules;
import dev.evenkeel.payments.rules.PaymentSnapshot;
import dev.evenkeel.payments.rules.Transition;
import java.time.Instant;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Component;
import org.springframework.transaction.annotation.Transactional;

/** Operators' view of payments and refunds: the unfinished ones, and those needing a decision. */
@Component
public class PaymentOperations {

  private final PaymentRepository payments;
  private final PaymentRecovery recovery;
  private final PaymentAttempts attempts;
  private final PaymentTransitions transitions;
  private final RetryingTransactions transactions;

  PaymentOperations(
      PaymentRepository payments,
      PaymentRecovery recovery,
      PaymentAttempts attempts,
      PaymentTransitions transitions,
      RetryingTransactions transactions) {
    this.payments = payments;
    this.recovery = recovery;
    this.attempts = attempts;
    this.transitions = transitions;
    this.transactions = transactions;
  }

  /** Finds a payment or a refund, whoever owns it. Refused requests are neither. */
  public Optional<Payment> find(PaymentId id) {
    return payments.findById(id.value()).filter(it -> it.getStatus() != PaymentStatus.REFUSED);
  }

  /**
   * Lists what is not final or needs a decision, newest first.
   *
   * @param after the last id of the previous page
   */
  @Transactional(readOnly = true)
  public List<Payment> unresolved(PaymentId after, int limit) {
    return payments.findByIdInOrderByIdDesc(payments.listUnresolved(after.value(), limit));
  }

  /** Lists payments and refunds that need a decision, newest first. */
  @Transactional(readOnly = true)
  public List<Payment> needingDecision(int limit) {
    return payments.findByIdInOrderByIdDesc(payments.listNeedingDecision(limit));
  }

  /** Calls the provider now, if that is possible, and returns the payment as it is then. */
  public Payment ask(PaymentId id) {
    if (payments.canRead(find(id).orElseThrow())) {
      recovery.resolve(id);
    }
    return find(id).orElseThrow();
  }

  /** Makes payments due at once, whatever their status: the provider has news of them. */
  @Transactional
  public void askSoon(Collection<PaymentId> ids) {
    ids.forEach(id -> payments.hint(id.value()));
  }

  /**
   * Books what was returned of a payment's own operation, by a line of the provider's report,
   * unless the provider is being asked about it. Operators are asked about what then still differs.
   */
  public void bookReturns(PaymentId id, ProviderOperation reported) {
    find(id)
        .filter(it -> it.getStatus().hasSucceeded())
        .filter(it -> reported.id().equals(it.providerOperation()))
        .filter(it -> reported.status().equals("approved"))
        .filter(it -> reported.currency().equals(it.getCurrency()))
        .filter(it -> !it.calls().isBeingAsked(payments.now()) && payments.canRead(it))
        .ifPresent(it -> attempts.apply(id, PaymentRules.Attempt.LATE, response(it, reported)));
  }

  private static ProviderResponse response(Payment payment, ProviderOperation reported) {
    return reported.amount() == payment.moved()
        ? new ProviderResponse.Approved(reported)
        : new ProviderResponse.Mismatch(reported, reported.amount());
  }

  /**
   * A difference that an operator has to decide.
   *
   * @param moved the line of the provider's report with another amount; null if that does not
   *     differ
   */
  public record Question(
      Attention attention, Finding finding, String note, @Nullable ProviderOperation moved) {

    /** What may have moved by the report, in minor units; null in another currency. */
    @Nullable Long amount(String currency) {
      return moved != null && moved.currency().equals(currency) ? moved.amount() : null;
    }
  }

  /**
   * Asks operators about a final payment that differs from the provider's report, unless it has
   * changed or the provider is being asked about it.
   *
   * @param began when the comparison began: it may not know what has changed since
   */
  @Transactional
  public void raise(PaymentId id, List<Question> questions, Instant began) {
    Payment payment = payments.lock(id.value()).orElseThrow();
    boolean changed = payment.getTimeline().stream().anyMatch(it -> !it.at().isBefore(began));
    Instant now = payments.now();
    if (payment.getStatus().isFinal() && !payment.calls().isBeingAsked(now) && !changed) {
      for (Question it : questions) {
        transitions.carryOut(
            payment,
            new Transition.RaiseAttention(
                it.attention(), it.note(), it.finding(), it.amount(payment.getCurrency())),
            now);
      }
    }
  }

  /**
   * Forgets what operators were asked about a payment, because the provider agrees with it.
   *
   * @param operations the operations that agree; what was asked about others stands
   */
  @Transactional
  public void agree(PaymentId id, List<String> operations) {
    payments.lock(id.value()).ifPresent(it -> it.agree(operations));
  }

  /**
   * What an operator says about a payment.
   *
   * @param succeeded whether the money has moved
   * @param amount how much has moved, in minor units; null if it is what is known: what we have
   *     booked or, if nothing, what was to be captured or was asked for
   * @param reason for the timeline, which the payment's owner sees
   * @param seen {@link PaymentDetails#state} as the operator saw it; null if it does not matter
   */
  public record Decision(
      boolean succeeded, @Nullable Long amount, String reason, @Nullable String seen) {}

  /** Decides a payment that needs attention; nothing else ends attention. */
  public Outcome<Payment> decide(PaymentId id, Decision decision) {
    Long amount = decision.amount();
    return transactions.run(() -> {
      Payment payment = payments.lockAndRead(id.value()).orElseThrow();
      if (payment.getAttention() == null) {
        return Outcome.refused(
            PaymentProblem.NO_DECISION_NEEDED, "The payment does not need a decision.");
      }
      if (!payment.isReadable()) {
        return Outcome.refused(
            PaymentProblem.PAYMENT_UNREADABLE, "Only a newer release can read this payment.");
      }
      if (decision.seen() != null && !decision.seen().equals(PaymentDetails.of(payment).state())) {
        return Outcome.refused(
            PaymentProblem.PAYMENT_CHANGED,
            "Look at the payment again: it has changed since it was shown.");
      }
      Instant now = payments.now();
      String moved =
          amount == null ? "" : ", %s moved".formatted(Money.of(amount, payment.getCurrency()));
      String note = "Decided by an operator%s: %s".formatted(moved, decision.reason());
      PaymentSnapshot before = attempts.snapshot(payment, now);
      // The payment's lock keeps new refunds away.
      long refunds = payments.sumOfRefunds(id.value());
      Outcome<Transition> decided =
          DecisionRules.decide(before, refunds, decision.succeeded(), amount, note);
      if (decided instanceof Outcome.Done(Transition.Book _) && isInSuspense(payment)) {
        return Outcome.refused(
            PaymentProblem.DECISION_OUT_OF_RANGE,
            "Money of the payment is in suspense: refund or adjust it, and decide that nothing else differs.");
      }
      return decided.map(transition -> decide(payment, transition, note, now));
    });
  }

  /** What differs would be posted to the customer's account, which has not got the money. */
  private boolean isInSuspense(Payment payment) {
    return payment.attention().contains(Attention.UNPLACED)
        || payment.getKind() == PaymentKind.REFUND && transitions.unplaced(payment) > 0;
  }

  private Payment decide(Payment payment, Transition transition, String note, Instant now) {
    payment.endAttention();
    transitions.carryOut(payment, transition, now);
    payment.recordDecision(note, now);
    payment.calls().checkDecision(now);
    payment.getTimeline(); // loads it while the transaction lasts
    return payment;
  }
}
