package dev.evenkeel.observability;

import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.TimeGauge;
import java.time.Duration;
import java.util.concurrent.TimeUnit;

/**
 * The metrics of a check that runs regularly, on one instance or another: {@code
 * evenkeel.NAME.differences}, and {@code evenkeel.check.age}, the time since it ended on this
 * instance, or since the start. Without the age, a check that always fails would look like one that
 * finds nothing. An old count is not reported: another instance has counted since, or none can.
 */
public final class RegularCheck {

  private final Duration validity;
  private volatile long ended = System.nanoTime();
  private volatile long differences;

  /**
   * @param interval how often it runs; a count is reported for three times as long
   */
  public RegularCheck(MeterRegistry meters, String name, Duration interval) {
    this.validity = interval.multipliedBy(3);
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
    return age() < validity.toNanos() ? differences : Double.NaN;
  }

  private long age() {
    return System.nanoTime() - ended;
  }
}
