package dev.evenkeel.database;

import java.sql.SQLException;
import java.util.Objects;
import java.util.Set;
import java.util.stream.Stream;

/** Classifies failures by PostgreSQL's error codes, whatever exception they were translated to. */
public enum SqlState {
  /** The transaction was rolled back and may succeed when it is run again. */
  RETRYABLE("40001", "40P01", "23505"),
  /** The transaction was rolled back because a lock or a statement took too long. */
  TIMED_OUT("55P03", "57014", "25P03", "25P04"),
  OTHER;

  private final Set<String> codes;

  SqlState(String... codes) {
    this.codes = Set.of(codes);
  }

  /** Whether there was no connection, or it broke during the transaction. */
  public static boolean isConnectionLost(Throwable failure) {
    // Exceptions without a state come from the pool: no connection was free, or all were broken.
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
