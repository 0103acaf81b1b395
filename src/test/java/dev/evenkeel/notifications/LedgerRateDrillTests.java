package dev.evenkeel.notifications;

import static org.assertj.core.api.Assertions.assertThat;

import dev.evenkeel.Evenkeel;
import dev.testing.Api;
import dev.testing.TestDatabase;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.LongAdder;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.springframework.beans.factory.config.BeanDefinition;
import org.springframework.beans.factory.support.BeanDefinitionRegistry;
import org.springframework.beans.factory.support.BeanDefinitionRegistryPostProcessor;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.context.ConfigurableApplicationContext;

/**
 * Measures how much the notifications module slows down transfers, for docs/notifications.md:
 * {@code ./mvnw verify -Pdrills}.
 */
@Tag("drill")
class LedgerRateDrillTests {

  private static final String MODULE = NotificationConsumer.class.getPackageName();
  private static final int CALLERS = 32;
  private static final double SECONDS = 10;
  private static final int WARM_UP_ROUNDS = 5;
  private static final int ROUNDS = 5;

  /** Removes all beans of the module. Without a listener no event is stored. */
  static class WithoutNotifications implements BeanDefinitionRegistryPostProcessor {

    @Override
    public void postProcessBeanDefinitionRegistry(BeanDefinitionRegistry beans) {
      for (String name : beans.getBeanDefinitionNames()) {
        BeanDefinition bean = beans.getBeanDefinition(name);
        String factory = bean.getFactoryBeanName();
        boolean orphan = factory != null && !beans.containsBeanDefinition(factory);
        if (orphan || String.valueOf(bean.getBeanClassName()).startsWith(MODULE)) {
          beans.removeBeanDefinition(name);
        }
      }
    }
  }

  /** An application with a database of its own, loaded with transfers. */
  private static final class Instance implements AutoCloseable {

    private final ConfigurableApplicationContext application;
    private final Api api;
    private final List<UUID> accounts;

    Instance(Class<?>... sources) {
      TestDatabase database = TestDatabase.create();
      application =
          new SpringApplicationBuilder(sources)
              .run(
                  database.arguments(
                      "--server.port=0",
                      "--evenkeel.accounts.max-overdraft=1000000000",
                      "--evenkeel.payments.provider.url=http://127.0.0.1:9"));
      String port = application.getEnvironment().getProperty("local.server.port", "0");
      api = Api.operator(Integer.parseInt(port), "demo");
      accounts = Stream.generate(() -> api.openAccount(1_000_000_000)).limit(1000).toList();
    }

    /** Measures transfers per second. */
    double rate() throws InterruptedException {
      LongAdder done = new LongAdder();
      long end = System.nanoTime() + (long) (SECONDS * 1e9);
      try (ExecutorService callers = Executors.newVirtualThreadPerTaskExecutor()) {
        for (int i = 0; i < CALLERS; i++) {
          int caller = i;
          callers.execute(() -> {
            for (int n = caller; System.nanoTime() < end; n += CALLERS) {
              UUID from = accounts.get(n % accounts.size());
              UUID to = accounts.get((n + 1) % accounts.size());
              if (api.transfer(from, to, 1).status() == 201) {
                done.increment();
              }
            }
          });
        }
        callers.shutdown();
        assertThat(callers.awaitTermination(1, TimeUnit.MINUTES)).isTrue();
      }
      return done.sum() / SECONDS;
    }

    @Override
    public void close() {
      application.close();
    }
  }

  @Test
  void ledgerKeepsEightyPercentOfItsRate() throws Exception {
    try (Instance with = new Instance(Evenkeel.class);
        Instance without = new Instance(Evenkeel.class, WithoutNotifications.class)) {
      for (int round = 0; round < WARM_UP_ROUNDS; round++) { // until everything has been compiled
        with.rate();
        without.rate();
      }
      List<Double> ratios = new ArrayList<>();
      for (int round = 0; round < ROUNDS; round++) {
        double rate = with.rate();
        double rateWithout = without.rate();
        ratios.add(rate / rateWithout);
        System.out.printf(
            "DRILL transfers/s with notifications %.0f, without %.0f: %.0f %%%n",
            rate, rateWithout, 100 * ratios.getLast());
      }
      double ratio = ratios.stream().sorted().toList().get(ROUNDS / 2);
      System.out.printf("DRILL the middle: %.0f %%%n", 100 * ratio);
      assertThat(ratio).isGreaterThanOrEqualTo(0.8);
    }
  }
}
