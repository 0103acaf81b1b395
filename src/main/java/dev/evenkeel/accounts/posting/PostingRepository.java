package dev.evenkeel.accounts.posting;

import static dev.evenkeel.database.SqlArrays.numbers;
import static dev.evenkeel.database.SqlArrays.texts;
import static dev.evenkeel.database.SqlArrays.uuids;

import dev.evenkeel.accounts.Account;
import dev.evenkeel.accounts.Accounts;
import dev.evenkeel.accounts.Hold;
import dev.evenkeel.accounts.LedgerRecord;
import dev.evenkeel.accounts.PostingRequest;
import dev.evenkeel.accounts.PostingRequest.Key;
import dev.evenkeel.accounts.Transfer;
import dev.evenkeel.database.ConcurrentRequestException;
import dev.evenkeel.database.Ids;
import dev.evenkeel.idempotency.Fingerprint;
import dev.evenkeel.idempotency.Outcome;
import dev.evenkeel.problems.Problem;
import dev.evenkeel.problems.StoredProblems;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Timestamp;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.UUID;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Component;
import tools.jackson.databind.json.JsonMapper;

/** The SQL of the ledger's write path: set-based, one statement for any number of postings. */
@Component
public class PostingRepository {

  private static final String LOCKED =
      "select * from accounts.account where id = any(?) order by id for no key update";

  private final JdbcClient jdbc;
  private final JsonMapper json;
  private final StoredProblems problems;
  private final HoldRepository holds;

  PostingRepository(
      JdbcClient jdbc, JsonMapper json, StoredProblems problems, HoldRepository holds) {
    this.jdbc = jdbc;
    this.json = json;
    this.problems = problems;
    this.holds = holds;
  }

  /**
   * What was posted or refused under a key before.
   *
   * @param problem null for what was posted
   */
  public record Row(UUID id, Fingerprint fingerprint, @Nullable Problem problem) {}

  /**
   * @param now the time of this batch: the database's clock, but not before the latest entry of a
   *     locked account
   */
  public record Earlier(Instant now, Map<Key, Row> rows) {}

  /** Of those that exist, by account. */
  public Map<UUID, String> owners(Collection<UUID> ids) {
    Map<UUID, String> owners = new HashMap<>();
    jdbc.sql("select id, owner from accounts.account where id = any(?)")
        .param(uuids(ids))
        .query(row -> {
          owners.put(row.getObject("id", UUID.class), row.getString("owner"));
        });
    return owners;
  }

  /**
   * Accounts that nobody else changes until the transaction ends.
   *
   * @param changedAt of the one that changed last; null if none ever did
   */
  public record Locked(Map<UUID, Account> accounts, @Nullable Instant changedAt) {}

  /** In the order of ids, which PostgreSQL sorts: so no two batches wait for each other. */
  public Locked lock(Collection<UUID> ids) {
    return locked(LOCKED, ids);
  }

  /** As {@link #lock}, but without those that somebody else has locked. */
  public Locked lockFree(Collection<UUID> ids) {
    return locked(LOCKED + " skip locked", ids);
  }

  private Locked locked(String sql, Collection<UUID> ids) {
    Map<UUID, Account> accounts = new HashMap<>();
    List<Instant> changes = new ArrayList<>();
    jdbc.sql(sql)
        .param(uuids(ids))
        .query(row -> {
          Account account = Accounts.account(row);
          accounts.put(account.id(), account);
          if (row.getObject("changed_at") != null) {
            changes.add(instant(row, "changed_at"));
          }
        });
    return new Locked(accounts, changes.stream().max(Comparator.naturalOrder()).orElse(null));
  }

  public Earlier lookUp(List<Key> keys, @Nullable Instant changedAt) {
    List<Instant> now = new ArrayList<>();
    Map<Key, Row> rows = new HashMap<>();
    jdbc.sql(
            """
            select batch.now, t.*
            from (select greatest(clock_timestamp(), ?::timestamptz) as now) batch
            left join accounts.transfer t
                on (t.owner, t.operation, t.idempotency_key)
                    in (select * from unnest(?::text[], ?::text[], ?::text[]))
            """)
        .param(changedAt == null ? null : Timestamp.from(changedAt))
        .param(texts(keys, Key::owner))
        .param(texts(keys, key -> key.operation().word()))
        .param(texts(keys, Key::value))
        .query(row -> {
          now.add(instant(row, "now"));
          if (row.getObject("id") != null) {
            rows.put(
                new Key(
                    row.getString("owner"),
                    PostingRequest.Operation.valueOf(
                        row.getString("operation").toUpperCase(Locale.ROOT)),
                    row.getString("idempotency_key")),
                row(row));
          }
        });
    return new Earlier(now.getFirst(), rows);
  }

  private Row row(ResultSet row) throws SQLException {
    String problem = row.getString("problem");
    return new Row(
        row.getObject("id", UUID.class),
        Fingerprint.ofStored(row.getBytes("fingerprint")),
        problem == null ? null : problems.read(problem));
  }

  /**
   * Writes what was decided; what is refused without being kept is left out.
   *
   * @throws ConcurrentRequestException if somebody else used one of the keys since it was looked up
   */
  public void append(
      List<Decision> decisions, Map<Key, Outcome<LedgerRecord>> outcomes, Instant now) {
    List<TransferRow> rows =
        decisions.stream()
            .map(Decision::posting)
            .map(it -> TransferRow.of(it, Objects.requireNonNull(outcomes.get(it.key()))))
            .filter(TransferRow::isKept)
            .sorted(TransferRow.BY_KEY)
            .toList();
    List<NewEntry> entries =
        made(rows, Transfer.class)
            .flatMap(transfer -> transfer.entries().stream().map(entry -> new NewEntry(transfer, entry)))
            .toList();
    List<Hold> placed = made(rows, Hold.class).toList();
    List<Hold> ended = decisions.stream().flatMap(PostingRepository::ended).toList();
    List<Change> changes = new ArrayList<>();
    entries.forEach(it -> changes.add(new Change(it.entry().account(), it.entry().amount(), 1, 0)));
    placed.forEach(hold -> changes.add(new Change(hold.from(), 0, 0, hold.amount())));
    ended.forEach(hold -> changes.add(new Change(hold.from(), 0, 0, -hold.amount())));
    insertTransfers(rows, now);
    insertEntries(entries, now);
    holds.place(placed);
    holds.end(ended, now);
    change(changes, now);
  }

  private static <T extends LedgerRecord> Stream<T> made(List<TransferRow> rows, Class<T> type) {
    return rows.stream().map(TransferRow::posted).filter(type::isInstance).map(type::cast);
  }

  private static Stream<Hold> ended(Decision decision) {
    return decision instanceof Decision.Post it ? Stream.ofNullable(it.ended()) : Stream.empty();
  }

  private record NewEntry(Transfer transfer, Transfer.Entry entry) {}

  private record Change(UUID account, long posted, long entries, long held) {}

  private void insertTransfers(List<TransferRow> rows, Instant now) {
    if (rows.isEmpty()) {
      return;
    }
    int inserted =
        jdbc.sql(
                """
                insert into accounts.transfer
                    (id, owner, operation, idempotency_key, fingerprint, problem, from_account, to_account, amount,
                     currency, description, reference, metadata, payment, reversal_of, hold, posted_at)
                select id, owner, operation, key, decode(fingerprint, 'hex'), problem::jsonb, "from", "to", amount,
                       currency, description, reference, metadata::jsonb, payment, reversal_of, hold, ?
                from unnest(?::uuid[], ?::text[], ?::text[], ?::text[], ?::text[], ?::text[], ?::uuid[],
                            ?::uuid[], ?::bigint[], ?::text[], ?::text[], ?::text[], ?::text[], ?::uuid[],
                            ?::uuid[], ?::uuid[])
                    as r(id, owner, operation, key, fingerprint, problem, "from",
                         "to", amount, currency, description, reference, metadata, payment,
                         reversal_of, hold)
                on conflict do nothing
                """)
            .param(Timestamp.from(now))
            .param(uuids(rows, TransferRow::id))
            .param(texts(rows, row -> row.posting().key().owner()))
            .param(texts(rows, row -> row.posting().key().operation().word()))
            .param(texts(rows, row -> row.posting().key().value()))
            .param(texts(rows, row -> row.posting().fingerprint().hex()))
            .param(texts(rows, row -> row.problem() == null ? null : problems.write(row.problem())))
            .param(uuids(rows, row -> row.posted() == null ? null : row.posted().from()))
            .param(uuids(rows, row -> row.posted() == null ? null : row.posted().to()))
            .param(numbers(rows, row -> row.posted() == null ? null : row.posted().amount()))
            .param(texts(rows, row -> row.posted() == null ? null : row.posted().currency()))
            .param(texts(rows, row -> row.posted() == null ? null : row.posted().description()))
            .param(texts(rows, row -> row.posting().reference()))
            .param(texts(rows, row -> metadata(row.posting().metadata())))
            .param(uuids(rows, row -> row.posting().payment()))
            .param(uuids(rows, row -> row.posted() == null ? null : row.posting().reversalOf()))
            .param(uuids(rows, row -> row.posted() == null ? null : row.posting().hold()))
            .update();
    if (inserted < rows.size()) {
      throw new ConcurrentRequestException("another request took one of the keys");
    }
  }

  private @Nullable String metadata(Map<String, String> metadata) {
    return metadata.isEmpty() ? null : json.writeValueAsString(metadata);
  }

  private void insertEntries(List<NewEntry> entries, Instant now) {
    if (entries.isEmpty()) {
      return;
    }
    jdbc.sql(
            """
            insert into accounts.entry
                (id, transfer, account, amount, currency, seq, balance_after, posted_at)
            select *, ?
            from unnest(?::uuid[], ?::uuid[], ?::uuid[], ?::bigint[], ?::text[], ?::bigint[], ?::bigint[])
            """)
        .param(Timestamp.from(now))
        .param(uuids(entries, _ -> Ids.next()))
        .param(uuids(entries, entry -> entry.transfer().id()))
        .param(uuids(entries, entry -> entry.entry().account()))
        .param(numbers(entries, entry -> entry.entry().amount()))
        .param(texts(entries, entry -> entry.transfer().currency()))
        .param(numbers(entries, entry -> sequence(entry.entry())))
        .param(numbers(entries, entry -> balanceAfter(entry.entry())))
        .update();
  }

  private static @Nullable Long sequence(Transfer.Entry entry) {
    return entry.customer() == null ? null : entry.customer().sequence();
  }

  private static @Nullable Long balanceAfter(Transfer.Entry entry) {
    return entry.customer() == null ? null : entry.customer().balanceAfter();
  }

  /** Summed per account: an UPDATE that meets a row twice applies one of the two, silently. */
  private void change(List<Change> changes, Instant now) {
    if (changes.isEmpty()) {
      return;
    }
    jdbc.sql(
            """
            update accounts.account a
            set posted = a.posted + change.posted, seq = a.seq + change.entries,
                held = a.held + change.held, changed_at = ?
            from (select account, sum(posted) as posted, sum(entries) as entries, sum(held) as held
                  from unnest(?::uuid[], ?::bigint[], ?::bigint[], ?::bigint[]) as c(account, posted, entries, held)
                  group by account) change
            where a.id = change.account
            """)
        .param(Timestamp.from(now))
        .param(uuids(changes, Change::account))
        .param(numbers(changes, Change::posted))
        .param(numbers(changes, Change::entries))
        .param(numbers(changes, Change::held))
        .update();
  }

  /** Of holds that ended without a posting. */
  public void release(List<Hold> ended, Instant now) {
    holds.end(ended, now);
    change(ended.stream().map(hold -> new Change(hold.from(), 0, 0, -hold.amount())).toList(), now);
  }

  private static Instant instant(ResultSet row, String column) throws SQLException {
    return row.getObject(column, OffsetDateTime.class).toInstant();
  }
}
