package dev.evenkeel;

import java.sql.SQLException;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.diagnostics.FailureAnalysis;
import org.springframework.boot.diagnostics.FailureAnalyzer;
import org.springframework.boot.jdbc.autoconfigure.DataSourceProperties;
import org.springframework.core.Ordered;
import org.springframework.core.annotation.Order;

/** No database configured, or none that lets us in; before Boot's own, which thinks of H2. */
@Order(Ordered.HIGHEST_PRECEDENCE)
class StartupDatabaseFailureAnalyzer implements FailureAnalyzer {

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
    }
    return null;
  }

  /** Connection exception, invalid authorization, or no such database. */
  private static boolean saysNoConnection(@Nullable String sqlState) {
    return sqlState != null && sqlState.matches("(08|28|3D).*");
  }

  private static String oneLine(@Nullable String message) {
    return String.valueOf(message).replaceAll("\\s+", " ").strip();
  }
}
