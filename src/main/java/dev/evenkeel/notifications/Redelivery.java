package dev.evenkeel.notifications;

import net.javacrumbs.shedlock.spring.annotation.SchedulerLock;
import org.springframework.modulith.events.FailedEventPublications;
import org.springframework.modulith.events.ResubmissionOptions;
import org.springframework.scheduling.annotation.Scheduled;
import org.springframework.stereotype.Component;

/**
 * Delivers events again whose listener failed, or died with its instance (the registry marks those
 * as failed after a while). One instance at a time: two at once would deliver some events twice.
 */
@Component
class Redelivery {

  private final FailedEventPublications failed;

  Redelivery(FailedEventPublications failed) {
    this.failed = failed;
  }

  @Scheduled(fixedDelay = 2000)
  @SchedulerLock(name = "event-redelivery", lockAtMostFor = "PT1M")
  public void redeliver() {
    failed.resubmit(ResubmissionOptions.defaults().withBatchSize(100).withMaxInFlight(100));
  }
}
