package dev.evenkeel.accounts;

import dev.evenkeel.accounts.posting.LedgerSettings;
import dev.evenkeel.accounts.posting.PostingReplays;
import dev.evenkeel.accounts.posting.PostingWriter;
import dev.evenkeel.accounts.posting.PostingWriter.Mode;
import dev.evenkeel.database.Ids;
import dev.evenkeel.database.RetryingTransactions;
import dev.evenkeel.database.SqlState;
import dev.evenkeel.idempotency.Fingerprint;
import dev.evenkeel.idempotency.InFlightRequests;
import dev.evenkeel.idempotency.Outcome;
import dev.evenkeel.problems.BusyException;
import dev.evenkeel.problems.OutcomeUnknownException;
import dev.evenkeel.problems.Problem;
import dev.evenkeel.problems.StoredProblems;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Supplier;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Component;
import org.springframework.transaction.CannotCreateTransactionException;
import org.springframework.transaction.annotation.Propagation;
import org.springframework.transaction.annotation.Transactional;

/** Posts batches of transfers, either all or none of a batch, or each for itself. */
@Component
public class Batches {

  /** More batches would only wait for each other's accounts, each with a connection. */
  private static final int MAX_CONCURRENT = 2;

  /** How long a batch waits for an account while it has locked others. */
  private static final Duration LOCK_WAIT = Duration.ofMillis(100);

  private static final Duration PAUSE = Duration.ofMillis(20);

  private final Semaphore permits = new Semaphore(MAX_CONCURRENT, true);
  private final JdbcClient jdbc;
  private final PostingWriter writer;
  private final PostingReplays replays;
  private final RetryingTransactions transactions;
  private final StoredProblems problems;
  private final InFlightRequests inFlight;
  private final LedgerSettings settings;

  Batches(
      JdbcClient jdbc,
      PostingWriter writer,
      PostingReplays replays,
      RetryingTransactions transactions,
      StoredProblems problems,
      InFlightRequests inFlight,
      LedgerSettings settings) {
    this.jdbc = jdbc;
    this.writer = writer;
    this.replays = replays;
    this.transactions = transactions;
    this.problems = problems;
    this.inFlight = inFlight;
    this.settings = settings;
  }

  /**
   * A request to post a batch.
   *
   * @param atomic whether one refusal refuses the whole batch
   * @param transfers in the order in which they are posted; each gets a key of its own
   */
  public record Request(
      PostingRequest.Key key,
      Fingerprint fingerprint,
      boolean atomic,
      List<PostingRequest.Transfer> transfers) {}

  /**
   * A posted batch.
   *
   * @param results the outcomes of the transfers in their order; stored, so that they never change
   */
  public record Batch(UUID id, String owner, List<Outcome<Transfer>> results) {}

  /**
   * Posts a batch in one transaction of its own. Each transfer sees the effects of the ones before
   * it.
   *
   * @throws BusyException if nothing happened, because the batch waited too long for its turn
   */
  @Transactional(propagation = Propagation.NEVER)
  public Outcome<Batch> submit(Request request) {
    return inFlight.run(request.key(), () -> waitAndPost(request));
  }

  /** Holds no lock while one of its accounts stays locked by another transaction. */
  private Outcome<Batch> waitAndPost(Request request) {
    long end = System.nanoTime() + settings.deadline().toNanos();
    boolean waited = false;
    while (true) {
      try {
        if (waited) {
          awaitFreeAccounts(request, end);
        }
        return inTurn(end, () -> replay(request).orElseGet(() -> post(request)));
      } catch (BusyException | CannotCreateTransactionException late) {
        // A batch with the same key may hold the lock, on another instance.
        throw waited
            ? new OutcomeUnknownException("the batch waited too long for a locked account", late)
            : late;
      } catch (RuntimeException failure) {
        if (SqlState.of(failure) != SqlState.TIMED_OUT) {
          throw failure;
        }
        waited = true;
      }
    }
  }

  private void awaitFreeAccounts(Request request, long end) {
    List<PostingRequest> transfers = transfers(request, Ids.next());
    do {
      pause(end);
    } while (inTurn(end, () -> writer.needsLockedAccount(transfers)));
  }

  /** Runs a transaction, one of a few at a time. */
  private <T> T inTurn(long end, Supplier<T> work) {
    try {
      if (!permits.tryAcquire(end - System.nanoTime(), TimeUnit.NANOSECONDS)) {
        throw waitedTooLong();
      }
    } catch (InterruptedException interrupted) {
      Thread.currentThread().interrupt();
      throw waitedTooLong();
    }
    try {
      return transactions.run(work);
    } finally {
      permits.release();
    }
  }

  private static void pause(long end) {
    if (System.nanoTime() >= end) {
      throw waitedTooLong();
    }
    LockSupport.parkNanos(PAUSE.toNanos());
  }

  private static BusyException waitedTooLong() {
    return new BusyException("the batch waited too long for its turn");
  }

  private Optional<Outcome<Batch>> replay(Request request) {
    return jdbc.sql("select * from accounts.batch where owner = ? and idempotency_key = ?")
        .params(request.key().owner(), request.key().value())
        .query((row, _) -> {
          String problem = row.getString("problem");
          UUID id = row.getObject("id", UUID.class);
          int size = row.getInt("size");
          return Outcome.replay(
              request.fingerprint(),
              Fingerprint.ofStored(row.getBytes("fingerprint")),
              problem == null ? null : problems.read(problem),
              () -> batch(id, request.key().owner(), size));
        })
        .optional();
  }

  private Outcome<Batch> post(Request request) {
    UUID id = Ids.next();
    List<PostingRequest> transfers = transfers(request, id);
    writer.limitLockWaits(LOCK_WAIT);
    List<Outcome<LedgerRecord>> outcomes =
        writer
            .write(transfers, request.atomic() ? Mode.ALL_OR_NOTHING : Mode.WAIT)
            .inOrderOf(transfers);
    if (request.atomic()) {
      for (int i = 0; i < outcomes.size(); i++) {
        if (outcomes.get(i) instanceof Outcome.Refused<LedgerRecord>(Problem problem, _)) {
          return refuse(request, id, problem.with("index", i));
        }
      }
    }
    insert(request, id, null);
    return new Outcome.Done<>(new Batch(id, request.key().owner(), transfers(outcomes.stream())));
  }

  private static List<PostingRequest> transfers(Request request, UUID id) {
    return IntStream.range(0, request.transfers().size())
        .<PostingRequest>mapToObj(
            i -> request.transfers().get(i).under(key(request.key().owner(), id, i)))
        .toList();
  }

  private Outcome<Batch> refuse(Request request, UUID id, Problem problem) {
    if (problem.type().isKept()) {
      insert(request, id, problems.write(problem));
      return Outcome.refused(problem);
    }
    // A refusal that is not stored meets no unique constraint. Another request may have taken the
    // key since it was looked up; the refusal was then decided on top of that request's transfers.
    return replay(request).orElseGet(() -> Outcome.refused(problem));
  }

  private static PostingRequest.Key key(String owner, UUID batch, int index) {
    return new PostingRequest.Key(owner, PostingRequest.Operation.BATCH, batch + "/" + index);
  }

  private void insert(Request request, UUID id, @Nullable String problem) {
    jdbc.sql(
            """
            insert into accounts.batch (id, owner, idempotency_key, fingerprint, problem, size)
            values (?, ?, ?, ?, ?::jsonb, ?)
            """)
        .param(id)
        .param(request.key().owner())
        .param(request.key().value())
        .param(request.fingerprint().bytes())
        .param(problem)
        .param(request.transfers().size())
        .update();
  }

  /** Finds a posted batch by id, whoever owns it. */
  public Optional<Batch> find(UUID id) {
    return jdbc.sql("select * from accounts.batch where id = ? and problem is null")
        .param(id)
        .query((row, _) -> batch(id, row.getString("owner"), row.getInt("size")))
        .optional();
  }

  private Batch batch(UUID id, String owner, int size) {
    List<PostingRequest.Key> keys =
        IntStream.range(0, size).mapToObj(i -> key(owner, id, i)).toList();
    Map<PostingRequest.Key, Outcome<LedgerRecord>> outcomes = replays.find(keys);
    return new Batch(
        id, owner, transfers(keys.stream().map(outcomes::get).map(Objects::requireNonNull)));
  }

  private static List<Outcome<Transfer>> transfers(Stream<Outcome<LedgerRecord>> outcomes) {
    return outcomes.map(outcome -> outcome.map(Transfer.class::cast)).toList();
  }
}
