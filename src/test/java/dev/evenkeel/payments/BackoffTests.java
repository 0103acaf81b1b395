package dev.evenkeel.payments;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The pause doubles up to half a minute and varies by 20 %. */
class BackoffTests {

  private static long millis(int attempt, double random) {
    return Backoff.after(attempt, Duration.ZERO, Backoff.MAX_PAUSE, random).toMillis();
  }

  @ParameterizedTest
  @CsvSource({
    "1, 500",
    "2, 1000",
    "3, 2000",
    "4, 4000",
    "6, 16000",
    "7, 30000",
    "8, 30000",
    "100, 30000",
    "2147483647, 30000"
  })
  void doublesUpToHalfAMinute(int attempt, long pause) {
    assertThat(millis(attempt, 0.5)).isEqualTo(pause);
  }

  @ParameterizedTest
  @CsvSource({"0, 400", "0.25, 450", "1, 600"})
  void variesByAFifth(double random, long pause) {
    assertThat(millis(1, random)).isEqualTo(pause);
  }

  @Test
  void isNeverShorterThanTheProviderWants() {
    Duration notBefore = Duration.ofSeconds(7);
    assertThat(Backoff.after(1, notBefore, Backoff.MAX_PAUSE, 1)).isEqualTo(notBefore);
    assertThat(Backoff.after(7, notBefore, Backoff.MAX_PAUSE, 0)).isEqualTo(Duration.ofSeconds(24));
  }

  @ParameterizedTest
  @CsvSource({"7, PT32S", "12, PT17M4S", "14, PT1H8M16S", "15, PT2H", "100, PT2H"})
  void doublesUpToHoursWhileProviderDecides(int attempt, Duration pause) {
    assertThat(Backoff.after(attempt, Duration.ZERO, Backoff.MAX_PAUSE_UNDECIDED, 0.5))
        .isEqualTo(pause);
  }
}
