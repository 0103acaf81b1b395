package dev.evenkeel.console.breakit;

import java.time.Instant;
import org.jspecify.annotations.Nullable;

/** Where a person is in the guided tour. It is computed from what can be seen, never assumed. */
public final class Tour {

  public enum Step {
    LOAD,
    HANG,
    WATCH,
    HEAL,
    CONVERGE,
    DONE
  }

  private Step step = Step.LOAD;
  private Instant healedAt = Instant.MAX;

  /**
   * Goes on as far as what happens allows, or back if it was undone.
   *
   * @param loaded whether the person's load runs
   * @param breakerOpen whether the breaker of orders lets less than all through
   */
  public synchronized Step follow(boolean loaded, Sample sample, boolean breakerOpen, Instant now) {
    Step before;
    do {
      before = step;
      step = next(loaded, sample, breakerOpen, now);
    } while (step != before);
    return step;
  }

  private Step next(boolean loaded, Sample sample, boolean breakerOpen, Instant now) {
    @Nullable String fault = sample.fault();
    if (fault == null) {
      return step; // unknown
    }
    boolean broken = !sample.isHealed();
    return switch (step) {
      case LOAD -> loaded ? Step.HANG : broken ? Step.HEAL : step;
      case HANG -> broken ? Step.WATCH : loaded ? step : Step.LOAD;
      case WATCH -> breakerOpen ? Step.HEAL : broken ? step : Step.HANG;
      case HEAL -> {
        if (!broken) {
          healedAt = now;
        }
        yield broken ? step : Step.CONVERGE;
      }
      case CONVERGE -> broken ? Step.HEAL : sample.isWellSince(healedAt) ? Step.DONE : step;
      case DONE -> broken ? Step.HEAL : sample.isAnyBroken() ? Step.CONVERGE : step;
    };
  }

  public synchronized void restart() {
    step = Step.LOAD;
  }
}
