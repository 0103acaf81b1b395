package dev.evenkeel.console.browser;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.evenkeel.Evenkeel;
import dev.testing.Api;
import dev.testing.ApplicationProcess;
import dev.testing.FreePort;
import dev.testing.Simulator;
import java.io.IOException;
import java.net.http.HttpRequest.BodyPublishers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Base64;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.jdbc.datasource.DriverManagerDataSource;
import org.springframework.util.FileSystemUtils;

/**
 * Evenkeel in development, as {@code ./mvnw spring-boot:run} starts it: with its own login,
 * database and simulator. It can be killed and restarted.
 */
final class DevelopmentApplication implements AutoCloseable {

  private static final Path LOG = Path.of("target", "application-processes", "development.log");

  private final Path data = Files.createTempDirectory("evenkeel-browser-");
  private final int port = FreePort.find();
  private final int simulatorPort = FreePort.find();
  private Process process;

  DevelopmentApplication() throws IOException {
    Files.createDirectories(LOG.getParent());
    process = launch();
    // If the tests are interrupted: its database would outlive it
    Runtime.getRuntime().addShutdownHook(new Thread(() -> process.destroy()));
    awaitReadiness();
  }

  private Process launch() throws IOException {
    return new ProcessBuilder(
            List.of(
                ProcessHandle.current().info().command().orElseThrow(),
                "-XX:TieredStopAtLevel=1",
                "-XX:MetaspaceSize=256m",
                "-cp",
                System.getProperty("java.class.path"),
                Evenkeel.class.getName(),
                "--spring.profiles.active=development",
                "--server.port=" + port,
                "--evenkeel.simulator.port=" + simulatorPort,
                "--evenkeel.development.data=" + data))
        .redirectErrorStream(true)
        .redirectOutput(ProcessBuilder.Redirect.appendTo(LOG.toFile()))
        .start();
  }

  private void awaitReadiness() {
    Process started = process;
    Api anybody = Api.anonymous(port);
    await()
        .atMost(ApplicationProcess.LONG)
        .failFast("it ended, see " + LOG, () -> !started.isAlive())
        .ignoreExceptions()
        .until(() -> anybody.get("/actuator/health/readiness").status() == 200);
  }

  String url(String path) {
    return "http://localhost:" + port + path;
  }

  /** The API for the client of this name. */
  Api api(String name) {
    Api anybody = Api.anonymous(port);
    String secret = Base64.getEncoder().encodeToString((name + ":" + name + "-secret").getBytes());
    String token =
        anybody
            .send(
                anybody
                    .request("/oauth2/token")
                    .header("Authorization", "Basic " + secret)
                    .header("Content-Type", "application/x-www-form-urlencoded")
                    .POST(BodyPublishers.ofString("grant_type=client_credentials")))
            .at("/access_token");
    return Api.withToken(port, token);
  }

  /** The provider's side. */
  Simulator simulator() {
    return new Simulator(simulatorPort);
  }

  /** The database, as the application uses it. */
  JdbcClient jdbc() throws IOException {
    String port = Files.readAllLines(data.resolve("postgres/postmaster.pid")).get(3);
    return JdbcClient.create(
        new DriverManagerDataSource(
            "jdbc:postgresql://localhost:" + port + "/evenkeel", "evenkeel", ""));
  }

  /** Kills the process (kill -9). Its database and its data remain. */
  void kill() throws InterruptedException {
    process.destroyForcibly();
    assertThat(process.waitFor(10, TimeUnit.SECONDS)).isTrue();
  }

  void restart() throws IOException {
    process = launch();
    awaitReadiness();
  }

  @Override
  public void close() throws IOException {
    process.destroy();
    process.onExit().orTimeout(30, TimeUnit.SECONDS).join();
    FileSystemUtils.deleteRecursively(data);
  }
}
