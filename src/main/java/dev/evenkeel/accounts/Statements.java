package dev.evenkeel.accounts;

import com.fasterxml.jackson.annotation.JsonIgnore;
import java.nio.charset.StandardCharsets;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Timestamp;
import java.time.Duration;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Component;
import org.springframework.transaction.annotation.Transactional;

/** Reads the entries and the past balances of an account. */
@Component
public class Statements {

  /** Twice the transaction timeout: by then every posting has ended. */
  private static final Duration LONGEST_POSTING = Duration.ofSeconds(10);

  private static final String ENTRIES =
      """
      select e.account, e.seq, e.transfer, e.amount, e.balance_after, t.description, e.posted_at, t.payment
      from accounts.entry e
      join accounts.transfer t on t.id = e.transfer
      """;

  private final JdbcClient jdbc;

  Statements(JdbcClient jdbc) {
    this.jdbc = jdbc;
  }

  /**
   * One entry of an account's statement. Entries never change.
   *
   * @param id made from the account's id and the sequence; not stored
   * @param sequence the entry's number within the account, from 1, without gaps
   * @param amount minor units, positive for a credit and negative for a debit
   * @param balanceAfter the account's posted balance after this entry
   * @param payment the payment that the transfer settles
   */
  public record Entry(
      UUID id,
      long sequence,
      TransferId transferId,
      long amount,
      long balanceAfter,
      @Nullable String description,
      Instant postedAt,
      @JsonIgnore @Nullable UUID payment) {}

  /**
   * Lists entries, newest first. Pages are stable while new entries arrive.
   *
   * @param from the earliest time of posting, inclusive; null for the beginning
   * @param to the latest time of posting, exclusive; null for no limit
   * @param before only entries with a smaller sequence
   */
  public List<Entry> entries(
      AccountId account, @Nullable Instant from, @Nullable Instant to, long before, int limit) {
    // Filter by sequence: by time, a page far in the past would scan all newer entries.
    Extent within = from == null && to == null ? Extent.ALL : extent(account, from, to);
    return jdbc.sql(
            ENTRIES
                + """
                where e.account = ? and e.seq > ? and e.seq <= ?
                order by e.seq desc
                limit ?
                """)
        .params(account.value(), within.before(), Math.min(before - 1, within.last()), limit)
        .query(Statements::asEntry)
        .list();
  }

  /**
   * The balance of an account at an instant.
   *
   * @param at the instant, by the database's clock
   */
  public record Balance(long posted, long held, long available, Instant at) {}

  /** Reads the current balance without waiting for a lock. */
  public Balance balance(AccountId account) {
    return jdbc.sql(
            """
            select posted, held, posted - held - owed + overdraft_limit as available, clock_timestamp() as at
            from accounts.account where id = ?
            """)
        .param(account.value())
        .query((row, _) -> asBalance(row, row.getObject("at", OffsetDateTime.class).toInstant()))
        .single();
  }

  /**
   * Reads the balance at an instant, inclusive; zeros before the account existed. The answer for an
   * instant never changes: for a recent one, the method waits for transactions that may still post
   * at an earlier time. What was owed then is not subtracted: while an account owes, it has nothing
   * available, here 0.
   *
   * @return empty for an instant in the future
   */
  @Transactional
  public Optional<Balance> balance(AccountId account, Instant at) {
    boolean recent =
        jdbc.sql("select ? > clock_timestamp() - make_interval(secs => ?)")
            .params(Timestamp.from(at), LONGEST_POSTING.toSeconds())
            .query(Boolean.class)
            .single();
    if (recent) {
      jdbc.sql("select from accounts.account where id = ? for share")
          .param(account.value())
          .query()
          .listOfRows();
    }
    return jdbc.sql(
            """
            select moment.posted, moment.held,
                   case when :at >= created_at then moment.posted - moment.held + overdraft_limit else 0 end
                       as available
            from accounts.account a
            cross join lateral (
                select coalesce((select balance_after from accounts.entry
                                 where account = a.id
                                   and seq = accounts.last_entry_before(a.id, cast(:at as timestamptz) + interval '1 microsecond')), 0)
                           as posted,
                       coalesce((select sum(amount) from accounts.hold
                                 where account = a.id and placed_at <= :at
                                   and (ended_at is null or ended_at > :at)), 0) as held) moment
            where id = :account and :at <= clock_timestamp()
            """)
        .param("account", account.value())
        .param("at", Timestamp.from(at))
        .query((row, _) -> asBalance(row, at))
        .optional();
  }

  /** The posted balance at an instant. */
  public record Moment(Instant at, long posted) {}

  /**
   * Reads the posted balance at instants with equal distances, the first and the last included: for
   * a line over time. Each costs a search among the account's entries, however many there are.
   *
   * @param longest how far back it begins, unless the account is younger
   * @param steps the number of distances
   */
  public List<Moment> moments(AccountId account, Duration longest, int steps) {
    return jdbc.sql(
            """
            select m.at,
                   coalesce((select balance_after from accounts.entry
                             where account = a.id
                               and seq = accounts.last_entry_before(a.id, m.at + interval '1 microsecond')), 0)
                       as posted
            from accounts.account a
            cross join lateral (select greatest(a.created_at, now() - make_interval(secs => :longest)) as since) p
            cross join generate_series(0, :steps) step
            cross join lateral (select p.since + (now() - p.since) * step / :steps as at) m
            where a.id = :account
            order by step
            """)
        .param("account", account.value())
        .param("longest", longest.toSeconds())
        .param("steps", steps)
        .query((row, _) ->
            new Moment(
                row.getObject("at", OffsetDateTime.class).toInstant(), row.getLong("posted")))
        .list();
  }

  private static Balance asBalance(ResultSet row, Instant at) throws SQLException {
    return new Balance(row.getLong("posted"), row.getLong("held"), row.getLong("available"), at);
  }

  /**
   * The entries of a period, by their sequence, and the balances around them.
   *
   * @param before the last entry before the period; 0 if there is none
   * @param opening the balance after that entry
   * @param last the last entry of the period
   * @param closing the balance after that entry
   */
  public record Extent(long before, long opening, long last, long closing) {

    private static final Extent ALL = new Extent(0, 0, Long.MAX_VALUE, 0);
  }

  /**
   * @param from inclusive
   * @param to exclusive
   */
  public Extent extent(AccountId account, @Nullable Instant from, @Nullable Instant to) {
    return jdbc.sql(
            """
            select e.before, coalesce(b.balance_after, 0) as opening, e.last, coalesce(l.balance_after, 0) as closing
            from (select accounts.last_entry_before(cast(:account as uuid), coalesce(cast(:from as timestamptz), '-infinity')) as before,
                         accounts.last_entry_before(cast(:account as uuid), coalesce(cast(:to as timestamptz), 'infinity')) as last) e
            left join accounts.entry b on b.account = :account and b.seq = e.before
            left join accounts.entry l on l.account = :account and l.seq = e.last
            """)
        .param("account", account.value())
        .param("from", timestamp(from))
        .param("to", timestamp(to))
        .query(Extent.class)
        .single();
  }

  /**
   * Lists entries, oldest first. Callers read a long statement page by page, so that it does not
   * hold a connection for long.
   *
   * @param after only entries with a larger sequence
   * @param last only entries up to this sequence
   */
  public List<Entry> oldestFirst(AccountId account, long after, long last, int limit) {
    return jdbc.sql(
            ENTRIES
                + """
                where e.account = ? and e.seq > ? and e.seq <= ?
                order by e.seq
                limit ?
                """)
        .params(account.value(), after, last, limit)
        .query(Statements::asEntry)
        .list();
  }

  private static Entry asEntry(ResultSet row, int number) throws SQLException {
    long sequence = row.getLong("seq");
    String name = row.getString("account") + "/" + sequence;
    return new Entry(
        UUID.nameUUIDFromBytes(name.getBytes(StandardCharsets.US_ASCII)),
        sequence,
        new TransferId(row.getObject("transfer", UUID.class)),
        row.getLong("amount"),
        row.getLong("balance_after"),
        row.getString("description"),
        row.getObject("posted_at", OffsetDateTime.class).toInstant(),
        row.getObject("payment", UUID.class));
  }

  private static @Nullable Timestamp timestamp(@Nullable Instant time) {
    return time == null ? null : Timestamp.from(time);
  }
}
