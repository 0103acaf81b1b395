package dev.evenkeel.payments;

import dev.evenkeel.observability.RegularCheck;
import io.micrometer.core.instrument.MeterRegistry;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicLong;
import net.javacrumbs.shedlock.spring.annotation.SchedulerLock;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.scheduling.annotation.Scheduled;
import org.springframework.stereotype.Component;

/**
 * Reports unfinished payments, on one instance: metrics, and an alert when one has been open for
 * too long.
 */
@Component
class PaymentBacklog {

  private static final Logger log = LoggerFactory.getLogger(PaymentBacklog.class);

  private final PaymentRepository payments;
  private final PaymentsSettings settings;
  private final RegularCheck check;
  private final AtomicLong oldestSeconds;
  private final AtomicLong attention;
  private final AtomicLong undecided;

  PaymentBacklog(PaymentRepository payments, PaymentsSettings settings, MeterRegistry meters) {
    this.payments = payments;
    this.settings = settings;
    this.check = new RegularCheck(meters, "unfinished-payments", Duration.ofMinutes(1));
    this.oldestSeconds = check.count("evenkeel.payments.unresolved.oldest.seconds");
    this.attention = check.count("evenkeel.payments.attention");
    this.undecided = check.count("evenkeel.payments.undecided");
  }

  @Scheduled(fixedRate = 60_000)
  @SchedulerLock(name = "unfinished-payments", lockAtLeastFor = "PT50S")
  void report() {
    Double oldest = payments.oldestUnresolvedSeconds();
    oldestSeconds.set(oldest == null ? 0 : oldest.longValue());
    attention.set(payments.countByAttentionIsNotNull());
    undecided.set(payments.countByCalls_UndecidedIsTrueAndFinalAtIsNull());
    check.ended();
    if (oldestSeconds.get() > settings.alertAfter().toSeconds()) {
      log.error("The oldest unfinished payment is {} s old", oldestSeconds.get());
    }
  }
}
