package dev.evenkeel.console.breakit;

import dev.evenkeel.console.Display;
import dev.evenkeel.payments.PaymentMonitor.Progress;
import dev.evenkeel.payments.PaymentStatus;
import java.time.Duration;
import java.time.Instant;
import java.util.List;

/**
 * A payment as a bar on the axis of the last minute, whose right end is now.
 *
 * @param x where it begins, in tenths of a second since the begin of the axis
 * @param width of at least a few units, so that it can be seen
 * @param marks where attempts began
 * @param lasted until it was final, or until now
 */
public record PaymentBar(Progress payment, long x, long width, List<Long> marks, String lasted) {

  /** The length of the axis in its units. */
  public static final long AXIS = 600;

  private static final Duration SPAN = Duration.ofSeconds(60);
  private static final long MIN_WIDTH = 4;

  static PaymentBar of(Progress payment, Instant now) {
    Instant begin = now.minus(SPAN);
    Instant finalAt = payment.finalAt();
    Instant end = finalAt == null ? now : finalAt;
    long x = Math.min(position(begin, payment.createdAt()), AXIS - MIN_WIDTH);
    long width = Math.max(MIN_WIDTH, position(begin, end) - x);
    List<Long> marks =
        payment.attemptedAt().stream()
            .filter(it -> !it.isBefore(begin))
            .map(it -> position(begin, it))
            .distinct()
            .toList();
    return new PaymentBar(payment, x, width, marks, lasted(payment.createdAt(), end));
  }

  /** Those of the last minute, newest first. */
  public static List<PaymentBar> of(List<Progress> payments, Instant now) {
    Instant begin = now.minus(SPAN);
    return payments.stream()
        .filter(it -> {
          Instant end = it.finalAt();
          return end == null || end.isAfter(begin);
        })
        .map(it -> of(it, now))
        .toList();
  }

  private static long position(Instant begin, Instant at) {
    return Math.clamp(Duration.between(begin, at).toMillis() / 100, 0, AXIS);
  }

  private static String lasted(Instant from, Instant to) {
    Duration lasted = Duration.between(from, to);
    return Display.roughly(lasted.isNegative() ? Duration.ZERO : lasted);
  }

  /** The colour of its state; what is unknown waits. */
  public PaymentStatus status() {
    return payment.status();
  }
}
