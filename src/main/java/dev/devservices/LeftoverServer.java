package dev.devservices;

import io.zonky.test.db.postgres.util.LinuxUtils;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Stops the PostgreSQL server of an application that was killed. The server outlives its
 * application, and a second server can't start on the same data. To be called under the folder's
 * lock only, which shows that no running application uses the server.
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
      // The library starts the server this way, since PostgreSQL refuses to run as root
      command.addAll(List.of("unshare", "-U"));
    }
    command.add(server.get().resolveSibling(program).toString());
    command.addAll(List.of("stop", "-D", data.toString(), "-m", "fast", "-w", "-t", "30"));
    var process = new ProcessBuilder(command).redirectErrorStream(true).start();
    var output = new String(process.getInputStream().readAllBytes()).strip();
    if (process.onExit().join().exitValue() != 0) {
      throw new IOException(
          "the server that a killed Evenkeel left behind doesn't stop: " + output);
    }
  }

  /** Returns the executable of the process in postmaster.pid, if it is a running PostgreSQL. */
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
