package dev.evenkeel.problems;

/** There is too much to do: nothing was begun, and nothing will be. Answered with 503. */
public final class BusyException extends RuntimeException {

  public BusyException(String reason) {
    super(reason, null, false, false);
  }
}
