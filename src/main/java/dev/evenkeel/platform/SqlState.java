package dev.evenkeel.platform;

import java.sql.SQLException;
import java.util.Set;

/** What PostgreSQL says of a failure, by its error code: however the exception was translated. */
public enum SqlState {
  /** The transaction was rolled back and may go through when it is run again. */
  RETRYABLE("40001", "40P01", "23505"),
  /** The transaction was rolled back because something took too long: a lock or a statement. */
  TIMED_OUT("55P03", "57014", "25P03", "25P04"),
  OTHER;

  private final Set<String> codes;

  SqlState(String... codes) {
    this.codes = Set.of(codes);
  }

  /** Whether there was no connection, or it broke on the way. */
  public static boolean isConnectionLost(Throwable failure) {
    for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
      if (cause instanceof SQLException sql) {
        // Without a state it is the pool's own: none to be had, or found broken and closed before.
        String state = sql.getSQLState();
        return state == null || state.startsWith("08") || state.startsWith("57P");
      }
    }
    return false;
  }

  public static SqlState of(Throwable failure) {
    for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
      if (cause instanceof SQLException sql && sql.getSQLState() != null) {
        for (SqlState state : values()) {
          if (state.codes.contains(sql.getSQLState())) {
            return state;
          }
        }
      }
    }
    return OTHER;
  }
}
