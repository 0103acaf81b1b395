package dev.evenkeel.problems;

/**
 * The request may take effect or have taken effect, and there is no way to ask: its connection was
 * lost during the commit, or a request with its key may be under way elsewhere. Answered with 503.
 */
public final class OutcomeUnknownException extends RuntimeException {

  public OutcomeUnknownException(String reason) {
    super(reason);
  }

  public OutcomeUnknownException(String reason, Exception cause) {
    super(reason, cause);
  }
}
