package dev.evenkeel.accounts.posting;

import dev.evenkeel.accounts.AccountId;
import dev.evenkeel.accounts.LedgerRecord;
import dev.evenkeel.accounts.PostingRequest;
import dev.evenkeel.accounts.posting.PostingWriter.BatchResult;
import dev.evenkeel.accounts.posting.PostingWriter.Mode;
import dev.evenkeel.database.ConnectionPools;
import dev.evenkeel.database.RetryingTransactions;
import dev.evenkeel.database.SqlState;
import dev.evenkeel.idempotency.InFlightRequests;
import dev.evenkeel.idempotency.Outcome;
import dev.evenkeel.problems.BusyException;
import dev.evenkeel.problems.OutcomeUnknownException;
import io.micrometer.core.instrument.DistributionSummary;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.observation.Observation;
import io.micrometer.observation.ObservationRegistry;
import io.micrometer.tracing.Link;
import io.micrometer.tracing.TraceContext;
import io.micrometer.tracing.Tracer;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.springframework.beans.factory.DisposableBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBooleanProperty;
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
 * the lock. A stuck account therefore delays only the requests that need it.
 */
@Component
@Primary
@ConditionalOnBooleanProperty(name = "evenkeel.ledger.group-commit", matchIfMissing = true)
class GroupCommit implements PostingExecutor, DisposableBean {

  private static final int BATCH_SIZE = 500;
  private static final int MAX_SKIPS = 2;
  private static final long POLL_INTERVAL_MILLIS = 100;

  /** How long a request may run that a lane has taken. The database's timeouts end it before. */
  private static final long COMMIT_TIMEOUT_SECONDS = 30;

  private final PostingWriter writer;
  private final RetryingTransactions transactions;
  private final InFlightRequests inFlight;
  private final LedgerSettings settings;
  private final ObservationRegistry observations;
  private final Tracer tracer;
  private final DistributionSummary batchSizes;
  private final BlockingQueue<QueuedPosting> queue;
  private final BlockingQueue<QueuedPosting> stuck = new LinkedBlockingQueue<>();
  private final Thread mainLane = Thread.ofPlatform().name("ledger").unstarted(this::runMainLane);
  private final Thread waitingLane =
      Thread.ofPlatform().name("ledger-waiting").unstarted(this::runWaitingLane);
  private volatile boolean closing;

  GroupCommit(
      PostingWriter writer,
      RetryingTransactions transactions,
      InFlightRequests inFlight,
      LedgerSettings settings,
      ObservationRegistry observations,
      Tracer tracer,
      MeterRegistry meters) {
    this.writer = writer;
    this.transactions = transactions;
    this.inFlight = inFlight;
    this.settings = settings;
    this.observations = observations;
    this.tracer = tracer;
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

  /** A request in the queue, whose caller waits for the outcome. */
  private static final class QueuedPosting {

    final PostingRequest request;
    final long queuedAt = System.nanoTime();
    final CompletableFuture<Outcome<LedgerRecord>> outcome = new CompletableFuture<>();

    /** Whether no lane works on it; only then may its caller withdraw it. */
    final AtomicBoolean waiting = new AtomicBoolean(true);

    int skips;
    @Nullable AccountId lockedAccount;

    volatile long takenAt;
    volatile int batchSize;
    volatile @Nullable TraceContext batchTrace;

    QueuedPosting(PostingRequest request) {
      this.request = request;
    }

    boolean take() {
      return waiting.compareAndSet(true, false);
    }

    void fail(Throwable failure) {
      outcome.completeExceptionally(failure);
    }

    /** Adds a span to the caller's trace that links to the batch's trace, which has the SQL. */
    void trace(Tracer tracer) {
      TraceContext context = batchTrace;
      if (tracer.currentSpan() == null || context == null) {
        return;
      }
      long now = TimeUnit.MILLISECONDS.toMicros(System.currentTimeMillis());
      long duration = TimeUnit.NANOSECONDS.toMicros(System.nanoTime() - queuedAt);
      tracer
          .spanBuilder()
          .name("ledger.post")
          .startTimestamp(now - duration, TimeUnit.MICROSECONDS)
          .addLink(new Link(context))
          .tag("queued.us", TimeUnit.NANOSECONDS.toMicros(takenAt - queuedAt))
          .tag("batch.size", batchSize)
          .start()
          .end();
    }
  }

  @Override
  public Outcome<LedgerRecord> submit(PostingRequest request) {
    return inFlight.run(
        request.key(),
        () -> {
          QueuedPosting posting = new QueuedPosting(request);
          if (closing || !queue.offer(posting)) {
            throw new BusyException("the ledger's queue is full");
          }
          try {
            return await(posting);
          } finally {
            posting.trace(tracer);
          }
        });
  }

  private Outcome<LedgerRecord> await(QueuedPosting posting) {
    try {
      try {
        return posting.outcome.get(settings.deadline().toNanos(), TimeUnit.NANOSECONDS);
      } catch (TimeoutException late) {
        if (posting.take()) {
          queue.remove(posting);
          throw new BusyException("the request waited too long in the ledger's queue");
        }
        return posting.outcome.get(COMMIT_TIMEOUT_SECONDS, TimeUnit.SECONDS);
      }
    } catch (ExecutionException failed) {
      throw failed.getCause() instanceof RuntimeException failure
          ? failure
          : new IllegalStateException(failed.getCause());
    } catch (TimeoutException timeout) {
      throw new OutcomeUnknownException("no answer from the ledger", timeout);
    } catch (InterruptedException interrupted) {
      Thread.currentThread().interrupt();
      throw new OutcomeUnknownException("interrupted", interrupted);
    }
  }

  private void runMainLane() {
    List<QueuedPosting> next = new ArrayList<>();
    while (!closing || !queue.isEmpty() || !next.isEmpty()) {
      gather(next);
      List<QueuedPosting> batch = withDistinctKeys(next.stream());
      next.removeAll(batch);
      next.addAll(commit(batch.stream().filter(QueuedPosting::take).toList(), null));
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

  /** Leaves duplicates of a key to a later batch, where they are replays of the first one. */
  private static List<QueuedPosting> withDistinctKeys(Stream<QueuedPosting> postings) {
    Set<PostingRequest.Key> keys = new HashSet<>();
    return postings.filter(posting -> keys.add(posting.request.key())).toList();
  }

  /** Waits for one account after the other, each time with all requests that need it. */
  private void runWaitingLane() {
    while (!closing || mainLane.isAlive() || !stuck.isEmpty()) {
      QueuedPosting first = poll(stuck);
      if (first != null) {
        Stream<QueuedPosting> sameAccount =
            stuck.stream().filter(it -> Objects.equals(it.lockedAccount, first.lockedAccount));
        List<QueuedPosting> batch = withDistinctKeys(Stream.concat(Stream.of(first), sameAccount));
        stuck.removeAll(Set.copyOf(batch));
        commit(batch.stream().filter(QueuedPosting::take).toList(), first.lockedAccount);
      }
    }
  }

  /**
   * Writes a batch and gives each caller its outcome. Never throws, so that the lane goes on.
   *
   * @param awaited an account to wait for; all other locked accounts are skipped
   * @return the skipped requests that belong to the next batch of the main lane
   */
  private List<QueuedPosting> commit(List<QueuedPosting> batch, @Nullable AccountId awaited) {
    if (batch.isEmpty()) {
      return List.of();
    }
    Observation observation = Observation.start("ledger.batch", observations);
    try (Observation.Scope _ = observation.openScope()) {
      TraceContext trace = tracer.currentTraceContext().context();
      batchSizes.record(batch.size());
      batch.forEach(posting -> {
        posting.takenAt = System.nanoTime();
        posting.batchSize = batch.size();
        posting.batchTrace = trace;
      });
      return write(batch, awaited);
    } catch (Throwable failure) {
      observation.error(failure);
      batch.forEach(posting -> posting.fail(failure));
      return List.of();
    } finally {
      observation.stop();
    }
  }

  private List<QueuedPosting> write(List<QueuedPosting> batch, @Nullable AccountId awaited) {
    try {
      return complete(
          batch,
          () -> {
            if (awaited != null) {
              writer.lock(awaited);
            }
            return writer.write(requests(batch), Mode.SKIP_LOCKED);
          });
    } catch (CannotCreateTransactionException notBegun) {
      throw notBegun;
    } catch (RuntimeException failure) {
      if (SqlState.isConnectionLost(failure)) {
        return writeAgain(batch, failure);
      }
      if (batch.size() == 1 || SqlState.of(failure) == SqlState.TIMED_OUT) {
        throw failure;
      }
      return writeOneByOne(batch, awaited);
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

  /** Writes each request alone, so that only the one that the database rejects fails. */
  private List<QueuedPosting> writeOneByOne(
      List<QueuedPosting> batch, @Nullable AccountId awaited) {
    List<QueuedPosting> skipped = new ArrayList<>();
    for (QueuedPosting posting : batch) {
      try {
        skipped.addAll(write(List.of(posting), awaited));
      } catch (Throwable failure) {
        posting.fail(failure);
      }
    }
    return skipped;
  }

  /**
   * @return the skipped requests that belong to the next batch of the main lane
   */
  private List<QueuedPosting> complete(List<QueuedPosting> batch, Supplier<BatchResult> write) {
    BatchResult result = transactions.run(write);
    List<QueuedPosting> skipped = new ArrayList<>();
    for (QueuedPosting posting : batch) {
      Outcome<LedgerRecord> outcome = result.outcomes().get(posting.request.key());
      AccountId lockedAccount = result.skipped().get(posting.request.key());
      if (outcome != null) {
        posting.outcome.complete(outcome);
      } else if (lockedAccount != null) {
        posting.lockedAccount = lockedAccount;
        posting.waiting.set(true);
        if (++posting.skips < MAX_SKIPS) {
          skipped.add(posting);
        } else {
          stuck.add(posting);
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
