package dev.evenkeel.payments.provider;

import java.time.Duration;

/**
 * A complete answer of the provider.
 *
 * @param alive false if it says that the provider is in trouble, such as 500; the breaker counts
 *     these
 * @param pause how long the provider wants no calls at all; zero if it did not say
 */
public record Answer(ProviderResponse response, boolean alive, Duration pause) {

  /** An answer whose status has the meaning that HTTP gives it. */
  public static Answer of(Wire.Reply reply, ProviderResponse response) {
    boolean tooMany = reply.status() == 429;
    return new Answer(
        response,
        reply.status() < 500,
        tooMany ? RetryAfter.pause(reply.headers()) : Duration.ZERO);
  }
}
