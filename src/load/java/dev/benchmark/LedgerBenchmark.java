package dev.benchmark;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.management.ManagementFactory;
import java.lang.management.OperatingSystemMXBean;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * Evenkeel over HTTP and pgbench on the same PostgreSQL, one after the other, round after round:
 * {@code ./mvnw -Pbenchmark verify}; with {@code -Devenkeel.benchmark.seconds=2} to try it out.
 */
class LedgerBenchmark {

  /** How long each is measured in each round. */
  static final double SECONDS =
      Double.parseDouble(System.getProperty("evenkeel.benchmark.seconds", "8"));

  static final boolean QUICK = SECONDS < 5;
  static final int ROUNDS = QUICK ? 1 : 3;
  private static final int SCALE = QUICK ? 10 : 100;
  private static final int ACCOUNTS = 10_000;
  private static final int BATCH = 500;

  private final Path folder = Files.createDirectories(Path.of("target/benchmark").toAbsolutePath());
  private final Report report = new Report(folder.resolve("report.md"));

  LedgerBenchmark() throws Exception {}

  @Test
  @Timeout(value = 30, unit = TimeUnit.MINUTES)
  void theLedgerBesidePgbench() throws Exception {
    Pgbench.require(folder);
    OperatingSystemMXBean machine = ManagementFactory.getOperatingSystemMXBean();
    report.say(
        "%d processors, load of the minute before %.1f; PostgreSQL 18 with %s",
        machine.getAvailableProcessors(), machine.getSystemLoadAverage(), Database.settings());
    try (Database database = Database.start(folder)) {
      Pgbench pgbench = new Pgbench(database, folder);
      pgbench.initialise(1);
      pgbench.initialise(SCALE);
      List<UUID> accounts;
      try (Application application = Application.start(database, folder)) {
        accounts = database.openAccounts(ACCOUNTS);
        warmUp(application, accounts, 10 * SECONDS);
        // As autovacuum does, once a minute: plans that were made for empty tables are made anew
        database.execute("evenkeel", "vacuum analyze");
        besidePgbench(database, pgbench, application, accounts);
        double peak = connections(database, application, accounts);
        new Trouble(database, application, accounts, report, SECONDS).measure(peak);
        assertThat(application.api.get("/v1/operations/ledger").body().at("/balanced").asBoolean())
            .as("the ledger balances")
            .isTrue();
      }
      withoutGroupCommit(database, accounts);
    }
  }

  /** Until what runs often is compiled: on few processors, this takes its time. */
  private static void warmUp(Application application, List<UUID> accounts, double seconds) {
    new Load(application, Transfers.between(accounts)).closed(64, seconds);
    new Load(application, Transfers.batches(accounts, BATCH)).closed(8, seconds / 4);
  }

  private void besidePgbench(
      Database database, Pgbench pgbench, Application application, List<UUID> accounts)
      throws Exception {
    Load any = new Load(application, Transfers.between(accounts));
    Load hot = new Load(application, Transfers.withTheFirstOf(accounts));
    Load batches = new Load(application, Transfers.batches(accounts, BATCH));
    for (int round = 0; round < ROUNDS; round++) {
      report.note("TPC-B", pgbench.rate(SCALE, 64, SECONDS));
      report.note("any", any.closed(64, SECONDS).rate());
      report.note("TPC-B on one branch", pgbench.rate(1, 64, SECONDS));
      report.note("hot", hot.closed(64, SECONDS).rate());
      report.note("batches", BATCH * batches.closed(8, SECONDS).rate());
      report.note("TPC-B, one client", pgbench.latencies(SCALE, SECONDS).millis(0.5));
      report.note("one client", any.closed(1, SECONDS).done().millis(0.5));
    }
    report.heading("Beside pgbench (TPC-B, prepared, 64 clients, scale %d)".formatted(SCALE));
    report.compare(
        "64 connections, any of 10,000 accounts, transfers/s", "any", "TPC-B", ">= 1.5x", "2.5x");
    report.compare(
        "the same, one account in all of them; scale 1",
        "hot",
        "TPC-B on one branch",
        ">= 3x",
        "8x");
    report.compare(
        "batches of 500, 8 connections, transfers/s", "batches", "TPC-B", ">= 6x", "15x");
    report.compare(
        "one connection, p50 in ms; one client",
        "one client",
        "TPC-B, one client",
        "<= 2.5x",
        "1.5x");
  }

  /**
   * @return the highest rate
   */
  private double connections(Database database, Application application, List<UUID> accounts)
      throws SQLException {
    List<Integer> counts = List.of(16, 64, 256, 1024);
    Load load = new Load(application, Transfers.between(accounts));
    for (int round = 1; round <= ROUNDS; round++) {
      for (int count : counts) {
        Resources before = Resources.used(database, application);
        report.note(count + " connections", load.closed(count, SECONDS).rate());
        if (round == ROUNDS) {
          Resources used = Resources.used(database, application).since(before);
          used.tell(report, count + " connections", SECONDS);
        }
      }
    }
    double peak =
        counts.stream()
            .mapToDouble(count -> report.median(count + " connections"))
            .max()
            .orElseThrow();
    report.heading("Connections");
    for (int count : counts) {
      report.compare(
          count + " connections, transfers/s; the peak",
          count + " connections",
          peak,
          ">= 0.9x",
          "1x");
    }
    return peak;
  }

  private void withoutGroupCommit(Database database, List<UUID> accounts) throws Exception {
    try (Application application =
        Application.start(database, folder, "--evenkeel.ledger.group-commit=false")) {
      warmUp(application, accounts, 4 * SECONDS);
      Load any = new Load(application, Transfers.between(accounts));
      Load hot = new Load(application, Transfers.withTheFirstOf(accounts));
      report.note("any, without", any.closed(64, SECONDS).rate());
      report.note("hot, without", hot.closed(64, SECONDS).rate());
    }
    report.heading("With group commit; without");
    report.compare(
        "64 connections, any of 10,000 accounts, transfers/s", "any", "any, without", "", "");
    report.compare("the same, one account in all of them", "hot", "hot, without", "", "");
  }
}
