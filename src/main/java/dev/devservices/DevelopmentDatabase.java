package dev.devservices;

import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.io.IOException;
import java.lang.ProcessBuilder.Redirect;
import java.nio.file.Path;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.List;

/**
 * A PostgreSQL server for development: with durable settings, on a free port of the loopback
 * address. It has the two roles and the database of {@code docker/database/roles.sql}, without
 * passwords.
 */
class DevelopmentDatabase implements AutoCloseable {

  static final String OWNER = "evenkeel_owner";
  static final String APPLICATION = "evenkeel";

  private static final String NAME = "evenkeel";

  private final EmbeddedPostgres server;

  private DevelopmentDatabase(EmbeddedPostgres server) {
    this.server = server;
  }

  static DevelopmentDatabase start(DataFolder folder) {
    var log = folder.resolve("postgres.log");
    try {
      var data = folder.resolve("postgres");
      LeftoverServer.stop(data);
      var database = new DevelopmentDatabase(startServer(data, folder.resolve("binaries"), log));
      try {
        database.createRolesAndDatabase();
      } catch (SQLException e) {
        database.close();
        throw e;
      }
      return database;
    } catch (IOException | SQLException | IllegalStateException e) {
      throw new DevelopmentServiceException(
          "the development database doesn't start (" + e.getMessage() + ").",
          "See " + log + ", or set spring.datasource.url to a database of your own.",
          e);
    }
  }

  private static EmbeddedPostgres startServer(Path data, Path binaries, Path log)
      throws IOException {
    return EmbeddedPostgres.builder()
        .setDataDirectory(data)
        .setCleanDataDirectory(false)
        .setOverrideWorkingDirectory(binaries.toFile())
        .setOutputRedirector(Redirect.appendTo(log.toFile()))
        .setServerConfig("fsync", "on") // overrides the library's -F
        .setServerConfig("synchronous_commit", "on")
        // After a crash the server first replays its log
        .setPGStartupWait(Duration.ofSeconds(60))
        // The library's own hook would stop the server while the application still uses it
        .setRegisterShutdownHook(false)
        .start();
  }

  /** Creates what is missing, so that the next start completes one that was interrupted. */
  private void createRolesAndDatabase() throws SQLException {
    try (var connection = server.getPostgresDatabase().getConnection();
        var statement = connection.createStatement()) {
      for (var role : List.of(OWNER, APPLICATION)) {
        if (!exists(statement, "select from pg_roles where rolname = '" + role + "'")) {
          statement.execute("create role " + role + " login");
        }
      }
      if (!exists(statement, "select from pg_database where datname = '" + NAME + "'")) {
        statement.execute("create database " + NAME + " owner " + OWNER);
      }
      statement.execute("revoke all on database " + NAME + " from public");
      statement.execute("grant connect on database " + NAME + " to " + APPLICATION);
    }
  }

  private static boolean exists(Statement statement, String query) throws SQLException {
    try (var rows = statement.executeQuery(query)) {
      return rows.next();
    }
  }

  String url() {
    return "jdbc:postgresql://localhost:" + server.getPort() + "/" + NAME;
  }

  @Override
  public void close() throws IOException {
    server.close();
  }
}
