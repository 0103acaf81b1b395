package dev.evenkeel.console.breakit;

import dev.evenkeel.accounts.AccountId;
import dev.evenkeel.accounts.Accounts;
import dev.evenkeel.database.ConnectionPools;
import dev.evenkeel.payments.PaymentMonitor;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Supplier;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.beans.factory.DisposableBean;
import org.springframework.stereotype.Component;

/** Measures every two seconds while a page is open, once for all open pages. */
@BreakItPart
@Component
public class Sampler implements DisposableBean {

  private static final Logger log = LoggerFactory.getLogger(Sampler.class);

  private static final Duration PERIOD = Duration.ofSeconds(2);

  /** How long nobody has to ask until it stops. */
  private static final Duration IDLE = Duration.ofSeconds(10);

  /** How far back it looks when it starts, even if the application has started since. */
  private static final Duration HISTORY = Duration.ofMinutes(15);

  private static final Duration USUALLY_UNFINISHED = Duration.ofSeconds(1);
  private static final int MAX_COUNTED = 10_000;

  private final SimulatorClient simulator;
  private final List<Measurement> measurements;
  private final PaymentMonitor payments;
  private final Accounts accounts;

  private volatile Sample last;
  private volatile long askedAt;
  private volatile boolean stopped;
  private @Nullable Thread thread;

  Sampler(
      SimulatorClient simulator,
      List<Measurement> measurements,
      PaymentMonitor payments,
      Accounts accounts) {
    this.simulator = simulator;
    this.measurements = measurements;
    this.payments = payments;
    this.accounts = accounts;
    this.last = unknown();
  }

  /** The last sample. Asking for it keeps the sampler awake. */
  public Sample latest() {
    askedAt = System.nanoTime();
    start();
    Sample latest = last;
    return latest.isStale(now()) ? unknown() : latest;
  }

  Instant now() {
    return Instant.now();
  }

  /** Knows a fault that was set, and measures at once. */
  public void faultIs(String fault) {
    last = last.withFault(fault);
    LockSupport.unpark(start());
  }

  /** Starts a thread, also instead of one that an error has ended. */
  private synchronized @Nullable Thread start() {
    if (!stopped && (thread == null || !thread.isAlive())) {
      thread =
          Thread.ofPlatform()
              .daemon()
              .name("break-it-sampler")
              .start(() -> ConnectionPools.asRequest(this::run));
    }
    return thread;
  }

  private void run() {
    Instant from = Instant.now().minus(HISTORY);
    measurements.forEach(it -> it.startFrom(from));
    do {
      last = sample();
      LockSupport.parkNanos(PERIOD.toNanos());
    } while (!ends());
  }

  private synchronized boolean ends() {
    boolean ends = stopped || System.nanoTime() - askedAt > IDLE.toNanos();
    if (ends) {
      thread = null;
      last = unknown();
    }
    return ends;
  }

  private Sample sample() {
    List<Sample.Named> promises =
        measurements.stream()
            .flatMap(it -> named(it, attempt(it::measure), Promise.UNMEASURABLE))
            .toList();
    return new Sample(
        attempt(simulator::fault),
        promises,
        attempt(() -> payments.countUnfinished(USUALLY_UNFINISHED, MAX_COUNTED)),
        attempt(this::read),
        Instant.now());
  }

  private Sample unknown() {
    return new Sample(
        null,
        measurements.stream().flatMap(it -> named(it, null, Promise.UNKNOWN)).toList(),
        null,
        null,
        Instant.now());
  }

  /** A promise that cannot be measured is not kept. */
  private static Stream<Sample.Named> named(
      Measurement measurement, @Nullable List<Promise> measured, Promise otherwise) {
    List<String> names = measurement.names();
    return IntStream.range(0, names.size())
        .mapToObj(
            i -> new Sample.Named(names.get(i), measured == null ? otherwise : measured.get(i)));
  }

  private Duration read() {
    long began = System.nanoTime();
    accounts.find(new AccountId(new UUID(0, 0)));
    return Duration.ofNanos(System.nanoTime() - began);
  }

  private static <T> @Nullable T attempt(Supplier<T> measured) {
    try {
      return measured.get();
    } catch (RuntimeException unreadable) {
      log.debug("Not measured: {}", unreadable.toString());
      return null;
    }
  }

  @Override
  public synchronized void destroy() {
    stopped = true;
    LockSupport.unpark(thread);
  }
}
