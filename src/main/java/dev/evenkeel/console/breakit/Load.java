package dev.evenkeel.console.breakit;

import java.time.Duration;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;

/** Work at a steady rate, for a while. What cannot begin in time is left out, and never queued. */
final class Load {

  private static final long SECOND = TimeUnit.SECONDS.toNanos(1);

  /**
   * @param rate payments a second; 0 if no load runs
   * @param secondsLeft until it ends by itself
   * @param sent how many payments were made
   * @param leftOut how many were not, because too many were not answered yet
   */
  public record Status(int rate, long secondsLeft, int sent, int leftOut) {
    static final Status NONE = new Status(0, 0, 0, 0);

    public boolean isRunning() {
      return rate > 0;
    }
  }

  private final int rate;
  private final Runnable work;
  private final Semaphore places;
  private final long endsAt;
  private final AtomicInteger sent = new AtomicInteger();
  private final AtomicInteger leftOut = new AtomicInteger();
  private volatile boolean ended;

  /**
   * @param work may block and must not throw
   * @param places for work that is not done yet
   */
  Load(int rate, Duration duration, Runnable work, Semaphore places) {
    this.rate = rate;
    this.work = work;
    this.places = places;
    this.endsAt = System.nanoTime() + duration.toNanos();
  }

  void start() {
    Thread.ofVirtual().name("break-it-load").start(this::run);
  }

  private void run() {
    long next = System.nanoTime();
    while (!hasEnded()) {
      if (places.tryAcquire()) {
        sent.incrementAndGet();
        Thread.ofVirtual().name("break-it-payment").start(this::work);
      } else {
        leftOut.incrementAndGet();
      }
      // Makes up for a short delay, but not for a long one
      next = Math.max(next, System.nanoTime() - SECOND) + SECOND / rate;
      LockSupport.parkNanos(next - System.nanoTime());
    }
  }

  private void work() {
    try {
      work.run();
    } finally {
      places.release();
    }
  }

  void end() {
    ended = true;
  }

  boolean hasEnded() {
    return ended || System.nanoTime() - endsAt >= 0;
  }

  Status status() {
    long left = TimeUnit.NANOSECONDS.toSeconds(endsAt - System.nanoTime());
    return hasEnded() ? Status.NONE : new Status(rate, left, sent.get(), leftOut.get());
  }
}
