package dev.evenkeel.payments;

import dev.evenkeel.accounts.Ledger;
import dev.evenkeel.accounts.PostingRequest.Settlement;
import io.micrometer.core.instrument.MeterRegistry;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.SequencedMap;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicInteger;
import net.javacrumbs.shedlock.spring.annotation.SchedulerLock;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.data.domain.Limit;
import org.springframework.scheduling.annotation.Scheduled;
import org.springframework.stereotype.Component;

/**
 * Compares payments and ledger: each payment and refund that has succeeded has exactly one posting
 * of its amount, one more if it was returned, and every such posting has its payment. It finds; it
 * never repairs.
 */
@Component
class PaymentAudit {

  private static final Logger log = LoggerFactory.getLogger(PaymentAudit.class);

  private static final UUID FIRST = new UUID(0, 0);
  private static final int PAGE = 1000;

  private final PaymentRepository payments;
  private final Ledger ledger;
  private final AtomicInteger differences;

  PaymentAudit(PaymentRepository payments, Ledger ledger, MeterRegistry meters) {
    this.payments = payments;
    this.ledger = ledger;
    this.differences =
        Objects.requireNonNull(meters.gauge("evenkeel.payments.differences", new AtomicInteger()));
  }

  /**
   * One line for each difference. Of what is under way at the moment neither side is missed: both
   * change in one transaction, and the other side is read later.
   */
  List<String> check() {
    List<String> found = new ArrayList<>();
    List<Payment> page = payments.settledAfter(FIRST, Limit.of(PAGE));
    while (!page.isEmpty()) {
      Map<String, Long> due = postings(page);
      Map<String, Long> posted = ledger.settlements(due.keySet());
      due.forEach((key, amount) -> {
        if (!amount.equals(posted.get(key))) {
          found.add("%s: settled %d, posted %s".formatted(key, amount, posted.get(key)));
        }
      });
      page = payments.settledAfter(page.getLast().getId(), Limit.of(PAGE));
    }
    SequencedMap<String, Long> posted = ledger.settlementsAfter("", PAGE);
    while (!posted.isEmpty()) {
      List<UUID> ids = posted.keySet().stream().map(Settlement::id).distinct().toList();
      Map<String, Long> due = postings(payments.findByIdIn(ids));
      posted.keySet().stream()
          .filter(key -> !due.containsKey(key))
          .forEach(key -> found.add(key + ": posted, not settled"));
      posted = ledger.settlementsAfter(posted.lastEntry().getKey(), PAGE);
    }
    return found;
  }

  /** Which there have to be, by their keys. */
  private static Map<String, Long> postings(Collection<Payment> payments) {
    Map<String, Long> postings = new HashMap<>();
    for (Payment payment : payments) {
      if (payment.getStatus().hasSucceeded()) {
        postings.put(Settlement.key(payment.getId(), false), payment.getAmount());
      }
      if (payment.getStatus() == PaymentStatus.RETURNED) {
        postings.put(Settlement.key(payment.getId(), true), payment.getAmount());
      }
    }
    return postings;
  }

  // At a rate: what has a delay shares one thread, and the audit may take long
  @Scheduled(fixedRateString = "PT1H", initialDelayString = "PT1M")
  @SchedulerLock(name = "payments-audit", lockAtMostFor = "PT1H")
  public void run() {
    List<String> found = check();
    differences.set(found.size());
    if (!found.isEmpty()) {
      log.error("PAYMENTS AND LEDGER DIFFER: {}", found.stream().limit(100).toList());
    }
  }
}
