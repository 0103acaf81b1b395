package dev.evenkeel.accounts.posting;

import static org.awaitility.Awaitility.await;

import dev.evenkeel.accounts.LedgerRecord;
import dev.evenkeel.accounts.PostingRequest;
import dev.evenkeel.database.RetryingTransactions;
import dev.evenkeel.idempotency.InFlightRequests;
import dev.evenkeel.idempotency.Outcome;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.micrometer.observation.ObservationRegistry;
import io.micrometer.tracing.Tracer;
import java.time.Duration;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.springframework.context.ApplicationContext;

/** A group commit of a test's own, whatever the application is configured to, and its callers. */
final class GroupCommitFixture implements AutoCloseable {

  static final Duration LONG = Duration.ofSeconds(10);

  final GroupCommit ledger;
  final ExecutorService callers = Executors.newVirtualThreadPerTaskExecutor();
  private final SimpleMeterRegistry meters = new SimpleMeterRegistry();

  GroupCommitFixture(ApplicationContext application) {
    this(application, 1000, LONG);
  }

  GroupCommitFixture(ApplicationContext application, int queue, Duration deadline) {
    ledger =
        new GroupCommit(
            application.getBean(PostingWriter.class),
            application.getBean(RetryingTransactions.class),
            application.getBean(InFlightRequests.class),
            new LedgerSettings(true, queue, deadline),
            ObservationRegistry.NOOP,
            Tracer.NOOP,
            meters);
  }

  Future<Outcome<LedgerRecord>> submit(PostingRequest posting) {
    return callers.submit(() -> ledger.submit(posting));
  }

  /** A batch of its own, that somebody else keeps from being written. */
  Future<Outcome<LedgerRecord>> taken(PostingRequest posting) {
    long before = batches();
    Future<Outcome<LedgerRecord>> answer = submit(posting);
    await().pollInterval(Duration.ofMillis(5)).until(() -> batches() == before + 1);
    return answer;
  }

  /** Behind all that are in the queue. */
  Future<Outcome<LedgerRecord>> queued(PostingRequest posting) {
    int before = queue();
    Future<Outcome<LedgerRecord>> answer = submit(posting);
    await().pollInterval(Duration.ofMillis(1)).until(() -> queue() == before + 1);
    return answer;
  }

  int queue() {
    return (int) meters.get("evenkeel.ledger.queue").gauge().value();
  }

  long batches() {
    return meters.get("evenkeel.ledger.batch.size").summary().count();
  }

  static Outcome<LedgerRecord> answer(Future<Outcome<LedgerRecord>> future) throws Exception {
    return future.get(LONG.toSeconds(), TimeUnit.SECONDS);
  }

  /** The name of its kind. */
  static String kind(Future<Outcome<LedgerRecord>> future) throws Exception {
    return answer(future).getClass().getSimpleName();
  }

  @Override
  public void close() {
    callers.shutdownNow();
    try {
      ledger.destroy();
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
    callers.close();
  }
}
