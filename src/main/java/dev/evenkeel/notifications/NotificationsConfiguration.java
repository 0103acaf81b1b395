package dev.evenkeel.notifications;

import dev.evenkeel.database.ConnectionPools;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

@Configuration(proxyBeanMethods = false)
class NotificationsConfiguration {

  @Bean
  ConnectionPools.Share notificationsConnections() {
    return new ConnectionPools.Share("processing events, polling for streams, sending webhooks", 4);
  }
}
