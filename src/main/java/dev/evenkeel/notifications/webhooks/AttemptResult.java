package dev.evenkeel.notifications.webhooks;

import java.time.Duration;

/** The result of one attempt to deliver a notification to an endpoint. */
sealed interface AttemptResult {

  /**
   * The endpoint responded.
   *
   * @param retryAfter the pause that the endpoint asked for; zero if it did not ask
   */
  record Response(int status, Duration retryAfter) implements AttemptResult {}

  /**
   * The endpoint did not respond.
   *
   * @param reason our own words, never text from the endpoint
   */
  record NoResponse(String reason) implements AttemptResult {}

  /** The request was not sent, for a reason that is not the endpoint's fault. */
  record NotSent(String reason) implements AttemptResult {}
}
