package dev.evenkeel.console;

import static org.assertj.core.api.Assertions.assertThat;

import dev.drills.Drill;
import dev.drills.Traffic;
import dev.testing.Api;
import java.io.IOException;
import java.io.InputStream;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.atomic.LongAdder;
import org.junit.jupiter.api.Test;
import org.springframework.boot.test.web.server.LocalServerPort;
import org.springframework.test.context.DynamicPropertyRegistry;
import org.springframework.test.context.DynamicPropertySource;

/** Transfers while payments run and pages of the console are open. */
@Drill
class OpenPagesDrillTests {

  /**
   * Until everything has been compiled and optimised, the pages too. Two processors are busy with
   * that for two minutes, and so full that the least that is added makes all requests wait.
   */
  private static final Duration WARM_UP = Duration.ofSeconds(150);

  private static final Duration PAUSE = Duration.ofSeconds(3);
  private static final Duration WINDOW = Duration.ofSeconds(15);

  /** Medians are compared, so that a few disturbed windows do not decide. */
  private static final int WINDOWS = 7;

  private static final int TRANSFERS = 100;
  private static final int PAYMENTS = 50;
  private static final int PAGES = 10;

  /** What a live page is sent during a window, at the very least. */
  private static final int LIVE_BYTES = 10_000;

  @DynamicPropertySource
  static void registration(DynamicPropertyRegistry registry) {
    PageTest.registration(registry);
  }

  @LocalServerPort int port;

  @Test
  void openPagesLeaveTransfersTheirTime() throws Exception {
    Api ada = new Api(port, "ada-" + UUID.randomUUID());
    UUID from = ada.openAccount(1_000_000_000);
    UUID to = ada.openAccount(1_000_000_000);
    List<Double> besidePayments = new ArrayList<>();
    List<Double> withPages = new ArrayList<>();
    try (Traffic transfers = new Traffic(TRANSFERS, _ -> ada.transfer(from, to, 1))) {
      try (Traffic _ = payments();
          OpenPages _ = new OpenPages()) {
        transfers.during(WARM_UP);
      }
      for (int i = 0; i < WINDOWS; i++) {
        report("alone                  %s", measure(transfers));
        try (Traffic payments = payments()) {
          Traffic.Result beside = measure(transfers);
          report("50 payments a second   %s", beside);
          try (OpenPages pages = new OpenPages()) {
            transfers.during(PAUSE);
            pages.resetBytes();
            Traffic.Result open = transfers.during(WINDOW);
            assertThat(pages.bytes())
                .as("each page is live")
                .hasSize(PAGES)
                .allMatch(it -> it > LIVE_BYTES);
            report("and 10 open pages      %s", open);
            assertThat(open.unexpected()).isEmpty();
            assertThat(payments.soFar().unexpected()).isEmpty();
            besidePayments.add(beside.millis(0.99));
            withPages.add(open.millis(0.99));
          }
        }
      }
    }
    double ratio = median(withPages) / median(besidePayments);
    report("with open pages        p99 %.2f times as long", ratio);
    assertThat(ratio).isLessThan(1.5);
  }

  private static double median(List<Double> windows) {
    return windows.stream().sorted().toList().get(WINDOWS / 2);
  }

  private static Traffic.Result measure(Traffic transfers) throws Exception {
    transfers.during(PAUSE);
    return transfers.during(WINDOW);
  }

  /** The payments of ten owners. */
  private Traffic payments() {
    List<Api> owners = new ArrayList<>();
    List<UUID> accounts = new ArrayList<>();
    for (int i = 0; i < PAGES; i++) {
      owners.add(new Api(port, "payer-" + i));
      accounts.add(owners.get(i).openAccount(0));
    }
    return new Traffic(
        PAYMENTS,
        n -> owners.get(n % PAGES).payIn(accounts.get(n % PAGES), 100 + n % 900, "tok_ok"));
  }

  /** The page "Break it" of each owner, read as a browser does. */
  private final class OpenPages implements AutoCloseable {

    private final List<InputStream> streams = new ArrayList<>();
    private final List<LongAdder> bytes = new ArrayList<>();

    OpenPages() {
      for (int i = 0; i < PAGES; i++) {
        InputStream stream = new Browser(port).login("payer-" + i).stream("/console/break-it/live");
        LongAdder counter = new LongAdder();
        streams.add(stream);
        bytes.add(counter);
        Thread.ofVirtual().start(() -> read(stream, counter));
      }
    }

    private static void read(InputStream stream, LongAdder counter) {
      byte[] buffer = new byte[8192];
      try {
        for (int read = 0; read >= 0; read = stream.read(buffer)) {
          counter.add(read);
        }
      } catch (IOException closed) {
        // As the drill has closed it
      }
    }

    void resetBytes() {
      bytes.forEach(LongAdder::reset);
    }

    /** What each page was sent since the reset. */
    List<Long> bytes() {
      return bytes.stream().map(LongAdder::sum).toList();
    }

    @Override
    public void close() throws IOException {
      for (InputStream stream : streams) {
        stream.close();
      }
    }
  }

  private static void report(String line, Object... values) {
    System.out.println("drill: " + line.formatted(values));
  }
}
