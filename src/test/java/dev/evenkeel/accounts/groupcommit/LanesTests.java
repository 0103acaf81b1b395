package dev.evenkeel.accounts.groupcommit;

import static dev.evenkeel.accounts.groupcommit.QueuedPostings.done;
import static dev.evenkeel.accounts.groupcommit.QueuedPostings.queued;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.evenkeel.accounts.AccountId;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.boot.availability.AvailabilityChangeEvent;
import org.springframework.boot.availability.LivenessState;

/** The two lanes without a database: the test decides what becomes of a batch. */
class LanesTests {

  private static final AccountId ONE = new AccountId(UUID.randomUUID());
  private static final AccountId OTHER = new AccountId(UUID.randomUUID());

  private final SimpleMeterRegistry meters = new SimpleMeterRegistry();
  private final List<Object> events = new CopyOnWriteArrayList<>();
  private final List<Integer> batchSizes = new CopyOnWriteArrayList<>();
  private final CountDownLatch held = new CountDownLatch(1);
  private @Nullable Lanes lanes;

  @AfterEach
  void close() throws InterruptedException {
    held.countDown();
    if (lanes != null) {
      lanes.close();
    }
  }

  private Lanes started(int queueSize, Lanes.Batches batches) {
    Lanes started = new Lanes(batches, queueSize, meters, events::add);
    started.start();
    lanes = started;
    return started;
  }

  /** Commits a batch once the test lets it. */
  private List<QueuedPosting> hold(List<QueuedPosting> batch) {
    if (!batch.isEmpty()) {
      batchSizes.add(batch.size());
      try {
        held.await();
      } catch (InterruptedException e) {
        throw new IllegalStateException(e);
      }
    }
    return complete(batch);
  }

  private static List<QueuedPosting> complete(List<QueuedPosting> batch) {
    batch.forEach(posting -> posting.outcome.complete(done(posting)));
    return List.of();
  }

  private static QueuedPosting skip(QueuedPosting posting, AccountId locked) {
    posting.skips++;
    posting.lockedAccount = locked;
    assertThat(posting.putBack()).isTrue();
    return posting;
  }

  private static Stream<Throwable> failures() {
    return Stream.of(new IllegalStateException("planted"), new LinkageError("planted"));
  }

  @ParameterizedTest
  @MethodSource("failures")
  void goesOnAfterAFailure(Throwable planted) {
    AtomicReference<@Nullable Throwable> failure = new AtomicReference<>(planted);
    Lanes lanes =
        started(
            10,
            (batch, _) -> {
              throwIf(batch.isEmpty() ? null : failure.getAndSet(null));
              return complete(batch);
            });
    assertThat(lanes.offer(queued())).isTrue();
    await().until(() -> failure.get() == null);
    QueuedPosting next = queued();
    assertThat(lanes.offer(next)).isTrue();

    await().until(next.outcome::isDone);
    assertThat(events).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(classes = {InternalError.class, AssertionError.class})
  void reportsThatALaneHasEnded(Class<? extends Error> planted) throws Exception {
    Error failure = planted.getConstructor().newInstance();
    Lanes lanes =
        started(
            10,
            (batch, _) -> {
              throwIf(batch.isEmpty() ? null : failure);
              return List.of();
            });
    assertThat(lanesAlive()).isEqualTo(2);
    assertThat(lanes.offer(queued())).isTrue();

    await().until(() -> !events.isEmpty());
    assertThat(events)
        .singleElement()
        .extracting(event -> ((AvailabilityChangeEvent<?>) event).getState())
        .isEqualTo(LivenessState.BROKEN);
    await().until(() -> lanesAlive() == 1);
  }

  private double lanesAlive() {
    return meters.get("evenkeel.ledger.lanes.alive").gauge().value();
  }

  private static void throwIf(@Nullable Throwable failure) {
    switch (failure) {
      case RuntimeException it -> throw it;
      case Error it -> throw it;
      case null, default -> {}
    }
  }

  @Test
  void gathersWhileABatchCommits() {
    Lanes lanes = started(1000, (batch, _) -> hold(batch));
    QueuedPosting last = queued();
    assertThat(lanes.offer(queued())).isTrue();
    await().until(() -> batchSizes.equals(List.of(1)));
    for (int i = 0; i < 600; i++) {
      assertThat(lanes.offer(queued())).isTrue();
    }
    assertThat(lanes.offer(last)).isTrue();
    assertThat(meters.get("evenkeel.ledger.queue").gauge().value()).isEqualTo(601);
    held.countDown();

    await().until(last.outcome::isDone);
    assertThat(batchSizes).containsExactly(1, 500, 101);
  }

  @Test
  void refusesWhatTheQueueCannotTake() {
    Lanes lanes = started(1, (batch, _) -> hold(batch));
    assertThat(lanes.offer(queued())).isTrue();
    await().until(() -> !batchSizes.isEmpty());
    QueuedPosting waiting = queued();

    assertThat(lanes.offer(waiting)).isTrue();
    assertThat(lanes.offer(queued())).isFalse();
    lanes.remove(waiting);
    assertThat(lanes.offer(queued())).isTrue();
  }

  @Test
  void leavesOutWithdrawnRequests() {
    List<QueuedPosting> committed = new CopyOnWriteArrayList<>();
    Lanes lanes =
        started(
            10,
            (batch, _) -> {
              committed.addAll(batch);
              return complete(batch);
            });
    QueuedPosting withdrawn = queued();
    assertThat(withdrawn.withdraw()).isTrue();
    QueuedPosting next = queued();
    assertThat(lanes.offer(withdrawn)).isTrue();
    assertThat(lanes.offer(next)).isTrue();

    await().until(next.outcome::isDone);
    assertThat(committed).containsExactly(next);
  }

  @Test
  void waitsForAnAccountThatWasSkippedTwice() {
    List<Integer> skipsOfMainLane = new CopyOnWriteArrayList<>();
    ConcurrentLinkedQueue<AccountId> waitedFor = new ConcurrentLinkedQueue<>();
    Lanes lanes =
        started(
            10,
            (batch, awaited) -> {
              if (awaited != null) {
                waitedFor.add(awaited);
                return complete(batch);
              }
              batch.forEach(posting -> skipsOfMainLane.add(posting.skips));
              return batch.stream().map(posting -> skip(posting, ONE)).toList();
            });
    QueuedPosting stuck = queued();
    assertThat(lanes.offer(stuck)).isTrue();

    await().until(stuck.outcome::isDone);
    assertThat(waitedFor).containsExactly(ONE);
    assertThat(skipsOfMainLane).containsExactly(0, 1);
  }

  /** An account that stays locked does not keep the others waiting. */
  @Test
  void waitsForAccountsInTurn() {
    QueuedPosting one = queued();
    QueuedPosting other = queued();
    List<AccountId> waitedFor = new ArrayList<>();
    Lanes lanes =
        started(
            10,
            (batch, awaited) -> {
              if (awaited != null) {
                waitedFor.add(awaited);
              }
              return afterTheFirst(OTHER, waitedFor).size() < 3
                  ? batch.stream()
                      .map(posting -> skip(posting, posting == one ? ONE : OTHER))
                      .toList()
                  : complete(batch);
            });
    assertThat(lanes.offer(one)).isTrue();
    assertThat(lanes.offer(other)).isTrue();

    await().until(() -> one.outcome.isDone() && other.outcome.isDone());
    assertThat(afterTheFirst(OTHER, waitedFor)).containsExactly(OTHER, ONE, OTHER);
  }

  private static List<AccountId> afterTheFirst(AccountId account, List<AccountId> all) {
    return all.contains(account) ? all.subList(all.indexOf(account), all.size()) : List.of();
  }

  @Test
  void finishesWhatIsQueuedBeforeItCloses() throws Exception {
    Lanes lanes = started(10, (batch, _) -> hold(batch));
    QueuedPosting taken = queued();
    assertThat(lanes.offer(taken)).isTrue();
    await().until(() -> !batchSizes.isEmpty());
    QueuedPosting waiting = queued();
    assertThat(lanes.offer(waiting)).isTrue();
    Thread closing =
        Thread.ofPlatform()
            .start(() -> {
              try {
                lanes.close();
              } catch (InterruptedException e) {
                throw new IllegalStateException(e);
              }
            });
    await().until(() -> closing.getState() == Thread.State.WAITING);

    assertThat(lanes.offer(queued())).isFalse();
    held.countDown();
    closing.join();
    assertThat(taken.outcome).isDone();
    assertThat(waiting.outcome).isDone();
  }
}
