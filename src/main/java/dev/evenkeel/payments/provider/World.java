package dev.evenkeel.payments.provider;

import java.time.Duration;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.locks.LockSupport;

/** Clock, randomness and threads. The simulation of payments has its own. */
public interface World {

  /** Measures durations, see {@link System#nanoTime}. */
  default long nanoTime() {
    return System.nanoTime();
  }

  /** Waits for about this long, or until the thread is interrupted. */
  default void sleep(Duration time) {
    LockSupport.parkNanos(time.toNanos());
  }

  /** A random number from 0 to 1. */
  default double random() {
    return ThreadLocalRandom.current().nextDouble();
  }

  /** Makes an executor for work of any number of threads. */
  default ExecutorService newExecutor() {
    return Executors.newVirtualThreadPerTaskExecutor();
  }
}
