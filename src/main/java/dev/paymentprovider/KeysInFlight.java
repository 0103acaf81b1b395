package dev.paymentprovider;

import java.time.Duration;
import java.util.HashSet;
import java.util.Set;

/**
 * The keys that are being worked on: one request per key at a time, the others wait, but not for
 * ever.
 */
final class KeysInFlight {

  private final Duration patience;
  private final Set<String> keys = new HashSet<>();

  KeysInFlight(Duration patience) {
    this.patience = patience;
  }

  /** Whether the key was free, or became so in time; then it is the caller's until it leaves. */
  synchronized boolean enter(String key) {
    var deadline = System.nanoTime() + patience.toNanos();
    while (!keys.add(key)) {
      var left = Duration.ofNanos(deadline - System.nanoTime());
      if (!left.isPositive()) {
        return false;
      }
      try {
        wait(left.toMillis() + 1);
      } catch (InterruptedException interrupted) {
        Thread.currentThread().interrupt();
        return false;
      }
    }
    return true;
  }

  synchronized void leave(String key) {
    keys.remove(key);
    notifyAll();
  }
}
