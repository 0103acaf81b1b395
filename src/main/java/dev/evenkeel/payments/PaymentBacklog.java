package dev.evenkeel.payments;

import io.micrometer.core.instrument.MeterRegistry;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicLong;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.scheduling.annotation.Scheduled;
import org.springframework.stereotype.Component;

/** Reports unfinished payments: metrics, and an alert when one has been open for too long. */
@Component
class PaymentBacklog {

  private static final Logger log = LoggerFactory.getLogger(PaymentBacklog.class);

  private final PaymentRepository payments;
  private final PaymentsSettings settings;
  private final AtomicLong oldestSeconds;
  private final AtomicLong attention;
  private final AtomicLong undecided;

  PaymentBacklog(PaymentRepository payments, PaymentsSettings settings, MeterRegistry meters) {
    this.payments = payments;
    this.settings = settings;
    this.oldestSeconds = gauge(meters, "evenkeel.payments.unresolved.oldest.seconds");
    this.attention = gauge(meters, "evenkeel.payments.attention");
    this.undecided = gauge(meters, "evenkeel.payments.undecided");
  }

  private static AtomicLong gauge(MeterRegistry meters, String name) {
    return Objects.requireNonNull(meters.gauge(name, new AtomicLong()));
  }

  @Scheduled(fixedDelay = 60_000)
  void report() {
    Double oldest = payments.oldestUnresolvedSeconds();
    oldestSeconds.set(oldest == null ? 0 : oldest.longValue());
    attention.set(payments.countByAttentionIsNotNull());
    undecided.set(payments.countByCalls_UndecidedIsTrueAndFinalAtIsNull());
    if (oldestSeconds.get() > settings.alertAfter().toSeconds()) {
      log.error("The oldest unfinished payment is {} s old", oldestSeconds.get());
    }
  }
}
