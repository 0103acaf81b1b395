package dev.evenkeel.problems;

/** Too much work is waiting: the request was not begun and has no effect. Answered with 503. */
public final class BusyException extends RuntimeException {

  public BusyException(String reason) {
    super(reason, null, false, false);
  }
}
