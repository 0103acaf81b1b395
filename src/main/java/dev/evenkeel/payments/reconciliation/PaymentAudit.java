package dev.evenkeel.payments.reconciliation;

import dev.evenkeel.accounts.Ledger;
import dev.evenkeel.accounts.PostingRequest.Settlement;
import dev.evenkeel.observability.RegularCheck;
import dev.evenkeel.payments.Movement;
import dev.evenkeel.payments.Payment;
import dev.evenkeel.payments.PaymentId;
import dev.evenkeel.payments.PaymentStatus;
import dev.evenkeel.payments.reconciliation.ReconciliationRepository.BookedMovement;
import io.micrometer.core.instrument.MeterRegistry;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.SequencedMap;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicLong;
import net.javacrumbs.shedlock.spring.annotation.SchedulerLock;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.data.domain.Limit;
import org.springframework.scheduling.annotation.Scheduled;
import org.springframework.stereotype.Component;
import org.springframework.transaction.PlatformTransactionManager;
import org.springframework.transaction.TransactionDefinition;
import org.springframework.transaction.support.TransactionTemplate;

/**
 * Compares payments with the ledger: each succeeded payment or refund has exactly one posting of
 * what moved, each of its later movements has one, and each such posting belongs to a payment.
 */
@Component
class PaymentAudit {

  private static final Logger log = LoggerFactory.getLogger(PaymentAudit.class);

  private static final UUID LOWEST_ID = new UUID(0, 0);
  private static final int BATCH_SIZE = 1000;

  /** If everything differs, the list must still fit into memory. */
  private static final int MAX_FOUND = 1000;

  private final ReconciliationRepository payments;
  private final Ledger ledger;

  /** Each page is read in one snapshot: both sides may change meanwhile. */
  private final TransactionTemplate snapshot;

  private final RegularCheck check;
  private final AtomicLong differences;

  PaymentAudit(
      ReconciliationRepository payments,
      Ledger ledger,
      PlatformTransactionManager transactions,
      MeterRegistry meters) {
    this.payments = payments;
    this.ledger = ledger;
    this.snapshot = new TransactionTemplate(transactions);
    snapshot.setReadOnly(true);
    snapshot.setIsolationLevel(TransactionDefinition.ISOLATION_REPEATABLE_READ);
    this.check = new RegularCheck(meters, "payments", Duration.ofHours(1));
    this.differences = check.count("evenkeel.payments.differences");
  }

  /** Returns a line for each difference, up to a limit. */
  List<String> check() {
    List<String> found = new ArrayList<>();
    UUID lastPayment = LOWEST_ID;
    while (lastPayment != null && found.size() < MAX_FOUND) {
      UUID after = lastPayment;
      lastPayment = snapshot.execute(_ -> checkPayments(after, found));
    }
    String lastPosting = "";
    while (lastPosting != null && found.size() < MAX_FOUND) {
      String after = lastPosting;
      lastPosting = snapshot.execute(_ -> checkPostings(after, found));
    }
    return found;
  }

  /** Checks a page and returns its last payment; null if there are no more. */
  private @Nullable UUID checkPayments(UUID after, List<String> found) {
    List<Payment> page = payments.findSettled(after, Limit.of(BATCH_SIZE));
    Map<String, Long> expected = expected(page).postings();
    Map<String, Long> posted = ledger.settlements(expected.keySet());
    expected.forEach((key, amount) -> {
      if (!amount.equals(posted.get(key))) {
        found.add("%s: settled %d, posted %s".formatted(key, amount, posted.get(key)));
      }
    });
    return page.isEmpty() ? null : page.getLast().getId().value();
  }

  /** Checks a page and returns its last key; null if there are no more. */
  private @Nullable String checkPostings(String after, List<String> found) {
    SequencedMap<String, Long> posted = ledger.settlementsAfter(after, BATCH_SIZE);
    List<UUID> ids = posted.keySet().stream().map(Settlement::id).distinct().toList();
    Expected expected = expected(payments.findByIdIn(ids));
    posted.keySet().stream()
        .filter(key -> !expected.postings().containsKey(key))
        .filter(key -> !expected.unreadable().contains(Settlement.id(key)))
        .forEach(key -> found.add(key + ": posted, not settled"));
    return posted.isEmpty() ? null : posted.lastEntry().getKey();
  }

  /**
   * What the ledger must have of payments.
   *
   * @param postings the amounts, by key
   * @param unreadable payments that a newer release wrote: their postings cannot be predicted
   */
  private record Expected(Map<String, Long> postings, Set<UUID> unreadable) {}

  private Expected expected(List<Payment> payments) {
    Map<String, Long> postings = new HashMap<>();
    Map<UUID, Long> decided = new HashMap<>();
    Set<UUID> unreadable = new HashSet<>();
    List<UUID> ids = payments.stream().map(it -> it.getId().value()).toList();
    for (BookedMovement it : this.payments.findMovements(ids)) {
      Movement movement = new Movement(it.kind(), it.source(), it.amount());
      postings.put(movement.key(new PaymentId(it.payment())), Math.abs(it.amount()));
      if (it.kind() == Movement.Kind.DECIDED) {
        decided.merge(it.payment(), it.amount(), Long::sum);
      }
      if (it.kind() == Movement.Kind.UNREADABLE) {
        unreadable.add(it.payment());
      }
    }
    for (Payment payment : payments) {
      // What a decision added or removed later has postings of its own.
      long moved = payment.getStatus().hasSucceeded() ? payment.moved() : 0;
      long atOnce = moved - decided.getOrDefault(payment.getId().value(), 0L);
      if (atOnce != 0) {
        postings.put(payment.getId().toString(), atOnce);
      }
      if (payment.getStatus() == PaymentStatus.UNREADABLE) {
        unreadable.add(payment.getId().value());
      }
    }
    postings.keySet().removeIf(key -> unreadable.contains(Settlement.id(key)));
    return new Expected(postings, unreadable);
  }

  // A fixed rate: jobs with a fixed delay share one thread, and the audit may take long
  @Scheduled(fixedRateString = "PT1H", initialDelayString = "PT1M")
  @SchedulerLock(name = "payments-audit", lockAtMostFor = "PT1H")
  public void run() {
    List<String> found = check();
    differences.set(found.size());
    check.ended();
    if (!found.isEmpty()) {
      log.error("PAYMENTS AND LEDGER DIFFER: {}", found.stream().limit(100).toList());
    }
  }
}
