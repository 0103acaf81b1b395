package dev.evenkeel.notifications;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.evenkeel.Evenkeel;
import dev.testing.Api;
import dev.testing.ApplicationProcess;
import dev.testing.TestDatabase;
import java.io.UncheckedIOException;
import java.net.URI;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.SplittableRandom;
import java.util.UUID;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Kills two instances while transfers are posted to them: {@code ./mvnw verify -Pdrills}. */
@Tag("drill")
class KillDrillTests {

  private static final Duration LONG = Duration.ofMinutes(3);
  private static final int KILLS = 20;
  private static final int TRANSFERS_EACH = 500;
  private static final int TRANSFERS = KILLS * TRANSFERS_EACH;
  private static final int OWNERS = 20;
  private static final int CALLERS = 16;

  private final TestDatabase database = TestDatabase.create();
  private final SplittableRandom random = new SplittableRandom();
  private final Semaphore due = new Semaphore(0);
  private final AtomicInteger begun = new AtomicInteger();
  private final AtomicInteger posted = new AtomicInteger();

  /** Transfers that were posted although their answer got lost. */
  private final AtomicInteger replayed = new AtomicInteger();

  private ApplicationProcess start() throws Exception {
    ApplicationProcess instance =
        new ApplicationProcess(
            database, URI.create("http://127.0.0.1:9"), "-XX:+UseSerialGC", "-Xmx256m");
    instance.start(Evenkeel.class);
    return instance;
  }

  /**
   * A client that tries again, with the same key, at the other instance.
   *
   * @return how many transfers all clients have posted
   */
  private int post(List<ApplicationProcess> instances, List<UUID> accounts)
      throws InterruptedException {
    while (true) {
      due.acquire();
      int number = begun.getAndIncrement();
      if (number >= TRANSFERS) {
        return posted.get();
      }
      AtomicInteger attempt = new AtomicInteger(number);
      await()
          .atMost(LONG)
          .pollInSameThread()
          .pollDelay(Duration.ZERO)
          .pollInterval(Duration.ofMillis(10))
          .until(() -> isPosted(instances.get(attempt.getAndIncrement() % 2), accounts, number));
      posted.incrementAndGet();
    }
  }

  private boolean isPosted(ApplicationProcess instance, List<UUID> accounts, int number) {
    int from = number % OWNERS;
    int to = (number * 7 + 3) % OWNERS;
    try {
      Api.Answer answer =
          new Api(instance.port, "owner-" + from)
              .transfer("key-" + number, accounts.get(from), accounts.get(to), 1);
      replayed.addAndGet(answer.status() == 200 ? 1 : 0);
      assertThat(answer.status()).as(answer.toString()).isIn(200, 201, 503);
      return answer.status() != 503;
    } catch (UncheckedIOException killed) {
      return false;
    }
  }

  /** Whether an instance is processing events. */
  private boolean isProcessing(ApplicationProcess instance) throws SQLException {
    return instance.count("pg_locks where locktype = 'advisory' and granted") > 0;
  }

  @Test
  void twentyKillsLoseAndRepeatNothing() throws Exception {
    List<ApplicationProcess> instances = List.of(start(), start());
    ApplicationProcess first = instances.getFirst();
    ExecutorService callers = Executors.newVirtualThreadPerTaskExecutor();
    int killsAmidEvents = 0;
    try {
      List<UUID> accounts =
          IntStream.range(0, OWNERS)
              .mapToObj(i -> new Api(first.port, "owner-" + i).openAccount(1_000_000))
              .toList();
      List<Future<Integer>> all =
          IntStream.range(0, CALLERS)
              .mapToObj(_ -> callers.submit(() -> post(instances, accounts)))
              .toList();
      for (int i = 0; i < KILLS; i++) {
        int target = posted.get() + random.nextInt(TRANSFERS_EACH);
        due.release(TRANSFERS_EACH);
        await()
            .atMost(LONG)
            .pollDelay(Duration.ZERO)
            .pollInterval(Duration.ofMillis(2))
            .until(() -> posted.get() > target);
        boolean processing = isProcessing(first);
        ApplicationProcess killed = instances.get(i % 2);
        killed.kill();
        killsAmidEvents += processing ? 1 : 0;
        killed.start(Evenkeel.class);
      }
      due.release(CALLERS);
      for (Future<Integer> caller : all) {
        caller.get(LONG.toMinutes(), TimeUnit.MINUTES);
      }
      await().atMost(LONG).until(() -> first.count("shared.outbox") == 0);
    } finally {
      callers.shutdownNow();
      for (ApplicationProcess instance : instances) {
        instance.kill();
      }
    }

    System.out.printf(
        "DRILL %d transfers, %d kills, %d while events were processed; %d answers got lost%n",
        TRANSFERS, KILLS, killsAmidEvents, replayed.get());
    assertThat(killsAmidEvents).as("kills while events were processed").isPositive();
    assertThat(first.count("accounts.transfer")).isEqualTo(TRANSFERS);
    assertThat(first.count("notifications.notification")).isEqualTo(2L * TRANSFERS);
    assertThat(first.count("(select distinct subject_id, type from notifications.notification) n"))
        .isEqualTo(2L * TRANSFERS);
    assertThat(
            first.count(
                """
                notifications.feed f
                where f.seq <> (select count(*) from notifications.notification n where n.owner = f.owner)
                   or f.seq <> (select max(seq) from notifications.notification n where n.owner = f.owner)
                """))
        .as("sequences with gaps")
        .isZero();
  }
}
