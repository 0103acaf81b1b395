package dev.evenkeel.accounts.posting;

import dev.evenkeel.accounts.LedgerRecord;
import dev.evenkeel.accounts.PostingRequest;
import dev.evenkeel.idempotency.Outcome;
import io.micrometer.tracing.Link;
import io.micrometer.tracing.Span;
import io.micrometer.tracing.TraceContext;
import io.micrometer.tracing.Tracer;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;

/** A caller and its posting. */
final class QueuedPosting {

  final PostingRequest posting;
  final long since = System.nanoTime();
  final CompletableFuture<Outcome<LedgerRecord>> answer = new CompletableFuture<>();

  /** Nobody is working on it, so that its caller can still take it back. */
  final AtomicBoolean free = new AtomicBoolean(true);

  int passedOver;

  /** That somebody else has locked. */
  @Nullable UUID account;

  volatile long taken;
  volatile int batchSize;
  volatile @Nullable TraceContext batch;

  QueuedPosting(PostingRequest posting) {
    this.posting = posting;
  }

  boolean take() {
    return free.compareAndSet(true, false);
  }

  void fail(Throwable failure) {
    answer.completeExceptionally(failure);
  }

  /** In the caller's trace, how long it waited, and a link to the batch's, which has the SQL. */
  void trace(Tracer tracer) {
    TraceContext context = batch;
    if (tracer.currentSpan() == null || context == null) {
      return;
    }
    long now = TimeUnit.MILLISECONDS.toMicros(System.currentTimeMillis());
    long took = TimeUnit.NANOSECONDS.toMicros(System.nanoTime() - since);
    Span.Builder span =
        tracer
            .spanBuilder()
            .name("ledger.post")
            .startTimestamp(now - took, TimeUnit.MICROSECONDS)
            .addLink(new Link(context))
            .tag("queued.us", TimeUnit.NANOSECONDS.toMicros(taken - since))
            .tag("batch.size", batchSize);
    span.start().end();
  }
}
