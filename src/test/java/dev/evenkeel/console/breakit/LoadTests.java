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
  private static final int RATE = 50;
  private static final Duration PERIOD = Duration.ofSeconds(1).dividedBy(RATE);

  private final AtomicInteger done = new AtomicInteger();

  @Test
  void leavesOutWhatCannotBegin() {
    CountDownLatch answered = new CountDownLatch(1);
    Load load =
        new Load(
            RATE,
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
    Load load = new Load(RATE, Duration.ofSeconds(1), done::incrementAndGet, new Semaphore(3));

    load.start();

    await().until(load::hasEnded);
    assertThat(load.status()).isEqualTo(Load.Status.NONE);
    assertThat(done.get()).isBetween(1, RATE + 1);
    awaitRest();
  }

  @Test
  void endsWhenItIsTold() {
    Load load = new Load(RATE, LONG, done::incrementAndGet, new Semaphore(3));
    load.start();
    await().until(() -> done.get() > 0);
    assertThat(load.status().isRunning()).isTrue();

    load.end();

    assertThat(load.status().isRunning()).isFalse();
    awaitRest();
  }

  /** Returns when nothing was done for several periods. */
  private void awaitRest() {
    await().during(PERIOD.multipliedBy(20)).until(() -> done.getAndSet(0) == 0);
  }
}
