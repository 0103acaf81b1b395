package dev.evenkeel.payments.reconciliation;

import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import net.javacrumbs.shedlock.core.LockConfiguration;
import net.javacrumbs.shedlock.core.LockProvider;
import net.javacrumbs.shedlock.core.SimpleLock;

/** The lock that lets one reconciliation run at a time, whatever the number of instances. */
final class RunLock implements AutoCloseable {

  /** Outlasts each step of a run. If the process dies, the next run waits for this long. */
  private static final Duration VALID = Duration.ofMinutes(2);

  private SimpleLock lock;
  private long extendAt;

  private RunLock(SimpleLock lock) {
    this.lock = lock;
    this.extendAt = System.nanoTime() + VALID.dividedBy(4).toNanos();
  }

  static Optional<RunLock> take(LockProvider locks) {
    return locks
        .lock(new LockConfiguration(Instant.now(), "payments-reconciliation", VALID, Duration.ZERO))
        .map(RunLock::new);
  }

  /** Called between the steps of a long run. */
  void extend() {
    if (System.nanoTime() - extendAt >= 0) {
      lock =
          lock.extend(VALID, Duration.ZERO)
              .orElseThrow(() -> new IllegalStateException("another reconciliation has begun"));
      extendAt = System.nanoTime() + VALID.dividedBy(4).toNanos();
    }
  }

  @Override
  public void close() {
    lock.unlock();
  }
}
