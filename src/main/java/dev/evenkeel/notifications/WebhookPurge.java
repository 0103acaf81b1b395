package dev.evenkeel.notifications;

import dev.evenkeel.platform.Retention;
import net.javacrumbs.shedlock.spring.annotation.SchedulerLock;
import org.springframework.scheduling.annotation.Scheduled;
import org.springframework.stereotype.Component;

/**
 * Forgets refusals after 30 days, deliveries 30 days after what they tell of unless they are still
 * pending, and soon all those of endpoints that were deleted.
 */
@Component
class WebhookPurge {

  private final Retention retention;

  WebhookPurge(Retention retention) {
    this.retention = retention;
  }

  // At a rate: what has a delay shares one thread, and this may take long
  @Scheduled(fixedRateString = "PT1H", initialDelayString = "PT7M")
  @SchedulerLock(name = "webhook-purge", lockAtMostFor = "PT10M")
  public void purge() {
    retention.deleteAll(
        """
        delete from notifications.webhook_endpoint where id in (
            select id from notifications.webhook_endpoint
            where status = 'refused' and created_at < clock_timestamp() - interval '30 days'
            limit ?)
        """);
    // Ids begin with the time
    retention.deleteAll(
        """
        delete from notifications.webhook_delivery where id in (
            select id from notifications.webhook_delivery
            where next_attempt_at is null and id < (select uuidv7(interval '-30 days'))
            limit ?)
        """);
    retention.deleteAll(
        """
        delete from notifications.webhook_delivery where id in (
            select d.id from notifications.webhook_endpoint e
            cross join lateral (
                select id from notifications.webhook_delivery where endpoint = e.id limit 1000) d
            where e.status = 'deleted'
            limit ?)
        """);
  }
}
