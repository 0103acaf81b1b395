package dev.evenkeel.console.breakit;

import dev.evenkeel.console.Display;
import java.time.Duration;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * Whether a promise is kept.
 *
 * @param detail what was found, in a few words
 * @param since the state of the world that it is about is not older; null before it was measured
 */
public record Promise(State state, String detail, @Nullable Instant since) {

  public enum State {
    /** Not measured yet, or late. */
    CHECKING,
    KEPT,
    BROKEN
  }

  /** In seconds. */
  private static final long RECENT = 10;

  static final Promise UNKNOWN = checking("not measured yet");
  static final Promise UNMEASURABLE = checking("cannot be measured now");

  static Promise checking(String detail) {
    return new Promise(State.CHECKING, detail, null);
  }

  static Promise kept(String detail, Instant since) {
    return new Promise(State.KEPT, detail, since);
  }

  static Promise broken(String detail, Instant since) {
    return new Promise(State.BROKEN, detail, since);
  }

  /** The detail, and its age if that is not new. */
  public String summary() {
    long seconds = since == null ? 0 : Duration.between(since, Instant.now()).toSeconds();
    return seconds > RECENT ? "%s, %s s ago".formatted(detail, Display.count(seconds)) : detail;
  }

  boolean isKeptSince(Instant time) {
    return state == State.KEPT && since != null && since.isAfter(time);
  }
}
