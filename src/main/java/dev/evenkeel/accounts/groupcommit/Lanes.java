package dev.evenkeel.accounts.groupcommit;

import dev.evenkeel.accounts.AccountId;
import io.micrometer.core.instrument.MeterRegistry;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.boot.availability.AvailabilityChangeEvent;
import org.springframework.boot.availability.LivenessState;
import org.springframework.context.ApplicationEventPublisher;

/**
 * The two threads that commit queued posting requests in batches. Each uses one connection.
 *
 * <p>The main lane skips accounts that are locked by others. A request that was skipped twice moves
 * to the waiting lane, which waits for one locked account after the other, each time only for a
 * moment, and meanwhile writes what is free. A stuck account therefore delays only the requests
 * that need it.
 */
final class Lanes {

  private static final int BATCH_SIZE = 500;
  private static final int MAX_SKIPS = 2;
  private static final long POLL_INTERVAL_MILLIS = 100;

  private static final Logger log = LoggerFactory.getLogger(Lanes.class);

  private final Batches batches;
  private final ApplicationEventPublisher events;
  private final BlockingQueue<QueuedPosting> queue;
  private final BlockingQueue<QueuedPosting> stuck = new LinkedBlockingQueue<>();
  private final List<QueuedPosting> next = new ArrayList<>();
  private final Thread mainLane = lane("ledger", this::hasMainWork, this::commitNext);
  private final Thread waitingLane = lane("ledger-waiting", this::hasStuckWork, this::commitStuck);
  private volatile boolean closing;

  /** Commits the lanes' batches. */
  interface Batches {

    /**
     * Commits a batch and gives each caller its outcome.
     *
     * @param awaited an account to wait for; all other locked accounts are skipped
     * @return the skipped requests, which wait again
     * @throws VirtualMachineError after all callers have got it
     */
    List<QueuedPosting> commit(List<QueuedPosting> batch, @Nullable AccountId awaited);
  }

  Lanes(Batches batches, int queueSize, MeterRegistry meters, ApplicationEventPublisher events) {
    this.batches = batches;
    this.events = events;
    this.queue = new LinkedBlockingQueue<>(queueSize);
    meters.gaugeCollectionSize("evenkeel.ledger.queue", List.of(), queue);
    meters.gauge("evenkeel.ledger.lanes.alive", this, Lanes::alive);
  }

  void start() {
    mainLane.start();
    waitingLane.start();
  }

  /**
   * Queues a request for the main lane.
   *
   * @return false if the queue is full or the lanes are closing
   */
  boolean offer(QueuedPosting posting) {
    return !closing && queue.offer(posting);
  }

  void remove(QueuedPosting withdrawn) {
    queue.remove(withdrawn);
  }

  private long alive() {
    return Stream.of(mainLane, waitingLane).filter(Thread::isAlive).count();
  }

  /** Returns when all queued requests have an outcome. */
  void close() throws InterruptedException {
    closing = true;
    mainLane.join();
    waitingLane.join();
  }

  /**
   * A thread that works until shutdown, whatever fails. Only an error, as of the virtual machine,
   * ends it earlier; the instance then reports that it must be restarted.
   */
  private Thread lane(String name, BooleanSupplier hasWork, Runnable work) {
    return Thread.ofPlatform()
        .name(name)
        .unstarted(() -> {
          try {
            while (hasWork.getAsBoolean()) {
              workOnce(work);
            }
          } catch (Error broken) {
            log.error("The lane \"{}\" has ended; this instance must be restarted", name, broken);
            AvailabilityChangeEvent.publish(events, this, LivenessState.BROKEN);
          }
        });
  }

  private static void workOnce(Runnable work) {
    try {
      work.run();
    } catch (RuntimeException | LinkageError failure) {
      log.error("A lane of the ledger failed and goes on", failure);
    }
  }

  private boolean hasMainWork() {
    return !closing || !queue.isEmpty() || !next.isEmpty();
  }

  private boolean hasStuckWork() {
    return !closing || mainLane.isAlive() || !stuck.isEmpty();
  }

  private void commitNext() {
    gather(next);
    List<QueuedPosting> batch = next.stream().filter(QueuedPosting::take).toList();
    next.clear();
    for (QueuedPosting skipped : batches.commit(batch, null)) {
      (skipped.skips < MAX_SKIPS ? next : stuck).add(skipped);
    }
  }

  /** Takes all that the queue has, up to a full batch; waits a moment if there is nothing to do. */
  private void gather(List<QueuedPosting> next) {
    QueuedPosting first = next.isEmpty() ? poll(queue) : null;
    if (first != null) {
      next.add(first);
    }
    queue.drainTo(next, BATCH_SIZE - next.size());
  }

  private static @Nullable QueuedPosting poll(BlockingQueue<QueuedPosting> queue) {
    try {
      return queue.poll(POLL_INTERVAL_MILLIS, TimeUnit.MILLISECONDS);
    } catch (InterruptedException e) {
      throw new IllegalStateException("the lanes are never interrupted", e);
    }
  }

  /** Waits for the account that has waited for its turn the longest, and writes what is free. */
  private void commitStuck() {
    QueuedPosting first = poll(stuck);
    if (first == null || !first.take()) {
      return;
    }
    List<QueuedPosting> batch = new ArrayList<>(List.of(first));
    List<QueuedPosting> others = new ArrayList<>();
    stuck.drainTo(others, BATCH_SIZE - 1);
    others.stream().filter(QueuedPosting::take).forEach(batch::add);
    AccountId awaited = first.lockedAccount;
    List<QueuedPosting> skipped = new ArrayList<>(batches.commit(batch, awaited));
    skipped.sort(Comparator.comparing(posting -> Objects.equals(posting.lockedAccount, awaited)));
    stuck.addAll(skipped);
  }
}
