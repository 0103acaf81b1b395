package dev.evenkeel.observability;

import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.TimeGauge;
import java.time.Duration;
import java.util.concurrent.TimeUnit;

/**
 * The metrics of a check that runs regularly, on one instance or another: {@code
 * evenkeel.NAME.differences}, and {@code evenkeel.check.age}, the time since it ended on this
 * instance. Without the age, a check that always fails would look like one that finds nothing.
 */
public final class RegularCheck {

  /** An older count is not reported: another instance has counted since, or none can. */
  private static final Duration VALIDITY = Duration.ofHours(3);

  private volatile long ended = System.nanoTime();
  private volatile long differences;

  public RegularCheck(MeterRegistry meters, String name) {
    Gauge.builder("evenkeel." + name + ".differences", this, RegularCheck::differences)
        .register(meters);
    TimeGauge.builder("evenkeel.check.age", this, TimeUnit.NANOSECONDS, RegularCheck::age)
        .tag("check", name)
        .register(meters);
  }

  public void ended(long differences) {
    this.differences = differences;
    ended = System.nanoTime();
  }

  private double differences() {
    return age() < VALIDITY.toNanos() ? differences : Double.NaN;
  }

  private long age() {
    return System.nanoTime() - ended;
  }
}
