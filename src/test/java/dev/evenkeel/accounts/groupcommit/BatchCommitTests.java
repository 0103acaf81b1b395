package dev.evenkeel.accounts.groupcommit;

import static dev.evenkeel.accounts.groupcommit.QueuedPostings.ADA;
import static dev.evenkeel.accounts.groupcommit.QueuedPostings.BOB;
import static dev.evenkeel.accounts.groupcommit.QueuedPostings.queued;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.evenkeel.accounts.AccountId;
import dev.evenkeel.accounts.LedgerRecord;
import dev.evenkeel.accounts.PostingRequest;
import dev.evenkeel.accounts.PostingRequest.Key;
import dev.evenkeel.accounts.posting.DirectCommit;
import dev.evenkeel.accounts.posting.PostingWriter;
import dev.evenkeel.accounts.posting.RulesFixture;
import dev.evenkeel.database.RetryingTransactions;
import dev.evenkeel.idempotency.InFlightRequests;
import dev.evenkeel.idempotency.Outcome;
import dev.evenkeel.problems.BusyException;
import dev.evenkeel.problems.OutcomeUnknownException;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.micrometer.observation.ObservationRegistry;
import io.micrometer.tracing.Tracer;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletionException;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.springframework.context.annotation.AnnotationConfigApplicationContext;
import org.springframework.dao.DataAccessResourceFailureException;
import org.springframework.transaction.CannotCreateTransactionException;
import org.springframework.transaction.PlatformTransactionManager;
import org.springframework.transaction.TransactionDefinition;
import org.springframework.transaction.TransactionStatus;
import org.springframework.transaction.support.SimpleTransactionStatus;

/** A batch without a database: the test decides how each attempt to write it ends. */
class BatchCommitTests {

  private final AnnotationConfigApplicationContext context =
      new AnnotationConfigApplicationContext();
  private final Transactions manager = new Transactions();
  private final SimpleMeterRegistry meters = new SimpleMeterRegistry();
  private final Writer writer = new Writer();

  @AfterEach
  void close() {
    context.close();
  }

  @BeforeEach
  void start() {
    context.registerBean(PlatformTransactionManager.class, () -> manager);
    context.registerBean(RetryingTransactions.class);
    context.refresh();
  }

  private RetryingTransactions transactions() {
    return context.getBean(RetryingTransactions.class);
  }

  private List<QueuedPosting> commit(List<QueuedPosting> batch, @Nullable AccountId awaited) {
    return new BatchCommit(writer, transactions(), ObservationRegistry.NOOP, Tracer.NOOP, meters)
        .commit(batch, awaited);
  }

  /** Transactions that do nothing, and whose begin may fail. */
  private static final class Transactions implements PlatformTransactionManager {

    private boolean broken;

    @Override
    public TransactionStatus getTransaction(@Nullable TransactionDefinition definition) {
      if (broken) {
        throw new CannotCreateTransactionException("planted", new SQLException("no connection"));
      }
      return new SimpleTransactionStatus();
    }

    @Override
    public void commit(TransactionStatus status) {}

    @Override
    public void rollback(TransactionStatus status) {}
  }

  /** Carries out each request, unless it is locked, poisonous, or the attempt has to fail. */
  private static final class Writer extends PostingWriter {

    private final List<String> attempts = new ArrayList<>();
    private final Deque<RuntimeException> failures = new ArrayDeque<>();
    private final Map<Key, AccountId> locked = new HashMap<>();
    private @Nullable PostingRequest poison;
    private @Nullable Error broken;
    private Runnable meanwhile = () -> {};

    @SuppressWarnings("NullAway") // It writes nothing
    Writer() {
      super(null, null, null, null, null, null);
    }

    @Override
    public BatchResult write(List<PostingRequest> requests, Mode mode) {
      attempts.add(mode + " " + requests.size());
      meanwhile.run();
      if (broken != null) {
        throw broken;
      }
      if (!failures.isEmpty()) {
        throw failures.pop();
      }
      if (poison != null && requests.contains(poison)) {
        throw failure("23514");
      }
      Map<Key, Outcome<LedgerRecord>> outcomes = new HashMap<>();
      Map<Key, AccountId> skipped = new HashMap<>();
      for (PostingRequest request : requests) {
        AccountId lock = locked.get(request.key());
        if (lock == null) {
          outcomes.put(request.key(), RulesFixture.outcome(request, ADA, BOB));
        } else {
          skipped.put(request.key(), lock);
        }
      }
      return new BatchResult(outcomes, skipped);
    }

    @Override
    public void lock(AccountId account, Duration timeout) {
      attempts.add("lock " + account + " " + timeout);
    }
  }

  private static RuntimeException failure(String state) {
    return new DataAccessResourceFailureException("planted", new SQLException("planted", state));
  }

  private static List<QueuedPosting> batch(int size) {
    return IntStream.range(0, size).mapToObj(_ -> queued()).toList();
  }

  private static void assertFailed(QueuedPosting posting, Class<? extends Throwable> failure) {
    assertThatThrownBy(posting.outcome::join)
        .isInstanceOf(CompletionException.class)
        .hasCauseInstanceOf(failure);
  }

  @Test
  void givesEachCallerItsOutcome() {
    List<QueuedPosting> batch = batch(3);

    assertThat(commit(batch, null)).isEmpty();

    assertThat(batch)
        .allSatisfy(it -> assertThat(it.outcome.join()).isInstanceOf(Outcome.Done.class));
    assertThat(writer.attempts).containsExactly("SKIP_LOCKED 3");
    assertThat(meters.get("evenkeel.ledger.batch.size").summary().totalAmount()).isEqualTo(3);
  }

  @Test
  void commitsNoEmptyBatch() {
    assertThat(commit(List.of(), null)).isEmpty();
    assertThat(writer.attempts).isEmpty();
    assertThat(meters.get("evenkeel.ledger.batch.size").summary().count()).isZero();
  }

  @Test
  void returnsWhatWasSkipped() {
    List<QueuedPosting> batch = batch(2);
    QueuedPosting stuck = batch.getLast();
    assertThat(stuck.take()).isTrue();
    writer.locked.put(stuck.request.key(), BOB.id());

    assertThat(commit(batch, null)).containsExactly(stuck);

    assertThat(stuck.outcome).isNotDone();
    assertThat(stuck.skips).isEqualTo(1);
    assertThat(stuck.lockedAccount).isEqualTo(BOB.id());
    assertThat(stuck.take()).as("it waits again").isTrue();
  }

  /** A request with its key may hold the lock, on another instance. */
  @Test
  void withdrawsWhatWasSkippedTooLate() {
    QueuedPosting late = queued();
    assertThat(late.take()).isTrue();
    writer.locked.put(late.request.key(), BOB.id());
    writer.meanwhile = () -> assertThat(late.withdraw()).isFalse();

    assertThat(commit(List.of(late), null)).isEmpty();

    assertFailed(late, OutcomeUnknownException.class);
  }

  @Test
  void reportsThatNothingHappenedInTheQueue() {
    QueuedPosting late = queued();

    assertThat(late.withdraw()).isTrue();
    assertThat(late.take()).isFalse();
    assertThat(late.failWithdrawn()).isInstanceOf(BusyException.class);
    assertFailed(late, BusyException.class);
  }

  @Test
  void waitsForOneAccountOnly() {
    commit(batch(2), ADA.id());

    assertThat(writer.attempts).containsExactly("lock " + ADA.id() + " PT0.1S", "SKIP_LOCKED 2");
  }

  @Test
  void writesTheOthersIfTheAccountStaysLocked() {
    List<QueuedPosting> batch = batch(2);
    writer.failures.add(failure("55P03"));

    assertThat(commit(batch, ADA.id())).isEmpty();

    assertThat(batch).allMatch(it -> it.outcome.isDone());
    assertThat(writer.attempts).endsWith("SKIP_LOCKED 2", "SKIP_LOCKED 2").hasSize(3);
  }

  @Test
  void failsAsAWholeAfterATimeout() {
    List<QueuedPosting> batch = batch(2);
    writer.failures.add(failure("57014"));

    assertThat(commit(batch, null)).isEmpty();

    assertThat(batch).allSatisfy(it -> assertFailed(it, DataAccessResourceFailureException.class));
    assertThat(writer.attempts).hasSize(1);
  }

  @Test
  void failsOnlyTheRequestAtFault() {
    List<QueuedPosting> batch = batch(8);
    QueuedPosting stuck = batch.get(1);
    QueuedPosting poisonous = batch.get(5);
    assertThat(stuck.take()).isTrue();
    writer.locked.put(stuck.request.key(), BOB.id());
    writer.poison = poisonous.request;

    assertThat(commit(batch, null)).containsExactly(stuck);

    assertFailed(poisonous, DataAccessResourceFailureException.class);
    assertThat(batch.stream().filter(it -> it.outcome.isDone())).hasSize(7);
    assertThat(batch.stream().filter(it -> it.outcome.isCompletedExceptionally()))
        .containsExactly(poisonous);
    assertThat(writer.attempts.stream().map(it -> it.substring("SKIP_LOCKED ".length())))
        .containsExactly("8", "4", "4", "2", "1", "1", "2");
  }

  @Test
  void writesAgainAfterALostConnection() {
    List<QueuedPosting> batch = batch(2);
    writer.failures.add(failure("08006"));

    assertThat(commit(batch, null)).isEmpty();

    assertThat(batch)
        .allSatisfy(it -> assertThat(it.outcome.join()).isInstanceOf(Outcome.Done.class));
    assertThat(writer.attempts).containsExactly("SKIP_LOCKED 2", "WAIT 2");
  }

  @Test
  void reportsAnUnknownOutcome() {
    QueuedPosting posting = queued();
    RuntimeException first = failure("08006");
    RuntimeException second = failure("57P01");
    writer.failures.addAll(List.of(first, second));

    assertThat(commit(List.of(posting), null)).isEmpty();

    assertFailed(posting, OutcomeUnknownException.class);
    assertThat(second).hasSuppressedException(first);
  }

  @Test
  void writesNothingWithoutAConnection() {
    List<QueuedPosting> batch = batch(2);
    manager.broken = true;

    assertThat(commit(batch, null)).isEmpty();

    assertThat(batch).allSatisfy(it -> assertFailed(it, CannotCreateTransactionException.class));
    assertThat(writer.attempts).isEmpty();
  }

  /** A request with its key may have held the lock, on another instance. */
  @Test
  void doesNotReportThatNothingHappenedAfterALock() {
    QueuedPosting posting = queued();
    assertThat(posting.take()).isTrue();
    writer.locked.put(posting.request.key(), BOB.id());
    assertThat(commit(List.of(posting), null)).containsExactly(posting);
    manager.broken = true;

    assertThat(commit(List.of(posting), null)).isEmpty();

    assertFailed(posting, OutcomeUnknownException.class);
  }

  @Test
  void tellsItsCallersOfAnErrorOfTheMachine() {
    QueuedPosting posting = queued();
    writer.broken = new InternalError("planted");

    assertThatThrownBy(() -> commit(List.of(posting), null)).isSameAs(writer.broken);

    assertFailed(posting, InternalError.class);
  }

  @Test
  void keepsOtherErrorsFromTheLane() {
    QueuedPosting posting = queued();
    writer.broken = new LinkageError("planted");

    assertThat(commit(List.of(posting), null)).isEmpty();

    assertFailed(posting, LinkageError.class);
  }

  @Test
  void directCommitWaitsForLocks() {
    PostingRequest request = queued().request;

    Outcome<LedgerRecord> outcome =
        new DirectCommit(writer, transactions(), new InFlightRequests()).submit(request);

    assertThat(outcome).isInstanceOf(Outcome.Done.class);
    assertThat(writer.attempts).containsExactly("WAIT 1");
  }
}
