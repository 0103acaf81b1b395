package dev.evenkeel.events;

import dev.evenkeel.database.SqlArrays;
import dev.evenkeel.observability.RegularCheck;
import dev.evenkeel.problems.ProblemException;
import io.micrometer.core.instrument.MeterRegistry;
import java.sql.Timestamp;
import java.time.Duration;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicLong;
import net.javacrumbs.shedlock.spring.annotation.SchedulerLock;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.jdbc.core.RowMapper;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.scheduling.annotation.Scheduled;
import org.springframework.stereotype.Component;

/** The events that are not processed yet: operators list, retry and abandon them. */
@Component
public class EventPublications {

  private static final Logger log = LoggerFactory.getLogger(EventPublications.class);

  /** Keeps a statement within its timeout. */
  private static final int MAX_RETRIED_AT_ONCE = 10_000;

  /** How long instances of two releases may run side by side. */
  private static final Duration ROLLING_UPDATE = Duration.ofHours(1);

  private static final String STATUS =
      """
      case when next_attempt_at is null then 'DEAD'
           when failures > 0 or last_error is not null and next_attempt_at > clock_timestamp() then 'FAILED'
           else 'PENDING' end
      """;

  private static final RowMapper<Publication> PUBLICATION =
      (row, _) ->
          new Publication(
              row.getObject("id", UUID.class),
              row.getString("consumer"),
              row.getString("type"),
              Status.valueOf(row.getString("status")),
              row.getInt("failures"),
              row.getObject("published_at", OffsetDateTime.class).toInstant(),
              row.getString("last_error"));

  private final JdbcClient jdbc;
  private final EventWorkers workers;
  private final RegularCheck check;
  private final AtomicLong waiting;
  private final AtomicLong oldestSeconds;
  private final AtomicLong dead;

  EventPublications(JdbcClient jdbc, EventWorkers workers, MeterRegistry meters) {
    this.jdbc = jdbc;
    this.workers = workers;
    this.check = new RegularCheck(meters, "events", Duration.ofSeconds(10));
    this.waiting = check.count("evenkeel.events.backlog");
    this.oldestSeconds = check.count("evenkeel.events.oldest.seconds");
    this.dead = check.count("evenkeel.events.dead");
  }

  /**
   * A stored event for one consumer.
   *
   * @param consumer the consumer's name; no event of a consumer that this release lacks is
   *     processed
   * @param attempts how many attempts have failed because of the event itself
   */
  public record Publication(
      UUID id,
      String consumer,
      String type,
      Status status,
      int attempts,
      Instant publishedAt,
      @Nullable String lastError) {

    String position() {
      return publishedAt + "/" + id;
    }
  }

  public enum Status {
    /** The event has not failed since it was published, or since an operator retried it. */
    PENDING,
    /** The event has failed and is retried after a pause. */
    FAILED,
    /** The event has failed too often and is not retried automatically. */
    DEAD
  }

  private record Backlog(long waiting, long oldestSeconds, long dead) {}

  @Scheduled(fixedRate = 10_000)
  @SchedulerLock(name = "events-backlog", lockAtLeastFor = "PT9S")
  void measure() {
    Backlog backlog =
        jdbc.sql(
                """
                select count(next_attempt_at) as waiting, count(*) - count(next_attempt_at) as dead,
                       coalesce(extract(epoch from clock_timestamp()
                           - min(published_at) filter (where next_attempt_at is not null)), 0)::bigint as oldest_seconds
                from shared.outbox
                """)
            .query(Backlog.class)
            .single();
    waiting.set(backlog.waiting());
    oldestSeconds.set(backlog.oldestSeconds());
    dead.set(backlog.dead());
    check.ended();
  }

  /**
   * Lists stored events, newest first.
   *
   * @param type null for all
   * @param status null for all
   * @param before only events that were published before, or at this time with a smaller id
   */
  // The last condition repeats one of the status, so that the index of dead events serves it
  public List<Publication> list(
      @Nullable String type, @Nullable Status status, Instant before, UUID id, int limit) {
    return jdbc.sql(
            """
            select * from (select *, %s as status from shared.outbox) publication
            where (published_at, id) < (:before, :id)
              and (type = :type or :type::text is null) and (status = :status or :status::text is null)%s
            order by published_at desc, id desc
            limit :limit
            """
                .formatted(STATUS, status == Status.DEAD ? " and next_attempt_at is null" : ""))
        .param("before", Timestamp.from(before))
        .param("id", id)
        .param("type", type)
        .param("status", status == null ? null : status.name())
        .param("limit", limit)
        .query(PUBLICATION)
        .list();
  }

  public Optional<Publication> find(UUID id) {
    return jdbc.sql("select *, %s as status from shared.outbox where id = ?".formatted(STATUS))
        .param(id)
        .query(PUBLICATION)
        .optional();
  }

  /** Makes an event due at once, before those published later, and forgets its failed attempts. */
  public Optional<Publication> retry(UUID id) {
    return jdbc.sql(
            """
            update shared.outbox set next_attempt_at = published_at, failures = 0
            where id = ?
            returning *, %s as status
            """
                .formatted(STATUS))
        .param(id)
        .query(PUBLICATION)
        .optional();
  }

  /**
   * Does the same with all events of a type that have failed, except those that are being
   * processed.
   *
   * @return how many
   */
  public int retryAll(String type) {
    int retried = 0;
    int some;
    do {
      some =
          jdbc.sql(
                  """
                  update shared.outbox set next_attempt_at = published_at, failures = 0
                  where id in (
                      select id from (select *, %s as status from shared.outbox) publication
                      where type = ? and status <> 'PENDING'
                      limit ?
                      for update skip locked)
                  """
                      .formatted(STATUS))
              .params(type, MAX_RETRIED_AT_ONCE)
              .update();
      retried += some;
    } while (some == MAX_RETRIED_AT_ONCE);
    return retried;
  }

  /**
   * Deletes an event without processing it. It must have failed, or belong to a consumer that this
   * release lacks and be older than {@link #ROLLING_UPDATE}: before, an instance of a newer release
   * may be about to process it.
   *
   * @throws ProblemException if there is none, if it must not be deleted, or if it is being
   *     processed
   */
  public void abandon(UUID id, String operator) {
    Publication abandoned =
        jdbc.sql(
                """
                delete from shared.outbox where id in (
                    select id from shared.outbox
                    where id = ?
                      and (last_error is not null
                          or consumer <> all(?) and published_at < clock_timestamp() - interval '1 s' * ?)
                    for update skip locked)
                returning *, %s as status
                """
                    .formatted(STATUS))
            .params(
                id, SqlArrays.texts(workers.consumers(), name -> name), ROLLING_UPDATE.toSeconds())
            .query(PUBLICATION)
            .optional()
            .orElseThrow(() -> isStored(id) ? notFailed() : ProblemException.notFound());
    log.warn("{} abandoned {}", operator, abandoned);
  }

  private boolean isStored(UUID id) {
    return jdbc.sql("select exists (select from shared.outbox where id = ?)")
        .param(id)
        .query(Boolean.class)
        .single();
  }

  private static ProblemException notFailed() {
    return new ProblemException(
        EventProblem.EVENT_NOT_FAILED, "The event has never failed, or is being processed.");
  }
}
