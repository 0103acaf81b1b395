package dev.evenkeel.payments;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.slf4j.LoggerFactory;

/**
 * Runs histories of payments that seeds decide, see docs/simulation.md. {@code -Dseeds=} sets their
 * number for each provider, {@code -Dseed=} tells the story of a single one.
 */
class PaymentSimulationTests {

  private static final long SEEDS = Long.getLong("seeds", 2_000);
  private static final int AT_ONCE = 4;

  private final Logger log = (Logger) LoggerFactory.getLogger("dev.evenkeel.payments");

  @BeforeEach
  void silence() {
    log.setLevel(Level.OFF);
  }

  @AfterEach
  void speak() {
    log.setLevel(null);
  }

  @ParameterizedTest
  @EnumSource
  void keepsPaymentsTrueWhateverHappens(Simulation.Protocol protocol) throws Exception {
    Long single = Long.getLong("seed");
    if (single != null) {
      System.out.println(String.join("\n", Simulation.run(protocol, single, true)));
      return;
    }
    AtomicLong next = new AtomicLong();
    try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      List<Future<?>> workers = new ArrayList<>();
      for (int i = 0; i < AT_ONCE; i++) {
        workers.add(
            threads.submit(() -> {
              for (long seed = next.getAndIncrement();
                  seed < SEEDS;
                  seed = next.getAndIncrement()) {
                try {
                  Simulation.run(protocol, seed, false);
                } catch (Simulation.Failure broken) {
                  next.set(SEEDS);
                  Simulation.run(protocol, seed, true); // fails again, and tells the story
                }
              }
            }));
      }
      for (Future<?> worker : workers) {
        worker.get();
      }
    }
  }

  @ParameterizedTest
  @EnumSource
  void replaysASeedExactly(Simulation.Protocol protocol) {
    for (long seed = 0; seed < 20; seed++) {
      List<String> story = Simulation.run(protocol, seed, true);
      assertThat(Simulation.run(protocol, seed, true)).isEqualTo(story);
    }
  }
}
