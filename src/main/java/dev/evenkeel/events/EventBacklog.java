package dev.evenkeel.events;

import dev.evenkeel.database.RetryingTransactions;
import dev.evenkeel.database.SqlArrays;
import dev.evenkeel.database.SqlState;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.jdbc.core.SimplePropertyRowMapper;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Component;
import org.springframework.transaction.CannotCreateTransactionException;
import org.springframework.util.ClassUtils;
import tools.jackson.databind.json.JsonMapper;

/**
 * The queue of stored events. The {@link Outbox} inserts an event in the transaction that publishes
 * it. The backlog deletes it in the transaction that processes it. So an event survives a crash,
 * and two instances never process the same event.
 */
@Component
public class EventBacklog {

  private static final Logger log = LoggerFactory.getLogger(EventBacklog.class);

  private static final int MAX_ERROR_LENGTH = 500;

  /** Pauses double from 2 s, so the last attempt is about 17 minutes after the first. */
  private static final int MAX_ATTEMPTS = 10;

  private final JdbcClient jdbc;
  private final RetryingTransactions transactions;
  private final JsonMapper json;
  private final EventSettings settings;

  /** By consumer; an instance that starts knows of none. */
  private final Map<String, FailedTogether> failedTogether = new ConcurrentHashMap<>();

  EventBacklog(
      JdbcClient jdbc, RetryingTransactions transactions, JsonMapper json, EventSettings settings) {
    this.jdbc = jdbc;
    this.transactions = transactions;
    this.json = json;
    this.settings = settings;
  }

  private record Row(UUID id, String type, String event) {}

  /** How long the oldest of a consumer's next hundred events has waited; zero if there is none. */
  public Duration lag(String consumer) {
    double seconds =
        jdbc.sql(
                """
                select coalesce(extract(epoch from clock_timestamp() - min(published_at)), 0)
                from (select published_at from shared.outbox
                      where consumer = ? and next_attempt_at is not null
                      order by next_attempt_at
                      limit 100) next
                """)
            .param(consumer)
            .query(Double.class)
            .single();
    return Duration.ofMillis(Math.round(seconds * 1000));
  }

  /**
   * Counts a consumer's dead events.
   *
   * @param limit counts no further
   */
  public int dead(String consumer, int limit) {
    return jdbc.sql(
            """
            select count(*) from (
                select from shared.outbox where consumer = ? and next_attempt_at is null limit ?) dead
            """)
        .params(consumer, limit)
        .query(Integer.class)
        .single();
  }

  /**
   * Processes due events, oldest first, in one transaction, on one instance at a time. If that
   * fails, processes each half in a transaction of its own, and so on, until a poison event fails
   * alone. A failed event is retried after a pause.
   *
   * <p>A failure counts as an attempt only if the event may have caused it. A lost connection and a
   * timeout do not count. Neither does the failure of all of several events, unless the same events
   * failed together before and the consumer has processed others since. After a timeout, only the
   * first half is split further and the rest waits for the next call. So a lock that is held costs
   * one timeout for each split instead of one for each event, and in the end delays only the events
   * that need it.
   *
   * <p>An event that cannot be read, or whose type the consumer does not take, is retried for ever:
   * it may be of a newer release that was rolled back.
   *
   * @param batchSize how many events to process at most
   * @return whether more events may be due
   */
  public boolean process(EventConsumer consumer, int batchSize) {
    Pass pass = new Pass(consumer);
    int due = processInHalves(() -> lockDue(consumer.name(), batchSize), pass);
    boolean allFailed = pass.failed.size() > 1 && pass.processed == 0;
    boolean atFault = !allFailed || failedBefore(consumer.name(), pass.failed.keySet());
    pass.failed.forEach((row, failure) ->
        recordFailure(
            row, failure, atFault && !isTimeout(failure) ? Verdict.ATTEMPT : Verdict.NO_ATTEMPT));
    if (pass.processed > 0) {
      failedTogether.computeIfPresent(
          consumer.name(), (_, failed) -> new FailedTogether(failed.events(), true));
    }
    return due == batchSize && !allFailed && !pass.timedOut;
  }

  /**
   * Events that all failed in one pass, in which no other event was processed.
   *
   * @param workedSince whether the consumer has processed an event since
   */
  private record FailedTogether(Set<UUID> events, boolean workedSince) {}

  /** Remembers that these events failed together, and tells whether they are at fault. */
  private boolean failedBefore(String consumer, Set<Row> failed) {
    Set<UUID> events = failed.stream().map(Row::id).collect(Collectors.toSet());
    FailedTogether before = failedTogether.put(consumer, new FailedTogether(events, false));
    return before != null && before.workedSince() && before.events().containsAll(events);
  }

  /** The result of processing due events. */
  private static final class Pass {
    final EventConsumer consumer;
    final Map<Row, RuntimeException> failed = new LinkedHashMap<>();
    int processed;
    boolean timedOut;

    Pass(EventConsumer consumer) {
      this.consumer = consumer;
    }
  }

  private int processInHalves(Supplier<List<Row>> lock, Pass pass) {
    List<Row> rows = new ArrayList<>();
    try {
      pass.processed +=
          transactions.run(() -> {
            rows.clear();
            if (isAlone(pass.consumer.name())) {
              rows.addAll(lock.get());
            }
            return handle(rows, pass.consumer);
          });
    } catch (CannotCreateTransactionException notBegun) {
      throw notBegun;
    } catch (RuntimeException failure) {
      if (rows.isEmpty() || SqlState.isConnectionLost(failure)) {
        throw failure;
      }
      pass.timedOut |= isTimeout(failure);
      if (rows.size() == 1) {
        pass.failed.put(rows.getFirst(), failure);
      } else {
        List<UUID> ids = rows.stream().map(Row::id).toList();
        int half = ids.size() / 2;
        processInHalves(() -> lock(ids.subList(0, half)), pass);
        if (!pass.timedOut) {
          processInHalves(() -> lock(ids.subList(half, ids.size())), pass);
        }
      }
    }
    return rows.size();
  }

  /** A timeout means that another transaction held a lock, or that the database was slow. */
  private static boolean isTimeout(RuntimeException failure) {
    return SqlState.of(failure) == SqlState.TIMED_OUT;
  }

  /**
   * @return how many events were processed; events that cannot be read are left out
   */
  private int handle(List<Row> rows, EventConsumer consumer) {
    List<Object> events = new ArrayList<>();
    List<UUID> processed = new ArrayList<>();
    for (Row row : rows) {
      try {
        events.add(read(row, consumer.types()));
        processed.add(row.id());
      } catch (ClassNotFoundException | LinkageError | RuntimeException unreadable) {
        recordFailure(row, unreadable, Verdict.UNREADABLE);
      }
    }
    if (!events.isEmpty()) {
      consumer.consume(events);
      int deleted =
          jdbc.sql("delete from shared.outbox where id = any(?)")
              .param(SqlArrays.uuids(processed))
              .update();
      if (deleted < processed.size()) {
        throw new IllegalStateException("an event is gone and must not take effect again");
      }
    }
    return processed.size();
  }

  private Object read(Row row, Set<Class<?>> types) throws ClassNotFoundException {
    String name = settings.renamed().getOrDefault(row.type(), row.type());
    Class<?> type = ClassUtils.forName(name, null);
    if (!types.contains(type)) {
      throw new IllegalArgumentException("the consumer does not take " + name);
    }
    return json.readValue(row.event(), type);
  }

  /**
   * Locks the consumer's events until the transaction ends, unless another instance has locked
   * them: of two instances, the one with the later events could commit first.
   */
  private boolean isAlone(String consumer) {
    return jdbc.sql("select pg_try_advisory_xact_lock(hashtextextended('outbox/' || ?, 0))")
        .param(consumer)
        .query(Boolean.class)
        .single();
  }

  /** Finds due events, and skips those that an operator has locked. */
  private List<Row> lockDue(String consumer, int limit) {
    return jdbc.sql(
            """
            select id, type, event from shared.outbox
            where next_attempt_at <= statement_timestamp() and consumer = ?
            order by next_attempt_at, id
            limit ?
            for update skip locked
            """)
        .params(consumer, limit)
        .query(new SimplePropertyRowMapper<>(Row.class))
        .list();
  }

  private List<Row> lock(List<UUID> ids) {
    return jdbc.sql(
            """
            select id, type, event from shared.outbox
            where id = any(?)
            order by next_attempt_at, id
            for update skip locked
            """)
        .param(SqlArrays.uuids(ids))
        .query(new SimplePropertyRowMapper<>(Row.class))
        .list();
  }

  /** What a failure says about its event. */
  private enum Verdict {
    /** The event is not at fault. */
    NO_ATTEMPT,
    /** The event may be at fault; after ten attempts it is dead. */
    ATTEMPT,
    /** This release cannot read the event, but another one may. The pause is the event's age. */
    UNREADABLE
  }

  private void recordFailure(Row row, Throwable failure, Verdict verdict) {
    String error = failure.toString().replace('\0', ' ');
    boolean dead =
        jdbc.sql(
                """
                update shared.outbox
                set failures = failures + :one, last_error = :error,
                    next_attempt_at = case
                        when :unreadable then clock_timestamp()
                            + least(interval '17 min', interval '2 s' + (clock_timestamp() - published_at))
                        when failures + :one < :attempts then clock_timestamp() + interval '2 s' * power(2, failures)
                    end
                where id = :id
                returning next_attempt_at is null
                """)
            .param("one", verdict == Verdict.ATTEMPT ? 1 : 0)
            .param("unreadable", verdict == Verdict.UNREADABLE)
            .param("error", error.substring(0, Math.min(error.length(), MAX_ERROR_LENGTH)))
            .param("attempts", MAX_ATTEMPTS)
            .param("id", row.id())
            .query(Boolean.class)
            .optional()
            .orElse(false);
    if (dead) {
      log.error("Event {} ({}) is dead and needs an operator", row.id(), row.type());
    }
    log.warn("Event {} ({}) failed: {}", row.id(), row.type(), error);
  }
}
