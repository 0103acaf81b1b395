package dev.evenkeel.accounts.posting;

import static org.assertj.core.api.Assertions.assertThat;

import dev.evenkeel.accounts.Audit;
import dev.testing.PatientDatabase;
import dev.testing.TestServices;
import io.micrometer.core.instrument.DistributionSummary;
import io.micrometer.core.instrument.MeterRegistry;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.context.annotation.Import;
import org.springframework.modulith.test.ApplicationModuleTest;
import org.springframework.test.context.TestPropertySource;

/**
 * Runs random histories, also with concurrent requests, and compares the ledger with a simple
 * model. {@code -Devenkeel.histories=} sets their number, {@code -Devenkeel.histories.seed=} the
 * first seed.
 */
@Tag("database")
@ApplicationModuleTest
@Import({TestServices.class, RealLedger.class})
@PatientDatabase
// Enough connections for eight histories at once
@TestPropertySource(properties = "spring.datasource.hikari.maximum-pool-size=20")
class LedgerHistoryTests {

  private static final int COUNT = Integer.getInteger("evenkeel.histories", 500);
  private static final long SEED =
      Long.getLong("evenkeel.histories.seed", new SplittableRandom().nextLong(1L << 40));
  private static final int THREADS = 8;

  @Autowired RealLedger ledger;
  @Autowired Audit audit;
  @Autowired MeterRegistry meters;

  private record Failure(History history, Throwable cause) {}

  @Test
  void behavesLikeTheModel() throws Exception {
    Failure failure = firstFailure();
    if (failure != null) {
      Failure shortest = shrunk(failure);
      throw new AssertionError(description(shortest), shortest.cause());
    }

    assertThat(audit.check().differences()).isEmpty();
    assertThat(audit.check().balanced()).isTrue();
    DistributionSummary batches = meters.find("evenkeel.ledger.batch.size").summary();
    if (batches != null) { // unless group commit is switched off
      assertThat(batches.totalAmount())
          .as("requests share transactions")
          .isGreaterThan(batches.count());
    }
  }

  private @Nullable Failure firstFailure() throws Exception {
    AtomicInteger next = new AtomicInteger();
    AtomicReference<@Nullable Failure> failure = new AtomicReference<>();
    try (ExecutorService threads = Executors.newFixedThreadPool(THREADS)) {
      List<Future<?>> workers = new ArrayList<>();
      for (int i = 0; i < THREADS; i++) {
        workers.add(
            threads.submit(() -> {
              int index;
              while (failure.get() == null && (index = next.getAndIncrement()) < COUNT) {
                failure.compareAndSet(null, failure(History.of(SEED + index)));
              }
            }));
      }
      for (Future<?> worker : workers) {
        worker.get();
      }
    }
    return failure.get();
  }

  private @Nullable Failure failure(History history) {
    try {
      HistoryRun.run(ledger, history);
      return null;
    } catch (AssertionError | RuntimeException cause) {
      return new Failure(history, cause);
    }
  }

  /** Leaves out half of the steps, a quarter and so on, as long as the history still fails. */
  private Failure shrunk(Failure failing) {
    Failure shortest = failing;
    for (int size = failing.history().steps().size() / 2; size > 0; size /= 2) {
      for (int first = 0; first < shortest.history().steps().size(); ) {
        Failure shorter = failureInSomeRun(shortest.history().without(first, size));
        shortest = shorter == null ? shortest : shorter;
        first += shorter == null ? size : 0;
      }
    }
    return withFewerAtOnce(shortest);
  }

  private Failure withFewerAtOnce(Failure failing) {
    for (History fewer : failing.history().withOneLessAtOnce()) {
      Failure shorter = failureInSomeRun(fewer);
      if (shorter != null) {
        return withFewerAtOnce(shorter);
      }
    }
    return failing;
  }

  /** Runs a concurrent history several times, as its order varies. */
  private @Nullable Failure failureInSomeRun(History history) {
    boolean concurrent = history.steps().stream().anyMatch(Step.Together.class::isInstance);
    Failure failure = null;
    for (int i = 0; i < (concurrent ? 5 : 1) && failure == null; i++) {
      failure = failure(history);
    }
    return failure;
  }

  private static String description(Failure failure) {
    return "This history fails; -Devenkeel.histories.seed=%d -Devenkeel.histories=1 repeats it.\n%s\n%s"
        .formatted(failure.history().seed(), failure.history(), failure.cause().getMessage());
  }
}
