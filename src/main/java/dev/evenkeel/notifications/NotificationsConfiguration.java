package dev.evenkeel.notifications;

import dev.evenkeel.platform.ConnectionUse;
import java.util.concurrent.ThreadPoolExecutor;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.scheduling.annotation.EnableAsync;
import org.springframework.scheduling.concurrent.ThreadPoolTaskExecutor;

@Configuration(proxyBeanMethods = false)
@EnableAsync
class NotificationsConfiguration {

  static final String EXECUTOR = "notificationsExecutor";

  @Bean
  ConnectionUse listenersConnections() {
    return new ConnectionUse("listeners", 2);
  }

  /**
   * Listeners are handed over while the committing transaction still holds its connection. So this
   * pool rejects what it has no room for, rather than making the committer wait; what is rejected
   * waits for redelivery.
   */
  @Bean(name = EXECUTOR, defaultCandidate = false)
  ThreadPoolTaskExecutor notificationsExecutor() {
    ThreadPoolTaskExecutor executor = new ThreadPoolTaskExecutor();
    executor.setThreadNamePrefix("notifications-");
    executor.setCorePoolSize(2);
    executor.setMaxPoolSize(2);
    executor.setQueueCapacity(1000);
    executor.setRejectedExecutionHandler(new ThreadPoolExecutor.AbortPolicy());
    executor.setWaitForTasksToCompleteOnShutdown(true);
    executor.setAwaitTerminationSeconds(10);
    return executor;
  }
}
