package dev.evenkeel.problems;

/** It may have been committed or not: nobody could be asked. Answered with 503. */
public final class OutcomeUnknownException extends RuntimeException {

  public OutcomeUnknownException(String reason, Exception cause) {
    super(reason, cause);
  }
}
