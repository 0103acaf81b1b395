package dev.evenkeel.problems;

/**
 * The transaction may have been committed or not, and there is no way to ask. Answered with 503.
 */
public final class OutcomeUnknownException extends RuntimeException {

  public OutcomeUnknownException(String reason, Exception cause) {
    super(reason, cause);
  }
}
