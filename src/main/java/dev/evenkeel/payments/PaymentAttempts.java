package dev.evenkeel.payments;

import dev.evenkeel.database.RetryingTransactions;
import dev.evenkeel.payments.provider.ProviderResponse;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.stereotype.Component;

/** The two ends of each call of the provider: the claim before it, its outcome after it. */
@Component
class PaymentAttempts {

  /** The name of the transaction, in which a test lets the process die. */
  static final String APPLY = "payments.apply";

  private static final Logger log = LoggerFactory.getLogger(PaymentAttempts.class);

  private static final UUID FIRST = new UUID(0, 0);

  private final PaymentRepository payments;
  private final PaymentTransitions transitions;
  private final RetryingTransactions transactions;
  private final PaymentsSettings settings;

  PaymentAttempts(
      PaymentRepository payments,
      PaymentTransitions transitions,
      RetryingTransactions transactions,
      PaymentsSettings settings) {
    this.payments = payments;
    this.transitions = transitions;
    this.transactions = transactions;
    this.settings = settings;
  }

  /**
   * @param before where it stood before it was claimed, or expired
   */
  record Claimed(Payment payment, PaymentRules.Standing before) {

    /** Whether it was too old to be sent, so that it has ended instead. */
    boolean hasExpired() {
      return payment.getStatus().isFinal() && !before.status().isFinal();
    }

    /** Whether an earlier attempt may have reached the provider, so that it has to be asked. */
    boolean isToBeAsked() {
      return before.sends() > 0 || before.status().isFinal();
    }
  }

  /** Claims the payment that is due first, durably: before any byte is sent. */
  Optional<Claimed> claimNext() {
    return claim(payments::lockNextDue);
  }

  /** Claims this payment, whether it is due or not, unless somebody else has. */
  Optional<Claimed> claim(UUID id) {
    return claim(() -> Optional.of(id));
  }

  private Optional<Claimed> claim(Supplier<Optional<UUID>> next) {
    return transactions.run(() -> next.get().flatMap(payments::lock).flatMap(this::claimLocked));
  }

  private Optional<Claimed> claimLocked(Payment payment) {
    Instant now = payments.now();
    if (payment.isClaimed(now)) {
      return Optional.empty();
    }
    PaymentRules.Standing before = standing(payment, now);
    if (!expire(payment, now)) {
      payment.claim(now, settings.claim());
    }
    return Optional.of(new Claimed(payment, before));
  }

  /** Ends pay-ins that were never sent and are too old for it by now, however many. */
  void expire() {
    long patience = PaymentRules.PATIENCE.toSeconds();
    List<UUID> page = payments.findExpired(FIRST, patience);
    while (!page.isEmpty()) {
      page.forEach(this::expire);
      page = payments.findExpired(page.getLast(), patience);
    }
  }

  /** Unless somebody has it; one that cannot be ended keeps no other from it. */
  private void expire(UUID id) {
    try {
      transactions.run(() ->
          payments
              .lockIfFree(id)
              .flatMap(payments::lock)
              .map(payment -> expire(payment, payments.now())));
    } catch (RuntimeException failure) {
      log.warn("Payment {} is left for later", id, failure);
    }
  }

  private boolean expire(Payment payment, Instant now) {
    Duration age = Duration.between(payment.getCreatedAt(), now);
    PaymentRules.Step step = PaymentRules.expire(payment.getKind(), payment.getStatus(), age);
    transitions.carryOut(payment, step, now);
    return step instanceof PaymentRules.Step.End;
  }

  /**
   * The one way in which an answer changes a payment, whoever got it and however late.
   *
   * @param attempt the attempt that got it
   */
  Payment apply(UUID id, int attempt, ProviderResponse answer) {
    return transactions.run(
        APPLY,
        () -> {
          Payment payment = payments.lock(id).orElseThrow();
          Instant now = payments.now();
          PaymentRules.Standing standing = standing(payment, now);
          transitions.carryOut(payment, PaymentRules.next(standing, attempt, answer), now);
          payment.getTimeline(); // read while the transaction lasts
          return payment;
        });
  }

  private PaymentRules.Standing standing(Payment payment, Instant now) {
    Duration memory = settings.provider().keyRetention().minus(Duration.ofHours(1));
    return payment.standing(now, memory);
  }
}
