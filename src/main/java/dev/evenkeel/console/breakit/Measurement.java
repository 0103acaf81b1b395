package dev.evenkeel.console.breakit;

import java.time.Instant;
import java.util.List;

/** Measures promises. One thread calls it. */
interface Measurement {

  /** What is promised, in a few words each. */
  List<String> names();

  /** The time before which what happened is not looked at. */
  void startFrom(Instant time);

  /**
   * Measures each of these promises again, at a cost that depends on what has changed.
   *
   * @throws RuntimeException if something cannot be read
   */
  List<Promise> measure();
}
