package dev.evenkeel.notifications.webhooks;

import dev.evenkeel.observability.RegularCheck;
import io.micrometer.core.instrument.MeterRegistry;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicLong;
import net.javacrumbs.shedlock.spring.annotation.SchedulerLock;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.scheduling.annotation.Scheduled;
import org.springframework.stereotype.Component;

/** Reports, on one instance, how many deliveries wait and how many were given up. */
@Component
class DeliveryBacklog {

  private final JdbcClient jdbc;
  private final RegularCheck check;
  private final AtomicLong pending;
  private final AtomicLong oldestSeconds;
  private final AtomicLong dead;

  DeliveryBacklog(JdbcClient jdbc, MeterRegistry meters) {
    this.jdbc = jdbc;
    this.check = new RegularCheck(meters, "deliveries", Duration.ofMinutes(1));
    this.pending = check.count("evenkeel.webhooks.deliveries.pending");
    this.oldestSeconds = check.count("evenkeel.webhooks.deliveries.oldest.seconds");
    this.dead = check.count("evenkeel.webhooks.deliveries.dead");
  }

  private record Backlog(long pending, long oldestSeconds, long dead) {}

  /** Pending deliveries of a disabled endpoint are left out: they wait until it is enabled. */
  @Scheduled(fixedRate = 60_000)
  @SchedulerLock(name = "deliveries-backlog", lockAtLeastFor = "PT50S")
  void measure() {
    Backlog backlog =
        jdbc.sql(
                """
                select count(*) as pending,
                       coalesce(extract(epoch from clock_timestamp() - min(uuid_extract_timestamp(d.id))), 0)::bigint
                           as oldest_seconds,
                       (select count(*) from notifications.webhook_delivery where status = 'dead') as dead
                from notifications.webhook_delivery d
                join notifications.webhook_endpoint e on e.id = d.endpoint
                where d.next_attempt_at is not null and e.status = 'enabled'
                """)
            .query(Backlog.class)
            .single();
    pending.set(backlog.pending());
    oldestSeconds.set(backlog.oldestSeconds());
    dead.set(backlog.dead());
    check.ended();
  }
}
