package dev.evenkeel.console.breakit;

import static org.assertj.core.api.Assertions.assertThat;

import dev.evenkeel.payments.PaymentId;
import dev.evenkeel.payments.PaymentMonitor.Progress;
import dev.evenkeel.payments.PaymentStatus;
import java.time.Instant;
import java.util.List;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class PaymentBarTests {

  private static final Instant NOW = Instant.parse("2030-01-01T00:01:00Z");

  private static Progress payment(int createdBefore, @Nullable Integer finalBefore) {
    Instant created = NOW.minusSeconds(createdBefore);
    Instant finalAt = finalBefore == null ? null : NOW.minusSeconds(finalBefore);
    return new Progress(
        new PaymentId(UUID.randomUUID()),
        finalAt == null ? PaymentStatus.PROCESSING : PaymentStatus.SUCCEEDED,
        1250,
        "EUR",
        null,
        false,
        2,
        List.of(created, created.plusSeconds(1)),
        created,
        finalAt);
  }

  @Test
  void lastsUntilTheOutcomeIsKnown() {
    PaymentBar bar = PaymentBar.of(payment(30, 20), NOW);

    assertThat(bar.x()).isEqualTo(300);
    assertThat(bar.width()).isEqualTo(100);
    assertThat(bar.marks()).containsExactly(300L, 310L);
    assertThat(bar.lasted()).isEqualTo("10.0 s");
  }

  @Test
  void lastsUntilNowWhileTheOutcomeIsUnknown() {
    PaymentBar bar = PaymentBar.of(payment(90, null), NOW);

    assertThat(bar.x()).isZero();
    assertThat(bar.width()).isEqualTo(PaymentBar.AXIS);
    assertThat(bar.marks()).as("before the axis").isEmpty();
  }

  @Test
  void canBeSeenHoweverShort() {
    PaymentBar bar = PaymentBar.of(payment(0, 0), NOW);

    assertThat(bar.x() + bar.width()).isEqualTo(PaymentBar.AXIS);
    assertThat(bar.width()).isPositive();
  }

  @Test
  void leavesOutWhatEndedBefore() {
    assertThat(PaymentBar.of(List.of(payment(90, 70), payment(90, 50)), NOW)).hasSize(1);
  }
}
