package dev.evenkeel.notifications.webhooks;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** When a delivery is tried again, and when not. */
class DeliveryRulesTests {

  private static AttemptResult status(int code) {
    return new AttemptResult.Response(code, Duration.ZERO);
  }

  private static Duration pause(AttemptResult answer, int attempts, double chance) {
    return ((DeliveryDecision.Retry) DeliveryRules.decide(answer, attempts, chance)).pause();
  }

  @ParameterizedTest
  @ValueSource(ints = {200, 201, 202, 204, 299})
  void twoHundredsAreDelivered(int code) {
    assertThat(DeliveryRules.decide(status(code), 1, 0))
        .isEqualTo(new DeliveryDecision.Delivered());
    assertThat(DeliveryRules.decide(status(code), 8, 0))
        .isEqualTo(new DeliveryDecision.Delivered());
  }

  @ParameterizedTest
  @ValueSource(ints = {199, 300, 301, 302, 307, 308, 400, 401, 404, 429, 500, 503})
  void everythingElseIsTriedAgain(int code) {
    assertThat(DeliveryRules.decide(status(code), 1, 0.5))
        .isEqualTo(new DeliveryDecision.Retry("status " + code, Duration.ofSeconds(5)));
  }

  @ParameterizedTest
  @CsvSource({"1,5", "2,30", "3,120", "4,600", "5,3600", "6,14400", "7,64800"})
  void eachPauseIsLongerAndVariesByAFifth(int attempts, int seconds) {
    Duration pause = Duration.ofSeconds(seconds);

    assertThat(pause(status(500), attempts, 0.5)).isEqualTo(pause);
    assertThat(pause(status(500), attempts, 0)).isEqualTo(pause.multipliedBy(4).dividedBy(5));
    assertThat(pause(status(500), attempts, 1)).isEqualTo(pause.multipliedBy(6).dividedBy(5));
  }

  @Test
  void theEighthAttemptIsTheLast() {
    assertThat(DeliveryRules.decide(new AttemptResult.NoResponse("no answer"), 8, 0))
        .isEqualTo(new DeliveryDecision.GiveUp("no answer", false));
  }

  @Test
  void whatIsGoneIsGivenUpAtOnce() {
    assertThat(DeliveryRules.decide(status(410), 1, 0))
        .isInstanceOfSatisfying(
            DeliveryDecision.GiveUp.class, step -> assertThat(step.disableEndpoint()).isTrue());
  }

  @Test
  void whatTheEndpointAsksForIsHonoured() {
    assertThat(pause(new AttemptResult.Response(503, Duration.ofSeconds(90)), 1, 0.5))
        .isEqualTo(Duration.ofSeconds(90));
    assertThat(pause(new AttemptResult.Response(503, Duration.ofSeconds(1)), 1, 0.5))
        .as("but not hurried")
        .isEqualTo(Duration.ofSeconds(5));
    assertThat(pause(new AttemptResult.Response(503, Duration.ofDays(4000)), 1, 0.5))
        .as("nor put off for ever")
        .isEqualTo(Duration.ofHours(24));
    assertThat(pause(new AttemptResult.Response(503, Duration.ofSeconds(-5)), 1, 0.5))
        .isEqualTo(Duration.ofSeconds(5));
  }

  @Test
  void whatTheEndpointWasNotAskedIsNoAttempt() {
    assertThat(DeliveryRules.decide(new AttemptResult.NotSent("busy"), 8, 0.5))
        .isEqualTo(new DeliveryDecision.Postpone("busy", Duration.ofSeconds(5)));
  }
}
