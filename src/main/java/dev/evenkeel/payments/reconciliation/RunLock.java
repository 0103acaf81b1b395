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
  private static final Duration VALID = Duration.ofMinutes(3);

  private SimpleLock lock;

  private RunLock(SimpleLock lock) {
    this.lock = lock;
  }

  static Optional<RunLock> take(LockProvider locks) {
    return locks
        .lock(new LockConfiguration(Instant.now(), "payments-reconciliation", VALID, Duration.ZERO))
        .map(RunLock::new);
  }

  /** Is called between the steps of a run, which fails if its lock has ended. */
  void extend() {
    lock =
        lock.extend(VALID, Duration.ZERO)
            .orElseThrow(() -> new IllegalStateException("another reconciliation may have begun"));
  }

  @Override
  public void close() {
    lock.unlock();
  }
}
