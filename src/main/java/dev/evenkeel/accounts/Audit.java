package dev.evenkeel.accounts;

import io.micrometer.core.instrument.MeterRegistry;
import java.math.BigDecimal;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.List;
import java.util.Objects;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicInteger;
import net.javacrumbs.shedlock.spring.annotation.SchedulerLock;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.jdbc.core.ConnectionCallback;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.jdbc.core.SimplePropertyRowMapper;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.scheduling.annotation.Scheduled;
import org.springframework.stereotype.Component;
import org.springframework.transaction.PlatformTransactionManager;
import org.springframework.transaction.TransactionDefinition;
import org.springframework.transaction.support.TransactionTemplate;

/** Recomputes every balance from the entries and reports differences. It never repairs any. */
@Component
public class Audit {

  private static final Logger log = LoggerFactory.getLogger(Audit.class);

  private final JdbcTemplate jdbc;
  private final TransactionTemplate snapshot;
  private final AtomicInteger differences;

  Audit(JdbcTemplate jdbc, PlatformTransactionManager transactions, MeterRegistry meters) {
    this.jdbc = jdbc;
    this.snapshot = new TransactionTemplate(transactions);
    snapshot.setReadOnly(true);
    snapshot.setIsolationLevel(TransactionDefinition.ISOLATION_REPEATABLE_READ);
    this.differences =
        Objects.requireNonNull(meters.gauge("evenkeel.ledger.differences", new AtomicInteger()));
  }

  /**
   * The result of an audit.
   *
   * @param balanced whether each currency sums to zero and there are no differences
   * @param differences at most 100 of them
   */
  public record Report(
      boolean balanced,
      List<CurrencyTotal> currencies,
      List<Difference> differences,
      Instant checkedAt) {}

  /**
   * @param sum the sum of all entries in minor units, which should be zero
   * @param accounts the number of customer accounts
   */
  public record CurrencyTotal(String currency, BigDecimal sum, long accounts, long entries) {}

  /**
   * A stored value that its entries contradict.
   *
   * @param kind {@code posted}, {@code held}, {@code sequence} or {@code balance-after} for an
   *     account, {@code owed} for the receivable of a currency and what accounts owe, {@code
   *     unbalanced} for a transfer
   * @param recorded the stored value
   * @param computed the value that follows from the entries
   */
  public record Difference(String kind, UUID id, BigDecimal recorded, BigDecimal computed) {}

  /** Audits a snapshot of the whole ledger. It may take long, but locks nothing. */
  public Report check() {
    return snapshot.execute(_ -> {
      jdbc.execute((ConnectionCallback<Boolean>) Audit::withoutTimeout);
      jdbc.execute("set local statement_timeout = 0; set local transaction_timeout = 0");
      return report();
    });
  }

  private static boolean withoutTimeout(Connection connection) throws SQLException {
    connection.setNetworkTimeout(Runnable::run, 0);
    return true;
  }

  private Report report() {
    JdbcClient client = JdbcClient.create(jdbc);
    List<CurrencyTotal> currencies =
        client
            .sql(
                """
                select currency, coalesce(sum, 0) as sum, coalesce(accounts, 0) as accounts, coalesce(entries, 0) as entries
                from (select currency, sum(amount) as sum, count(*) as entries from accounts.entry group by currency) e
                full join (select currency, count(*) as accounts from accounts.account group by currency) a
                    using (currency)
                order by currency
                """)
            .query(new SimplePropertyRowMapper<>(CurrencyTotal.class))
            .list();
    List<Difference> found =
        client.sql(DIFFERENCES).query(new SimplePropertyRowMapper<>(Difference.class)).list();
    Instant checkedAt =
        client
            .sql("select now()")
            .query((row, _) -> row.getObject(1, OffsetDateTime.class).toInstant())
            .single();
    boolean balanced =
        found.isEmpty() && currencies.stream().allMatch(total -> total.sum().signum() == 0);
    return new Report(balanced, currencies, found, checkedAt);
  }

  private static final String DIFFERENCES =
      """
      with chained as (
          select account, seq, amount, balance_after,
                 sum(amount) over w as computed, row_number() over w as position
          from accounts.entry where seq is not null
          window w as (partition by account order by seq)
      ), computed as (
          select account, sum(amount) as posted, count(*) as entries from chained group by account
      ), held as (
          select account, sum(amount) as held from accounts.hold where status = 'held' group by account
      ), accounts as (
          select a.id, a.posted, a.held, a.seq, coalesce(c.posted, 0) as computed,
                 coalesce(h.held, 0) as computed_held, coalesce(c.entries, 0) as entries
          from accounts.account a
          left join computed c on c.account = a.id
          left join held h on h.account = a.id
      ), owed as (
          select sum(owed) as owed, ('00000000-0000-8000-8000-000002' || encode(currency::bytea, 'hex'))::uuid as receivable
          from accounts.account group by currency
      )
      select 'posted' as kind, id, posted as recorded, computed from accounts where posted <> computed
      union all
      select 'held', id, held, computed_held from accounts where held <> computed_held
      union all
      select 'owed', receivable, owed, coalesce(-sum(amount), 0)
      from owed left join accounts.entry on account = receivable
      group by receivable, owed having owed <> coalesce(-sum(amount), 0)
      union all
      select 'sequence', id, seq, entries from accounts where seq <> entries
      union all
      select 'sequence', account, seq, position from chained where seq <> position
      union all
      select 'balance-after', account, balance_after, computed from chained where balance_after <> computed
      union all
      select 'unbalanced', t.id, coalesce(sum(e.amount), 0), 0
      from accounts.transfer t left join accounts.entry e on e.transfer = t.id
      where t.problem is null and t.operation not in ('hold', 'payment_hold')
      group by t.id having coalesce(sum(e.amount), 0) <> 0 or count(e.amount) < 2
      limit 100
      """;

  // A fixed rate, because tasks with a fixed delay share one thread and the audit may take long
  @Scheduled(fixedRateString = "${evenkeel.accounts.audit-every}", initialDelayString = "PT1M")
  @SchedulerLock(name = "ledger-audit", lockAtMostFor = "PT1H")
  public void run() {
    Report report = check();
    differences.set(report.differences().size());
    if (report.balanced()) {
      log.info("The ledger balances: {}", report.currencies());
    } else {
      log.error("THE LEDGER DOES NOT BALANCE: {}", report);
    }
  }
}
