package dev.evenkeel.notifications.webhooks;

import static org.assertj.core.api.Assertions.assertThat;

import dev.evenkeel.notifications.webhooks.AttemptResult.NoResponse;
import dev.evenkeel.notifications.webhooks.AttemptResult.NotSent;
import dev.evenkeel.notifications.webhooks.AttemptResult.Response;
import dev.evenkeel.notifications.webhooks.DeliveryDecision.Delivered;
import dev.evenkeel.notifications.webhooks.DeliveryDecision.GiveUp;
import dev.evenkeel.notifications.webhooks.DeliveryDecision.Postpone;
import dev.evenkeel.notifications.webhooks.DeliveryDecision.Retry;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The retry schedule. */
class DeliveryRulesTests {

  private static DeliveryDecision decide(int status, int attempts) {
    return DeliveryRules.decide(new Response(status, Duration.ZERO), attempts, 0.5);
  }

  @ParameterizedTest
  @ValueSource(ints = {200, 201, 202, 204, 299})
  void success(int status) {
    assertThat(decide(status, 1)).isEqualTo(new Delivered());
    assertThat(decide(status, 8)).isEqualTo(new Delivered());
  }

  @ParameterizedTest
  @ValueSource(ints = {199, 300, 301, 302, 307, 308, 400, 401, 404, 429, 500, 503})
  void failure(int status) {
    assertThat(decide(status, 1)).isEqualTo(new Retry("status " + status, Duration.ofSeconds(5)));
    assertThat(decide(status, 8)).isEqualTo(new GiveUp("status " + status, false));
  }

  @Test
  void noResponse() {
    assertThat(DeliveryRules.decide(new NoResponse("timed out"), 1, 0.5))
        .isEqualTo(new Retry("timed out", Duration.ofSeconds(5)));
    assertThat(DeliveryRules.decide(new NoResponse("timed out"), 8, 0.5))
        .isEqualTo(new GiveUp("timed out", false));
  }

  @Test
  void goneEndpointIsDisabled() {
    assertThat(decide(410, 1))
        .isEqualTo(new GiveUp("status 410: the endpoint is gone and was disabled", true));
  }

  @Test
  void notSentDoesNotCount() {
    assertThat(DeliveryRules.decide(new NotSent("busy"), 8, 0.5))
        .isEqualTo(new Postpone("busy", Duration.ofSeconds(5)));
  }

  @ParameterizedTest
  @CsvSource({
    "1, 4, 5, 6",
    "2, 24, 30, 36",
    "3, 96, 120, 144",
    "4, 480, 600, 720",
    "5, 2880, 3600, 4320",
    "6, 11520, 14400, 17280",
    "7, 51840, 64800, 77760"
  })
  void pausesGrowAndVaryByTwentyPercent(int attempts, int least, int medium, int most) {
    assertThat(pause(Duration.ZERO, attempts, 0)).isEqualTo(Duration.ofSeconds(least));
    assertThat(pause(Duration.ZERO, attempts, 0.5)).isEqualTo(Duration.ofSeconds(medium));
    assertThat(pause(Duration.ZERO, attempts, 1)).isEqualTo(Duration.ofSeconds(most));
  }

  private static Duration pause(Duration retryAfter, int attempts, double random) {
    var decision = DeliveryRules.decide(new Response(503, retryAfter), attempts, random);
    return ((Retry) decision).pause();
  }

  @ParameterizedTest
  @CsvSource({"PT90S, PT90S", "PT1S, PT5S", "P4000D, PT24H", "PT-5S, PT5S"})
  void retryAfterIsHonouredWithinLimits(Duration retryAfter, Duration pause) {
    assertThat(pause(retryAfter, 1, 0.5)).isEqualTo(pause);
  }
}
