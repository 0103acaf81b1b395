package dev.benchmark;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.channels.SocketChannel;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/** Measures ordinary transfers while other clients or a held lock get in their way. */
final class Trouble {

  private static final double STUCK_SECONDS = 1.5;

  private final Database database;
  private final Application application;
  private final List<UUID> accounts;
  private final Report report;
  private final double seconds;

  Trouble(
      Database database,
      Application application,
      List<UUID> accounts,
      Report report,
      double seconds) {
    this.database = database;
    this.application = application;
    this.accounts = accounts;
    this.report = report;
    this.seconds = seconds;
  }

  /**
   * @param peak transfers a second
   */
  void measure(double peak) throws Exception {
    Load load = new Load(application, Transfers.between(accounts));

    Load.Result half = load.open(peak / 2, seconds);
    report.say(
        "At half of the peak, open model: p50 %.1f ms, p99 %.1f ms",
        half.done().millis(0.5), half.done().millis(0.99));

    load.open(3 * peak, seconds / 2); // until refusing is compiled, too
    Load.Result triple = load.open(3 * peak, seconds);
    report.say(
        "At three times the peak: %.0f %% of the peak is done, p50 %.0f ms; %,d are refused with 503 and Retry-After, p50 %.1f ms, p99 %.1f ms",
        100 * triple.rate() / peak,
        triple.done().millis(0.5),
        triple.refused().count(),
        triple.refused().millis(0.5),
        triple.refused().millis(0.99));

    try (Clients gone = new Clients()) {
      double rate = load.closed(64, seconds).rate();
      report.say(
          "While %,d clients send a transfer and go away: all others are answered, at %.0f %% of the peak",
          gone.count.get(), 100 * rate / peak);
    }

    for (int round = 0; round < 3; round++) {
      stuck(peak / 2);
    }
  }

  /** One after the other, about a hundred a second, each without waiting for its answer. */
  private final class Clients implements AutoCloseable {

    final AtomicInteger count = new AtomicInteger();
    private final Transfers transfers = Transfers.between(accounts);
    private final ScheduledExecutorService clock = Executors.newSingleThreadScheduledExecutor();

    Clients() {
      clock.scheduleAtFixedRate(this::comeAndGo, 0, 10, TimeUnit.MILLISECONDS);
    }

    private void comeAndGo() {
      InetSocketAddress address =
          new InetSocketAddress(InetAddress.getLoopbackAddress(), application.port);
      try (SocketChannel channel = SocketChannel.open(address)) {
        channel.write(transfers.next());
        count.incrementAndGet();
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }

    @Override
    public void close() {
      clock.shutdownNow();
    }
  }

  /** Somebody else has locked an account, and some wait for it: the others notice nothing. */
  private void stuck(double rate) throws SQLException {
    UUID account = accounts.getFirst();
    Load others = new Load(application, Transfers.between(accounts.subList(1, accounts.size())));
    double before = others.open(rate, STUCK_SECONDS).done().millis(0.99);
    double meanwhile;
    try (ExecutorService callers = Executors.newVirtualThreadPerTaskExecutor();
        Connection somebody = database.connect("evenkeel");
        Statement statement = somebody.createStatement()) {
      somebody.setAutoCommit(false);
      statement.execute("select from accounts.account where id = '" + account + "' for update");
      for (int i = 1; i <= 8; i++) {
        UUID other = accounts.get(i);
        callers.execute(() -> application.api.transfer(account, other, 1));
      }
      meanwhile = others.open(rate, STUCK_SECONDS).done().millis(0.99);
      somebody.rollback();
    }
    report.say(
        "p99 of the others while an account is locked for 1.5 s: %.1f ms; before: %.1f ms",
        meanwhile, before);
  }
}
