package dev.testing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
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

/**
 * Evenkeel in a process of its own, which can be killed and restarted on the same port and
 * database.
 */
public final class ApplicationProcess {

  public static final Duration LONG = Duration.ofMinutes(3);

  public final int port;
  public final Api api;
  public final TestDatabase database;
  private final URI provider;
  private final List<String> options;
  private @Nullable Process process;

  /**
   * @param options of the JVM
   */
  public ApplicationProcess(TestDatabase database, URI provider, String... options)
      throws IOException {
    this.database = database;
    this.provider = provider;
    this.options = List.of(options);
    this.port = FreePort.find();
    this.api = Api.operator(port, "demo");
  }

  /** Returns once it is ready. */
  public void start(Class<?> main, String... settings) throws IOException {
    List<String> command = new ArrayList<>();
    command.add(ProcessHandle.current().info().command().orElseThrow());
    // Most code runs a few times only, and class metadata needs no collection before it is all
    // loaded
    command.addAll(List.of("-XX:TieredStopAtLevel=1", "-XX:MetaspaceSize=256m"));
    command.addAll(options);
    command.addAll(List.of("-cp", System.getProperty("java.class.path"), main.getName()));
    command.addAll(
        List.of(
            database.arguments(
                "--server.port=" + port,
                "--evenkeel.payments.provider.url=" + provider,
                "--evenkeel.accounts.max-overdraft=1000000")));
    command.addAll(List.of(settings));
    Path log =
        Files.createDirectories(Path.of("target", "application-processes"))
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

  public boolean isAlive() {
    return process != null && process.isAlive();
  }

  /** Kills the process (kill -9). */
  public void kill() throws InterruptedException {
    Process running = process;
    if (running != null) {
      running.destroyForcibly();
      assertThat(running.waitFor(10, TimeUnit.SECONDS)).isTrue();
      process = null;
    }
  }

  /** Sends a request whose response will be lost. */
  public Thread begin(Runnable request) {
    return Thread.ofVirtual()
        .start(() -> {
          try {
            request.run();
          } catch (RuntimeException gone) {
            // The connection ends with the process.
          }
        });
  }

  public long count(String rows) throws SQLException {
    return Long.parseLong(read("count(*) from " + rows));
  }

  /** Reads the single value of a query. */
  public String read(String query) throws SQLException {
    try (Connection connection = database.asOwner();
        Statement statement = connection.createStatement();
        ResultSet result = statement.executeQuery("select " + query)) {
      result.next();
      return result.getString(1);
    }
  }
}
