package dev.evenkeel.accounts;

import dev.evenkeel.accounts.posting.LedgerSettings;
import dev.evenkeel.accounts.posting.PostingWriter;
import dev.evenkeel.database.Ids;
import dev.evenkeel.database.RetryingTransactions;
import dev.evenkeel.idempotency.Fingerprint;
import dev.evenkeel.idempotency.InFlightRequests;
import dev.evenkeel.idempotency.Outcome;
import dev.evenkeel.problems.BusyException;
import dev.evenkeel.problems.Problem;
import dev.evenkeel.problems.StoredProblems;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Component;
import org.springframework.transaction.annotation.Propagation;
import org.springframework.transaction.annotation.Transactional;

/** Transfers that come together: all or nothing, or each for itself. */
@Component
public class Batches {

  /** More of them would only wait for each other's accounts, each with a connection. */
  private static final int AT_ONCE = 2;

  private final Semaphore places = new Semaphore(AT_ONCE, true);
  private final JdbcClient jdbc;
  private final PostingWriter writer;
  private final RetryingTransactions transactions;
  private final StoredProblems problems;
  private final InFlightRequests inProgress;
  private final LedgerSettings settings;

  Batches(
      JdbcClient jdbc,
      PostingWriter writer,
      RetryingTransactions transactions,
      StoredProblems problems,
      InFlightRequests inProgress,
      LedgerSettings settings) {
    this.jdbc = jdbc;
    this.writer = writer;
    this.transactions = transactions;
    this.problems = problems;
    this.inProgress = inProgress;
    this.settings = settings;
  }

  /**
   * @param atomic whether one refusal refuses all
   * @param transfers in their order; each is posted under a key of its own
   */
  public record Request(
      PostingRequest.Key key,
      Fingerprint fingerprint,
      boolean atomic,
      List<PostingRequest.Transfer> transfers) {}

  /**
   * What became of each, in their order: stored, so that it is the same whenever it is read.
   *
   * @param owner who asked for it
   */
  public record Batch(UUID id, String owner, List<Outcome<Transfer>> results) {}

  /**
   * In one transaction, of its own. Each transfer sees those before it.
   *
   * @throws BusyException if nothing happened: its turn did not come in time
   */
  @Transactional(propagation = Propagation.NEVER)
  public Outcome<Batch> submit(Request request) {
    return inProgress.run(request.key(), () -> inTurn(request));
  }

  private Outcome<Batch> inTurn(Request request) {
    try {
      if (!places.tryAcquire(settings.deadline().toMillis(), TimeUnit.MILLISECONDS)) {
        throw new BusyException("its turn did not come in time");
      }
    } catch (InterruptedException stopped) {
      Thread.currentThread().interrupt();
      throw new BusyException("interrupted before its turn");
    }
    try {
      return transactions.run(() -> replay(request).orElseGet(() -> post(request)));
    } finally {
      places.release();
    }
  }

  private Optional<Outcome<Batch>> replay(Request request) {
    return jdbc.sql("select * from accounts.batch where owner = ? and idempotency_key = ?")
        .params(request.key().owner(), request.key().value())
        .<Outcome<Batch>>query((row, _) -> {
          if (!Fingerprint.ofStored(row.getBytes("fingerprint")).equals(request.fingerprint())) {
            return Outcome.keyReused();
          }
          String problem = row.getString("problem");
          return problem == null
              ? new Outcome.Replayed<>(batch(row))
              : new Outcome.Refused<>(problems.read(problem), true);
        })
        .optional();
  }

  private Outcome<Batch> post(Request request) {
    UUID id = Ids.next();
    String owner = request.key().owner();
    List<PostingRequest.Transfer> postings =
        IntStream.range(0, request.transfers().size())
            .mapToObj(i -> request.transfers().get(i).under(key(owner, id, i)))
            .toList();
    List<Outcome<LedgerRecord>> outcomes =
        request.atomic() ? writer.writeAllOrNothing(postings) : writer.write(postings);
    if (request.atomic()) {
      for (int i = 0; i < outcomes.size(); i++) {
        if (outcomes.get(i) instanceof Outcome.Refused<LedgerRecord>(Problem problem, _)) {
          return refuse(request, id, problem.with("index", i));
        }
      }
    }
    insert(request, id, null);
    return new Outcome.Done<>(new Batch(id, owner, transfers(outcomes.stream())));
  }

  private Outcome<Batch> refuse(Request request, UUID id, Problem problem) {
    if (problem.type().isKept()) {
      insert(request, id, problems.write(problem));
      return Outcome.refused(problem);
    }
    // What is not kept meets no unique key: another request may have taken this one since it was
    // looked up, and then that one's transfers are what was decided on.
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

  /** Whoever asked for it. What was refused as a whole is none. */
  public Optional<Batch> find(UUID id) {
    return jdbc.sql("select * from accounts.batch where id = ? and problem is null")
        .param(id)
        .query((row, _) -> batch(row))
        .optional();
  }

  private Batch batch(ResultSet row) throws SQLException {
    UUID id = row.getObject("id", UUID.class);
    String owner = row.getString("owner");
    List<PostingRequest.Key> keys =
        IntStream.range(0, row.getInt("size")).mapToObj(i -> key(owner, id, i)).toList();
    Map<PostingRequest.Key, Outcome<LedgerRecord>> outcomes = writer.outcomes(keys);
    return new Batch(
        id, owner, transfers(keys.stream().map(outcomes::get).map(Objects::requireNonNull)));
  }

  private static List<Outcome<Transfer>> transfers(Stream<Outcome<LedgerRecord>> outcomes) {
    return outcomes.map(outcome -> outcome.map(Transfer.class::cast)).toList();
  }
}
