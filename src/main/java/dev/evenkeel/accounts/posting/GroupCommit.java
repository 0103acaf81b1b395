package dev.evenkeel.accounts.posting;

import dev.evenkeel.accounts.LedgerRecord;
import dev.evenkeel.accounts.PostingRequest;
import dev.evenkeel.database.RetryingTransactions;
import dev.evenkeel.database.SqlState;
import dev.evenkeel.idempotency.Outcome;
import dev.evenkeel.problems.BusyException;
import dev.evenkeel.problems.OutcomeUnknownException;
import io.micrometer.core.instrument.DistributionSummary;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.observation.Observation;
import io.micrometer.observation.ObservationRegistry;
import io.micrometer.tracing.TraceContext;
import io.micrometer.tracing.Tracer;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.springframework.beans.factory.DisposableBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBooleanProperty;
import org.springframework.stereotype.Component;
import org.springframework.transaction.CannotCreateTransactionException;

/**
 * PostingExecutor that arrive at the same time share a transaction: while one batch commits, the
 * next gathers, and each caller gets its own answer. An optimisation and nothing else: without this
 * file each posting has a transaction of its own, and everything holds as before.
 *
 * <p>Two lanes, each a thread with a connection: the main one passes over accounts that somebody
 * else has locked; what was passed over twice goes to the waiting lane, which waits for the lock.
 * So an account that is stuck delays nobody but those who need it.
 */
@Component
@ConditionalOnBooleanProperty(name = "evenkeel.ledger.group-commit", matchIfMissing = true)
class GroupCommit implements DisposableBean {

  private static final int LARGEST_BATCH = 500;
  private static final int PATIENCE = 2;
  private static final long A_MOMENT = 100;

  /**
   * How long after its deadline a posting that was taken may run: the ladder of timeouts ends it.
   */
  private static final long LADDER_SECONDS = 30;

  private final PostingWriter writer;
  private final RetryingTransactions transactions;
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
      LedgerSettings settings,
      ObservationRegistry observations,
      Tracer tracer,
      MeterRegistry meters) {
    this.writer = writer;
    this.transactions = transactions;
    this.settings = settings;
    this.observations = observations;
    this.tracer = tracer;
    this.queue = new LinkedBlockingQueue<>(settings.queue());
    this.batchSizes = meters.summary("evenkeel.ledger.batch.size");
    meters.gaugeCollectionSize("evenkeel.ledger.queue", List.of(), queue);
    mainLane.start();
    waitingLane.start();
  }

  /**
   * The answer is true, whatever happens: it is durable, or refused, or nothing has happened.
   *
   * @throws BusyException if nothing happened: the queue is full, or its turn did not come in time
   * @throws OutcomeUnknownException if the connection was lost, and again when this was looked into
   */
  Outcome<LedgerRecord> submit(PostingRequest posting) {
    QueuedPosting waiting = new QueuedPosting(posting);
    if (closing || !queue.offer(waiting)) {
      throw new BusyException("the ledger's queue is full");
    }
    try {
      return answer(waiting);
    } finally {
      waiting.trace(tracer);
    }
  }

  private Outcome<LedgerRecord> answer(QueuedPosting waiting) {
    try {
      try {
        return waiting.answer.get(settings.deadline().toNanos(), TimeUnit.NANOSECONDS);
      } catch (TimeoutException late) {
        if (waiting.take()) {
          queue.remove(waiting);
          throw new BusyException("its turn did not come in time");
        }
        return waiting.answer.get(LADDER_SECONDS, TimeUnit.SECONDS);
      }
    } catch (ExecutionException failed) {
      throw failed.getCause() instanceof RuntimeException failure
          ? failure
          : new IllegalStateException(failed.getCause());
    } catch (TimeoutException never) {
      throw new OutcomeUnknownException("no answer from the ledger", never);
    } catch (InterruptedException stopped) {
      Thread.currentThread().interrupt();
      throw new OutcomeUnknownException("interrupted", stopped);
    }
  }

  private void runMainLane() {
    List<QueuedPosting> next = new ArrayList<>();
    while (!closing || !queue.isEmpty() || !next.isEmpty()) {
      gather(next);
      List<QueuedPosting> batch = withoutLikes(next.stream());
      next.removeAll(batch);
      next.addAll(commit(batch.stream().filter(QueuedPosting::take).toList(), null));
    }
  }

  /** As many as have come meanwhile; waits a moment for the first. */
  private void gather(List<QueuedPosting> next) {
    QueuedPosting first = next.isEmpty() ? poll(queue) : null;
    if (first != null) {
      next.add(first);
    }
    queue.drainTo(next, LARGEST_BATCH - next.size());
  }

  private static @Nullable QueuedPosting poll(BlockingQueue<QueuedPosting> queue) {
    try {
      return queue.poll(A_MOMENT, TimeUnit.MILLISECONDS);
    } catch (InterruptedException nobodyDoes) {
      throw new IllegalStateException(nobodyDoes);
    }
  }

  /** Two postings with the same key never share a batch: the later one finds what the first did. */
  private static List<QueuedPosting> withoutLikes(Stream<QueuedPosting> gathered) {
    Set<PostingRequest.Key> keys = new HashSet<>();
    return gathered.filter(waiting -> keys.add(waiting.posting.key())).toList();
  }

  /** Waits for one account after the other, each time with all that need it. */
  private void runWaitingLane() {
    while (!closing || mainLane.isAlive() || !stuck.isEmpty()) {
      QueuedPosting first = poll(stuck);
      if (first != null) {
        Stream<QueuedPosting> same =
            stuck.stream().filter(it -> Objects.equals(it.account, first.account));
        List<QueuedPosting> batch = withoutLikes(Stream.concat(Stream.of(first), same));
        stuck.removeAll(Set.copyOf(batch));
        commit(batch.stream().filter(QueuedPosting::take).toList(), first.account);
      }
    }
  }

  /**
   * @param awaited the account to wait for, if any; whatever else is locked is passed over
   * @return those that were passed over and are to come with the next batch
   */
  private List<QueuedPosting> commit(List<QueuedPosting> batch, @Nullable UUID awaited) {
    if (batch.isEmpty()) {
      return List.of();
    }
    Observation observation = Observation.start("ledger.batch", observations);
    try (Observation.Scope _ = observation.openScope()) {
      TraceContext context = tracer.currentTraceContext().context();
      batchSizes.record(batch.size());
      batch.forEach(waiting -> {
        waiting.taken = System.nanoTime();
        waiting.batchSize = batch.size();
        waiting.batch = context;
      });
      return attempt(batch, awaited);
    } catch (Throwable failure) {
      // Whatever it is, the lane goes on.
      observation.error(failure);
      batch.forEach(waiting -> waiting.fail(failure));
      return List.of();
    } finally {
      observation.stop();
    }
  }

  private List<QueuedPosting> attempt(List<QueuedPosting> batch, @Nullable UUID awaited) {
    try {
      return answer(batch, () -> writer.writeFree(postings(batch), awaited));
    } catch (CannotCreateTransactionException notBegun) {
      throw notBegun;
    } catch (RuntimeException failure) {
      if (SqlState.isConnectionLost(failure)) {
        return again(batch, failure);
      }
      if (batch.size() == 1 || SqlState.of(failure) == SqlState.TIMED_OUT) {
        throw failure;
      }
      return oneByOne(batch, awaited);
    }
  }

  private static List<PostingRequest> postings(List<QueuedPosting> batch) {
    return batch.stream().map(waiting -> waiting.posting).toList();
  }

  /**
   * The connection died, maybe during the commit. To look is not enough: the old connection's
   * process may still be committing. To post again is: it waits for the same locks and keys.
   */
  private List<QueuedPosting> again(List<QueuedPosting> batch, RuntimeException lost) {
    try {
      return answer(batch, () -> writer.writeBatch(postings(batch)));
    } catch (RuntimeException failure) {
      failure.addSuppressed(lost);
      throw new OutcomeUnknownException("the connection to the database was lost", failure);
    }
  }

  /** Whatever one of them has that the database refuses, only that one fails. */
  private List<QueuedPosting> oneByOne(List<QueuedPosting> batch, @Nullable UUID awaited) {
    List<QueuedPosting> passedOver = new ArrayList<>();
    for (QueuedPosting waiting : batch) {
      try {
        passedOver.addAll(attempt(List.of(waiting), awaited));
      } catch (Throwable failure) {
        waiting.fail(failure);
      }
    }
    return passedOver;
  }

  /**
   * @return those that were passed over and are to come with the next batch
   */
  private List<QueuedPosting> answer(
      List<QueuedPosting> batch, Supplier<PostingWriter.Written> write) {
    PostingWriter.Written written = transactions.run(write);
    List<QueuedPosting> passedOver = new ArrayList<>();
    for (QueuedPosting waiting : batch) {
      Outcome<LedgerRecord> outcome = written.outcomes().get(waiting.posting.key());
      UUID account = written.passedOver().get(waiting.posting.key());
      if (outcome != null) {
        waiting.answer.complete(outcome);
      } else if (account != null) {
        waiting.account = account;
        waiting.free.set(true);
        if (++waiting.passedOver < PATIENCE) {
          passedOver.add(waiting);
        } else {
          stuck.add(waiting);
        }
      }
    }
    return passedOver;
  }

  /** Whoever is in the queue gets an answer first; the connections are closed after this. */
  @Override
  public void destroy() throws InterruptedException {
    closing = true;
    mainLane.join();
    waitingLane.join();
  }
}
