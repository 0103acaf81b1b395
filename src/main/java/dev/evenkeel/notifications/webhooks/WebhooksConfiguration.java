package dev.evenkeel.notifications.webhooks;

import dev.evenkeel.database.RetentionPolicy;
import dev.evenkeel.problems.ProblemCatalog;
import java.net.InetAddress;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.jdbc.core.simple.JdbcClient;

@Configuration(proxyBeanMethods = false)
@EnableConfigurationProperties(WebhookSettings.class)
class WebhooksConfiguration {

  @Bean
  ProblemCatalog webhookProblems() {
    return ProblemCatalog.of(WebhookProblem.values());
  }

  @Bean
  WebhookAddresses webhookAddresses(WebhookSettings settings) {
    return new WebhookAddresses(settings.allowPrivateAddresses(), InetAddress::getAllByName);
  }

  /** Deletes refused endpoints, and with them their idempotency keys, after 30 days. */
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

  /** Deletes finished deliveries 30 days after their notification: an id begins with its time. */
  @Bean
  RetentionPolicy finishedDeliveries(JdbcClient jdbc) {
    return new RetentionPolicy(
        jdbc,
        """
        delete from notifications.webhook_delivery where id in (
            select id from notifications.webhook_delivery
            where next_attempt_at is null and id < (select uuidv7(interval '-30 days'))
            limit ?)
        """);
  }

  @Bean
  RetentionPolicy expiredSecrets(JdbcClient jdbc) {
    return new RetentionPolicy(
        jdbc,
        """
        delete from notifications.webhook_previous_secret where (endpoint, valid_until) in (
            select endpoint, valid_until from notifications.webhook_previous_secret
            where valid_until < clock_timestamp()
            limit ?)
        """);
  }

  /** Deletes the deliveries of deleted endpoints, pending ones included. */
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
