package dev.evenkeel.accounts.posting;

import dev.evenkeel.accounts.AccountId;
import dev.evenkeel.accounts.LedgerRecord;
import dev.evenkeel.accounts.PostingRequest;
import dev.evenkeel.accounts.posting.PostingWriter.BatchResult;
import dev.evenkeel.accounts.posting.PostingWriter.Mode;
import dev.evenkeel.database.ConcurrentRequestException;
import dev.evenkeel.database.ConnectionPools;
import dev.evenkeel.database.RetryingTransactions;
import dev.evenkeel.database.SqlState;
import dev.evenkeel.idempotency.Fingerprint;
import dev.evenkeel.idempotency.InFlightRequests;
import dev.evenkeel.idempotency.Outcome;
import dev.evenkeel.problems.BusyException;
import dev.evenkeel.problems.OutcomeUnknownException;
import dev.evenkeel.problems.Problem;
import io.micrometer.core.instrument.DistributionSummary;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.observation.Observation;
import io.micrometer.observation.ObservationRegistry;
import io.micrometer.tracing.TraceContext;
import io.micrometer.tracing.Tracer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.beans.factory.DisposableBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBooleanProperty;
import org.springframework.boot.availability.AvailabilityChangeEvent;
import org.springframework.boot.availability.LivenessState;
import org.springframework.context.ApplicationEventPublisher;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Primary;
import org.springframework.stereotype.Component;
import org.springframework.transaction.CannotCreateTransactionException;

/**
 * Lets posting requests that arrive at the same time share a transaction: while one batch commits,
 * the next one gathers, and each caller gets its own outcome. This is only an optimisation. Without
 * this file, {@link DirectCommit} gives each request a transaction of its own, with the same
 * guarantees.
 *
 * <p>There are two lanes, each a thread that uses one connection. The main lane skips accounts that
 * are locked by others. A request that was skipped twice moves to the waiting lane, which waits for
 * one locked account after the other, each time only for a moment, and meanwhile writes what is
 * free. A stuck account therefore delays only the requests that need it.
 *
 * <p>A duplicate of a request under way is not queued. It waits for that request's outcome.
 */
@Component
@Primary
@ConditionalOnBooleanProperty(name = "evenkeel.ledger.group-commit", matchIfMissing = true)
class GroupCommit implements PostingExecutor, DisposableBean {

  private static final int BATCH_SIZE = 500;
  private static final int MAX_SKIPS = 2;
  private static final long POLL_INTERVAL_MILLIS = 100;

  /** How long the waiting lane waits for one account before it tries all others again. */
  private static final Duration LOCK_WAIT = Duration.ofMillis(100);

  /** How long a request may run that a lane has taken. The database's timeouts end it before. */
  private static final Duration COMMIT_TIMEOUT = Duration.ofSeconds(30);

  private static final Logger log = LoggerFactory.getLogger(GroupCommit.class);

  private final PostingWriter writer;
  private final RetryingTransactions transactions;
  private final InFlightRequests inFlight;
  private final LedgerSettings settings;
  private final ObservationRegistry observations;
  private final Tracer tracer;
  private final DistributionSummary batchSizes;
  private final ApplicationEventPublisher events;

  /** The requests without an outcome, by key. */
  private final Map<PostingRequest.Key, QueuedPosting> underWay = new ConcurrentHashMap<>();

  private final BlockingQueue<QueuedPosting> queue;
  private final BlockingQueue<QueuedPosting> stuck = new LinkedBlockingQueue<>();
  private final List<QueuedPosting> next = new ArrayList<>();
  private final Thread mainLane = lane("ledger", this::hasMainWork, this::commitNext);
  private final Thread waitingLane = lane("ledger-waiting", this::hasStuckWork, this::commitStuck);
  private volatile boolean closing;

  GroupCommit(
      PostingWriter writer,
      RetryingTransactions transactions,
      InFlightRequests inFlight,
      LedgerSettings settings,
      ObservationRegistry observations,
      Tracer tracer,
      MeterRegistry meters,
      ApplicationEventPublisher events) {
    this.writer = writer;
    this.transactions = transactions;
    this.inFlight = inFlight;
    this.settings = settings;
    this.observations = observations;
    this.tracer = tracer;
    this.events = events;
    this.queue = new LinkedBlockingQueue<>(settings.queue());
    this.batchSizes = meters.summary("evenkeel.ledger.batch.size");
    meters.gaugeCollectionSize("evenkeel.ledger.queue", List.of(), queue);
    mainLane.start();
    waitingLane.start();
  }

  @Bean
  static ConnectionPools.Share groupCommitConnections() {
    return new ConnectionPools.Share("group commit's two lanes", 2);
  }

  @Override
  public Outcome<LedgerRecord> submit(PostingRequest request) {
    return inFlight.run(
        request.key(),
        () -> {
          long end = System.nanoTime() + settings.deadline().toNanos();
          Optional<Outcome<LedgerRecord>> outcome = Optional.empty();
          while (outcome.isEmpty()) {
            QueuedPosting posting = new QueuedPosting(request);
            QueuedPosting first = underWay.putIfAbsent(request.key(), posting);
            outcome =
                first == null
                    ? Optional.of(queue(posting, end))
                    : awaitDuplicate(request.fingerprint(), first, end);
          }
          return outcome.get();
        });
  }

  private Outcome<LedgerRecord> queue(QueuedPosting posting, long end) {
    PostingRequest.Key key = posting.request.key();
    posting.outcome.whenComplete((_, _) -> underWay.remove(key, posting));
    if (closing || !queue.offer(posting)) {
      BusyException full = new BusyException("the ledger's queue is full");
      posting.fail(full);
      throw full;
    }
    try {
      return await(posting, end);
    } finally {
      posting.trace(tracer);
    }
  }

  private Outcome<LedgerRecord> await(QueuedPosting posting, long end) {
    try {
      return outcome(posting, end);
    } catch (TimeoutException late) {
      if (posting.withdraw()) {
        queue.remove(posting);
        throw withdrawn(posting);
      }
    }
    try {
      return outcome(posting, System.nanoTime() + COMMIT_TIMEOUT.toNanos());
    } catch (TimeoutException timeout) {
      throw new OutcomeUnknownException("no answer from the ledger", timeout);
    }
  }

  /**
   * Ends a request that has no effect; one of its duplicates may then take its place. If it waited
   * for a lock, a request with the same key may hold that, on another instance.
   */
  private static RuntimeException withdrawn(QueuedPosting posting) {
    RuntimeException failure =
        posting.skips == 0
            ? new BusyException("the request waited too long in the ledger's queue")
            : new OutcomeUnknownException("the request waited too long for a lock");
    posting.fail(failure);
    return failure;
  }

  /**
   * Answers a duplicate with the outcome of the first request.
   *
   * @return empty if that left nothing under the key, so that this request may run itself
   */
  private static Optional<Outcome<LedgerRecord>> awaitDuplicate(
      Fingerprint request, QueuedPosting first, long end) {
    Outcome<LedgerRecord> outcome;
    try {
      outcome = outcome(first, end);
    } catch (TimeoutException late) {
      throw new ConcurrentRequestException("the same key is in progress");
    } catch (BusyException withdrawn) {
      return Optional.empty();
    }
    boolean stored =
        !(outcome instanceof Outcome.Refused<LedgerRecord>(Problem problem, _))
            || problem.type().isKept();
    return stored
        ? Optional.of(outcome.replayedFor(request, first.request.fingerprint()))
        : Optional.empty();
  }

  private static Outcome<LedgerRecord> outcome(QueuedPosting posting, long end)
      throws TimeoutException {
    try {
      return posting.outcome.get(end - System.nanoTime(), TimeUnit.NANOSECONDS);
    } catch (ExecutionException failed) {
      throw failed.getCause() instanceof RuntimeException failure
          ? failure
          : new IllegalStateException(failed.getCause());
    } catch (InterruptedException interrupted) {
      Thread.currentThread().interrupt();
      throw new OutcomeUnknownException("interrupted", interrupted);
    }
  }

  /**
   * A thread that works until shutdown, whatever fails. Only an error of the virtual machine ends
   * it earlier; the instance then reports that it must be restarted.
   */
  private Thread lane(String name, BooleanSupplier hasWork, Runnable work) {
    return Thread.ofPlatform()
        .name(name)
        .unstarted(() -> {
          try {
            while (hasWork.getAsBoolean()) {
              workOnce(work);
            }
          } catch (VirtualMachineError broken) {
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
    for (QueuedPosting skipped : commit(batch, null)) {
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
    List<QueuedPosting> skipped = new ArrayList<>(commit(batch, awaited));
    skipped.sort(Comparator.comparing(posting -> Objects.equals(posting.lockedAccount, awaited)));
    stuck.addAll(skipped);
  }

  /**
   * Writes a batch and gives each caller its outcome.
   *
   * @param awaited an account to wait for; all other locked accounts are skipped
   * @return the skipped requests, which wait again
   * @throws VirtualMachineError after all callers have got it; nothing else
   */
  private List<QueuedPosting> commit(List<QueuedPosting> batch, @Nullable AccountId awaited) {
    if (batch.isEmpty()) {
      return List.of();
    }
    try {
      return observe(batch, () -> write(batch, awaited));
    } catch (Throwable failure) {
      batch.forEach(posting -> posting.fail(failure));
      if (failure instanceof VirtualMachineError broken) {
        throw broken;
      }
      return List.of();
    }
  }

  private List<QueuedPosting> observe(
      List<QueuedPosting> batch, Supplier<List<QueuedPosting>> write) {
    return Observation.createNotStarted("ledger.batch", observations)
        .observe(() -> {
          batchSizes.record(batch.size());
          TraceContext trace = tracer.currentTraceContext().context();
          batch.forEach(posting -> posting.joinBatch(batch.size(), trace));
          return write.get();
        });
  }

  private List<QueuedPosting> write(List<QueuedPosting> batch, @Nullable AccountId awaited) {
    try {
      return complete(batch, awaited);
    } catch (CannotCreateTransactionException notBegun) {
      throw notBegun;
    } catch (RuntimeException failure) {
      if (SqlState.isConnectionLost(failure)) {
        return writeAgain(batch, failure);
      }
      if (SqlState.of(failure) == SqlState.TIMED_OUT) {
        if (awaited == null) {
          throw failure;
        }
        return write(batch, null);
      }
      if (batch.size() == 1) {
        throw failure;
      }
      return writeInHalves(batch, awaited);
    }
  }

  private static List<PostingRequest> requests(List<QueuedPosting> batch) {
    return batch.stream().map(posting -> posting.request).toList();
  }

  /**
   * Writes the batch once more after its connection was lost, perhaps during the commit. Reading
   * whether it was committed would not be enough, because the old connection's server process may
   * still be committing. Writing again waits for the same locks and keys, and replays what it
   * finds.
   */
  private List<QueuedPosting> writeAgain(List<QueuedPosting> batch, RuntimeException lost) {
    try {
      return complete(batch, () -> writer.write(requests(batch), Mode.WAIT));
    } catch (RuntimeException failure) {
      failure.addSuppressed(lost);
      throw new OutcomeUnknownException("the connection to the database was lost", failure);
    }
  }

  /** Writes each half in a transaction of its own, so that in the end only one request fails. */
  private List<QueuedPosting> writeInHalves(
      List<QueuedPosting> batch, @Nullable AccountId awaited) {
    int middle = batch.size() / 2;
    List<QueuedPosting> skipped = new ArrayList<>();
    for (List<QueuedPosting> half :
        List.of(batch.subList(0, middle), batch.subList(middle, batch.size()))) {
      try {
        skipped.addAll(write(half, awaited));
      } catch (RuntimeException failure) {
        half.forEach(posting -> posting.fail(failure));
      }
    }
    return skipped;
  }

  private List<QueuedPosting> complete(List<QueuedPosting> batch, @Nullable AccountId awaited) {
    return complete(
        batch,
        () -> {
          if (awaited != null) {
            writer.lock(awaited, LOCK_WAIT);
          }
          return writer.write(requests(batch), Mode.SKIP_LOCKED);
        });
  }

  /** Gives each caller its outcome. Returns the skipped requests, which wait again. */
  private List<QueuedPosting> complete(List<QueuedPosting> batch, Supplier<BatchResult> write) {
    BatchResult result = transactions.run(write);
    List<QueuedPosting> skipped = new ArrayList<>();
    for (QueuedPosting posting : batch) {
      Outcome<LedgerRecord> outcome = result.outcomes().get(posting.request.key());
      if (outcome != null) {
        posting.outcome.complete(outcome);
      } else {
        posting.skips++;
        posting.lockedAccount = result.skipped().get(posting.request.key());
        if (posting.putBack()) {
          skipped.add(posting);
        } else {
          withdrawn(posting);
        }
      }
    }
    return skipped;
  }

  /** Lets the lanes finish all queued requests before the connections are closed. */
  @Override
  public void destroy() throws InterruptedException {
    closing = true;
    mainLane.join();
    waitingLane.join();
  }
}
