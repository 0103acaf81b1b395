package dev.evenkeel.console.breakit;

import java.time.Instant;
import java.util.List;

/** Measures promises. One thread calls it, but any may wake it. */
interface Measurement {

  /** What is promised, in a few words each. */
  List<String> names();

  /** The time before which what happened is not looked at. */
  void startFrom(Instant time);

  /** Rests no longer, as somebody has broken or healed the provider and looks. */
  default void wake() {}

  /**
   * Measures each of these promises again, at a cost that depends on what has changed.
   *
   * @throws RuntimeException if something cannot be read
   */
  List<Promise> measure();
}
