package dev.evenkeel.accounts.groupcommit;

import dev.evenkeel.accounts.AccountId;
import dev.evenkeel.accounts.LedgerRecord;
import dev.evenkeel.accounts.PostingRequest;
import dev.evenkeel.accounts.posting.PostingWriter;
import dev.evenkeel.accounts.posting.PostingWriter.BatchResult;
import dev.evenkeel.accounts.posting.PostingWriter.Mode;
import dev.evenkeel.database.RetryingTransactions;
import dev.evenkeel.database.SqlState;
import dev.evenkeel.idempotency.Outcome;
import dev.evenkeel.problems.OutcomeUnknownException;
import io.micrometer.core.instrument.DistributionSummary;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.observation.Observation;
import io.micrometer.observation.ObservationRegistry;
import io.micrometer.tracing.TraceContext;
import io.micrometer.tracing.Tracer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.springframework.transaction.CannotCreateTransactionException;

/**
 * Commits a batch of queued posting requests and gives each caller its outcome. If the database
 * rejects the batch, only the request at fault fails.
 */
final class BatchCommit implements Lanes.Batches {

  /** How long to wait for one account before all others are tried again. */
  private static final Duration LOCK_WAIT = Duration.ofMillis(100);

  private final PostingWriter writer;
  private final RetryingTransactions transactions;
  private final ObservationRegistry observations;
  private final Tracer tracer;
  private final DistributionSummary batchSizes;

  BatchCommit(
      PostingWriter writer,
      RetryingTransactions transactions,
      ObservationRegistry observations,
      Tracer tracer,
      MeterRegistry meters) {
    this.writer = writer;
    this.transactions = transactions;
    this.observations = observations;
    this.tracer = tracer;
    this.batchSizes = meters.summary("evenkeel.ledger.batch.size");
  }

  /** Throws nothing but an error of the virtual machine. */
  @Override
  public List<QueuedPosting> commit(List<QueuedPosting> batch, @Nullable AccountId awaited) {
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

  private static List<PostingRequest> requests(List<QueuedPosting> batch) {
    return batch.stream().map(posting -> posting.request).toList();
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
          posting.failWithdrawn();
        }
      }
    }
    return skipped;
  }
}
