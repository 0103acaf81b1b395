package dev.evenkeel.database;

import javax.sql.DataSource;
import net.javacrumbs.shedlock.core.LockProvider;
import net.javacrumbs.shedlock.provider.jdbctemplate.JdbcTemplateLockProvider;
import net.javacrumbs.shedlock.spring.annotation.EnableSchedulerLock;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.boot.task.SimpleAsyncTaskSchedulerCustomizer;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.scheduling.annotation.EnableScheduling;

/** Scheduled tasks; those with a lock in the database run on one instance at a time. */
@Configuration(proxyBeanMethods = false)
@EnableScheduling
@EnableSchedulerLock(defaultLockAtMostFor = "PT1M")
class Scheduling {

  private static final Logger log = LoggerFactory.getLogger(Scheduling.class);

  /** Logs one line when the database is unavailable, and the stack trace of any other failure. */
  @Bean
  SimpleAsyncTaskSchedulerCustomizer failureLogging() {
    return scheduler ->
        scheduler.setErrorHandler(failure -> {
          if (SqlState.of(failure) == SqlState.OTHER && !SqlState.isConnectionLost(failure)) {
            log.error("A scheduled task failed", failure);
          } else {
            log.warn("A scheduled task waits for the database: {}", failure.getMessage());
          }
        });
  }

  @Bean
  ConnectionPools.Share scheduledTasksConnections() {
    return new ConnectionPools.Share("scheduled tasks, audit and purge", 3);
  }

  @Bean
  LockProvider lockProvider(DataSource dataSource) {
    return new JdbcTemplateLockProvider(
        JdbcTemplateLockProvider.Configuration.builder()
            .withJdbcTemplate(new JdbcTemplate(dataSource))
            .withTableName("shared.shedlock")
            .usingDbTime()
            .build());
  }
}
