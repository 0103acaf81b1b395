package dev.evenkeel.payments;

import dev.evenkeel.observability.TracePropagation;
import dev.evenkeel.payments.provider.PaymentGateway;
import dev.evenkeel.payments.provider.ProviderRequest;
import dev.evenkeel.payments.provider.ProviderResponse;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.function.Supplier;
import net.javacrumbs.shedlock.spring.annotation.SchedulerLock;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.scheduling.annotation.Scheduled;
import org.springframework.stereotype.Component;

/**
 * Brings what is unfinished to its end: what was never sent is sent; what may have been sent is
 * asked for, by its key. Every instance does this; a claim keeps them out of each other's way.
 */
@Component
class PaymentRecovery implements AutoCloseable {

  private static final Logger log = LoggerFactory.getLogger(PaymentRecovery.class);

  private final PaymentAttempts attempts;
  private final PaymentGateway provider;
  private final TracePropagation later;
  private final PaymentsSettings settings;
  private final ExecutorService workers = Executors.newVirtualThreadPerTaskExecutor();

  PaymentRecovery(
      PaymentAttempts attempts,
      PaymentGateway provider,
      TracePropagation later,
      PaymentsSettings settings) {
    this.attempts = attempts;
    this.provider = provider;
    this.later = later;
    this.settings = settings;
  }

  /** One more worker each time, as many at once as the bulkhead has places. */
  @Scheduled(fixedDelay = 1000)
  void sweep() {
    workers.execute(this::work);
  }

  // At a rate: what has a delay shares one thread, and after an outage this may take long
  @Scheduled(fixedRate = 5000)
  @SchedulerLock(name = "payments-expiry")
  public void expire() {
    attempts.expire();
  }

  /** Until nothing is due, or the provider may not be called. */
  private void work() {
    try {
      boolean more = true;
      while (more && !workers.isShutdown()) {
        more = resolve(attempts::claimNext);
      }
    } catch (RuntimeException failure) {
      log.warn("A sweep over unfinished payments ended early: {}", failure.toString());
    }
  }

  /** This one, now, whether it is due or not; nothing where the provider may not be called. */
  void resolve(UUID id) {
    resolve(() -> attempts.claim(id));
  }

  /** Without the permission nothing is claimed: an open breaker burns no attempts. */
  private boolean resolve(Supplier<Optional<PaymentAttempts.Claimed>> claim) {
    Optional<PaymentGateway.Permit> permitted = provider.permit(PaymentGateway.Purpose.RECOVERY);
    if (permitted.isEmpty()) {
      return false;
    }
    try (PaymentGateway.Permit permit = permitted.get()) {
      Optional<PaymentAttempts.Claimed> claimed = claim.get();
      claimed.filter(it -> !it.hasExpired()).ifPresent(work -> run(work, permit));
      return claimed.isPresent();
    }
  }

  /** What fails is due again when its claim ends, and keeps no other payment waiting. */
  private void run(PaymentAttempts.Claimed work, PaymentGateway.Permit permit) {
    Payment payment = work.payment();
    try {
      later.run("payments.recovery", payment.traceparent(), () -> resolve(work, permit));
    } catch (RuntimeException failure) {
      log.warn("Payment {} is left for later", payment.getId(), failure);
    }
  }

  private Payment resolve(PaymentAttempts.Claimed claimed, PaymentGateway.Permit permit) {
    Payment payment = claimed.payment();
    ProviderRequest order = payment.order();
    ProviderResponse answer =
        claimed.isToBeAsked()
            ? permit.ask(order, settings.longestCall())
            : permit.send(order, settings.longestCall());
    if (answer instanceof ProviderResponse.NeverSeen && claimed.before().mayBeSentAgain()) {
      // The first request may still be on its way: the same key makes it the same operation.
      answer = permit.send(order, settings.longestCall());
    }
    return attempts.apply(payment.getId(), payment.attempts(), answer);
  }

  @Override
  public void close() {
    workers.close();
  }
}
