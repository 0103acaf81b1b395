package dev.evenkeel.database;

import java.sql.SQLException;
import java.util.Objects;
import java.util.Set;
import java.util.stream.Stream;

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
    // Without a state it is the pool's own: none to be had, or found broken and closed before.
    return causes(failure)
        .findFirst()
        .map(sql -> sql.getSQLState() == null || sql.getSQLState().matches("(08|57P).*"))
        .orElse(false);
  }

  public static SqlState of(Throwable failure) {
    return causes(failure)
        .map(sql -> String.valueOf(sql.getSQLState()))
        .flatMap(code -> Stream.of(values()).filter(state -> state.codes.contains(code)))
        .findFirst()
        .orElse(OTHER);
  }

  private static Stream<SQLException> causes(Throwable failure) {
    return Stream.iterate(failure, Objects::nonNull, Throwable::getCause)
        .filter(SQLException.class::isInstance)
        .map(SQLException.class::cast);
  }
}
