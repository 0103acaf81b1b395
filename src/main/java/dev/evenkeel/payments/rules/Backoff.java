package dev.evenkeel.payments.rules;

import java.time.Duration;

/** Computes how long a payment waits before its next attempt. Plain Java. */
public final class Backoff {

  private static final Duration INITIAL_PAUSE = Duration.ofMillis(500);
  private static final Duration MAX_PAUSE = Duration.ofSeconds(30);

  /** The longest pause while the provider decides: it sends a webhook when it has. */
  private static final Duration MAX_PAUSE_UNDECIDED = Duration.ofHours(2);

  private Backoff() {}

  /**
   * Doubles the pause with each attempt and varies it by up to 20 %, so that payments that failed
   * together do not all return together.
   *
   * @param attempt the number of the latest attempt; the first is 1
   * @param notBefore the shortest pause that the provider accepts
   * @param random a fresh random number from 0 to 1
   */
  public static Duration after(int attempt, Duration notBefore, double random) {
    long pause =
        Math.min(INITIAL_PAUSE.toMillis() << Math.min(attempt - 1, 10), MAX_PAUSE.toMillis());
    return Duration.ofMillis(Math.max(varied(pause, random), notBefore.toMillis()));
  }

  /**
   * Waits as long as the payment is old, and varies that by up to 20 %: its age doubles from
   * question to question.
   */
  public static Duration whileUndecided(Duration age, double random) {
    long pause =
        Math.clamp(age.toMillis(), INITIAL_PAUSE.toMillis(), MAX_PAUSE_UNDECIDED.toMillis());
    return Duration.ofMillis(varied(pause, random));
  }

  private static long varied(long pause, double random) {
    return Math.round(pause * (0.8 + 0.4 * random));
  }
}
