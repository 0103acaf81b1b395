package dev.evenkeel.notifications.webhooks;

import java.time.Duration;

/** What happens to a delivery after an attempt. */
sealed interface DeliveryDecision {

  /** The endpoint has accepted the notification. */
  record Delivered() implements DeliveryDecision {}

  /** The attempt failed, and the next one follows after the pause. */
  record Retry(String error, Duration pause) implements DeliveryDecision {}

  /** The attempt does not count, and is repeated after the pause. */
  record Postpone(String error, Duration pause) implements DeliveryDecision {}

  /**
   * There are no more attempts.
   *
   * @param disableEndpoint whether the endpoint has said that it is gone
   */
  record GiveUp(String error, boolean disableEndpoint) implements DeliveryDecision {}
}
