package dev.benchmark;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Runs pgbench, PostgreSQL's own benchmark: TPC-B, five statements in a transaction. */
final class Pgbench {

  private static final Pattern RATE = Pattern.compile("tps = ([0-9.]+)");

  private final Database database;
  private final Path folder;

  Pgbench(Database database, Path folder) {
    this.database = database;
    this.folder = folder;
  }

  static void require(Path folder) {
    try {
      run(folder, List.of("pgbench", "--version"), 10);
    } catch (IOException e) {
      throw new IllegalStateException(
          "pgbench is missing: install PostgreSQL's programs (Debian: apt install postgresql-contrib)",
          e);
    }
  }

  /** A database of its own, named after its scale. */
  void initialise(int scale) throws Exception {
    database.execute("postgres", "create database " + name(scale));
    run("-i", "-q", "-s", String.valueOf(scale), name(scale));
  }

  static String name(int scale) {
    return "tpcb_" + scale;
  }

  /** Transactions a second. */
  double rate(int scale, int clients, double seconds) throws IOException {
    Matcher rate =
        RATE.matcher(
            run(
                "-M",
                "prepared",
                "-n",
                "-c",
                String.valueOf(clients),
                "-j",
                String.valueOf(Math.min(clients, 2)),
                "-T",
                String.valueOf(Math.round(seconds)),
                name(scale)));
    if (!rate.find()) {
      throw new IllegalStateException("pgbench tells no rate");
    }
    return Double.parseDouble(rate.group(1));
  }

  /** Of one client. */
  Latencies latencies(int scale, double seconds) throws IOException {
    run(
        "-M",
        "prepared",
        "-n",
        "-c",
        "1",
        "-T",
        String.valueOf(Math.round(seconds)),
        "-l",
        "--log-prefix=one-client",
        name(scale));
    Latencies latencies = new Latencies();
    try (var logs = Files.newDirectoryStream(folder, "one-client.*")) {
      for (Path log : logs) {
        for (String line : Files.readAllLines(log)) {
          latencies.add(TimeUnit.MICROSECONDS.toNanos(Long.parseLong(line.split(" ")[2])));
        }
        Files.delete(log);
      }
    }
    return latencies;
  }

  private String run(String... arguments) throws IOException {
    List<String> command =
        new ArrayList<>(
            List.of(
                "pgbench",
                "-h",
                "127.0.0.1",
                "-U",
                "postgres",
                "-p",
                String.valueOf(database.port())));
    command.addAll(List.of(arguments));
    return run(folder, command, 300);
  }

  private static String run(Path folder, List<String> command, int seconds) throws IOException {
    Path output = folder.resolve("pgbench.log");
    Process process =
        new ProcessBuilder(command)
            .directory(folder.toFile())
            .redirectErrorStream(true)
            .redirectOutput(output.toFile())
            .start();
    try {
      if (!process.waitFor(seconds, TimeUnit.SECONDS)) {
        throw new IOException("pgbench does not end");
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException(e);
    } finally {
      process.destroyForcibly();
    }
    String text = Files.readString(output);
    if (process.exitValue() != 0) {
      throw new IOException("pgbench failed: " + text);
    }
    return text;
  }
}
