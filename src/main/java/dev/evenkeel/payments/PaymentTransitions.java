package dev.evenkeel.payments;

import dev.evenkeel.accounts.Account;
import dev.evenkeel.accounts.Accounts;
import dev.evenkeel.accounts.Ledger;
import dev.evenkeel.accounts.PostingRequest.Settlement;
import dev.evenkeel.accounts.TransferId;
import dev.evenkeel.idempotency.Outcome;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Objects;
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
    payment.apply(transition, now, now.plus(pause(payment, transition, now)));
    switch (transition) {
      case Transition.End _ -> settle(payment, now);
      case Transition.Wait wait when wait.alert() ->
          log.error("The provider refuses calls for {}: {}", payment.getId(), wait.reason());
      case Transition.RaiseAttention raised ->
          log.error(
              "Payment {}, {}, needs a decision: {}",
              payment.getId(),
              payment.getStatus(),
              raised.note());
      case Transition _ -> {}
    }
  }

  private static Duration pause(Payment payment, Transition transition, Instant now) {
    double random = ThreadLocalRandom.current().nextDouble();
    return switch (transition) {
      case Transition.AwaitDecision() ->
          Backoff.whileUndecided(Duration.between(payment.getCreatedAt(), now), random);
      case Transition.Wait wait -> Backoff.after(payment.attempts(), wait.notBefore(), random);
      case Transition _ -> Backoff.after(payment.attempts(), Duration.ZERO, random);
    };
  }

  private void settle(Payment payment, Instant now) {
    payments.flush();
    Account account = accounts.find(payment.getAccount()).orElseThrow();
    switch (PaymentRules.ledgerEffect(payment.getKind(), payment.getStatus())) {
      case LedgerEffect.Settle(Settlement.Kind kind) -> {
        if (post(payment, account, kind) instanceof Outcome.Refused<TransferId> refused) {
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
  public Outcome<TransferId> hold(Payment payment, Account account) {
    return post(payment, account, Settlement.Kind.HOLD);
  }

  private Outcome<TransferId> post(Payment payment, Account account, Settlement.Kind kind) {
    Settlement settlement =
        Settlement.of(
            payment.getId().value(),
            kind,
            Objects.requireNonNullElse(payment.getPayment(), payment.getId()).value(),
            account,
            payment.money(),
            kind == Settlement.Kind.PAY_OUT ? payment.hold() : null,
            payment.getDescription());
    return ledger.post(List.of(settlement)).getFirst().map(posted -> posted.id());
  }
}
