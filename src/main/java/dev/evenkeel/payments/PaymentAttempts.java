package dev.evenkeel.payments;

import dev.evenkeel.accounts.Account;
import dev.evenkeel.accounts.Accounts;
import dev.evenkeel.accounts.Ledger;
import dev.evenkeel.accounts.Posted;
import dev.evenkeel.accounts.Posting;
import dev.evenkeel.payments.provider.Answer;
import dev.evenkeel.platform.Ids;
import dev.evenkeel.platform.Outcome;
import dev.evenkeel.platform.RetryingTransactions;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.ThreadLocalRandom;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.context.ApplicationEventPublisher;
import org.springframework.stereotype.Component;

/**
 * Claims payments, and applies what the provider answered: a payment's change, its posting and its
 * event commit together.
 */
@Component
class PaymentAttempts {

  private static final Logger log = LoggerFactory.getLogger(PaymentAttempts.class);

  private static final Duration FIRST_PAUSE = Duration.ofMillis(500);
  private static final Duration LONGEST_PAUSE = Duration.ofSeconds(30);

  private final PaymentRepository payments;
  private final Accounts accounts;
  private final Ledger ledger;
  private final RetryingTransactions transactions;
  private final ApplicationEventPublisher events;
  private final PaymentsSettings settings;

  PaymentAttempts(
      PaymentRepository payments,
      Accounts accounts,
      Ledger ledger,
      RetryingTransactions transactions,
      ApplicationEventPublisher events,
      PaymentsSettings settings) {
    this.payments = payments;
    this.accounts = accounts;
    this.ledger = ledger;
    this.transactions = transactions;
    this.events = events;
    this.settings = settings;
  }

  /**
   * @param sentBefore whether an earlier attempt may have reached the provider, so that it has to
   *     be asked first
   */
  record Claimed(Payment payment, boolean sentBefore) {}

  /** Claims the payment that is due first, durably: before any byte is sent. */
  Optional<Claimed> claimNext() {
    return transactions.run(() ->
        payments
            .lockNextDue()
            .flatMap(payments::lock)
            .map(payment -> {
              boolean sentBefore = payment.standing().sends() > 0;
              payment.claim(payments.now(), settings.claim());
              return new Claimed(payment, sentBefore);
            }));
  }

  /**
   * The one way in which an answer changes a payment, whoever got it and however late.
   *
   * @param attempt the attempt that got it
   */
  Payment apply(UUID id, int attempt, Answer answer) {
    return transactions.run(() -> {
      Payment payment = payments.lock(id).orElseThrow();
      apply(payment, PaymentRules.next(payment.standing(), attempt, answer));
      payment.getTimeline(); // read while the transaction lasts
      return payment;
    });
  }

  private void apply(Payment payment, PaymentRules.Step step) {
    Instant now = payments.now();
    switch (step) {
      case PaymentRules.Step.Succeed(String operation) -> {
        payment.succeed(operation, now);
        post(payment, now);
      }
      case PaymentRules.Step.Fail(Failure failure) -> {
        payment.fail(failure, now);
        announceFailure(payment, failure, now);
      }
      case PaymentRules.Step.BackToPending(String reason) ->
          payment.backToPending(reason, now, now.plus(pause(payment)));
      case PaymentRules.Step.StayProcessing(String reason, boolean sent, boolean alert) -> {
        if (alert) {
          log.error("Payment {} needs a look: {}", payment.getId(), reason);
        }
        payment.stayProcessing(reason, sent, now, now.plus(pause(payment)));
      }
      case PaymentRules.Step.Contradiction(String answer) -> {
        payment.contradicted(answer, now);
        log.error(
            "Payment {} is {}, but the provider says {}",
            payment.getId(),
            payment.getStatus(),
            answer);
      }
      case PaymentRules.Step.Nothing() -> {}
    }
  }

  /** Doubles with each attempt; the jitter keeps what failed together from returning together. */
  private static Duration pause(Payment payment) {
    int doublings = Math.min(payment.attempts() - 1, 10);
    long pause =
        Math.min(FIRST_PAUSE.multipliedBy(1L << doublings).toMillis(), LONGEST_PAUSE.toMillis());
    return Duration.ofMillis((long) (pause * ThreadLocalRandom.current().nextDouble(0.8, 1.2)));
  }

  private void post(Payment payment, Instant now) {
    Account account = account(payment);
    payments.flush();
    Posting posting =
        new Posting.PayIn(payment.getId(), account, payment.money(), payment.getDescription());
    if (ledger.post(List.of(posting)).getFirst() instanceof Outcome.Refused<Posted> refused) {
      throw new IllegalStateException("what the provider decided was refused: " + refused);
    }
    events.publishEvent(
        new PaymentEvent.PaymentSucceeded(Ids.next(), details(payment, account, now)));
  }

  private void announceFailure(Payment payment, Failure failure, Instant now) {
    PaymentEvent.Details details = details(payment, account(payment), now);
    events.publishEvent(new PaymentEvent.PaymentFailed(Ids.next(), details, failure.code()));
  }

  private static PaymentEvent.Details details(Payment payment, Account account, Instant now) {
    return new PaymentEvent.Details(
        payment.getId(),
        payment.getKind(),
        account.id(),
        account.name(),
        payment.getOwner(),
        payment.getAmount(),
        payment.getCurrency(),
        now,
        payment.traceparent());
  }

  private Account account(Payment payment) {
    return accounts.find(payment.getAccount()).orElseThrow();
  }
}
