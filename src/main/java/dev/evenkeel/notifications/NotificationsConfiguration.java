package dev.evenkeel.notifications;

import dev.evenkeel.platform.ConnectionUse;
import dev.evenkeel.platform.ProblemCatalog;
import java.net.InetAddress;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

@Configuration(proxyBeanMethods = false)
@EnableConfigurationProperties(WebhookSettings.class)
class NotificationsConfiguration {

  @Bean
  ProblemCatalog webhookProblems() {
    return ProblemCatalog.of(WebhookProblem.values());
  }

  @Bean
  ConnectionUse notificationsConnections() {
    return new ConnectionUse("taking events in, streams and sending webhooks", 4);
  }

  @Bean
  WebhookAddresses webhookAddresses(WebhookSettings settings) {
    return new WebhookAddresses(settings.allowPrivateAddresses(), InetAddress::getAllByName);
  }
}
