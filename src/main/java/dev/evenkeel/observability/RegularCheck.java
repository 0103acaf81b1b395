package dev.evenkeel.observability;

import io.micrometer.core.instrument.Clock;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.TimeGauge;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;

/**
 * The metrics of a check that runs regularly, on one instance or another. A count is {@code NaN}
 * before the first check on this instance has ended, and if the last one is old: another instance
 * has counted since, or none can.
 *
 * <ul>
 *   <li>{@code evenkeel.check.last.success.timestamp} is the time when it ended on this instance;
 *       {@code NaN} if it has not.
 *   <li>{@code evenkeel.check.age} is the time since then, or since the start. Without it, a check
 *       that always fails would look like one that finds nothing.
 * </ul>
 */
public final class RegularCheck {

  private final MeterRegistry meters;
  private final Clock clock;
  private final Duration validity;
  private volatile long ended;

  /** In seconds since the epoch. */
  private volatile double lastSuccess = Double.NaN;

  /**
   * @param name the value of the tag {@code check}
   * @param interval how often it runs; a count is reported for three times as long
   */
  public RegularCheck(MeterRegistry meters, String name, Duration interval) {
    this.meters = meters;
    this.clock = meters.config().clock();
    this.validity = interval.multipliedBy(3);
    this.ended = clock.monotonicTime();
    TimeGauge.builder("evenkeel.check.age", this, TimeUnit.NANOSECONDS, RegularCheck::age)
        .tag("check", name)
        .register(meters);
    Gauge.builder("evenkeel.check.last.success.timestamp", this, it -> it.lastSuccess)
        .baseUnit("seconds")
        .tag("check", name)
        .register(meters);
  }

  /** Registers a metric for one of the check's counts. */
  public AtomicLong count(String metric) {
    AtomicLong count = new AtomicLong();
    Gauge.builder(metric, () -> isValid() ? count.doubleValue() : Double.NaN).register(meters);
    return count;
  }

  /** Makes the counts valid: the check has succeeded and has set them. */
  public void ended() {
    ended = clock.monotonicTime();
    lastSuccess = clock.wallTime() / 1e3;
  }

  private boolean isValid() {
    return !Double.isNaN(lastSuccess) && age() < validity.toNanos();
  }

  private long age() {
    return clock.monotonicTime() - ended;
  }
}
