package dev.evenkeel.accounts;

import static java.util.Comparator.comparing;
import static java.util.Comparator.naturalOrder;
import static java.util.Comparator.nullsLast;
import static java.util.Objects.requireNonNullElse;

import dev.evenkeel.accounts.Audit.Clearing;
import dev.evenkeel.accounts.Audit.CurrencyTotal;
import dev.evenkeel.accounts.Audit.Difference;
import dev.evenkeel.accounts.Audit.Report;
import dev.evenkeel.accounts.posting.SystemAccount;
import dev.evenkeel.database.Ids;
import java.math.BigDecimal;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.ArrayList;
import java.util.Currency;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.UUID;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.springframework.jdbc.core.SimplePropertyRowMapper;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.transaction.PlatformTransactionManager;
import org.springframework.transaction.TransactionDefinition;
import org.springframework.transaction.support.TransactionTemplate;

/**
 * One audit of the whole ledger. It goes in steps of a few rows, each with a short snapshot of its
 * own, and pauses between them, so that it takes at most a quarter of a processor.
 *
 * <p>Postings go on meanwhile and make no false alarm, because what one of them changes is compared
 * within one snapshot:
 *
 * <ul>
 *   <li>An account is compared in the snapshot that has the last of its entries. Earlier entries
 *       may have been read before: they are numbered under the account's lock and never change.
 *   <li>Currencies are summed over transfers, and each transfer is in a snapshot with all its
 *       entries or not at all. A sum over accounts would count half a transfer.
 *   <li>One statement reads what the accounts of a currency owe and what is receivable.
 * </ul>
 */
final class AuditRun {

  private static final int PAUSE_FACTOR = 3;
  private static final int MAX_FOUND = 100;

  private static final UUID FIRST = new UUID(0, 0);

  /** Entries of system accounts are not numbered. */
  private static final UUID LAST_SYSTEM_ACCOUNT =
      UUID.fromString("00000000-0000-8000-8000-ffffffffffff");

  private final JdbcClient jdbc;
  private final TransactionTemplate snapshot;
  private final int rows;
  private final SortedMap<String, CurrencyTotal> totals = new TreeMap<>();
  private final Map<Owing, BigDecimal> owed = new HashMap<>();
  private final List<Difference> found = new ArrayList<>();

  /**
   * @param rows the number of accounts, entries or transfers that a step reads
   */
  AuditRun(JdbcClient jdbc, PlatformTransactionManager transactions, int rows) {
    this.jdbc = jdbc;
    this.rows = rows;
    this.snapshot = new TransactionTemplate(transactions);
    snapshot.setReadOnly(true);
    snapshot.setIsolationLevel(TransactionDefinition.ISOLATION_REPEATABLE_READ);
  }

  Report report() {
    Instant began =
        jdbc.sql("select clock_timestamp()")
            .query((row, _) -> row.getObject(1, OffsetDateTime.class).toInstant())
            .single();
    // Without an end, the audit could run behind the newest transfers for ever.
    UUID newest = newestTransfer();
    Place place = new Place(FIRST, new Chain(LAST_SYSTEM_ACCOUNT, Long.MAX_VALUE, 0, 0));
    while (!place.compared().equals(Ids.LAST)) {
      Place from = place;
      place = step(() -> compareAccounts(from));
    }
    UUID transfer = FIRST;
    while (!transfer.equals(newest)) {
      UUID from = transfer;
      transfer = step(() -> sumTransfers(from, newest));
    }
    for (String currency : totals.keySet()) {
      step(() -> compareDebts(Currency.getInstance(currency)));
    }
    boolean balanced =
        found.isEmpty() && totals.values().stream().allMatch(total -> total.sum().signum() == 0);
    return new Report(
        balanced, List.copyOf(totals.values()), step(this::clearing), List.copyOf(found), began);
  }

  /** A provider, null if no provider is named, and a currency in which it owes us. */
  private record Owing(@Nullable String provider, String currency) {}

  /**
   * Sums entries of clearing in every currency: the range has the ids of that {@link
   * SystemAccount}.
   */
  private void sumClearing(UUID after, UUID last) {
    jdbc.sql(
            """
            select t.provider, e.currency, -sum(e.amount) as owed
            from accounts.entry e join accounts.transfer t on t.id = e.transfer
            where e.transfer > ? and e.transfer <= ? and e.seq is null
              and e.account between '00000000-0000-8000-8000-000001000000' and '00000000-0000-8000-8000-000001ffffff'
            group by t.provider, e.currency
            """)
        .params(after, last)
        .query(row -> {
          Owing owing = new Owing(row.getString("provider"), row.getString("currency"));
          owed.merge(owing, row.getBigDecimal("owed"), BigDecimal::add);
        });
  }

  private List<Clearing> clearing() {
    List<Clearing> clearing = new ArrayList<>();
    Map<Owing, BigDecimal> unreported = new HashMap<>(owed);
    jdbc.sql("select * from accounts.reported_clearing")
        .query(row -> {
          Owing owing = new Owing(row.getString("provider"), row.getString("currency"));
          clearing.add(
              new Clearing(
                  owing.provider(),
                  owing.currency(),
                  requireNonNullElse(unreported.remove(owing), BigDecimal.ZERO),
                  row.getLong("amount"),
                  row.getObject("reported_at", OffsetDateTime.class).toInstant()));
        });
    unreported.forEach((owing, sum) ->
        clearing.add(new Clearing(owing.provider(), owing.currency(), sum, null, null)));
    clearing.sort(
        comparing(Clearing::provider, nullsLast(naturalOrder())).thenComparing(Clearing::currency));
    return clearing;
  }

  private <T> T step(Supplier<T> read) {
    long began = System.nanoTime();
    T result = snapshot.execute(_ -> read.get());
    LockSupport.parkNanos(PAUSE_FACTOR * (System.nanoTime() - began));
    return result;
  }

  /**
   * @param compared the accounts up to this one have been compared
   * @param chain the entries up to this one have been read
   */
  private record Place(UUID compared, Chain chain) {}

  /** The entries of an account up to one of them: that one's number, their number and sum. */
  private record Chain(UUID account, long seq, long entries, long sum) {

    Chain next(Entry entry) {
      return account.equals(entry.account())
          ? new Chain(account, entry.seq(), entries + 1, sum + entry.amount())
          : new Chain(entry.account(), entry.seq(), 1, entry.amount());
    }
  }

  private record Entry(UUID account, long seq, long amount, long balanceAfter) {

    static Entry of(ResultSet row, int number) throws SQLException {
      return new Entry(
          row.getObject("account", UUID.class),
          row.getLong("seq"),
          row.getLong("amount"),
          row.getLong("balance_after"));
    }
  }

  private record Stored(
      UUID id, String currency, long posted, long held, long seq, long openHolds) {}

  private Place compareAccounts(Place from) {
    UUID last = last("accounts.account", from.compared(), Ids.LAST);
    List<Entry> entries =
        jdbc.sql(
                """
                select account, seq, amount, balance_after from accounts.entry
                where seq is not null and (account, seq) > (?, ?) and account <= ?
                order by account, seq
                limit ?
                """)
            .params(from.chain().account(), from.chain().seq(), last, rows)
            .query(Entry::of)
            .list();
    Map<UUID, Chain> chains = new HashMap<>();
    Chain chain = from.chain();
    chains.put(chain.account(), chain);
    for (Entry entry : entries) {
      chain = chain.next(entry);
      chains.put(chain.account(), chain);
      compare("sequence", chain.account(), entry.seq(), chain.entries());
      compare("balance-after", chain.account(), entry.balanceAfter(), chain.sum());
    }
    boolean complete = entries.size() < rows;
    UUID end = complete ? last : chain.account();
    List<Stored> accounts = accounts(from.compared(), end, complete);
    for (Stored account : accounts) {
      Chain of = chains.getOrDefault(account.id(), new Chain(account.id(), 0, 0, 0));
      compare("posted", account.id(), account.posted(), of.sum());
      compare("held", account.id(), account.held(), account.openHolds());
      compare("sequence", account.id(), account.seq(), of.entries());
      add(new CurrencyTotal(account.currency(), BigDecimal.ZERO, 1, 0));
    }
    if (complete) {
      return new Place(last, new Chain(last, Long.MAX_VALUE, 0, 0));
    }
    // An account that was opened meanwhile, with an id before this one, is left to the next audit.
    UUID reading = chain.account();
    UUID before = new UUID(reading.getMostSignificantBits(), reading.getLeastSignificantBits() - 1);
    return new Place(before, chain);
  }

  private List<Stored> accounts(UUID after, UUID end, boolean inclusive) {
    return jdbc.sql(
            """
            select a.id, currency, posted, held, seq,
                   (select coalesce(sum(amount), 0) from accounts.hold where account = a.id and status = 'held')
                       as open_holds
            from accounts.account a
            where a.id > ? and (a.id < ? or ? and a.id = ?)
            order by a.id
            """)
        .params(after, end, inclusive, end)
        .query(new SimplePropertyRowMapper<>(Stored.class))
        .list();
  }

  private UUID newestTransfer() {
    return jdbc.sql(
            """
            select greatest((select id from accounts.transfer order by id desc limit 1),
                            (select transfer from accounts.entry order by transfer desc limit 1))
            """)
        .query(UUID.class)
        .optional()
        .orElse(FIRST);
  }

  private UUID sumTransfers(UUID after, UUID newest) {
    UUID last = last("accounts.transfer", after, newest);
    jdbc.sql(
            """
            select currency, sum(amount) as sum, 0 as accounts, count(*) as entries
            from accounts.entry
            where transfer > ? and transfer <= ?
            group by currency
            """)
        .params(after, last)
        .query(new SimplePropertyRowMapper<>(CurrencyTotal.class))
        .list()
        .forEach(this::add);
    sumClearing(after, last);
    jdbc.sql(
            """
            select t.id, coalesce(sum(e.amount), 0) as sum
            from accounts.transfer t left join accounts.entry e on e.transfer = t.id
            where t.id > ? and t.id <= ? and t.problem is null and t.operation not in ('hold', 'payment_hold')
            group by t.id having coalesce(sum(e.amount), 0) <> 0 or count(e.amount) < 2
            limit ?
            """)
        .params(after, last, MAX_FOUND)
        .query(row -> {
          report("unbalanced", row.getObject("id", UUID.class), row.getBigDecimal("sum"), 0);
        });
    return last;
  }

  private boolean compareDebts(Currency currency) {
    UUID receivable = SystemAccount.RECEIVABLE.in(currency).value();
    jdbc.sql(
            """
            select (select coalesce(sum(owed), 0) from accounts.account where currency = ? and owed > 0) as owed,
                   (select coalesce(-sum(amount), 0) from accounts.entry where account = ?) as receivable
            """)
        .params(currency.getCurrencyCode(), receivable)
        .query(row -> {
          compare("owed", receivable, row.getLong("owed"), row.getLong("receivable"));
        });
    return true;
  }

  /** The last id of a step, which is at most {@code end}. */
  private UUID last(String table, UUID after, UUID end) {
    return jdbc.sql(
            "select id from " + table + " where id > ? and id <= ? order by id offset ? limit 1")
        .params(after, end, rows - 1)
        .query(UUID.class)
        .optional()
        .orElse(end);
  }

  private void add(CurrencyTotal total) {
    totals.merge(
        total.currency(),
        total,
        (a, b) ->
            new CurrencyTotal(
                a.currency(),
                a.sum().add(b.sum()),
                a.accounts() + b.accounts(),
                a.entries() + b.entries()));
  }

  private void compare(String kind, UUID id, long recorded, long computed) {
    if (recorded != computed) {
      report(kind, id, BigDecimal.valueOf(recorded), computed);
    }
  }

  private void report(String kind, UUID id, BigDecimal recorded, long computed) {
    if (found.size() < MAX_FOUND) {
      found.add(new Difference(kind, id, recorded, BigDecimal.valueOf(computed)));
    }
  }
}
