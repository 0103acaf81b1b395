package dev.evenkeel.notifications.webhooks;

import dev.evenkeel.notifications.webhooks.AttemptResult.NoResponse;
import dev.evenkeel.notifications.webhooks.AttemptResult.NotSent;
import dev.evenkeel.notifications.webhooks.AttemptResult.Response;
import dev.evenkeel.notifications.webhooks.DeliveryDecision.Delivered;
import dev.evenkeel.notifications.webhooks.DeliveryDecision.GiveUp;
import dev.evenkeel.notifications.webhooks.DeliveryDecision.Postpone;
import dev.evenkeel.notifications.webhooks.DeliveryDecision.Retry;
import java.time.Duration;
import java.util.List;

/** The retry schedule: decides after each attempt whether and when a delivery is tried again. */
final class DeliveryRules {

  private static final List<Duration> RETRY_PAUSES =
      List.of(
          Duration.ofSeconds(5),
          Duration.ofSeconds(30),
          Duration.ofMinutes(2),
          Duration.ofMinutes(10),
          Duration.ofHours(1),
          Duration.ofHours(4),
          Duration.ofHours(18));

  static final int MAX_ATTEMPTS = RETRY_PAUSES.size() + 1;

  private static final Duration MAX_RETRY_AFTER = Duration.ofHours(24);
  private static final double JITTER = 0.2;

  private DeliveryRules() {}

  /**
   * @param attempts the number of attempts, this one included
   * @param random from 0 to 1; varies the pause, so that deliveries which failed together are not
   *     retried together
   */
  static DeliveryDecision decide(AttemptResult result, int attempts, double random) {
    return switch (result) {
      case Response(int status, _) when status >= 200 && status < 300 -> new Delivered();
      case Response(int status, _) when status == 410 ->
          new GiveUp("status 410: the endpoint is gone and was disabled", true);
      case Response(int status, Duration retryAfter) ->
          retry("status " + status, attempts, retryAfter, random);
      case NoResponse(String reason) -> retry(reason, attempts, Duration.ZERO, random);
      case NotSent(String reason) ->
          new Postpone(reason, jittered(RETRY_PAUSES.getFirst(), random));
    };
  }

  private static DeliveryDecision retry(
      String error, int attempts, Duration retryAfter, double random) {
    if (attempts >= MAX_ATTEMPTS) {
      return new GiveUp(error, false);
    }
    Duration pause = jittered(RETRY_PAUSES.get(attempts - 1), random);
    Duration requested = retryAfter.compareTo(MAX_RETRY_AFTER) > 0 ? MAX_RETRY_AFTER : retryAfter;
    return new Retry(error, requested.compareTo(pause) > 0 ? requested : pause);
  }

  private static Duration jittered(Duration pause, double random) {
    return Duration.ofMillis((long) (pause.toMillis() * (1 - JITTER + 2 * JITTER * random)));
  }
}
