package dev.evenkeel.payments.rules;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The pause doubles up to half a minute and varies by 20 %. */
class BackoffTests {

  private static long millis(int attempt, double random) {
    return Backoff.after(attempt, Duration.ZERO, random).toMillis();
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
    assertThat(Backoff.after(1, notBefore, 1)).isEqualTo(notBefore);
    assertThat(Backoff.after(7, notBefore, 0)).isEqualTo(Duration.ofSeconds(24));
  }

  @ParameterizedTest
  @CsvSource({
    "PT0S, PT0.5S",
    "PT10S, PT10S",
    "PT5M, PT5M",
    "PT1H59M, PT1H59M",
    "PT3H, PT2H",
    "PT10000H, PT2H"
  })
  void waitsAsLongAsThePaymentIsOld(Duration age, Duration pause) {
    assertThat(Backoff.whileUndecided(age, 0.5)).isEqualTo(pause);
  }
}
