package dev.evenkeel.observability;

import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.TimeGauge;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;

/**
 * The metrics of a check that runs regularly, on one instance or another: its counts, and {@code
 * evenkeel.check.age}, the time since it ended on this instance, or since the start. Without the
 * age, a check that always fails would look like one that finds nothing. An old count is not
 * reported: another instance has counted since, or none can.
 */
public final class RegularCheck {

  private final MeterRegistry meters;
  private final Duration validity;
  private volatile long ended = System.nanoTime();

  /**
   * @param name the value of the age's tag {@code check}
   * @param interval how often it runs; a count is reported for three times as long
   */
  public RegularCheck(MeterRegistry meters, String name, Duration interval) {
    this.meters = meters;
    this.validity = interval.multipliedBy(3);
    TimeGauge.builder("evenkeel.check.age", this, TimeUnit.NANOSECONDS, RegularCheck::age)
        .tag("check", name)
        .register(meters);
  }

  /** Registers a metric for one of the check's counts, which begins at 0. */
  public AtomicLong count(String metric) {
    AtomicLong count = new AtomicLong();
    Gauge.builder(metric, () -> age() < validity.toNanos() ? count.doubleValue() : Double.NaN)
        .register(meters);
    return count;
  }

  /** Makes the counts valid: they have been set. */
  public void ended() {
    ended = System.nanoTime();
  }

  private long age() {
    return System.nanoTime() - ended;
  }
}
