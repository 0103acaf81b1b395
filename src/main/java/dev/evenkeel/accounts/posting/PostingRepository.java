package dev.evenkeel.accounts.posting;

import static dev.evenkeel.database.SqlArrays.array;
import static dev.evenkeel.database.SqlArrays.bytes;
import static dev.evenkeel.database.SqlArrays.numbers;
import static dev.evenkeel.database.SqlArrays.texts;
import static dev.evenkeel.database.SqlArrays.uuids;
import static java.util.Objects.requireNonNull;
import static java.util.Objects.requireNonNullElse;
import static java.util.Objects.requireNonNullElseGet;

import dev.evenkeel.accounts.Hold;
import dev.evenkeel.accounts.LedgerRecord;
import dev.evenkeel.accounts.PostingRequest;
import dev.evenkeel.accounts.PostingRequest.Key;
import dev.evenkeel.accounts.Transfer;
import dev.evenkeel.accounts.TransferId;
import dev.evenkeel.accounts.posting.AccountRepository.BalanceChange;
import dev.evenkeel.database.ConcurrentRequestException;
import dev.evenkeel.database.Ids;
import dev.evenkeel.database.Pipeline;
import dev.evenkeel.idempotency.Fingerprint;
import dev.evenkeel.problems.Problem;
import dev.evenkeel.problems.StoredProblems;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.Currency;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.function.Function;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.springframework.dao.DuplicateKeyException;
import org.springframework.jdbc.core.JdbcOperations;
import org.springframework.stereotype.Component;
import tools.jackson.databind.json.JsonMapper;

/** Finds postings by their keys, and writes them: any number of them in one round trip. */
@Component
class PostingRepository {

  /** Two batches that insert the same keys in opposite order would deadlock. */
  private static final Comparator<Decision> BY_KEY =
      Comparator.comparing(
          decision -> decision.request().key(),
          Comparator.comparing(Key::owner).thenComparing(Key::operation).thenComparing(Key::value));

  private final JdbcOperations jdbc;
  private final JsonMapper json;
  private final StoredProblems problems;

  PostingRepository(JdbcOperations jdbc, JsonMapper json, StoredProblems problems) {
    this.jdbc = jdbc;
    this.json = json;
    this.problems = problems;
  }

  /**
   * The row that an earlier request left under its key.
   *
   * @param problem why the request was refused; null if it was carried out
   */
  record StoredOutcome(TransferId id, Fingerprint fingerprint, @Nullable Problem problem) {}

  /**
   * What earlier requests left, as soon as the pipeline has run.
   *
   * @param byKey the stored outcomes; a key that was not used is absent
   * @param clock one time or more, by the database's clock
   */
  record PriorOutcomes(Map<Key, StoredOutcome> byKey, List<Instant> clock) {}

  PriorOutcomes find(Pipeline pipeline, List<Key> keys) {
    PriorOutcomes prior = new PriorOutcomes(new HashMap<>(), new ArrayList<>());
    pipeline.query(
        """
        select clock.now, t.*
        from (select clock_timestamp() as now) clock
        left join accounts.transfer t
            on (t.owner, t.operation, t.idempotency_key)
                in (select * from unnest(?::text[], ?::text[], ?::text[]))
        """,
        row -> {
          prior.clock().add(row.getObject("now", OffsetDateTime.class).toInstant());
          if (row.getObject("id") != null) {
            prior.byKey().put(key(row), storedOutcome(row));
          }
        },
        texts(keys, Key::owner),
        texts(keys, PostingRepository::operation),
        texts(keys, Key::value));
    return prior;
  }

  void run(Pipeline pipeline) {
    pipeline.run(jdbc);
  }

  private static Key key(ResultSet row) throws SQLException {
    String operation = row.getString("operation").toUpperCase(Locale.ROOT);
    return new Key(
        row.getString("owner"),
        PostingRequest.Operation.valueOf(operation),
        row.getString("idempotency_key"));
  }

  private StoredOutcome storedOutcome(ResultSet row) throws SQLException {
    String problem = row.getString("problem");
    return new StoredOutcome(
        new TransferId(row.getObject("id", UUID.class)),
        Fingerprint.ofStored(row.getBytes("fingerprint")),
        problem == null ? null : problems.read(problem));
  }

  /**
   * Writes the decisions, except refusals that are not stored.
   *
   * @param ended holds that ended without a posting of their own
   * @param clock the time of refusals
   * @throws ConcurrentRequestException if another request has taken one of the keys since {@link
   *     #find}
   */
  void insert(List<Decision> decisions, List<HoldRepository.Ended> ended, Instant clock) {
    List<Decision> stored = decisions.stream().filter(Decision::isStored).sorted(BY_KEY).toList();
    List<NewEntry> entries = stored.stream().flatMap(NewEntry::of).toList();
    List<Hold> placed =
        stored.stream()
            .map(Decision::made)
            .filter(Hold.class::isInstance)
            .map(Hold.class::cast)
            .toList();
    List<HoldRepository.Ended> released = new ArrayList<>(ended);
    stored.forEach(it -> captured(it).ifPresent(released::add));
    List<BalanceChange> changes = new ArrayList<>();
    entries.forEach(it -> changes.add(it.change()));
    placed.forEach(
        it -> changes.add(new BalanceChange(it.from(), 0, 0, it.amount(), 0, it.createdAt())));
    released.forEach(it ->
        changes.add(new BalanceChange(it.hold().from(), 0, 0, -it.hold().amount(), 0, it.at())));
    Pipeline pipeline = new Pipeline();
    insertTransfers(pipeline, stored, clock);
    insertEntries(pipeline, entries);
    HoldRepository.insert(pipeline, placed);
    HoldRepository.end(pipeline, released);
    AccountRepository.changeBalances(pipeline, changes);
    try {
      pipeline.run(jdbc);
    } catch (DuplicateKeyException taken) {
      throw new ConcurrentRequestException("another request took one of the keys");
    }
  }

  private static Optional<HoldRepository.Ended> captured(Decision decision) {
    Hold hold = decision.captured();
    return hold == null
        ? Optional.empty()
        : Optional.of(new HoldRepository.Ended(hold, requireNonNull(decision.time())));
  }

  private record NewEntry(PostingRequest request, Transfer transfer, Transfer.Entry entry) {

    static Stream<NewEntry> of(Decision decision) {
      return decision.made() instanceof Transfer transfer
          ? transfer.entries().stream().map(it -> new NewEntry(decision.request(), transfer, it))
          : Stream.empty();
    }

    /** A receivable is the debt of an account, which changes with it. */
    BalanceChange change() {
      Currency currency = Currency.getInstance(transfer.currency());
      return entry.account().equals(SystemAccount.RECEIVABLE.in(currency))
          ? new BalanceChange(
              requireNonNull(request.debtor()), 0, 0, 0, -entry.amount(), transfer.postedAt())
          : new BalanceChange(entry.account(), entry.amount(), 1, 0, 0, transfer.postedAt());
    }

    /** The owner in whose list of transfers this entry shows the transfer, which is listed once. */
    @Nullable String listedFor() {
      String owner = ofCustomer(Transfer.Entry.Customer::owner);
      return owner != null && transfer.entryListedFor(owner) == entry ? owner : null;
    }

    <T> @Nullable T ofCustomer(Function<Transfer.Entry.Customer, T> property) {
      Transfer.Entry.Customer customer = entry.customer();
      return customer == null ? null : property.apply(customer);
    }
  }

  private void insertTransfers(Pipeline pipeline, List<Decision> rows, Instant clock) {
    if (rows.isEmpty()) {
      return;
    }
    pipeline.update(
        """
        insert into accounts.transfer
            (id, owner, operation, idempotency_key, fingerprint, problem, from_account, to_account, amount,
             currency, description, reference, metadata, payment, provider, reversal_of, hold, posted_at)
        select id, owner, operation, key, fingerprint, problem::jsonb, "from", "to", amount,
               currency, description, reference, metadata::jsonb, payment, provider, reversal_of, hold, posted_at
        from unnest(?::uuid[], ?::text[], ?::text[], ?::text[], ?::bytea[], ?::text[], ?::uuid[],
                    ?::uuid[], ?::bigint[], ?::text[], ?::text[], ?::text[], ?::text[], ?::uuid[],
                    ?::text[], ?::uuid[], ?::uuid[], ?::timestamptz[])
            as r(id, owner, operation, key, fingerprint, problem, "from",
                 "to", amount, currency, description, reference, metadata, payment,
                 provider, reversal_of, hold, posted_at)
        """,
        uuids(rows, row -> requireNonNullElseGet(row.made(it -> it.id().value()), Ids::next)),
        texts(rows, row -> row.request().key().owner()),
        texts(rows, row -> operation(row.request().key())),
        texts(rows, row -> row.request().key().value()),
        bytes(rows, row -> row.request().fingerprint().bytes()),
        texts(rows, row -> row.problem() == null ? null : problems.write(row.problem())),
        uuids(rows, row -> row.made(it -> it.from().value())),
        uuids(rows, row -> row.made(it -> it.to().value())),
        numbers(rows, row -> row.made(LedgerRecord::amount)),
        texts(rows, row -> row.made(LedgerRecord::currency)),
        texts(rows, row -> row.made(LedgerRecord::description)),
        texts(rows, row -> row.request().reference()),
        texts(rows, row -> metadata(row.request().metadata())),
        uuids(rows, row -> row.request().payment()),
        texts(rows, row -> row.request().provider()),
        uuids(rows, row -> row.made(_ -> uuid(row.request().reversalOf()))),
        uuids(rows, row -> row.made(_ -> uuid(row.request().hold()))),
        array("timestamptz", rows, row -> requireNonNullElse(row.time(), clock)));
  }

  private static @Nullable UUID uuid(@Nullable TransferId id) {
    return id == null ? null : id.value();
  }

  private @Nullable String metadata(Map<String, String> metadata) {
    return metadata.isEmpty() ? null : json.writeValueAsString(metadata);
  }

  private static void insertEntries(Pipeline pipeline, List<NewEntry> rows) {
    if (rows.isEmpty()) {
      return;
    }
    pipeline.update(
        """
        insert into accounts.entry
            (transfer, account, amount, currency, seq, balance_after, listed_for, posted_at)
        select *
        from unnest(?::uuid[], ?::uuid[], ?::bigint[], ?::text[], ?::bigint[], ?::bigint[], ?::text[],
                    ?::timestamptz[])
        """,
        uuids(rows, row -> row.transfer().id().value()),
        uuids(rows, row -> row.entry().account().value()),
        numbers(rows, row -> row.entry().amount()),
        texts(rows, row -> row.transfer().currency()),
        numbers(rows, row -> row.ofCustomer(Transfer.Entry.Customer::sequence)),
        numbers(rows, row -> row.ofCustomer(Transfer.Entry.Customer::balanceAfter)),
        texts(rows, NewEntry::listedFor),
        array("timestamptz", rows, row -> row.transfer().postedAt()));
  }

  private static String operation(Key key) {
    return key.operation().name().toLowerCase(Locale.ROOT);
  }
}
