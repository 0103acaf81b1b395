package dev.evenkeel.database;

import java.util.List;
import net.javacrumbs.shedlock.spring.annotation.SchedulerLock;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.scheduling.annotation.Scheduled;
import org.springframework.stereotype.Component;

/** Forgets what nobody has to keep any more. */
@Component
class PurgeJob {

  private static final Logger log = LoggerFactory.getLogger(PurgeJob.class);

  private final List<RetentionPolicy> retentions;

  PurgeJob(List<RetentionPolicy> retentions) {
    this.retentions = retentions;
  }

  // At a rate: what has a delay shares one thread, and this may take long
  @Scheduled(fixedRateString = "PT1H", initialDelayString = "PT5M")
  @SchedulerLock(name = "purge", lockAtMostFor = "PT30M")
  public void purge() {
    for (RetentionPolicy retention : retentions) {
      try {
        retention.forget();
      } catch (RuntimeException failure) {
        log.error("Kept for another hour: {}", retention.delete(), failure);
      }
    }
  }
}
