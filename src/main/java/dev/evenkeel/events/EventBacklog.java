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
import org.springframework.stereotype.Component;
import org.springframework.transaction.CannotCreateTransactionException;
import org.springframework.util.ClassUtils;
import tools.jackson.core.JacksonException;
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

  EventBacklog(
      JdbcClient jdbc, RetryingTransactions transactions, JsonMapper json, EventSettings settings) {
    this.jdbc = jdbc;
    this.transactions = transactions;
    this.json = json;
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
   * <p>An event that cannot be read is retried for ever: it may be of a newer release that was
   * rolled back.
   *
   * @param consumer name of the consumer whose events are processed
   * @param batchSize how many events to process at most
   * @param handler runs in the transaction
   * @return whether more events may be due
   */
  public boolean process(String consumer, int batchSize, Consumer<List<Object>> handler) {
    Pass pass = new Pass(handler);
    int due = processInHalves(() -> lockDue(consumer, batchSize), pass);
    boolean allFailed = pass.failed.size() > 1 && pass.processed == 0;
    pass.failed.forEach((row, failure) ->
        recordFailure(
            row, failure, allFailed || isTimeout(failure) ? Verdict.NO_ATTEMPT : Verdict.ATTEMPT));
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
   * @return how many events were processed; events that cannot be read are left out
   */
  private int handle(List<Row> rows, Consumer<List<Object>> handler) {
    List<Object> events = new ArrayList<>();
    List<UUID> processed = new ArrayList<>();
    for (Row row : rows) {
      try {
        events.add(read(row));
        processed.add(row.id());
      } catch (ClassNotFoundException | LinkageError | JacksonException unreadable) {
        recordFailure(row, unreadable, Verdict.UNREADABLE);
      }
    }
    if (!events.isEmpty()) {
      handler.accept(events);
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

  private Object read(Row row) throws ClassNotFoundException {
    String type = settings.renamed().getOrDefault(row.type(), row.type());
    return json.readValue(row.event(), ClassUtils.forName(type, null));
  }

  /** Locks due events, and skips those that another instance has locked. */
  private List<Row> lockDue(String consumer, int limit) {
    return jdbc.sql(
            """
            select id, type, event from shared.outbox
            where next_attempt_at <= clock_timestamp() and consumer = ?
            order by next_attempt_at
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
            order by next_attempt_at
            for update skip locked
            """)
        .param(SqlArrays.uuids(ids))
        .query(new SimplePropertyRowMapper<>(Row.class))
        .list();
  }

  /** What a failure says about its event. The pause before the next attempt is the same. */
  private enum Verdict {
    /** The event is not at fault. */
    NO_ATTEMPT,
    /** The event may be at fault; after ten attempts it is dead. */
    ATTEMPT,
    /** This release cannot read the event, but another one may. */
    UNREADABLE
  }

  private void recordFailure(Row row, Throwable failure, Verdict verdict) {
    String error = failure.toString().replace('\0', ' ');
    boolean dead =
        jdbc.sql(
                """
                update shared.outbox
                set failures = failures + :one, last_error = :error,
                    next_attempt_at = case when failures + :one < :attempts or :unreadable
                        then clock_timestamp() + interval '2 s' * power(2, least(failures, :attempts - 1)) end
                where id = :id
                returning next_attempt_at is null
                """)
            .param("one", verdict == Verdict.NO_ATTEMPT ? 0 : 1)
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
