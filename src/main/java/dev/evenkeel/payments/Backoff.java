package dev.evenkeel.payments;

import java.time.Duration;

/** How long a payment waits between two attempts. Plain Java. */
final class Backoff {

  private static final Duration FIRST = Duration.ofMillis(500);
  private static final Duration LONGEST = Duration.ofSeconds(30);

  private Backoff() {}

  /**
   * Doubles with each attempt, give or take a fifth: what failed together does not return together.
   *
   * @param attempt the latest; the first is 1
   * @param notBefore how long the provider wants to be left alone
   * @param luck 0 to 1, another each time
   */
  static Duration after(int attempt, Duration notBefore, double luck) {
    long pause = Math.min(FIRST.toMillis() << Math.min(attempt - 1, 10), LONGEST.toMillis());
    long jittered = Math.round(pause * (0.8 + 0.4 * luck));
    return Duration.ofMillis(Math.max(jittered, notBefore.toMillis()));
  }
}
