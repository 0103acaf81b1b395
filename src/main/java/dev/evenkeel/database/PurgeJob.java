package dev.evenkeel.database;

import java.util.List;
import net.javacrumbs.shedlock.spring.annotation.SchedulerLock;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.scheduling.annotation.Scheduled;
import org.springframework.stereotype.Component;

/** Deletes rows past their retention, once an hour on one instance. */
@Component
class PurgeJob {

  private static final Logger log = LoggerFactory.getLogger(PurgeJob.class);

  private final List<RetentionPolicy> policies;

  PurgeJob(List<RetentionPolicy> policies) {
    this.policies = policies;
  }

  // At a fixed rate: tasks with a fixed delay share one thread, and this one may take long.
  @Scheduled(fixedRateString = "PT1H", initialDelayString = "PT5M")
  @SchedulerLock(name = "purge", lockAtMostFor = "PT30M")
  public void purge() {
    for (RetentionPolicy policy : policies) {
      try {
        policy.apply();
      } catch (RuntimeException failure) {
        log.error("Not purged, next attempt in an hour: {}", policy.delete(), failure);
      }
    }
  }
}
