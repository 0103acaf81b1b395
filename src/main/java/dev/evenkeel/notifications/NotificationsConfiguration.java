package dev.evenkeel.notifications;

import dev.evenkeel.database.ConnectionBudget;
import dev.evenkeel.database.RetentionPolicy;
import dev.evenkeel.notifications.webhooks.WebhookAddresses;
import dev.evenkeel.notifications.webhooks.WebhookSettings;
import dev.evenkeel.problems.ProblemCatalog;
import java.net.InetAddress;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.jdbc.core.simple.JdbcClient;

@Configuration(proxyBeanMethods = false)
@EnableConfigurationProperties(WebhookSettings.class)
class NotificationsConfiguration {

  @Bean
  ProblemCatalog webhookProblems() {
    return ProblemCatalog.of(WebhookProblem.values());
  }

  @Bean
  ConnectionBudget.Share notificationsConnections() {
    return new ConnectionBudget.Share("taking events in, streams and sending webhooks", 4);
  }

  @Bean
  WebhookAddresses webhookAddresses(WebhookSettings settings) {
    return new WebhookAddresses(settings.allowPrivateAddresses(), InetAddress::getAllByName);
  }

  /** For 30 days. */
  @Bean
  RetentionPolicy refusedEndpoints(JdbcClient jdbc) {
    return new RetentionPolicy(
        jdbc,
        """
        delete from notifications.webhook_endpoint where id in (
            select id from notifications.webhook_endpoint
            where status = 'refused' and created_at < clock_timestamp() - interval '30 days'
            limit ?)
        """);
  }

  /** For 30 days after what they tell of: ids begin with the time. */
  @Bean
  RetentionPolicy endedDeliveries(JdbcClient jdbc) {
    return new RetentionPolicy(
        jdbc,
        """
        delete from notifications.webhook_delivery where id in (
            select id from notifications.webhook_delivery
            where next_attempt_at is null and id < (select uuidv7(interval '-30 days'))
            limit ?)
        """);
  }

  /** Even those that are still pending. */
  @Bean
  RetentionPolicy deliveriesOfDeletedEndpoints(JdbcClient jdbc) {
    return new RetentionPolicy(
        jdbc,
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
