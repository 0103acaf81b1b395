package dev.evenkeel.accounts;

import dev.evenkeel.platform.Retention;
import net.javacrumbs.shedlock.spring.annotation.SchedulerLock;
import org.springframework.scheduling.annotation.Scheduled;
import org.springframework.stereotype.Component;

/** Forgets refusals after 30 days, a batch's own excepted. What was posted is never forgotten. */
@Component
class Purge {

  private final Retention retention;

  Purge(Retention retention) {
    this.retention = retention;
  }

  // At a rate: what has a delay shares one thread, and this may take long
  @Scheduled(fixedRateString = "PT1H", initialDelayString = "PT5M")
  @SchedulerLock(name = "refusal-purge", lockAtMostFor = "PT10M")
  public void purge() {
    retention.deleteAll(
        """
        delete from accounts.transfer where id in (
            select id from accounts.transfer
            where problem is not null and operation <> 'batch'
              and posted_at < clock_timestamp() - interval '30 days'
            limit ?)
        """);
  }
}
