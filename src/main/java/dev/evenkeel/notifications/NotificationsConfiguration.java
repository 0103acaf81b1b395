package dev.evenkeel.notifications;

import dev.evenkeel.database.ConnectionPools;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

@Configuration(proxyBeanMethods = false)
class NotificationsConfiguration {

  @Bean
  ConnectionPools.Share notificationsConnections() {
    int events = 1;
    int streams = 2; // one polls for all, one catches up
    int webhooks = 2;
    return new ConnectionPools.Share(
        "processing events, streams, sending webhooks", events + streams + webhooks);
  }
}
