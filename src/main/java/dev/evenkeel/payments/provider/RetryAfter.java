package dev.evenkeel.payments.provider;

import java.net.http.HttpResponse;
import java.time.Duration;

/** The pause that the provider asks for. */
final class RetryAfter {

  /** A longer pause would keep money held after a short overload. */
  static final Duration MAX = Duration.ofMinutes(1);

  /** The pause after "too many requests" if the provider names none. */
  private static final Duration DEFAULT_PAUSE = Duration.ofSeconds(1);

  private RetryAfter() {}

  /** Reads the header, at most {@link #MAX}; zero if there is none that can be read. */
  static Duration of(HttpResponse<?> response) {
    return response
        .headers()
        .firstValue("Retry-After")
        .filter(value -> value.matches("[0-9]{1,6}"))
        .map(value -> Math.min(Long.parseLong(value), MAX.toSeconds()))
        .map(Duration::ofSeconds)
        .orElse(Duration.ZERO);
  }

  /** Returns the pause after "too many requests". */
  static Duration pause(HttpResponse<?> response) {
    Duration retryAfter = of(response);
    return retryAfter.isZero() ? DEFAULT_PAUSE : retryAfter;
  }
}
