package dev.evenkeel.payments;

import dev.evenkeel.accounts.Account;
import dev.evenkeel.accounts.Accounts;
import dev.evenkeel.accounts.Ledger;
import dev.evenkeel.accounts.PostingRequest.Settlement;
import dev.evenkeel.database.Ids;
import dev.evenkeel.idempotency.Outcome;
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
 * Carries out what the rules say, whoever asked them: a payment's change, its posting and its event
 * commit together. Whoever calls holds the payment's lock.
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
  public void carryOut(Payment payment, PaymentRules.Step step, Instant now) {
    switch (step) {
      case PaymentRules.Step.End end -> end(payment, end, now);
      case PaymentRules.Step.BackToPending(String reason) ->
          payment.backToPending(reason, now, now.plus(pause(payment, Duration.ZERO)));
      case PaymentRules.Step.Wait wait -> {
        if (wait.alert()) {
          log.error("Payment {} needs a look: {}", payment.getId(), wait.reason());
        }
        payment.stay(wait, now, now.plus(pause(payment, wait.notBefore())));
      }
      case PaymentRules.Step.Attend attend -> {
        payment.attend(attend, now);
        log.error(
            "Payment {}, {}, needs a decision: {}",
            payment.getId(),
            payment.getStatus(),
            attend.note());
      }
      case PaymentRules.Step.Rest() -> payment.rest(now);
      case PaymentRules.Step.Ignore() -> {}
    }
  }

  private static Duration pause(Payment payment, Duration notBefore) {
    double luck = ThreadLocalRandom.current().nextDouble();
    return Backoff.after(payment.attempts(), notBefore, luck);
  }

  private void end(Payment payment, PaymentRules.Step.End end, Instant now) {
    payment.end(end, now);
    payments.flush();
    Account account = accounts.find(payment.getAccount()).orElseThrow();
    switch (PaymentRules.ledgerStep(payment.getKind(), end.status())) {
      case NOTHING -> {}
      case RELEASE -> ledger.release(Objects.requireNonNull(payment.hold()));
      case COLLECT -> post(payment, account, Settlement.Kind.COLLECT);
      case PAY_OUT -> post(payment, account, Settlement.Kind.PAY_OUT);
      case TAKE_BACK -> post(payment, account, Settlement.Kind.TAKE_BACK);
      case BRING_BACK -> post(payment, account, Settlement.Kind.BRING_BACK);
    }
    events.publishEvent(event(payment, account, now));
  }

  private void post(Payment payment, Account account, Settlement.Kind kind) {
    Outcome<UUID> outcome = settle(payment, account, kind);
    if (outcome instanceof Outcome.Refused<UUID> refused) {
      throw new IllegalStateException("what the provider decided was refused: " + refused);
    }
  }

  /** Promises the money to the provider; the one step that can be refused. */
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

  private static PaymentEvent event(Payment payment, Account account, Instant now) {
    UUID id = Ids.next();
    UUID refunded = payment.getPayment();
    PaymentEvent.Details details =
        new PaymentEvent.Details(
            refunded == null ? payment.getId() : refunded,
            refunded == null ? payment.getKind() : PaymentKind.PAY_IN,
            account.id(),
            account.name(),
            payment.getOwner(),
            payment.getAmount(),
            payment.getCurrency(),
            now,
            payment.traceparent());
    Failure failure = payment.getFailure();
    String code = failure == null ? "returned" : failure.code();
    if (refunded != null) {
      return payment.getStatus() == PaymentStatus.SUCCEEDED
          ? new PaymentEvent.RefundSucceeded(id, details, payment.getId())
          : new PaymentEvent.RefundFailed(id, details, payment.getId(), code);
    }
    return switch (payment.getStatus()) {
      case SUCCEEDED -> new PaymentEvent.PaymentSucceeded(id, details);
      case FAILED -> new PaymentEvent.PaymentFailed(id, details, code);
      case CANCELED -> new PaymentEvent.PaymentCanceled(id, details);
      case RETURNED -> new PaymentEvent.PaymentReturned(id, details);
      case PENDING, PROCESSING, REFUSED -> throw new IllegalStateException("nothing to tell yet");
    };
  }
}
