package dev.evenkeel.payments;

import dev.evenkeel.accounts.Account;
import dev.evenkeel.accounts.Accounts;
import dev.evenkeel.accounts.Ledger;
import dev.evenkeel.accounts.PostingRequest.Settlement;
import dev.evenkeel.idempotency.Outcome;
import dev.evenkeel.payments.PaymentRules.LedgerEffect;
import dev.evenkeel.payments.PaymentRules.Transition;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Objects;
import java.util.UUID;
import java.util.concurrent.ThreadLocalRandom;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.context.ApplicationEventPublisher;
import org.springframework.stereotype.Component;
import org.springframework.transaction.annotation.Propagation;
import org.springframework.transaction.annotation.Transactional;

/**
 * Carries out what {@link PaymentRules} decided: the payment's change, its posting and its event
 * commit together. The caller holds the payment's lock.
 */
@Component
class PaymentTransitions {

  private static final Logger log = LoggerFactory.getLogger(PaymentTransitions.class);

  private final PaymentRepository payments;
  private final Accounts accounts;
  private final Ledger ledger;
  private final ApplicationEventPublisher events;

  PaymentTransitions(
      PaymentRepository payments,
      Accounts accounts,
      Ledger ledger,
      ApplicationEventPublisher events) {
    this.payments = payments;
    this.accounts = accounts;
    this.ledger = ledger;
    this.events = events;
  }

  /**
   * @param now by the database's clock
   */
  @Transactional(propagation = Propagation.MANDATORY)
  public void carryOut(Payment payment, Transition transition, Instant now) {
    switch (transition) {
      case Transition.End end -> end(payment, end, now);
      case Transition.BackToPending(String reason) ->
          payment.backToPending(reason, now, nextAttempt(payment, now, Duration.ZERO));
      case Transition.Wait wait -> {
        if (wait.alert()) {
          log.error(
              "The provider refuses calls for payment {}: {}", payment.getId(), wait.reason());
        }
        payment.waitUntil(nextAttempt(payment, now, wait.notBefore()), wait, now);
      }
      case Transition.RaiseAttention raised -> {
        payment.raiseAttention(raised, now);
        log.error(
            "Payment {}, {}, needs a decision: {}",
            payment.getId(),
            payment.getStatus(),
            raised.note());
      }
      case Transition.StopAsking() -> payment.stopAsking(now);
      case Transition.Ignore() -> {}
    }
  }

  private static Instant nextAttempt(Payment payment, Instant now, Duration notBefore) {
    double random = ThreadLocalRandom.current().nextDouble();
    return now.plus(Backoff.after(payment.attempts(), notBefore, random));
  }

  private void end(Payment payment, Transition.End end, Instant now) {
    payment.end(end, now);
    payments.flush();
    Account account = accounts.find(payment.getAccount()).orElseThrow();
    switch (PaymentRules.ledgerEffect(payment.getKind(), end.status())) {
      case LedgerEffect.Settle(Settlement.Kind kind) -> {
        if (settle(payment, account, kind) instanceof Outcome.Refused<UUID> refused) {
          throw new IllegalStateException("the ledger refused a settlement: " + refused);
        }
      }
      case LedgerEffect.ReleaseHold() -> ledger.release(Objects.requireNonNull(payment.hold()));
      case LedgerEffect.None() -> {}
    }
    events.publishEvent(PaymentEvent.of(payment, account, now));
  }

  /** Holds the customer's money for the provider: the only step that the ledger may refuse. */
  @Transactional(propagation = Propagation.MANDATORY)
  public Outcome<UUID> hold(Payment payment, Account account) {
    return settle(payment, account, Settlement.Kind.HOLD);
  }

  private Outcome<UUID> settle(Payment payment, Account account, Settlement.Kind kind) {
    Settlement settlement =
        Settlement.of(
            payment.getId(),
            kind,
            Objects.requireNonNullElse(payment.getPayment(), payment.getId()),
            account,
            payment.money(),
            kind == Settlement.Kind.PAY_OUT ? payment.hold() : null,
            payment.getDescription());
    return ledger.post(List.of(settlement)).getFirst().map(posted -> posted.id());
  }
}
