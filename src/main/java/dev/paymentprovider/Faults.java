package dev.paymentprovider;

import dev.paymentprovider.Fault.Call;
import dev.paymentprovider.Fault.Mode;
import java.util.concurrent.ThreadLocalRandom;

/** The fault that is switched on, and whom it hits. */
final class Faults {

  private Fault current = Fault.NONE;

  synchronized Fault current() {
    return current;
  }

  synchronized void replace(Fault fault) {
    current = fault;
  }

  /** Ends this mode, unless another one was switched on meanwhile. */
  synchronized void heal(Mode mode) {
    if (current.mode() == mode) {
      current = current.healed();
    }
  }

  /** The fault that this one request meets; it counts against what remains. */
  synchronized Fault strike(Call call) {
    var fault = current;
    if (!fault.mode().hits(call) || ThreadLocalRandom.current().nextDouble() >= fault.rate()) {
      return Fault.NONE;
    }
    current = fault.afterHit();
    return fault;
  }
}
