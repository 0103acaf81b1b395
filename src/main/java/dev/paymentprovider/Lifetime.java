package dev.paymentprovider;

import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/** Every wait of the provider goes through here, so that stopping it ends them all at once. */
final class Lifetime {

  /** The provider stops: what was waiting is given up, without a trace. */
  static final class Ended extends RuntimeException {}

  private final CountDownLatch end = new CountDownLatch(1);

  /** Returns when the time is up. */
  void pause(Duration duration) {
    try {
      if (end.await(duration.toNanos(), TimeUnit.NANOSECONDS)) {
        throw new Ended();
      }
    } catch (InterruptedException interrupted) {
      Thread.currentThread().interrupt();
      throw new Ended();
    }
  }

  /** Runs the work on a thread of its own after the time is up. */
  void later(Duration duration, Runnable work) {
    Thread.startVirtualThread(() -> {
      try {
        pause(duration);
        work.run();
      } catch (Ended given) {
        // by design
      }
    });
  }

  void end() {
    end.countDown();
  }
}
