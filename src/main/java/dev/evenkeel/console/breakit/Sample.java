package dev.evenkeel.console.breakit;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What was measured last, the same for all open pages.
 *
 * @param fault the simulator's fault; null if it does not answer
 * @param unfinished payments whose outcome is unknown for more than a second; null if unknown
 * @param read how long reading a balance took; null if it failed
 * @param at when it was taken
 */
public record Sample(
    @Nullable String fault,
    List<Named> promises,
    @Nullable Integer unfinished,
    @Nullable Duration read,
    Instant at) {

  /** A promise with its name. */
  public record Named(String name, Promise promise) {}

  /** The simulator's word for no fault. */
  public static final String HEALED = "none";

  /** How long it is shown. */
  static final Duration FRESH = Duration.ofSeconds(30);

  Sample withFault(@Nullable String fault) {
    return new Sample(fault, promises, unfinished, read, at);
  }

  /** Whether it says nothing about now: the sampler has failed, or hangs. */
  boolean isStale(Instant now) {
    return at.isBefore(now.minus(FRESH));
  }

  /** Whether anything was measured yet. */
  public boolean isMeasured() {
    return fault != null || unfinished != null || read != null;
  }

  public boolean isHealed() {
    return HEALED.equals(fault);
  }

  public boolean isAnyBroken() {
    return promises.stream().anyMatch(it -> it.promise().state() == Promise.State.BROKEN);
  }

  /** Whether everything has converged: no outcome is unknown, and each promise is kept. */
  public boolean isWellSince(Instant time) {
    return unfinished != null
        && unfinished == 0
        && !promises.isEmpty()
        && promises.stream().allMatch(it -> it.promise().isKeptSince(time));
  }
}
