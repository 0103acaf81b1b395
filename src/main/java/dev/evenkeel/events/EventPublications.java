package dev.evenkeel.events;

import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Timestamp;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.function.ToDoubleFunction;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.scheduling.annotation.Scheduled;
import org.springframework.stereotype.Component;

/** The events that are not processed yet: operators list, retry and abandon them. */
@Component
class EventPublications {

  private static final Logger log = LoggerFactory.getLogger(EventPublications.class);

  private final JdbcClient jdbc;
  private volatile Backlog backlog = new Backlog(0, 0, 0);

  EventPublications(JdbcClient jdbc, MeterRegistry meters) {
    this.jdbc = jdbc;
    gauge(meters, "evenkeel.events.backlog", Backlog::waiting);
    gauge(meters, "evenkeel.events.oldest.seconds", Backlog::oldestSeconds);
    gauge(meters, "evenkeel.events.dead", Backlog::dead);
  }

  private void gauge(MeterRegistry meters, String name, ToDoubleFunction<Backlog> value) {
    Gauge.builder(name, () -> value.applyAsDouble(backlog)).register(meters);
  }

  /**
   * A stored event for one listener.
   *
   * @param attempts how many attempts have failed
   */
  record Publication(
      UUID id,
      String type,
      Status status,
      int attempts,
      Instant publishedAt,
      @Nullable String lastError) {

    String position() {
      return publishedAt + "/" + id;
    }
  }

  enum Status {
    PENDING,
    FAILED,
    /** The event has failed too often and is not retried automatically. */
    DEAD
  }

  private record Backlog(long waiting, double oldestSeconds, long dead) {}

  @Scheduled(fixedDelay = 5000)
  void measure() {
    backlog =
        jdbc.sql(
                """
                select count(next_attempt_at) as waiting, count(*) - count(next_attempt_at) as dead,
                       coalesce(extract(epoch from clock_timestamp()
                           - min(publication_date) filter (where next_attempt_at is not null)), 0) as oldest_seconds
                from shared.event_publication
                """)
            .query(Backlog.class)
            .single();
  }

  /**
   * Lists stored events, newest first.
   *
   * @param before only events that were published before, or at this time with a smaller id
   */
  List<Publication> list(Instant before, UUID id, int limit) {
    return jdbc.sql(
            """
            select * from shared.event_publication
            where (publication_date, id) < (?, ?)
            order by publication_date desc, id desc
            limit ?
            """)
        .params(Timestamp.from(before), id, limit)
        .query((row, _) -> publication(row))
        .list();
  }

  /** Makes an event due at once and forgets its failed attempts. */
  Optional<Publication> retry(UUID id) {
    return jdbc.sql(
            """
            update shared.event_publication
            set next_attempt_at = clock_timestamp(), failures = 0
            where id = ?
            returning *
            """)
        .param(id)
        .query((row, _) -> publication(row))
        .optional();
  }

  /** Deletes an event without processing it. */
  Optional<Publication> abandon(UUID id, String operator) {
    Optional<Publication> abandoned =
        jdbc.sql("delete from shared.event_publication where id = ? returning *")
            .param(id)
            .query((row, _) -> publication(row))
            .optional();
    abandoned.ifPresent(event -> log.warn("{} abandoned {}", operator, event));
    return abandoned;
  }

  private static Publication publication(ResultSet row) throws SQLException {
    int failures = row.getInt("failures");
    boolean dead = row.getObject("next_attempt_at") == null;
    return new Publication(
        row.getObject("id", UUID.class),
        row.getString("event_type"),
        dead ? Status.DEAD : failures == 0 ? Status.PENDING : Status.FAILED,
        failures,
        row.getObject("publication_date", OffsetDateTime.class).toInstant(),
        row.getString("last_error"));
  }
}
