package dev.devservices;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.File;
import java.io.IOException;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** An application in a process of its own, observed through its output. */
class RunningApplication implements AutoCloseable {

  private static final Pattern DATABASE = Pattern.compile("database +(jdbc:\\S+)\\?user=evenkeel");

  private static final Pattern SIMULATOR = Pattern.compile("simulator +(http:\\S+)");

  private final Process process;
  private final List<String> output = new ArrayList<>();

  private RunningApplication(Process process) {
    this.process = process;
  }

  /** Starts an application with this data folder and simulator port, otherwise on free ports. */
  static RunningApplication start(Class<?> main, Path folder, int simulatorPort)
      throws IOException {
    return start(
        main,
        entry -> true,
        "--spring.profiles.active=development",
        "--server.port=0",
        "--evenkeel.simulator.port=" + simulatorPort,
        "--evenkeel.development.data=" + folder);
  }

  /** Starts an application with the class path entries that match the filter. */
  static RunningApplication start(Class<?> main, Predicate<String> classPath, String... arguments)
      throws IOException {
    var command = new ArrayList<String>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(
        List.of("-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC", "-XX:MetaspaceSize=256m", "-cp"));
    command.add(
        Stream.of(System.getProperty("java.class.path").split(File.pathSeparator))
            .filter(classPath)
            .collect(Collectors.joining(File.pathSeparator)));
    command.add(main.getName());
    command.addAll(List.of(arguments));
    return new RunningApplication(new ProcessBuilder(command).redirectErrorStream(true).start());
  }

  /** Waits until the application is ready and returns its database's address, without a user. */
  String databaseUrl() throws IOException {
    return awaitOutput(DATABASE);
  }

  /** Waits until the application is ready and returns its simulator's address. */
  String simulatorUrl() throws IOException {
    return awaitOutput(SIMULATOR);
  }

  /** Waits for a line in which the pattern is found, and returns its first group. */
  String awaitOutput(Pattern pattern) throws IOException {
    String line;
    while ((line = process.inputReader(UTF_8).readLine()) != null) {
      output.add(line);
      var found = pattern.matcher(line);
      if (found.find()) {
        return found.group(1);
      }
    }
    throw new AssertionError("the application ended:\n" + String.join("\n", output));
  }

  Connection connect(String user) throws IOException, SQLException {
    return DriverManager.getConnection(databaseUrl() + "?user=" + user);
  }

  /** Waits until the application ends, and returns all its output. */
  List<String> outputToTheEnd() {
    process.inputReader(UTF_8).lines().forEach(output::add);
    return output;
  }

  int exitCode() throws InterruptedException {
    return process.waitFor();
  }

  /** Stops the application as Ctrl-C does; returns false if it still runs after the timeout. */
  boolean stop(int timeoutSeconds) throws InterruptedException {
    process.destroy();
    return process.waitFor(timeoutSeconds, TimeUnit.SECONDS);
  }

  void kill() throws InterruptedException {
    process.destroyForcibly().waitFor();
  }

  @Override
  public void close() {
    process.destroy();
    try {
      if (!process.waitFor(20, TimeUnit.SECONDS)) {
        process.destroyForcibly();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
