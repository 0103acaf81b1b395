package dev.evenkeel.accounts;

import dev.evenkeel.observability.RegularCheck;
import dev.evenkeel.problems.BusyException;
import io.micrometer.core.instrument.MeterRegistry;
import java.math.BigDecimal;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.ReentrantLock;
import net.javacrumbs.shedlock.spring.annotation.SchedulerLock;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.scheduling.annotation.Scheduled;
import org.springframework.stereotype.Component;
import org.springframework.transaction.PlatformTransactionManager;

/**
 * Recomputes every balance from the entries and reports differences. It never repairs any. Each
 * instance runs one audit at a time, which serves all who asked before it began.
 */
@Component
public class Audit {

  /** How long a request waits for its turn, before it gets the last report. */
  private static final Duration MAX_WAIT = Duration.ofSeconds(2);

  private static final Duration MAX_REST = Duration.ofSeconds(1);

  private static final int STEP_SIZE = 1000;
  private static final Logger log = LoggerFactory.getLogger(Audit.class);

  private final JdbcClient jdbc;
  private final PlatformTransactionManager transactions;
  private final RegularCheck check;
  private final AtomicLong differences;
  private final ReentrantLock running = new ReentrantLock(true);
  private volatile @Nullable Report last;
  private long lastBegan = System.nanoTime();
  private long restsUntil = System.nanoTime();

  Audit(
      JdbcClient jdbc,
      PlatformTransactionManager transactions,
      AccountsSettings settings,
      MeterRegistry meters) {
    this.jdbc = jdbc;
    this.transactions = transactions;
    this.check = new RegularCheck(meters, "ledger", settings.auditEvery());
    this.differences = check.count("evenkeel.ledger.differences");
  }

  /**
   * The result of an audit.
   *
   * @param balanced whether each currency sums to zero and there are no differences
   * @param differences at most 100 of them
   * @param checkedAt when it began; it covers all that was committed before
   */
  public record Report(
      boolean balanced,
      List<CurrencyTotal> currencies,
      List<Clearing> clearing,
      List<Difference> differences,
      Instant checkedAt) {}

  /**
   * What a provider owes us, in minor units; negative if we owe it.
   *
   * @param provider null for what operators adjusted, who name no provider
   * @param owed what the entries of clearing say
   * @param reported what the provider itself said at {@code reportedAt}; null if it says nothing
   */
  public record Clearing(
      @Nullable String provider,
      String currency,
      BigDecimal owed,
      @Nullable Long reported,
      @Nullable Instant reportedAt) {}

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

  /** Audits the whole ledger, after an audit that is running. It may take long. */
  public Report check() {
    running.lock();
    try {
      long began = System.nanoTime();
      try {
        Report report = new AuditRun(jdbc, transactions, STEP_SIZE).report();
        last = report;
        lastBegan = began;
        return report;
      } finally {
        long ended = System.nanoTime();
        restsUntil = ended + Math.min(ended - began, MAX_REST.toNanos());
      }
    } finally {
      running.unlock();
    }
  }

  /** Returns the report of this instance's last audit. */
  public Optional<Report> last() {
    return Optional.ofNullable(last);
  }

  /**
   * Audits the whole ledger, after the audit that is running and a rest as long as that one, of at
   * most a second. If its turn does not come in time, returns the last report.
   *
   * @throws BusyException if the first audit is running
   */
  public Report latest() throws InterruptedException {
    return latest(MAX_WAIT);
  }

  Report latest(Duration maxWait) throws InterruptedException {
    long asked = System.nanoTime();
    if (running.tryLock(maxWait.toMillis(), TimeUnit.MILLISECONDS)) {
      try {
        Report now = last;
        if (now != null && lastBegan - asked > 0) {
          return now;
        }
        TimeUnit.NANOSECONDS.sleep(restsUntil - System.nanoTime());
        return check();
      } finally {
        running.unlock();
      }
    }
    Report before = last;
    if (before == null) {
      throw new BusyException("the first audit is running");
    }
    return before;
  }

  // A fixed rate, because tasks with a fixed delay share one thread and the audit may take long
  @Scheduled(fixedRateString = "${evenkeel.accounts.audit-every}", initialDelayString = "PT1M")
  @SchedulerLock(name = "ledger-audit", lockAtMostFor = "PT1H")
  public void run() {
    Report report = check();
    // A currency may not sum to zero although each account and transfer is as it should be
    differences.set(report.balanced() ? 0 : Math.max(1, report.differences().size()));
    check.ended();
    if (report.balanced()) {
      log.debug("The ledger balances: {}", report.currencies());
    } else {
      log.error("THE LEDGER DOES NOT BALANCE: {}", report);
    }
  }
}
