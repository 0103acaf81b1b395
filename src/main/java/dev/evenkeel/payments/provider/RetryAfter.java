package dev.evenkeel.payments.provider;

import java.net.http.HttpHeaders;
import java.time.Duration;

/** The pause that the provider asks for. */
public final class RetryAfter {

  /** A longer pause would keep money held after a short overload. */
  static final Duration MAX = Duration.ofMinutes(1);

  /** The pause after "too many requests" if the provider names none. */
  private static final Duration DEFAULT_PAUSE = Duration.ofSeconds(1);

  private RetryAfter() {}

  /** Reads the header, at most {@link #MAX}; zero if there is none that can be read. */
  public static Duration of(HttpHeaders headers) {
    return headers
        .firstValue("Retry-After")
        .filter(value -> value.matches("[0-9]{1,6}"))
        .map(value -> Math.min(Long.parseLong(value), MAX.toSeconds()))
        .map(Duration::ofSeconds)
        .orElse(Duration.ZERO);
  }

  /** Returns the pause after "too many requests". */
  public static Duration pause(HttpHeaders headers) {
    Duration retryAfter = of(headers);
    return retryAfter.isZero() ? DEFAULT_PAUSE : retryAfter;
  }
}
