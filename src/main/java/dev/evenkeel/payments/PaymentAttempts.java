package dev.evenkeel.payments;

import dev.evenkeel.database.RetryingTransactions;
import dev.evenkeel.payments.provider.Gateway;
import dev.evenkeel.payments.provider.ProviderResponse;
import dev.evenkeel.payments.rules.PaymentRules;
import dev.evenkeel.payments.rules.PaymentRules.Attempt;
import dev.evenkeel.payments.rules.PaymentSnapshot;
import dev.evenkeel.payments.rules.Transition;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.stereotype.Component;

/**
 * Surrounds each call of the provider with two transactions: one claims the payment before the
 * call, the other applies the response after it.
 */
@Component
class PaymentAttempts {

  /** The name of the applying transaction, for tests that let the process die in it. */
  static final String APPLY = "payments.apply";

  private static final Transition STOP = new Transition.StopAsking(null);
  private static final int MAX_FAILURES = 10;
  private static final UUID LOWEST_ID = new UUID(0, 0);

  private static final Logger log = LoggerFactory.getLogger(PaymentAttempts.class);

  private final PaymentRepository payments;
  private final PaymentTransitions transitions;
  private final RetryingTransactions transactions;
  private final Gateway gateway;
  private final PaymentsSettings settings;

  PaymentAttempts(
      PaymentRepository payments,
      PaymentTransitions transitions,
      RetryingTransactions transactions,
      Gateway gateway,
      PaymentsSettings settings) {
    this.payments = payments;
    this.transitions = transitions;
    this.transactions = transactions;
    this.gateway = gateway;
    this.settings = settings;
  }

  /**
   * A claimed payment, or one that expired instead.
   *
   * @param before its state before the claim
   * @param expired whether it failed, needs a decision or waits instead, so that nobody may call
   * @param requested whether an operator wanted it now
   */
  record Claimed(Payment payment, PaymentSnapshot before, boolean expired, boolean requested) {

    /** Whether the provider may already have the request, so that it must be queried first. */
    boolean needsQuery() {
      return before.sends() > 0 || before.status().isFinal();
    }
  }

  /**
   * Claims the payment that has been due for the longest time.
   *
   * @param send whether one that was never sent may be claimed
   * @param query whether one that has to be queried may be claimed
   */
  Optional<Claimed> claimNext(boolean send, boolean query) {
    while (true) {
      AtomicReference<@Nullable UUID> next = new AtomicReference<>();
      try {
        return claim(
            () -> {
              Optional<UUID> due = payments.lockNextDue(gateway.name(), send, query);
              due.ifPresent(next::set);
              return due;
            },
            false);
      } catch (RuntimeException failure) {
        UUID id = next.get();
        if (id == null) {
          throw failure;
        }
        postpone(id, failure);
      }
    }
  }

  /** Claims this payment for an operator, due or not, unless it is claimed already. */
  Optional<Claimed> claim(PaymentId id) {
    return claim(() -> Optional.of(id.value()), true);
  }

  private Optional<Claimed> claim(Supplier<Optional<UUID>> next, boolean requested) {
    return transactions.run(
        () -> next.get().flatMap(payments::lock).flatMap(it -> claimLocked(it, requested)));
  }

  private Optional<Claimed> claimLocked(Payment payment, boolean requested) {
    Instant now = payments.now();
    if (payment.calls().isClaimed(now) || !payment.isTakenBy(gateway.name())) {
      return Optional.empty();
    }
    if (!payments.canRead(payment)) {
      throw new IllegalStateException(
          "this release cannot read " + payment.getId() + " or its payment");
    }
    PaymentSnapshot before = snapshot(payment, now);
    if (expire(payment, before, now)) {
      return Optional.of(new Claimed(payment, before, true, requested));
    }
    Claimed claimed = new Claimed(payment, before, false, requested);
    if (!claimed.needsQuery() && !before.maySend()) {
      payment.calls().park();
      return Optional.of(new Claimed(payment, before, true, requested));
    }
    claim(payment, now);
    return Optional.of(claimed);
  }

  /**
   * Claims a payment in the caller's transaction, see {@link Payment#claim}.
   *
   * @return false if it is claimed already, or if its provider is not the one that is configured
   */
  boolean claim(Payment payment, Instant now) {
    if (payment.calls().isClaimed(now) || !payment.isTakenBy(gateway.name())) {
      return false;
    }
    payment.claim(now, settings.claim(), gateway::write);
    return true;
  }

  /** Ends or puts under attention all payments that time alone ends, see {@link PaymentRules}. */
  void expire() {
    List<UUID> page = findExpired(LOWEST_ID);
    while (!page.isEmpty()) {
      page.forEach(this::expire);
      page = findExpired(page.getLast());
    }
  }

  private List<UUID> findExpired(UUID after) {
    return payments.findExpired(
        after,
        PaymentRules.PAY_IN_EXPIRY.toSeconds(),
        settings.provider().keyMemory().toSeconds(),
        PaymentRules.FOLLOW_UP_TIME.toSeconds());
  }

  /** Lets a payment that fails wait alone. After ten times in a row it needs attention. */
  void postpone(UUID id, RuntimeException failure) {
    log.warn("The attempt on payment {} failed; it is tried again later", id, failure);
    if (transactions.run(() -> payments.postpone(id)) == MAX_FAILURES) {
      log.error("Payment {} needs a decision: {} attempts in a row failed", id, MAX_FAILURES);
    }
  }

  /** Skips a locked payment; one that fails to expire does not stop the others. */
  private void expire(UUID id) {
    try {
      transactions.run(() -> payments.lockIfFree(id).flatMap(payments::lock).map(this::expire));
    } catch (RuntimeException failure) {
      postpone(id, failure);
    }
  }

  private boolean expire(Payment payment) {
    Instant now = payments.now();
    return !payment.calls().isClaimed(now) && expire(payment, snapshot(payment, now), now);
  }

  private boolean expire(Payment payment, PaymentSnapshot before, Instant now) {
    Transition transition = PaymentRules.expire(before);
    transitions.carryOut(payment, transition, now);
    return !(transition instanceof Transition.Ignore);
  }

  /**
   * Applies a response to its payment, under the row's lock. Every response ends here, from
   * whichever attempt and however late.
   *
   * @param attempt the attempt that got the response
   */
  Payment apply(PaymentId id, Attempt attempt, ProviderResponse response) {
    return transactions.run(
        APPLY,
        () -> {
          Payment payment = payments.lock(id.value()).orElseThrow();
          Instant now = payments.now();
          if (!attempt.ordered() && !payment.getStatus().isFinal()) {
            payment.calls().countNoSend(attempt.number());
          }
          Transition transition = PaymentRules.next(snapshot(payment, now), attempt, response);
          transitions.carryOut(
              payment, wasAsked(payment, attempt, transition) ? STOP : transition, now);
          payment.getTimeline(); // loads it while the transaction lasts
          return payment;
        });
  }

  /** Once accepted, the payment is the answer, even if the response cannot be applied now. */
  Payment applyIfPossible(Payment payment, Attempt attempt, ProviderResponse response) {
    try {
      return apply(payment.getId(), attempt, response);
    } catch (RuntimeException failure) {
      log.warn("Payment {} is left to recovery", payment.getId(), failure);
      return payment;
    }
  }

  /** Operators are asked once, unless they want to know. */
  private static boolean wasAsked(Payment payment, Attempt attempt, Transition transition) {
    return transition instanceof Transition.RaiseAttention raised
        && !attempt.requested()
        && payment.wasAsked(raised.finding());
  }

  PaymentSnapshot snapshot(Payment payment, Instant now) {
    Duration longestUnseen = settings.claim().plus(gateway.queryDelay());
    return payment.snapshot(now, settings.provider().keyMemory(), longestUnseen);
  }
}
