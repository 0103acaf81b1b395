package dev.evenkeel.payments;

import dev.evenkeel.platform.Retention;
import net.javacrumbs.shedlock.spring.annotation.SchedulerLock;
import org.springframework.scheduling.annotation.Scheduled;
import org.springframework.stereotype.Component;

/** Forgets refusals after 30 days. What was accepted is never forgotten. */
@Component
class PaymentPurge {

  private final Retention retention;

  PaymentPurge(Retention retention) {
    this.retention = retention;
  }

  // At a rate: what has a delay shares one thread, and this may take long
  @Scheduled(fixedRateString = "PT1H", initialDelayString = "PT5M")
  @SchedulerLock(name = "payments-purge", lockAtMostFor = "PT10M")
  public void purge() {
    retention.deleteAll(
        """
        delete from payments.payment where id in (
            select id from payments.payment
            where status = 'REFUSED'
              and created_at < clock_timestamp() - interval '30 days'
            limit ?)
        """);
  }
}
