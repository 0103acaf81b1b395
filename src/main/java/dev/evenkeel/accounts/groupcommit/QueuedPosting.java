package dev.evenkeel.accounts.groupcommit;

import dev.evenkeel.accounts.AccountId;
import dev.evenkeel.accounts.LedgerRecord;
import dev.evenkeel.accounts.PostingRequest;
import dev.evenkeel.idempotency.Outcome;
import dev.evenkeel.problems.BusyException;
import dev.evenkeel.problems.OutcomeUnknownException;
import io.micrometer.tracing.Link;
import io.micrometer.tracing.TraceContext;
import io.micrometer.tracing.Tracer;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;
import org.springframework.transaction.CannotCreateTransactionException;

/** A request in the queue of {@link GroupCommit}, whose caller waits for the outcome. */
final class QueuedPosting {

  final PostingRequest request;
  final CompletableFuture<Outcome<LedgerRecord>> outcome = new CompletableFuture<>();
  int skips;
  @Nullable AccountId lockedAccount;

  private final AtomicBoolean waiting = new AtomicBoolean(true);

  private volatile boolean late;
  private final long queuedAt = System.nanoTime();
  private volatile long takenAt;
  private volatile int batchSize;
  private volatile @Nullable TraceContext batchTrace;

  QueuedPosting(PostingRequest request) {
    this.request = request;
  }

  /** Takes the request for a lane, unless it was withdrawn. */
  boolean take() {
    return waiting.compareAndSet(true, false);
  }

  /**
   * Withdraws the request at its caller's deadline. While a lane works on it, this only says that
   * the lane must not put it back.
   *
   * @return whether it is withdrawn: it surely has no effect
   */
  boolean withdraw() {
    late = true;
    return take();
  }

  /**
   * Lets the request wait again.
   *
   * @return false if it was withdrawn meanwhile
   */
  boolean putBack() {
    waiting.set(true);
    return !late || !take();
  }

  void joinBatch(int size, @Nullable TraceContext trace) {
    takenAt = System.nanoTime();
    batchSize = size;
    batchTrace = trace;
  }

  /** Fails the request. If it was skipped, its duplicate may have held the lock. */
  void fail(Throwable failure) {
    Throwable reported =
        skips > 0 && failure instanceof CannotCreateTransactionException notBegun
            ? new OutcomeUnknownException("the request waited for a lock", notBegun)
            : failure;
    outcome.completeExceptionally(reported);
  }

  /**
   * Ends a withdrawn request; one of its duplicates may then take its place. If it waited for a
   * lock, a request with the same key may hold that, on another instance.
   */
  RuntimeException failWithdrawn() {
    RuntimeException failure =
        skips == 0
            ? new BusyException("the request waited too long in the ledger's queue")
            : new OutcomeUnknownException("the request waited too long for a lock");
    fail(failure);
    return failure;
  }

  /** Adds a span to the caller's trace that links to the batch's trace, which has the SQL. */
  void trace(Tracer tracer) {
    TraceContext context = batchTrace;
    if (tracer.currentSpan() == null || context == null) {
      return;
    }
    long now = ChronoUnit.MICROS.between(Instant.EPOCH, Instant.now());
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
