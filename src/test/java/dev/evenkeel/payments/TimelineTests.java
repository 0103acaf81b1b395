package dev.evenkeel.payments;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Instant;
import org.junit.jupiter.api.Test;

class TimelineTests {

  private static final Instant NOW = Instant.parse("2026-01-01T00:00:00Z");

  private final Timeline timeline = new Timeline();

  private void news(String note) {
    timeline.enter(PaymentStatus.SUCCEEDED, NOW, note);
  }

  private void decide() {
    timeline.note(PaymentStatus.SUCCEEDED, NOW, Timeline.DECISION + ": seen");
  }

  @Test
  void newsNeedsOneDecisionWhateverOtherNewsCame() {
    news("declined");
    assertThat(timeline.wasDecided("declined")).isFalse();
    decide();
    news("reported as declined");
    assertThat(timeline.wasDecided("declined")).isTrue();
    assertThat(timeline.wasDecided("reported as declined")).isFalse();

    decide();
    news("declined");

    assertThat(timeline.wasDecided("declined")).isTrue();
    assertThat(timeline.wasDecided("reported as declined")).isTrue();
  }

  @Test
  void decisionBeforeTheNewsIsNoDecisionOnIt() {
    decide();
    news("declined");

    assertThat(timeline.wasDecided("declined")).isFalse();
  }
}
