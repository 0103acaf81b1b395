package dev.evenkeel.notifications;

import net.javacrumbs.shedlock.spring.annotation.SchedulerLock;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.scheduling.annotation.Scheduled;
import org.springframework.stereotype.Component;

/** Forgets refusals after 30 days. */
@Component
class WebhookPurge {

  private static final int AT_ONCE = 1000;

  private final JdbcClient jdbc;

  WebhookPurge(JdbcClient jdbc) {
    this.jdbc = jdbc;
  }

  // At a rate: what has a delay shares one thread, and this may take long
  @Scheduled(fixedRateString = "PT1H", initialDelayString = "PT7M")
  @SchedulerLock(name = "webhook-purge", lockAtMostFor = "PT10M")
  public void purge() {
    inSteps(
        """
        delete from notifications.webhook_endpoint where id in (
            select id from notifications.webhook_endpoint
            where status = 'refused' and created_at < clock_timestamp() - interval '30 days'
            limit ?)
        """);
  }

  private void inSteps(String delete) {
    int deleted = AT_ONCE;
    while (deleted == AT_ONCE) {
      deleted = jdbc.sql(delete).param(AT_ONCE).update();
    }
  }
}
