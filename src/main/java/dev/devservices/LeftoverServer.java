package dev.devservices;

import io.zonky.test.db.postgres.util.LinuxUtils;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * The PostgreSQL of an application that was killed: it outlives it, and a second one can't start on
 * its data. To be called under the folder's lock only: then nobody uses it any more.
 */
final class LeftoverServer {

  private LeftoverServer() {}

  static void stop(Path data) throws IOException {
    var server = executable(data);
    if (server.isEmpty()) {
      return;
    }
    var program = server.get().getFileName().toString().replace("postgres", "pg_ctl");
    var command = new ArrayList<String>();
    if (LinuxUtils.isUnshareAvailable()) {
      // As the library starts it: PostgreSQL refuses to run as root
      command.addAll(List.of("unshare", "-U"));
    }
    command.add(server.get().resolveSibling(program).toString());
    command.addAll(List.of("stop", "-D", data.toString(), "-m", "fast", "-w", "-t", "30"));
    var process = new ProcessBuilder(command).redirectErrorStream(true).start();
    var output = new String(process.getInputStream().readAllBytes()).strip();
    if (process.onExit().join().exitValue() != 0) {
      throw new IOException("the one that a killed Evenkeel left behind doesn't stop: " + output);
    }
  }

  /** What the process named in postmaster.pid runs, if it is alive and a PostgreSQL. */
  private static Optional<Path> executable(Path data) throws IOException {
    var pidFile = data.resolve("postmaster.pid");
    if (!Files.exists(pidFile)) {
      return Optional.empty();
    }
    var pid = Files.readAllLines(pidFile).stream().findFirst().orElse("");
    if (!pid.matches("\\d{1,18}")) {
      return Optional.empty();
    }
    return ProcessHandle.of(Long.parseLong(pid))
        .flatMap(process -> process.info().command())
        .map(Path::of)
        .filter(command -> command.getFileName().toString().matches("postgres(\\.exe)?"));
  }
}
