package dev.evenkeel.accounts;

import static dev.evenkeel.platform.SqlArrays.numbers;
import static dev.evenkeel.platform.SqlArrays.texts;
import static dev.evenkeel.platform.SqlArrays.uuids;

import com.fasterxml.uuid.Generators;
import dev.evenkeel.platform.Fingerprint;
import dev.evenkeel.platform.Outcome;
import dev.evenkeel.platform.Problem;
import dev.evenkeel.platform.RetryingTransactions.OvertakenException;
import dev.evenkeel.platform.StoredProblems;
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
import java.util.Map;
import java.util.Objects;
import java.util.UUID;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Component;
import tools.jackson.databind.json.JsonMapper;

/** The SQL of the ledger's write path: set-based, one statement for any number of postings. */
@Component
class PostingTables {

  private final JdbcClient jdbc;
  private final JsonMapper json;
  private final StoredProblems problems;

  PostingTables(JdbcClient jdbc, JsonMapper json, StoredProblems problems) {
    this.jdbc = jdbc;
    this.json = json;
    this.problems = problems;
  }

  /**
   * What was posted or refused under a key before.
   *
   * @param problem null for what was posted
   */
  record Row(UUID id, Fingerprint fingerprint, @Nullable Problem problem) {

    Problem requireProblem() {
      return Objects.requireNonNull(problem, "a row that was posted has entries");
    }
  }

  /**
   * @param now the time of this batch: the database's clock, but not before the latest entry of a
   *     locked account
   */
  record Earlier(Instant now, Map<Posting.Key, Row> rows) {}

  Map<UUID, Account> read(Collection<UUID> ids) {
    return accounts("select * from accounts.account where id = any(?)", ids);
  }

  /** In the order of ids, which PostgreSQL sorts: so no two batches wait for each other. */
  Map<UUID, Account> lock(Collection<UUID> ids) {
    return accounts(
        "select * from accounts.account where id = any(?) order by id for no key update", ids);
  }

  private Map<UUID, Account> accounts(String sql, Collection<UUID> ids) {
    Map<UUID, Account> found = new HashMap<>();
    jdbc.sql(sql)
        .param(uuids(ids))
        .query((row, _) -> Accounts.account(row))
        .list()
        .forEach(account -> found.put(account.id(), account));
    return found;
  }

  Earlier lookUp(List<Posting> postings, Collection<UUID> locked) {
    List<Instant> now = new ArrayList<>();
    Map<Posting.Key, Row> rows = new HashMap<>();
    jdbc.sql(
            """
            select batch.now, t.*
            from (select greatest(clock_timestamp(), max(last_posted_at)) as now
                  from accounts.account where id = any(?)) batch
            left join accounts.transfer t
                on (t.owner, t.operation, t.idempotency_key)
                    in (select * from unnest(?::text[], ?::text[], ?::text[]))
            """)
        .param(uuids(locked))
        .param(texts(postings, posting -> posting.key().owner()))
        .param(texts(postings, posting -> posting.key().operation()))
        .param(texts(postings, posting -> posting.key().value()))
        .query((row, _) -> {
          now.add(instant(row, "now"));
          if (row.getObject("id") != null) {
            rows.put(
                new Posting.Key(
                    row.getString("owner"),
                    row.getString("operation"),
                    row.getString("idempotency_key")),
                row(row));
          }
          return row;
        })
        .list();
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
   * @throws OvertakenException if somebody else used one of the keys since it was looked up
   */
  void append(List<Posting> postings, Map<Posting.Key, Outcome<Transfer>> outcomes, Instant now) {
    List<Posted> posted = new ArrayList<>();
    List<NewRow> rows = new ArrayList<>();
    for (Posting posting : postings) {
      switch (Objects.requireNonNull(outcomes.get(posting.key()))) {
        case Outcome.Done<Transfer>(Transfer transfer) -> {
          rows.add(new NewRow(transfer.id(), posting, transfer.from(), transfer.to(), null));
          transfer.legs().forEach(leg -> posted.add(new Posted(transfer, leg)));
        }
        case Outcome.Refused<Transfer>(Problem problem, _) -> {
          if (problem.type() != LedgerProblem.ACCOUNT_NOT_FOUND) {
            UUID id = Generators.timeBasedEpochGenerator().generate();
            rows.add(new NewRow(id, posting, posting.from(), posting.to(), problem));
          }
        }
        case Outcome.Replayed<Transfer> _ -> throw new IllegalStateException("nothing to write");
      }
    }
    if (!rows.isEmpty()) {
      insertTransfers(rows, now);
    }
    if (!posted.isEmpty()) {
      insertEntries(posted, now);
      updateBalances(posted, now);
    }
  }

  private record NewRow(UUID id, Posting posting, UUID from, UUID to, @Nullable Problem problem) {}

  private record Posted(Transfer transfer, Transfer.Leg leg) {}

  /** Sorted by key: two batches that share keys in opposite order would deadlock. */
  private void insertTransfers(List<NewRow> unsorted, Instant now) {
    Function<NewRow, Posting.Key> key = row -> row.posting().key();
    List<NewRow> rows =
        unsorted.stream()
            .sorted(
                Comparator.comparing(key.andThen(Posting.Key::owner))
                    .thenComparing(key.andThen(Posting.Key::operation))
                    .thenComparing(key.andThen(Posting.Key::value)))
            .toList();
    int inserted =
        jdbc.sql(
                """
                insert into accounts.transfer
                    (id, owner, operation, idempotency_key, fingerprint, problem, from_account,
                     to_account, amount, currency, description, reference, metadata, payment, posted_at)
                select id, owner, operation, key, decode(fingerprint, 'hex'), problem::jsonb, "from",
                       "to", amount, currency, description, reference, metadata::jsonb, payment, ?
                from unnest(?::uuid[], ?::text[], ?::text[], ?::text[], ?::text[], ?::text[], ?::uuid[],
                            ?::uuid[], ?::bigint[], ?::text[], ?::text[], ?::text[], ?::text[], ?::uuid[])
                    as r(id, owner, operation, key, fingerprint, problem, "from",
                         "to", amount, currency, description, reference, metadata, payment)
                on conflict do nothing
                """)
            .param(Timestamp.from(now))
            .param(uuids(rows, NewRow::id))
            .param(texts(rows, row -> row.posting().key().owner()))
            .param(texts(rows, row -> row.posting().key().operation()))
            .param(texts(rows, row -> row.posting().key().value()))
            .param(texts(rows, row -> row.posting().fingerprint().toString()))
            .param(texts(rows, row -> row.problem() == null ? null : problems.write(row.problem())))
            .param(uuids(rows, NewRow::from))
            .param(uuids(rows, NewRow::to))
            .param(numbers(rows, row -> row.posting().money().minorUnits()))
            .param(texts(rows, row -> row.posting().money().currencyCode()))
            .param(texts(rows, row -> row.posting().description()))
            .param(texts(rows, row -> row.posting().reference()))
            .param(texts(rows, row -> metadata(row.posting().metadata())))
            .param(uuids(rows, row -> row.posting().payment()))
            .update();
    if (inserted < rows.size()) {
      throw new OvertakenException("another request took one of the keys");
    }
  }

  private @Nullable String metadata(Map<String, String> metadata) {
    return metadata.isEmpty() ? null : json.writeValueAsString(metadata);
  }

  private void insertEntries(List<Posted> posted, Instant now) {
    jdbc.sql(
            """
            insert into accounts.entry
                (id, transfer, account, amount, currency, seq, balance_after, posted_at)
            select *, ?
            from unnest(?::uuid[], ?::uuid[], ?::uuid[], ?::bigint[], ?::text[], ?::bigint[], ?::bigint[])
            """)
        .param(Timestamp.from(now))
        .param(uuids(posted, _ -> Generators.timeBasedEpochGenerator().generate()))
        .param(uuids(posted, entry -> entry.transfer().id()))
        .param(uuids(posted, entry -> entry.leg().account()))
        .param(numbers(posted, entry -> entry.leg().amount()))
        .param(texts(posted, entry -> entry.transfer().currency()))
        .param(numbers(posted, entry -> sequence(entry.leg())))
        .param(numbers(posted, entry -> balanceAfter(entry.leg())))
        .update();
  }

  private static @Nullable Long sequence(Transfer.Leg leg) {
    return leg.customer() == null ? null : leg.customer().sequence();
  }

  private static @Nullable Long balanceAfter(Transfer.Leg leg) {
    return leg.customer() == null ? null : leg.customer().balanceAfter();
  }

  /** Summed per account: an UPDATE that meets a row twice applies one of the two, silently. */
  private void updateBalances(List<Posted> posted, Instant now) {
    jdbc.sql(
            """
            update accounts.account a
            set posted = a.posted + delta.amount, seq = a.seq + delta.entries, last_posted_at = ?
            from (select account, sum(amount) as amount, count(*) as entries
                  from unnest(?::uuid[], ?::bigint[]) as e(account, amount)
                  group by account) delta
            where a.id = delta.account
            """)
        .param(Timestamp.from(now))
        .param(uuids(posted, entry -> entry.leg().account()))
        .param(numbers(posted, entry -> entry.leg().amount()))
        .update();
  }

  private static Instant instant(ResultSet row, String column) throws SQLException {
    return row.getObject(column, OffsetDateTime.class).toInstant();
  }
}
