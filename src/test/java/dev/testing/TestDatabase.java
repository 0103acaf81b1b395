package dev.testing;

import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.concurrent.Phaser;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.testcontainers.postgresql.PostgreSQLContainer;

/**
 * A PostgreSQL 18 for all tests of this JVM, in which each application gets a database of its own:
 * embedded, or in a container if the system property {@code evenkeel.test.database} says so.
 */
public final class TestDatabase {

  private static final String PASSWORD = "test";
  private static final AtomicInteger COUNT = new AtomicInteger();

  /** One party per open application context, and one for the server itself. */
  private static final Phaser IN_USE = new Phaser(1);

  private static final String SERVER = start();

  private final String name;

  private TestDatabase(String name) {
    this.name = name;
  }

  private static String start() {
    String host;
    String superuser;
    if ("container".equals(System.getProperty("evenkeel.test.database"))) {
      PostgreSQLContainer container = new PostgreSQLContainer("postgres:18");
      container.withUsername("postgres").withPassword(PASSWORD).start();
      Runtime.getRuntime().addShutdownHook(new Thread(() -> stop(container)));
      host = container.getHost() + ":" + container.getMappedPort(5432);
    } else {
      try {
        // Ends with this JVM, after the applications that use it; its data is thrown away.
        EmbeddedPostgres postgres =
            EmbeddedPostgres.builder()
                .setRegisterShutdownHook(false)
                .setServerConfig("fsync", "off")
                .setServerConfig("max_connections", "400")
                .start();
        Runtime.getRuntime().addShutdownHook(new Thread(() -> stop(postgres)));
        host = "127.0.0.1:" + postgres.getPort();
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
    superuser = "jdbc:postgresql://" + host + "/";
    execute(
        superuser + "postgres",
        "postgres",
        "create role evenkeel_owner login password 'test'",
        "create role evenkeel login password 'test'");
    return superuser;
  }

  private static void stop(AutoCloseable server) {
    try {
      IN_USE.awaitAdvanceInterruptibly(IN_USE.arriveAndDeregister(), 10, TimeUnit.SECONDS);
      server.close();
    } catch (Exception e) {
      throw new IllegalStateException(e);
    }
  }

  /** Registers an application context, which uses it until {@link #release}. */
  TestDatabase use() {
    IN_USE.register();
    return this;
  }

  void release() {
    IN_USE.arriveAndDeregister();
  }

  /** A new and empty database with the application's two roles. */
  public static TestDatabase create() {
    String name = "test_" + COUNT.incrementAndGet();
    execute(SERVER + "postgres", "postgres", "create database " + name + " owner evenkeel_owner");
    return new TestDatabase(name);
  }

  public String url() {
    return SERVER + name;
  }

  /** The arguments with which an application uses it and the issuer of all tests, and others. */
  public String[] arguments(String... others) {
    Stream<String> ours =
        Stream.of(
            "--spring.datasource.url=" + url(),
            "--spring.datasource.username=evenkeel",
            "--spring.datasource.password=" + PASSWORD,
            "--spring.flyway.user=evenkeel_owner",
            "--spring.flyway.password=" + PASSWORD,
            TokenIssuer.ofTests().argument());
    return Stream.concat(ours, Stream.of(others)).toArray(String[]::new);
  }

  public String password() {
    return PASSWORD;
  }

  /** As the application's role, which owns nothing. */
  public Connection asApplication() throws SQLException {
    return DriverManager.getConnection(url(), "evenkeel", PASSWORD);
  }

  public Connection asOwner() throws SQLException {
    return DriverManager.getConnection(url(), "evenkeel_owner", PASSWORD);
  }

  private static void execute(String url, String user, String... statements) {
    try (Connection connection = DriverManager.getConnection(url, user, PASSWORD);
        Statement statement = connection.createStatement()) {
      for (String sql : statements) {
        statement.execute(sql);
      }
    } catch (SQLException e) {
      throw new IllegalStateException(e);
    }
  }
}
