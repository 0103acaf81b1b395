package dev.evenkeel.accounts;

import net.javacrumbs.shedlock.spring.annotation.SchedulerLock;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.scheduling.annotation.Scheduled;
import org.springframework.stereotype.Component;

/** Forgets refusals after 30 days, a batch's own excepted. What was posted is never forgotten. */
@Component
class Purge {

  private static final int AT_ONCE = 1000;

  private final JdbcClient jdbc;

  Purge(JdbcClient jdbc) {
    this.jdbc = jdbc;
  }

  // At a rate: what has a delay shares one thread, and this may take long
  @Scheduled(fixedRateString = "PT1H", initialDelayString = "PT5M")
  @SchedulerLock(name = "refusal-purge", lockAtMostFor = "PT10M")
  public void purge() {
    int deleted = AT_ONCE;
    while (deleted == AT_ONCE) {
      deleted =
          jdbc.sql(
                  """
                  delete from accounts.transfer where id in (
                      select id from accounts.transfer
                      where problem is not null and operation <> 'batch'
                        and posted_at < clock_timestamp() - interval '30 days'
                      limit ?)
                  """)
              .param(AT_ONCE)
              .update();
    }
  }
}
