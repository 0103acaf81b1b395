package dev.evenkeel.notifications.webhooks;

import java.time.Duration;
import java.util.List;

/** What follows from an attempt to deliver a notification. */
final class DeliveryRules {

  private static final List<Duration> PAUSES =
      List.of(
          Duration.ofSeconds(5),
          Duration.ofSeconds(30),
          Duration.ofMinutes(2),
          Duration.ofMinutes(10),
          Duration.ofHours(1),
          Duration.ofHours(4),
          Duration.ofHours(18));

  private static final Duration LONGEST_PAUSE = Duration.ofHours(24);
  private static final double JITTER = 0.2;

  private DeliveryRules() {}

  /** What an attempt came to. */
  sealed interface Answer {

    /**
     * @param retryAfter what the endpoint asks for; zero if it does not
     */
    record Status(int code, Duration retryAfter) implements Answer {}

    /**
     * @param reason in our words: nothing that an endpoint sent is kept
     */
    record None(String reason) implements Answer {}

    /** It was our fault that the endpoint was not asked. */
    record NotAsked(String reason) implements Answer {}
  }

  /** What becomes of the delivery. */
  sealed interface Step {

    record Delivered() implements Step {}

    record TryAgain(String error, Duration pause) implements Step {}

    /** As before; it was no attempt. */
    record Wait(String error, Duration pause) implements Step {}

    /**
     * @param gone whether the endpoint wants nothing any more
     */
    record GiveUp(String error, boolean gone) implements Step {}
  }

  /**
   * @param attempts this one included
   * @param chance from 0 to 1: what failed together does not come back together
   */
  static Step next(Answer answer, int attempts, double chance) {
    return switch (answer) {
      case Answer.Status(int code, _) when code >= 200 && code < 300 -> new Step.Delivered();
      case Answer.Status(int code, _) when code == 410 ->
          new Step.GiveUp("answered 410: it wants nothing any more, and is disabled", true);
      case Answer.Status(int code, Duration retryAfter) ->
          tryAgain("answered " + code, attempts, retryAfter, chance);
      case Answer.None(String reason) -> tryAgain(reason, attempts, Duration.ZERO, chance);
      case Answer.NotAsked(String reason) ->
          new Step.Wait(reason, varied(PAUSES.getFirst(), chance));
    };
  }

  private static Step tryAgain(String error, int attempts, Duration asked, double chance) {
    if (attempts > PAUSES.size()) {
      return new Step.GiveUp(error, false);
    }
    Duration pause = varied(PAUSES.get(attempts - 1), chance);
    Duration honoured = asked.compareTo(LONGEST_PAUSE) > 0 ? LONGEST_PAUSE : asked;
    return new Step.TryAgain(error, honoured.compareTo(pause) > 0 ? honoured : pause);
  }

  private static Duration varied(Duration pause, double chance) {
    return Duration.ofMillis((long) (pause.toMillis() * (1 - JITTER + 2 * JITTER * chance)));
  }
}
