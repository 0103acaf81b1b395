package dev.evenkeel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.testing.Api;
import dev.testing.TestDatabase;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** Evenkeel in a process of its own, on one port and one database, started again and again. */
class CrashingApplication {

  static final Duration LONG = Duration.ofMinutes(3);

  final TestDatabase database = TestDatabase.create();
  final int port;
  final Api api;
  private final URI provider;
  private @Nullable Process process;

  CrashingApplication(URI provider) throws IOException {
    this.provider = provider;
    try (ServerSocket free = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      this.port = free.getLocalPort();
    }
    this.api = new Api(port, "demo");
  }

  void start(Class<?> main, String... settings) throws IOException {
    List<String> command =
        new ArrayList<>(
            List.of(
                ProcessHandle.current().info().command().orElseThrow(),
                "-XX:TieredStopAtLevel=1",
                "-XX:+UseSerialGC",
                "-Xmx256m",
                "-cp",
                System.getProperty("java.class.path"),
                main.getName(),
                "--server.port=" + port,
                "--spring.datasource.url=" + database.url(),
                "--spring.datasource.username=evenkeel",
                "--spring.datasource.password=" + database.password(),
                "--spring.flyway.user=evenkeel_owner",
                "--spring.flyway.password=" + database.password(),
                "--evenkeel.payments.provider.url=" + provider,
                "--evenkeel.accounts.max-overdraft=1000000"));
    command.addAll(List.of(settings));
    Path log =
        Files.createDirectories(Path.of("target", "crash-tests"))
            .resolve("application-" + port + ".log");
    Process started =
        new ProcessBuilder(command)
            .redirectErrorStream(true)
            .redirectOutput(ProcessBuilder.Redirect.appendTo(log.toFile()))
            .start();
    process = started;
    await()
        .atMost(LONG)
        .failFast("it ended, see " + log, () -> !started.isAlive())
        .ignoreExceptions()
        .until(() -> api.get("/actuator/health/readiness").status() == 200);
  }

  /** Without a chance to say goodbye. */
  void kill() throws InterruptedException {
    Process running = process;
    if (running != null) {
      running.destroyForcibly();
      assertThat(running.waitFor(10, TimeUnit.SECONDS)).isTrue();
      process = null;
    }
  }

  /** Sends a request whose answer nobody will get. */
  Thread begin(Runnable request) {
    return Thread.ofVirtual()
        .start(() -> {
          try {
            request.run();
          } catch (RuntimeException gone) {
            // The connection ends with the process.
          }
        });
  }

  long count(String rows) throws SQLException {
    return Long.parseLong(read("count(*) from " + rows));
  }

  /** The one value of a query. */
  String read(String query) throws SQLException {
    try (Connection connection = database.asOwner();
        Statement statement = connection.createStatement();
        ResultSet result = statement.executeQuery("select " + query)) {
      result.next();
      return result.getString(1);
    }
  }
}
