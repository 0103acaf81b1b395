package dev.evenkeel.payments;

import net.javacrumbs.shedlock.spring.annotation.SchedulerLock;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.scheduling.annotation.Scheduled;
import org.springframework.stereotype.Component;

/** Forgets refusals after 30 days. What was accepted is never forgotten. */
@Component
class PaymentPurge {

  private static final int AT_ONCE = 1000;

  private final JdbcClient jdbc;

  PaymentPurge(JdbcClient jdbc) {
    this.jdbc = jdbc;
  }

  // At a rate: what has a delay shares one thread, and this may take long
  @Scheduled(fixedRateString = "PT1H", initialDelayString = "PT5M")
  @SchedulerLock(name = "payments-purge", lockAtMostFor = "PT10M")
  public void purge() {
    int deleted = AT_ONCE;
    while (deleted == AT_ONCE) {
      deleted =
          jdbc.sql(
                  """
                  delete from payments.payment where id in (
                      select id from payments.payment
                      where status = 'REFUSED'
                        and created_at < clock_timestamp() - interval '30 days'
                      limit ?)
                  """)
              .param(AT_ONCE)
              .update();
    }
  }
}
