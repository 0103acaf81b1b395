package dev.evenkeel.console.breakit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

class LoadTests {

  private static final Duration LONG = Duration.ofMinutes(2);

  private final AtomicInteger done = new AtomicInteger();

  @Test
  void leavesOutWhatCannotBegin() {
    CountDownLatch answered = new CountDownLatch(1);
    Load load =
        new Load(
            50,
            LONG,
            () -> {
              await().until(() -> answered.getCount() == 0);
              done.incrementAndGet();
            },
            new Semaphore(3));

    load.start();

    await().until(() -> load.status().leftOut() > 3);
    assertThat(load.status().sent()).isEqualTo(3);
    answered.countDown();
    await().until(() -> load.status().sent() > 3);
    load.end();
  }

  @Test
  void endsByItself() {
    Load load = new Load(50, Duration.ofMillis(200), done::incrementAndGet, new Semaphore(3));

    load.start();

    await().until(load::hasEnded);
    assertThat(load.status()).isEqualTo(Load.Status.NONE);
    assertThat(done.get()).isLessThanOrEqualTo(50);
  }

  @Test
  void endsWhenItIsTold() {
    Load load = new Load(50, LONG, done::incrementAndGet, new Semaphore(3));
    load.start();
    assertThat(load.status().isRunning()).isTrue();

    load.end();

    assertThat(load.status().isRunning()).isFalse();
  }
}
