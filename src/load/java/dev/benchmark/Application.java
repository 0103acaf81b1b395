package dev.benchmark;

import static org.awaitility.Awaitility.await;

import dev.testing.Api;
import dev.testing.TokenIssuer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Evenkeel as it is packaged, in a process of its own, with the settings that it comes with. */
final class Application implements AutoCloseable {

  final int port;
  final Api api;
  private final Process process;

  private Application(int port, Process process) {
    this.port = port;
    this.api = Api.operator(port, "demo");
    this.process = process;
    // Also when the benchmark itself is stopped
    Runtime.getRuntime().addShutdownHook(new Thread(process::destroy));
  }

  static Application start(Database database, Path folder, String... settings) throws IOException {
    int port;
    try (ServerSocket free = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      port = free.getLocalPort();
    }
    List<String> command =
        new ArrayList<>(
            List.of(
                ProcessHandle.current().info().command().orElseThrow(),
                // As in the Dockerfile
                "-XX:+UseParallelGC",
                "-XX:+UseCompactObjectHeaders",
                "-jar",
                jar().toString(),
                "--server.address=127.0.0.1",
                "--server.port=" + port,
                "--spring.datasource.url=" + database.url("evenkeel"),
                "--spring.datasource.username=evenkeel",
                "--spring.flyway.user=evenkeel_owner",
                TokenIssuer.ofTests().argument(),
                "--evenkeel.payments.provider.url=http://127.0.0.1:9"));
    command.addAll(List.of(settings));
    Application application =
        new Application(
            port,
            new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(
                    ProcessBuilder.Redirect.appendTo(folder.resolve("application.log").toFile()))
                .start());
    await()
        .atMost(Duration.ofMinutes(2))
        .ignoreExceptions()
        .until(() -> application.api.get("/actuator/health/readiness").status() == 200);
    return application;
  }

  private static Path jar() throws IOException {
    try (DirectoryStream<Path> jars =
        Files.newDirectoryStream(Path.of("target"), "evenkeel-*.jar")) {
      return jars.iterator().next();
    }
  }

  /** So far, in seconds. */
  double cpu() {
    return Resources.seconds(process.toHandle());
  }

  /** A metric's value now. */
  double metric(String name) {
    Matcher value =
        Pattern.compile("^" + name + "(\\{.*})? (\\S+)$", Pattern.MULTILINE)
            .matcher(api.get("/actuator/prometheus").text());
    if (!value.find()) {
      throw new IllegalStateException("no metric " + name);
    }
    return Double.parseDouble(value.group(2));
  }

  @Override
  public void close() {
    process.destroy();
    try {
      if (!process.waitFor(30, TimeUnit.SECONDS)) {
        process.destroyForcibly();
      }
    } catch (InterruptedException e) {
      process.destroyForcibly();
      Thread.currentThread().interrupt();
    }
  }
}
