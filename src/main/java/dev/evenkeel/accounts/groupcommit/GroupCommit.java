package dev.evenkeel.accounts.groupcommit;

import dev.evenkeel.accounts.LedgerRecord;
import dev.evenkeel.accounts.PostingRequest;
import dev.evenkeel.accounts.posting.DirectCommit;
import dev.evenkeel.accounts.posting.LedgerSettings;
import dev.evenkeel.accounts.posting.PostingExecutor;
import dev.evenkeel.accounts.posting.PostingWriter;
import dev.evenkeel.database.ConcurrentRequestException;
import dev.evenkeel.database.ConnectionPools;
import dev.evenkeel.database.RetryingTransactions;
import dev.evenkeel.idempotency.Fingerprint;
import dev.evenkeel.idempotency.InFlightRequests;
import dev.evenkeel.idempotency.Outcome;
import dev.evenkeel.problems.BusyException;
import dev.evenkeel.problems.OutcomeUnknownException;
import dev.evenkeel.problems.Problem;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.observation.ObservationRegistry;
import io.micrometer.tracing.Tracer;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.springframework.beans.factory.DisposableBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBooleanProperty;
import org.springframework.context.ApplicationEventPublisher;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Primary;
import org.springframework.stereotype.Component;

/**
 * Lets posting requests that arrive at the same time share a transaction: while one batch commits,
 * the next one gathers, and each caller gets its own outcome. This is only an optimisation. Without
 * it, {@link DirectCommit} gives each request a transaction of its own, with the same guarantees.
 *
 * <p>This class is the callers' side: it queues a request and waits for its outcome, at most until
 * a deadline. {@link Lanes} takes the requests out of the queue, and {@link BatchCommit} commits
 * them.
 *
 * <p>A duplicate of a request under way is not queued. It waits for that request's outcome.
 */
@Component
@Primary
@ConditionalOnBooleanProperty(name = "evenkeel.ledger.group-commit", matchIfMissing = true)
class GroupCommit implements PostingExecutor, DisposableBean {

  /** How long a request may run that a lane has taken. The database's timeouts end it before. */
  private static final Duration COMMIT_TIMEOUT = Duration.ofSeconds(30);

  private final InFlightRequests inFlight;
  private final LedgerSettings settings;
  private final Tracer tracer;
  private final Lanes lanes;

  /** The requests without an outcome, by key. */
  private final Map<PostingRequest.Key, QueuedPosting> underWay = new ConcurrentHashMap<>();

  GroupCommit(
      PostingWriter writer,
      RetryingTransactions transactions,
      InFlightRequests inFlight,
      LedgerSettings settings,
      ObservationRegistry observations,
      Tracer tracer,
      MeterRegistry meters,
      ApplicationEventPublisher events) {
    this.inFlight = inFlight;
    this.settings = settings;
    this.tracer = tracer;
    BatchCommit batches = new BatchCommit(writer, transactions, observations, tracer, meters);
    this.lanes = new Lanes(batches, settings.queue(), meters, events);
    lanes.start();
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
    if (!lanes.offer(posting)) {
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
        lanes.remove(posting);
        throw posting.failWithdrawn();
      }
    }
    try {
      return outcome(posting, System.nanoTime() + COMMIT_TIMEOUT.toNanos());
    } catch (TimeoutException timeout) {
      throw new OutcomeUnknownException("no answer from the ledger", timeout);
    }
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

  /** Lets the lanes finish all queued requests before the connections are closed. */
  @Override
  public void destroy() throws InterruptedException {
    lanes.close();
  }
}
