package dev.evenkeel.observability.traces;

import java.time.Duration;
import java.util.PriorityQueue;
import java.util.Queue;

/**
 * Decides which requests are slow: those that are among the slowest of their minute when they end.
 * This needs no threshold. The slowest requests of any minutes are among them, and whatever the
 * load, they are few.
 */
final class SlowestOfAMinute {

  private static final long MINUTE = Duration.ofMinutes(1).toNanos() / 1000;

  private final int size;
  private final Queue<Long> durations = new PriorityQueue<>();
  private long minute;

  SlowestOfAMinute(int size) {
    this.size = size;
  }

  /** Whether the request is slow. */
  boolean add(KeptSpan request) {
    if (request.endedAt() / MINUTE > minute) {
      minute = request.endedAt() / MINUTE;
      durations.clear();
    }
    durations.add(request.duration());
    return durations.size() <= size || durations.remove() < request.duration();
  }
}
