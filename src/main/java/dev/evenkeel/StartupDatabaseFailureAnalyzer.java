package dev.evenkeel;

import java.sql.SQLException;
import org.flywaydb.core.api.exception.FlywayValidateException;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.diagnostics.FailureAnalysis;
import org.springframework.boot.diagnostics.FailureAnalyzer;
import org.springframework.boot.jdbc.autoconfigure.DataSourceProperties;
import org.springframework.core.Ordered;
import org.springframework.core.annotation.Order;

/**
 * Explains a start that failed because of the database: none is configured, it refuses the
 * connection, it is too old, or another version of Evenkeel made it. Runs before Boot's own
 * analyzers, which would suggest an embedded H2.
 */
@Order(Ordered.HIGHEST_PRECEDENCE)
class StartupDatabaseFailureAnalyzer implements FailureAnalyzer {

  /** The SQL state of the check in {@code beforeMigrate.sql}: a feature is not supported. */
  private static final String TOO_OLD = "0A000";

  @Override
  public @Nullable FailureAnalysis analyze(Throwable failure) {
    for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
      // Boot's exception for it is not public, but declared in a class that is
      if (cause.getClass().getEnclosingClass() == DataSourceProperties.class) {
        return new FailureAnalysis(
            "no database is configured.",
            "Set spring.datasource.url, .username, .password and spring.flyway.user, .password"
                + " (docs/running.md).",
            cause);
      }
      if (cause instanceof SQLException e && saysNoConnection(e.getSQLState())) {
        return new FailureAnalysis(
            "the database refuses the connection (%s).".formatted(oneLine(e.getMessage())),
            "Check spring.datasource.* and spring.flyway.* (docs/running.md).",
            cause);
      }
      if (cause instanceof SQLException e && TOO_OLD.equals(e.getSQLState())) {
        return new FailureAnalysis(
            "the database is too old (%s).".formatted(line(0, e)),
            "Use PostgreSQL 18 or newer (docs/running.md).",
            cause);
      }
      if (cause instanceof FlywayValidateException e) {
        return new FailureAnalysis(
            "the database was made by another version of Evenkeel (%s).".formatted(line(1, e)),
            "Run that version, or use an empty database; in development, delete the data folder"
                + " (evenkeel.development.data, by default .evenkeel).",
            cause);
      }
    }
    return null;
  }

  /** SQL states of a connection exception, an invalid authorization, or a missing database. */
  private static boolean saysNoConnection(@Nullable String sqlState) {
    return sqlState != null && sqlState.matches("(08|28|3D).*");
  }

  /** Returns a line of a message: Flyway's first difference is the line after the heading. */
  private static String line(int number, Exception failure) {
    return String.valueOf(failure.getMessage()).lines().skip(number).findFirst().orElse("unknown");
  }

  private static String oneLine(@Nullable String message) {
    return String.valueOf(message).replaceAll("\\s+", " ").strip();
  }
}
