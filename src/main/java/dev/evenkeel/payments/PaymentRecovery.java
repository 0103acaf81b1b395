package dev.evenkeel.payments;

import dev.evenkeel.observability.TracePropagation;
import dev.evenkeel.payments.provider.GuardedGateway;
import dev.evenkeel.payments.provider.ProviderRequest;
import dev.evenkeel.payments.provider.ProviderResponse;
import dev.evenkeel.payments.provider.World;
import dev.evenkeel.payments.rules.PaymentRules;
import dev.evenkeel.payments.rules.PaymentRules.Attempt;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Semaphore;
import java.util.function.Function;
import java.util.function.Supplier;
import net.javacrumbs.shedlock.spring.annotation.SchedulerLock;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.scheduling.annotation.Scheduled;
import org.springframework.stereotype.Component;

/**
 * Finishes payments that no request finishes: sends what was never sent, and queries the provider
 * for what may have been sent. All instances do this side by side; claims keep them apart. While
 * payments are due, workers start further workers, enough for {@link #RATE} even if the provider is
 * slow.
 */
@Component
class PaymentRecovery implements AutoCloseable {

  /** The number of workers that a fast provider keeps busy. */
  private static final int MIN_WORKERS = 4;

  /** The payments per second that recovery aims at, however slow the provider is. */
  private static final int RATE = 30;

  /** The weight of the latest calls in the average duration. */
  private static final double LATEST = 0.1;

  private static final Logger log = LoggerFactory.getLogger(PaymentRecovery.class);

  private final PaymentAttempts attempts;
  private final GuardedGateway provider;
  private final TracePropagation traces;
  private final PaymentsSettings settings;
  private final World world;
  private final ExecutorService workers;

  /** All workers share recovery's connections: only calls of the provider take long. */
  private final Semaphore transactions = new Semaphore(MIN_WORKERS, true);

  private int running;
  private double averageSeconds;

  PaymentRecovery(
      PaymentAttempts attempts,
      GuardedGateway provider,
      TracePropagation traces,
      PaymentsSettings settings,
      World world) {
    this.attempts = attempts;
    this.provider = provider;
    this.traces = traces;
    this.settings = settings;
    this.world = world;
    this.workers = world.newExecutor();
  }

  /** Starts another worker, unless there are enough; the bulkheads limit them, too. */
  @Scheduled(fixedDelayString = "${evenkeel.payments.recover-every}")
  synchronized void sweep() {
    if (running < wanted() && !workers.isShutdown()) {
      workers.execute(this::work);
      running++;
    }
  }

  /** Little's law: so many at once keep up the rate. */
  private int wanted() {
    return Math.max(MIN_WORKERS, (int) Math.ceil(RATE * averageSeconds));
  }

  private synchronized boolean isWanted() {
    return running <= wanted() && !workers.isShutdown();
  }

  private synchronized void measure(long nanos) {
    averageSeconds += LATEST * (nanos / 1e9 - averageSeconds);
  }

  private synchronized void leave() {
    running--;
  }

  // A fixed rate: jobs with a fixed delay share one thread, and after an outage this may take long
  @Scheduled(fixedRate = 5000)
  @SchedulerLock(name = "payments-expiry")
  public void expire() {
    attempts.expire();
  }

  /** Works until nothing is due or the provider may not be called. */
  private void work() {
    try {
      boolean more = true;
      while (more && isWanted()) {
        more = resolve(permit -> attempts.claimNext(permit.maySend(), permit.mayQuery()));
      }
    } catch (RuntimeException failure) {
      log.warn("A recovery worker stopped early: {}", failure.toString());
    } finally {
      leave();
    }
  }

  /** Attempts this payment now, due or not, if the provider may be called. */
  void resolve(PaymentId id) {
    resolve(_ -> attempts.claim(id));
  }

  /** Gets a permit before it claims, so that an open breaker uses up no attempts. */
  private boolean resolve(
      Function<GuardedGateway.Permit, Optional<PaymentAttempts.Claimed>> claim) {
    Optional<GuardedGateway.Permit> permitted = provider.permit(GuardedGateway.Purpose.RECOVERY);
    if (permitted.isEmpty()) {
      return false;
    }
    try (GuardedGateway.Permit permit = permitted.get()) {
      // A worker that stood still for longer than its claim must not call: it is no longer alone.
      long end = world.nanoTime() + settings.claim().toNanos();
      Optional<PaymentAttempts.Claimed> claimed = transaction(() -> claim.apply(permit));
      if (claimed.isPresent()) {
        sweep(); // probably more is due
      }
      claimed.filter(it -> !it.expired()).ifPresent(it -> attempt(it, permit, end));
      return claimed.isPresent();
    }
  }

  /** A payment that fails here waits alone. */
  private void attempt(PaymentAttempts.Claimed claimed, GuardedGateway.Permit permit, long end) {
    Payment payment = claimed.payment();
    try {
      traces.run("payments.recovery", payment.traceparent(), () -> call(claimed, permit, end));
    } catch (RuntimeException failure) {
      postpone(payment, failure);
    }
  }

  private void postpone(Payment payment, RuntimeException failure) {
    traces.run(
        "payments.postpone",
        payment.traceparent(),
        () ->
            transaction(() -> {
              attempts.postpone(payment.getId().value(), failure);
              return payment;
            }));
  }

  private void call(PaymentAttempts.Claimed claimed, GuardedGateway.Permit permit, long end) {
    Payment payment = claimed.payment();
    ProviderRequest request = payment.providerRequest();
    ProviderResponse response = new ProviderResponse.NotFound();
    long start = world.nanoTime();
    if (claimed.needsQuery()) {
      response = permit.query(request, left(end));
      String operation = request.known() == null ? payment.providerOperation() : null;
      if (response instanceof ProviderResponse.NotFound && operation != null) {
        // The provider may have forgotten the key, but not the operation.
        response = permit.query(request.askingAbout(operation), left(end));
      }
    }
    boolean order = response instanceof ProviderResponse.NotFound && claimed.before().maySend();
    if (order) {
      // An earlier request may still be on the wire: the same key makes both the same operation.
      response = permit.send(request, left(end));
    } else if (PaymentRules.followUp(claimed.before(), response) != null) {
      response = permit.followUp(request, left(end));
    }
    if (!(response instanceof ProviderResponse.Unknown)) { // more at once would not help
      measure(world.nanoTime() - start);
    }
    ProviderResponse last = response;
    Attempt attempt = new Attempt(payment.attempts(), order, claimed.requested());
    transaction(() -> attempts.apply(payment.getId(), attempt, last));
  }

  private <T> T transaction(Supplier<T> work) {
    transactions.acquireUninterruptibly();
    try {
      return work.get();
    } finally {
      transactions.release();
    }
  }

  private Duration left(long end) {
    Duration left = Duration.ofNanos(end - world.nanoTime());
    return left.compareTo(settings.longestCall()) < 0 ? left : settings.longestCall();
  }

  @Override
  public void close() {
    workers.close();
  }
}
