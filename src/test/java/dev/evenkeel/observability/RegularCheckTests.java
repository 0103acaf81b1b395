package dev.evenkeel.observability;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class RegularCheckTests {

  final MeterRegistry meters = new SimpleMeterRegistry();

  @Test
  void reportsTheLastCount() {
    RegularCheck check = new RegularCheck(meters, "ledger", Duration.ofHours(1));
    check.ended(3);

    assertThat(differences()).isEqualTo(3);
    check.ended(0);
    assertThat(differences()).isZero();
  }

  @Test
  void reportsNoOldCount() {
    new RegularCheck(meters, "ledger", Duration.ofNanos(1)).ended(3);

    await().untilAsserted(() -> assertThat(differences()).isNaN());
  }

  @Test
  void reportsTheTimeSinceItEnded() {
    RegularCheck check = new RegularCheck(meters, "ledger", Duration.ofHours(1));
    await().until(() -> age() > Duration.ofMillis(50).toNanos());
    double before = age();
    check.ended(0);

    assertThat(age()).isLessThan(before);
  }

  private double differences() {
    return meters.get("evenkeel.ledger.differences").gauge().value();
  }

  private double age() {
    return meters
        .get("evenkeel.check.age")
        .tag("check", "ledger")
        .timeGauge()
        .value(TimeUnit.NANOSECONDS);
  }
}
