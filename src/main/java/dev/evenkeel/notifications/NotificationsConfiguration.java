package dev.evenkeel.notifications;

import dev.evenkeel.database.ConnectionUse;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

@Configuration(proxyBeanMethods = false)
class NotificationsConfiguration {

  @Bean
  ConnectionUse notificationsConnections() {
    return new ConnectionUse("processing events, polling for streams, sending webhooks", 4);
  }
}
