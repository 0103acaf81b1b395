package dev.evenkeel.observability;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.lang.ref.Reference;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

class RegularCheckTests {

  final MeterRegistry meters = new SimpleMeterRegistry();

  @Test
  void reportsTheLastCount() {
    RegularCheck check = new RegularCheck(meters, "ledger", Duration.ofHours(1));
    AtomicLong count = check.count("differences");
    count.set(3);
    check.ended();

    assertThat(differences()).isEqualTo(3);
    count.set(0);
    assertThat(differences()).isZero();
  }

  @Test
  void reportsNoOldCount() {
    RegularCheck check = new RegularCheck(meters, "ledger", Duration.ofNanos(1));
    check.count("differences").set(3);
    check.ended();

    await().untilAsserted(() -> assertThat(differences()).isNaN());
    Reference.reachabilityFence(check); // the gauge of a lost object would be NaN, too
  }

  @Test
  void reportsTheTimeSinceItEnded() {
    RegularCheck check = new RegularCheck(meters, "ledger", Duration.ofHours(1));
    await().until(() -> age() > Duration.ofMillis(50).toNanos());
    long began = System.nanoTime();
    check.ended();

    assertThat(age()).isLessThanOrEqualTo(System.nanoTime() - began);
  }

  @Test
  void reportsNothingBeforeItHasEnded() {
    RegularCheck check = new RegularCheck(meters, "ledger", Duration.ofHours(1));
    check.count("differences");

    assertThat(differences()).isNaN();
    assertThat(lastSuccess()).isNaN();
    double before = System.currentTimeMillis() / 1e3;
    check.ended();
    assertThat(differences()).isZero();
    assertThat(lastSuccess()).isBetween(before, System.currentTimeMillis() / 1e3);
  }

  private double lastSuccess() {
    return meters.get("evenkeel.check.last.success.timestamp").gauge().value();
  }

  private double differences() {
    return meters.get("differences").gauge().value();
  }

  private double age() {
    return meters
        .get("evenkeel.check.age")
        .tag("check", "ledger")
        .timeGauge()
        .value(TimeUnit.NANOSECONDS);
  }
}
