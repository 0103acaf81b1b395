package dev.evenkeel.accounts.groupcommit;

import static org.awaitility.Awaitility.await;

import dev.evenkeel.accounts.LedgerRecord;
import dev.evenkeel.accounts.PostingRequest;
import dev.evenkeel.accounts.posting.LedgerSettings;
import dev.evenkeel.accounts.posting.PostingWriter;
import dev.evenkeel.database.RetryingTransactions;
import dev.evenkeel.idempotency.InFlightRequests;
import dev.evenkeel.idempotency.Outcome;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.micrometer.observation.ObservationRegistry;
import io.micrometer.tracing.Tracer;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.springframework.context.ApplicationContext;

/** A group commit with its own queue and callers, independent of the application's settings. */
public final class GroupCommitFixture implements AutoCloseable {

  public static final Duration LONG = Duration.ofSeconds(10);

  final GroupCommit ledger;
  final ExecutorService callers = Executors.newVirtualThreadPerTaskExecutor();
  final List<Object> events = new CopyOnWriteArrayList<>();
  private final SimpleMeterRegistry meters = new SimpleMeterRegistry();

  GroupCommitFixture(ApplicationContext application) {
    this(application, 1000, LONG);
  }

  GroupCommitFixture(ApplicationContext application, int queue, Duration deadline) {
    this(application, queue, deadline, ObservationRegistry.NOOP);
  }

  /** Another instance of the application with the same database. */
  public static GroupCommitFixture ofOtherInstance(
      ApplicationContext application, Duration deadline) {
    return new GroupCommitFixture(
        application, 1000, deadline, ObservationRegistry.NOOP, new InFlightRequests());
  }

  /**
   * @param observations may fail, in the place of whatever fails in a lane
   */
  GroupCommitFixture(
      ApplicationContext application,
      int queue,
      Duration deadline,
      ObservationRegistry observations) {
    this(application, queue, deadline, observations, application.getBean(InFlightRequests.class));
  }

  private GroupCommitFixture(
      ApplicationContext application,
      int queue,
      Duration deadline,
      ObservationRegistry observations,
      InFlightRequests inFlight) {
    ledger =
        new GroupCommit(
            application.getBean(PostingWriter.class),
            application.getBean(RetryingTransactions.class),
            inFlight,
            new LedgerSettings(true, queue, deadline),
            observations,
            Tracer.NOOP,
            meters,
            events::add);
  }

  public Future<Outcome<LedgerRecord>> submit(PostingRequest posting) {
    return callers.submit(() -> ledger.submit(posting));
  }

  /** Submits a request and waits until a lane has taken it; a lock keeps it from being written. */
  public Future<Outcome<LedgerRecord>> taken(PostingRequest posting) {
    long before = batches();
    Future<Outcome<LedgerRecord>> answer = submit(posting);
    await().pollInterval(Duration.ofMillis(5)).until(() -> batches() == before + 1);
    return answer;
  }

  /** Submits a request and waits until it is in the queue. */
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

  /** The simple name of the outcome's class. */
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
