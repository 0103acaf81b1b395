package dev.benchmark;

import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.io.IOException;
import java.lang.ProcessBuilder.Redirect;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.stream.Collectors;
import org.springframework.util.FileSystemUtils;

/** The PostgreSQL 18 that everything is measured on: durable, on a real disk, thrown away after. */
final class Database implements AutoCloseable {

  /** All that differs from the defaults. */
  static final Map<String, String> SETTINGS =
      Map.of(
          "fsync", "on",
          "synchronous_commit", "on",
          "shared_buffers", "1GB",
          "max_wal_size", "4GB",
          "max_connections", "200",
          "track_wal_io_timing", "on");

  private final EmbeddedPostgres server;
  private final long postmaster;

  private Database(EmbeddedPostgres server, long postmaster) {
    this.server = server;
    this.postmaster = postmaster;
  }

  static Database start(Path folder) throws IOException, SQLException {
    Path data = folder.resolve("postgres");
    FileSystemUtils.deleteRecursively(data); // of one that was killed
    EmbeddedPostgres.Builder builder =
        EmbeddedPostgres.builder()
            .setDataDirectory(data)
            .setOutputRedirector(Redirect.appendTo(folder.resolve("postgres.log").toFile()))
            .setPGStartupWait(Duration.ofSeconds(60));
    SETTINGS.forEach(builder::setServerConfig);
    EmbeddedPostgres server = builder.start();
    String pid = Files.readAllLines(data.resolve("postmaster.pid")).getFirst();
    Database database = new Database(server, Long.parseLong(pid));
    database.execute("postgres", "create role evenkeel_owner login");
    database.execute("postgres", "create role evenkeel login");
    database.execute("postgres", "create database evenkeel owner evenkeel_owner");
    return database;
  }

  int port() {
    return server.getPort();
  }

  String url(String name) {
    return "jdbc:postgresql://127.0.0.1:" + server.getPort() + "/" + name;
  }

  Connection connect(String name) throws SQLException {
    return DriverManager.getConnection(url(name), "postgres", "");
  }

  void execute(String name, String... statements) throws SQLException {
    try (Connection connection = connect(name);
        Statement statement = connection.createStatement()) {
      for (String sql : statements) {
        statement.execute(sql);
      }
    }
  }

  double number(String name, String query) throws SQLException {
    try (Connection connection = connect(name);
        Statement statement = connection.createStatement();
        ResultSet row = statement.executeQuery(query)) {
      row.next();
      return row.getDouble(1);
    }
  }

  /** Each may be overdrawn by a billion, so that no transfer is refused. */
  List<UUID> openAccounts(int count) throws SQLException {
    List<UUID> accounts = new ArrayList<>();
    try (Connection connection = connect("evenkeel");
        Statement statement = connection.createStatement();
        ResultSet rows =
            statement.executeQuery(
                """
                insert into accounts.account
                    (id, owner, name, currency, overdraft_limit, idempotency_key, fingerprint)
                select id, 'demo', 'Account ' || n, 'EUR', 1000000000, id, ''
                from (select uuidv7() as id, n from generate_series(1, %d) n)
                returning id
                """
                    .formatted(count))) {
      while (rows.next()) {
        accounts.add(rows.getObject("id", UUID.class));
      }
    }
    execute("evenkeel", "vacuum analyze accounts.account");
    return accounts;
  }

  /** Of its processes so far, in seconds: those that end take theirs with them. */
  double cpu() {
    return ProcessHandle.of(postmaster)
        .orElseThrow()
        .descendants()
        .mapToDouble(Resources::seconds)
        .sum();
  }

  static String settings() {
    return SETTINGS.entrySet().stream()
        .sorted(Map.Entry.comparingByKey())
        .map(setting -> setting.getKey() + "=" + setting.getValue())
        .collect(Collectors.joining(", "));
  }

  @Override
  public void close() throws IOException {
    server.close();
  }
}
