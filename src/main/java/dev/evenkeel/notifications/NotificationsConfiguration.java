package dev.evenkeel.notifications;

import dev.evenkeel.database.ConnectionBudget;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

@Configuration(proxyBeanMethods = false)
class NotificationsConfiguration {

  @Bean
  ConnectionBudget.Share notificationsConnections() {
    return new ConnectionBudget.Share(
        "processing events, polling for streams, sending webhooks", 4);
  }
}
