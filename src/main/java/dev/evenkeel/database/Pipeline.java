package dev.evenkeel.database;

import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.springframework.jdbc.core.ArgumentPreparedStatementSetter;
import org.springframework.jdbc.core.JdbcOperations;
import org.springframework.jdbc.core.PreparedStatementCallback;
import org.springframework.jdbc.core.RowCallbackHandler;

/**
 * Statements that are sent together and answered in one round trip. They still run one after the
 * other, each with a snapshot of its own; after one that fails, none runs.
 */
public final class Pipeline {

  private record Statement(String sql, @Nullable Object[] parameters, RowCallbackHandler rows) {}

  private final List<Statement> statements = new ArrayList<>();

  /** Adds a statement that returns no rows. */
  public void update(String sql, @Nullable Object... parameters) {
    query(sql, row -> {}, parameters);
  }

  /**
   * Adds a query.
   *
   * @param rows gets each row when the pipeline runs
   */
  public void query(String sql, RowCallbackHandler rows, @Nullable Object... parameters) {
    statements.add(new Statement(sql, parameters, rows));
  }

  public void run(JdbcOperations jdbc) {
    if (statements.isEmpty()) {
      return;
    }
    String sql = statements.stream().map(Statement::sql).collect(Collectors.joining(";\n"));
    Object[] parameters =
        statements.stream().flatMap(it -> Stream.of(it.parameters())).toArray(Object[]::new);
    jdbc.execute(
        sql,
        (PreparedStatementCallback<Boolean>)
            prepared -> {
              new ArgumentPreparedStatementSetter(parameters).setValues(prepared);
              boolean hasRows = prepared.execute();
              for (Statement statement : statements) {
                if (hasRows) {
                  readRows(prepared, statement.rows());
                }
                hasRows = prepared.getMoreResults();
              }
              return true;
            });
  }

  private static void readRows(PreparedStatement prepared, RowCallbackHandler rows)
      throws SQLException {
    try (ResultSet result = prepared.getResultSet()) {
      while (result.next()) {
        rows.processRow(result);
      }
    }
  }
}
