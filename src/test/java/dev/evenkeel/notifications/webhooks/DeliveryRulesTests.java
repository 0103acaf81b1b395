package dev.evenkeel.notifications.webhooks;

import static org.assertj.core.api.Assertions.assertThat;

import dev.evenkeel.notifications.webhooks.DeliveryRules.Answer;
import dev.evenkeel.notifications.webhooks.DeliveryRules.Step;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** When a delivery is tried again, and when not. */
class DeliveryRulesTests {

  private static Answer status(int code) {
    return new Answer.Status(code, Duration.ZERO);
  }

  private static Duration pause(Answer answer, int attempts, double chance) {
    return ((Step.TryAgain) DeliveryRules.next(answer, attempts, chance)).pause();
  }

  @ParameterizedTest
  @ValueSource(ints = {200, 201, 202, 204, 299})
  void twoHundredsAreDelivered(int code) {
    assertThat(DeliveryRules.next(status(code), 1, 0)).isEqualTo(new Step.Delivered());
    assertThat(DeliveryRules.next(status(code), 8, 0)).isEqualTo(new Step.Delivered());
  }

  @ParameterizedTest
  @ValueSource(ints = {199, 300, 301, 302, 307, 308, 400, 401, 404, 429, 500, 503})
  void everythingElseIsTriedAgain(int code) {
    assertThat(DeliveryRules.next(status(code), 1, 0.5))
        .isEqualTo(new Step.TryAgain("answered " + code, Duration.ofSeconds(5)));
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
    assertThat(DeliveryRules.next(new Answer.None("no answer"), 8, 0))
        .isEqualTo(new Step.GiveUp("no answer", false));
  }

  @Test
  void whatIsGoneIsGivenUpAtOnce() {
    assertThat(DeliveryRules.next(status(410), 1, 0))
        .isInstanceOfSatisfying(Step.GiveUp.class, step -> assertThat(step.gone()).isTrue());
  }

  @Test
  void whatTheEndpointAsksForIsHonoured() {
    assertThat(pause(new Answer.Status(503, Duration.ofSeconds(90)), 1, 0.5))
        .isEqualTo(Duration.ofSeconds(90));
    assertThat(pause(new Answer.Status(503, Duration.ofSeconds(1)), 1, 0.5))
        .as("but not hurried")
        .isEqualTo(Duration.ofSeconds(5));
    assertThat(pause(new Answer.Status(503, Duration.ofDays(4000)), 1, 0.5))
        .as("nor put off for ever")
        .isEqualTo(Duration.ofHours(24));
    assertThat(pause(new Answer.Status(503, Duration.ofSeconds(-5)), 1, 0.5))
        .isEqualTo(Duration.ofSeconds(5));
  }

  @Test
  void whatTheEndpointWasNotAskedIsNoAttempt() {
    assertThat(DeliveryRules.next(new Answer.NotAsked("busy"), 8, 0.5))
        .isEqualTo(new Step.Wait("busy", Duration.ofSeconds(5)));
  }
}
