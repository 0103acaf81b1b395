package dev.evenkeel.payments.reconciliation;

import static java.util.stream.Collectors.groupingBy;
import static java.util.stream.Collectors.toMap;
import static java.util.stream.Collectors.toSet;

import dev.evenkeel.idempotency.Outcome;
import dev.evenkeel.observability.RegularCheck;
import dev.evenkeel.payments.Attention;
import dev.evenkeel.payments.Payment;
import dev.evenkeel.payments.PaymentId;
import dev.evenkeel.payments.PaymentOperations;
import dev.evenkeel.payments.PaymentOperations.Question;
import dev.evenkeel.payments.PaymentProblem;
import dev.evenkeel.payments.Reconciliation;
import dev.evenkeel.payments.provider.ProviderOperation;
import dev.evenkeel.payments.provider.ReportPage;
import dev.evenkeel.payments.provider.SettlementReport;
import dev.evenkeel.payments.reconciliation.DeductionPostings.Differing;
import io.micrometer.core.instrument.MeterRegistry;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicLong;
import net.javacrumbs.shedlock.core.LockProvider;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.data.domain.Limit;
import org.springframework.scheduling.annotation.Scheduled;
import org.springframework.stereotype.Component;

/**
 * Fetches the provider's report page by page into the database, posts what the provider deducted,
 * compares the rest there with our payments, and lets recovery ask the provider about each
 * difference. Each step has a transaction of its own: one persistence context for all steps would
 * hold every payment in memory.
 */
@Component
class ProviderReconciliation implements Reconciliation {

  private static final Logger log = LoggerFactory.getLogger(ProviderReconciliation.class);

  /** How far our time of a payment and the provider's time of its operation may differ. */
  private static final Duration TIME_TOLERANCE = Duration.ofDays(1);

  private static final UUID LOWEST_ID = new UUID(0, 0);
  private static final int BATCH_SIZE = 1000;

  /** An authorization may be captured a week after its day, and then has a day to end. */
  private static final int DAYS = 9;

  /** How many differences of a day a run asks the provider about; the next run asks on. */
  private static final int MAX_ASKED = 1000;

  /** How long a run waits until recovery has asked; the next run sees what was applied later. */
  private static final Duration ASKING_TIME = Duration.ofSeconds(5);

  private static final Duration LONG_ASKING_TIME = Duration.ofMinutes(1);
  private static final Duration POLL_INTERVAL = Duration.ofMillis(100);

  private final SettlementReport provider;
  private final ReconciliationRepository payments;
  private final PaymentOperations operations;
  private final ReportedOperations report;
  private final ReconciliationReports reports;
  private final DeductionPostings deductions;
  private final LockProvider locks;
  private final RegularCheck check;
  private final AtomicLong differing;

  ProviderReconciliation(
      SettlementReport provider,
      ReconciliationRepository payments,
      PaymentOperations operations,
      ReportedOperations report,
      ReconciliationReports reports,
      DeductionPostings deductions,
      LockProvider locks,
      MeterRegistry meters) {
    this.provider = provider;
    this.payments = payments;
    this.operations = operations;
    this.report = report;
    this.reports = reports;
    this.deductions = deductions;
    this.locks = locks;
    this.check = new RegularCheck(meters, "reconciliation", Duration.ofHours(1));
    this.differing = check.count("evenkeel.reconciliation.differences");
  }

  @Override
  public Outcome<Report> find(LocalDate day) throws IOException {
    Optional<Report> last =
        reports.find(day).filter(it -> !it.ranAt().isBefore(startOf(day.plusDays(1))));
    return last.isPresent() ? new Outcome.Done<>(last.get()) : run(day);
  }

  @Override
  public Optional<Report> last(LocalDate day) {
    return reports.find(day);
  }

  @Override
  public Outcome<Report> run(LocalDate day) throws IOException {
    return run(day, day, payments.now(), ASKING_TIME)
        ? new Outcome.Done<>(reports.find(day).orElseThrow())
        : Outcome.refused(
            PaymentProblem.RECONCILIATION_UNDER_WAY, "A reconciliation is under way.");
  }

  // A fixed rate: jobs with a fixed delay share one thread, and this one may take long
  @Scheduled(
      fixedRateString = "${evenkeel.payments.reconcile-every}",
      initialDelayString = "${evenkeel.payments.reconcile-every}")
  public void runDaily() {
    runDaily(payments.now());
  }

  /**
   * Runs for the last nine days once yesterday's operations have settled, unless that was done.
   * Whatever stops it, it is tried again minutes later.
   */
  void runDaily(Instant now) {
    LocalDate today = LocalDate.ofInstant(now, ZoneOffset.UTC);
    LocalDate first = today.minusDays(DAYS);
    LocalDate yesterday = today.minusDays(1);
    Instant settled = startOf(today).plus(DayComparison.SETTLING_TIME);
    if (now.isBefore(settled)) {
      return;
    }
    try {
      boolean hasRun = reports.haveRun(first, yesterday, settled);
      if (hasRun || run(first, yesterday, now, LONG_ASKING_TIME)) {
        long differences = reports.countUnresolved(first, yesterday);
        differing.set(differences);
        check.ended();
        if (!hasRun && differences > 0) {
          log.error("WE DIFFER FROM THE PROVIDER: {} differences in {} days", differences, DAYS);
        }
      }
    } catch (IOException failure) {
      log.warn("No reconciliation without the provider's report: {}", failure.getMessage());
    }
  }

  /** Returns false if another run is under way. */
  private boolean run(LocalDate first, LocalDate last, Instant began, Duration askingTime)
      throws IOException {
    Optional<RunLock> taken = RunLock.take(locks);
    if (taken.isEmpty()) {
      return false;
    }
    try (RunLock lock = taken.get()) {
      fetch(first, last, began, lock);
      for (LocalDate day = first; !day.isAfter(last); day = day.plusDays(1)) {
        DayComparison comparison = new DayComparison(day, began, provider.name(), payments, report);
        long matched = compare(comparison, lock);
        ask(comparison, askingTime, lock);
        reports.end(day, began, matched);
      }
      lock.extend();
      report.clear();
      reportBalances();
      return true;
    }
  }

  /** The provider's own figure is only shown: without it, the run is complete. */
  private void reportBalances() {
    try {
      deductions.report(provider.name(), provider.balances());
    } catch (IOException | RuntimeException failure) {
      log.warn("Without what the provider says that it owes us", failure);
    }
  }

  private static Instant startOf(LocalDate day) {
    return day.atStartOfDay(ZoneOffset.UTC).toInstant();
  }

  private void fetch(LocalDate first, LocalDate last, Instant began, RunLock lock)
      throws IOException {
    Instant from = startOf(first).minus(TIME_TOLERANCE);
    Instant to = startOf(last.plusDays(1)).plus(provider.longestDelay()).plus(TIME_TOLERANCE);
    report.clear();
    Set<String> ends = new HashSet<>();
    ReportPage page = provider.page(from, to, null);
    while (page.last() != null) {
      if (!ends.add(page.last())) {
        throw new IOException("the provider's report repeats a page");
      }
      lock.extend();
      report.add(page.operations());
      for (Differing it : deductions.post(provider.name(), page.deductions())) {
        LocalDate day = dayOf(it, last);
        if (!day.isBefore(first) && !day.isAfter(last)) {
          reports.save(day, began, List.of(it.difference()));
        }
      }
      page = provider.page(from, to, page.last());
    }
  }

  private static LocalDate dayOf(Differing it, LocalDate ifUnknown) {
    Instant at = it.deduction().at();
    return at == null ? ifUnknown : LocalDate.ofInstant(at, ZoneOffset.UTC);
  }

  /** Returns how many payments match. */
  private long compare(DayComparison comparison, RunLock lock) {
    long matched = 0;
    List<Payment> ours =
        payments.findSent(
            provider.name(), comparison.from, LOWEST_ID, comparison.to, Limit.of(BATCH_SIZE));
    while (!ours.isEmpty()) {
      DayComparison.Result result = comparison.compare(ours);
      matched += result.matched().size();
      Map<UUID, List<String>> agreed = result.matched();
      payments
          .findAsked(agreed.keySet())
          .forEach(it -> operations.agree(new PaymentId(it), agreed.getOrDefault(it, List.of())));
      reports.save(comparison.day, comparison.began, result.differences());
      lock.extend();
      Payment last = ours.getLast();
      ours =
          payments.findSent(
              provider.name(),
              last.getCreatedAt(),
              last.getId().value(),
              comparison.to,
              Limit.of(BATCH_SIZE));
    }
    List<ProviderOperation> theirs = report.list(comparison.from, comparison.to, "", BATCH_SIZE);
    while (!theirs.isEmpty()) {
      reports.save(comparison.day, comparison.began, comparison.compareOthers(theirs));
      lock.extend();
      theirs = report.list(comparison.from, comparison.to, theirs.getLast().id(), BATCH_SIZE);
    }
    return matched;
  }

  private void ask(DayComparison comparison, Duration askingTime, RunLock lock) {
    LocalDate day = comparison.day;
    List<Difference> undecided = reports.findToAsk(day, comparison.began, false, MAX_ASKED);
    List<Difference> asked = new ArrayList<>(undecided);
    asked.addAll(reports.findToAsk(day, comparison.began, true, MAX_ASKED - undecided.size()));
    if (asked.isEmpty()) {
      return;
    }
    List<PaymentId> ids =
        asked.stream().map(Difference::payment).filter(Objects::nonNull).distinct().toList();
    operations.askSoon(ids);
    awaitAnswers(ids, askingTime);
    Map<String, ProviderOperation> lines = lines(asked);
    bookReturns(asked, lines, lock);
    lock.extend();
    List<Difference> still = comparison.compareAgain(asked);
    reports.save(day, comparison.began, still);
    Set<Identity> unresolved = still.stream().map(Identity::of).collect(toSet());
    asked.stream()
        .filter(it -> !unresolved.contains(Identity.of(it)))
        .forEach(it -> reports.resolve(day, it));
    Set<Identity> wereAsked = asked.stream().map(Identity::of).collect(toSet());
    reports.findToAsk(day, comparison.began, false, MAX_ASKED).stream()
        .filter(it -> wereAsked.contains(Identity.of(it)))
        .collect(groupingBy(it -> Objects.requireNonNull(it.payment())))
        .forEach((payment, differences) -> {
          lock.extend();
          List<Question> questions =
              differences.stream().map(it -> question(day, it, lines.get(it.operation()))).toList();
          raise(payment, questions, comparison.began);
        });
  }

  /** The lines of the report that are concerned, by the operation's id. */
  private Map<String, ProviderOperation> lines(List<Difference> found) {
    List<String> ids = found.stream().map(Difference::operation).filter(Objects::nonNull).toList();
    return ids.isEmpty()
        ? new HashMap<>()
        : report.findByIds(ids).stream().collect(toMap(ProviderOperation::id, it -> it));
  }

  /** The provider answers a query with one operation of a key, its list has each. */
  private void bookReturns(
      List<Difference> found, Map<String, ProviderOperation> lines, RunLock lock) {
    for (Difference it : found) {
      lock.extend();
      ProviderOperation line = lines.get(it.operation());
      if (line != null && it.payment() != null) {
        try {
          operations.bookReturns(it.payment(), line);
        } catch (RuntimeException failure) {
          log.warn("Returns of payment {} cannot be booked", it.payment(), failure);
        }
      }
    }
  }

  /** Identifies a difference, also when its payment has changed. */
  private record Identity(Kind kind, @Nullable PaymentId payment, @Nullable String operation) {
    static Identity of(Difference it) {
      return new Identity(it.kind(), it.payment(), it.operation());
    }
  }

  private void awaitAnswers(List<PaymentId> asked, Duration askingTime) {
    List<UUID> ids = asked.stream().map(PaymentId::value).toList();
    long end = System.nanoTime() + askingTime.toNanos();
    try {
      while (payments.countAsked(ids) > 0 && System.nanoTime() - end < 0) {
        Thread.sleep(POLL_INTERVAL);
      }
    } catch (InterruptedException shutdown) {
      Thread.currentThread().interrupt();
    }
  }

  /**
   * Asks for a decision. Operators may leave a difference as it is, so they are asked once until
   * the provider's side changes. One that fails stops no other.
   */
  private void raise(PaymentId payment, List<Question> questions, Instant began) {
    try {
      operations.raise(payment, questions, began);
    } catch (RuntimeException failure) {
      log.warn("Payment {} differs from the provider and cannot be changed", payment, failure);
    }
  }

  private static Question question(LocalDate day, Difference it, @Nullable ProviderOperation line) {
    boolean amountDiffers = it.kind() == Kind.AMOUNT_DIFFERS;
    Attention attention = amountDiffers ? Attention.AMOUNT_MISMATCH : Attention.CONTRADICTION;
    String theirs = it.theirs() == null ? "does not have the payment" : "has " + it.theirs();
    String note = "The provider's report of %s %s".formatted(day, theirs);
    return new Question(attention, it.finding(), note, amountDiffers ? line : null);
  }
}
