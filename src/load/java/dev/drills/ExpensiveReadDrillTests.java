package dev.drills;

import static org.assertj.core.api.Assertions.assertThat;

import dev.testing.Api;
import dev.testing.TestDatabase;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.UUID;
import java.util.concurrent.Callable;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.boot.test.web.server.LocalServerPort;

/** Transfers while 40 clients ask for expensive things. */
@Drill
class ExpensiveReadDrillTests {

  /** Until everything has been compiled, the reads too. */
  private static final Duration WARM_UP = Duration.ofSeconds(60);

  private static final Duration PAUSE = Duration.ofSeconds(3);
  private static final Duration WINDOW = Duration.ofSeconds(15);

  /** The middle one counts: a machine's moment of its own falls into one pair. */
  private static final int PAIRS = 5;

  private static final int TRANSFERS = 100;
  private static final int CLIENTS = 40;
  private static final int ACCOUNTS = 10_000;

  @LocalServerPort int port;
  @Autowired TestDatabase database;

  private final Queue<Integer> statuses = new ConcurrentLinkedQueue<>();

  @Test
  void expensiveReadsLeaveTransfersTheirTime() throws Exception {
    Api ada = new Api(port, "ada-" + UUID.randomUUID());
    String big = "big-" + UUID.randomUUID();
    UUID from = ada.openAccount(1_000_000_000);
    UUID to = ada.openAccount(1_000_000_000);
    openAccounts(big);
    String day = LocalDate.now(ZoneOffset.UTC).toString();
    List<String> paths =
        List.of(
            "/v1/operations/ledger",
            "/v1/operations/reconciliation?day=" + day,
            "/v1/accounts/" + from + "/entries",
            "/v1/transfers?limit=100&owner=" + big);
    try (Traffic transfers = new Traffic(TRANSFERS, _ -> ada.transfer(from, to, 1))) {
      besideReads(paths, () -> transfers.during(WARM_UP));
      statuses.clear();
      List<Double> ratios = new ArrayList<>();
      for (int i = 0; i < PAIRS; i++) {
        Traffic.Result alone = measure(transfers);
        Traffic.Result beside = besideReads(paths, () -> measure(transfers));
        double ratio = beside.millis(0.99) / alone.millis(0.99);
        report("alone          %s", alone);
        report("40 clients     %s: p99 %.2f times as long", beside, ratio);
        assertThat(alone.unexpected()).isEmpty();
        assertThat(beside.unexpected()).isEmpty();
        ratios.add(ratio);
      }

      double ratio = ratios.stream().sorted().toList().get(PAIRS / 2);
      report("the middle     p99 %.2f times as long", ratio);
      report(
          "their answers  %s",
          statuses.stream().collect(Collectors.groupingBy(it -> it, Collectors.counting())));
      assertThat(statuses).containsOnly(200, 503);
      assertThat(ratio).isLessThan(2);
    }
  }

  private static Traffic.Result measure(Traffic transfers) throws Exception {
    transfers.during(PAUSE);
    return transfers.during(WINDOW);
  }

  /** Each client sends a request as soon as the one before has been answered. */
  private Traffic.Result besideReads(List<String> paths, Callable<Traffic.Result> measure)
      throws Exception {
    AtomicBoolean ended = new AtomicBoolean();
    try (ExecutorService clients = Executors.newFixedThreadPool(CLIENTS)) {
      for (int i = 0; i < CLIENTS; i++) {
        String path = paths.get(i % paths.size());
        Api operator = Api.operator(port, "operator-" + i);
        clients.submit(() -> {
          while (!ended.get()) {
            read(operator, path);
          }
        });
      }
      try {
        return measure.call();
      } finally {
        ended.set(true);
      }
    }
  }

  private void read(Api api, String path) {
    String type = path.endsWith("/entries") ? "text/csv" : "application/json";
    statuses.add(api.sendToFail(api.request(path).header("Accept", type).build()).status());
  }

  private void openAccounts(String owner) throws SQLException {
    try (Connection connection = database.asOwner();
        Statement statement = connection.createStatement()) {
      statement.execute(
          """
          insert into accounts.account
              (id, owner, name, currency, overdraft_limit, idempotency_key, fingerprint)
          select uuidv7(), '%s', 'Main', 'EUR', 0, 'key-' || n, '' from generate_series(1, %d) n
          """
              .formatted(owner, ACCOUNTS));
    }
  }

  private static void report(String line, Object... values) {
    System.out.println("drill: " + line.formatted(values));
  }
}
