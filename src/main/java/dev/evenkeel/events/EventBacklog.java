package dev.evenkeel.events;

import dev.evenkeel.database.RetryingTransactions;
import dev.evenkeel.database.SqlArrays;
import dev.evenkeel.database.SqlState;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.jdbc.core.SimplePropertyRowMapper;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.modulith.events.core.EventSerializer;
import org.springframework.stereotype.Component;
import org.springframework.transaction.CannotCreateTransactionException;
import org.springframework.util.ClassUtils;

/**
 * The queue of stored events. Spring Modulith inserts an event in the transaction that publishes
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
  private final EventSerializer serializer;
  private final EventSettings settings;

  EventBacklog(
      JdbcClient jdbc,
      RetryingTransactions transactions,
      EventSerializer serializer,
      EventSettings settings) {
    this.jdbc = jdbc;
    this.transactions = transactions;
    this.serializer = serializer;
    this.settings = settings;
  }

  private record Row(UUID id, String type, String event) {}

  /**
   * Processes due events, oldest first, in one transaction. If that fails, processes each half in a
   * transaction of its own, and so on, until a poison event fails alone. A failed event is retried
   * after a pause.
   *
   * <p>A failure counts as an attempt only if the event may have caused it. A lost connection, a
   * timeout and the failure of all of several events do not count. After a timeout, only the first
   * half is split further and the rest waits for the next call. So a lock that is held costs one
   * timeout for each split instead of one for each event, and in the end delays only the events
   * that need it.
   *
   * @param listenerPrefix prefix of the ids of the caller's listeners
   * @param batchSize how many events to process at most
   * @param handler runs in the transaction
   * @return whether more events may be due
   */
  public boolean process(String listenerPrefix, int batchSize, Consumer<List<Object>> handler) {
    Pass pass = new Pass(handler);
    int due = processInHalves(() -> lockDue(listenerPrefix, batchSize), pass);
    boolean allFailed = pass.failed.size() > 1 && pass.processed == 0;
    pass.failed.forEach(
        (row, failure) -> recordFailure(row, failure, !allFailed && !isTimeout(failure)));
    return due == batchSize && !allFailed && !pass.timedOut;
  }

  /** The result of processing due events. */
  private static final class Pass {
    final Consumer<List<Object>> handler;
    final Map<Row, RuntimeException> failed = new LinkedHashMap<>();
    int processed;
    boolean timedOut;

    Pass(Consumer<List<Object>> handler) {
      this.handler = handler;
    }
  }

  private int processInHalves(Supplier<List<Row>> lock, Pass pass) {
    List<Row> rows = new ArrayList<>();
    try {
      pass.processed +=
          transactions.run(() -> {
            rows.clear();
            rows.addAll(lock.get());
            return handle(rows, pass.handler);
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
   * @return how many events were processed; events that cannot be deserialized are left out
   */
  private int handle(List<Row> rows, Consumer<List<Object>> handler) {
    List<Object> events = new ArrayList<>();
    List<UUID> processed = new ArrayList<>();
    for (Row row : rows) {
      try {
        events.add(deserialize(row));
        processed.add(row.id());
      } catch (ClassNotFoundException | LinkageError unknown) {
        recordFailure(row, unknown, true);
      } catch (RuntimeException unreadable) {
        recordFailure(row, unreadable, true);
      }
    }
    if (!events.isEmpty()) {
      handler.accept(events);
      int deleted =
          jdbc.sql("delete from shared.event_publication where id = any(?)")
              .param(SqlArrays.uuids(processed))
              .update();
      if (deleted < processed.size()) {
        throw new IllegalStateException("an event is gone and must not take effect again");
      }
    }
    return processed.size();
  }

  private Object deserialize(Row row) throws ClassNotFoundException {
    String type = settings.renamed().getOrDefault(row.type(), row.type());
    return serializer.deserialize(row.event(), ClassUtils.forName(type, null));
  }

  /** Locks due events, and skips those that another instance has locked. */
  private List<Row> lockDue(String listenerPrefix, int limit) {
    return jdbc.sql(
            """
            select id, event_type as type, serialized_event as event from shared.event_publication
            where next_attempt_at <= clock_timestamp() and starts_with(listener_id, ?)
            order by next_attempt_at
            limit ?
            for update skip locked
            """)
        .params(listenerPrefix, limit)
        .query(new SimplePropertyRowMapper<>(Row.class))
        .list();
  }

  private List<Row> lock(List<UUID> ids) {
    return jdbc.sql(
            """
            select id, event_type as type, serialized_event as event from shared.event_publication
            where id = any(?)
            order by next_attempt_at
            for update skip locked
            """)
        .param(SqlArrays.uuids(ids))
        .query(new SimplePropertyRowMapper<>(Row.class))
        .list();
  }

  /**
   * @param counts whether the failure counts as an attempt; the pause is the same
   */
  private void recordFailure(Row row, Throwable failure, boolean counts) {
    String error = failure.toString().replace('\0', ' ');
    boolean dead =
        jdbc.sql(
                """
                update shared.event_publication
                set status = 'FAILED', failures = failures + :one, last_error = :error,
                    next_attempt_at = case when failures + :one < :attempts
                        then clock_timestamp() + interval '2 s' * power(2, failures) end
                where id = :id
                returning next_attempt_at is null
                """)
            .param("one", counts ? 1 : 0)
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
