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
 * The events that are published and not yet taken in. Spring Modulith stores each in the
 * transaction that publishes it; it leaves the table in the transaction that takes it in. So what
 * dies half-way is still there, and two instances never take the same.
 */
@Component
public class EventBacklog {

  private static final Logger log = LoggerFactory.getLogger(EventBacklog.class);

  private static final int LONGEST_ERROR = 500;

  /** The last one comes a good quarter of an hour after the first: the pauses double from 2 s. */
  private static final int ATTEMPTS = 10;

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
   * Takes in what is due, the oldest first, and as much as one transaction holds. Where that fails,
   * it is tried again in halves, so that one that is poisonous fails alone; it comes again later,
   * and meanwhile the others have their turn.
   *
   * <p>Not the events' fault, and no attempt, is a lost connection; that all of several fail; and a
   * timeout. After one only first halves are tried, and the rest waits for the next pass: whoever
   * holds a lock costs a few seconds, not one for each event, and in the end keeps back only its
   * own.
   *
   * @param listeners how the ids of the caller's listeners begin
   * @param atOnce how many in one transaction
   * @param intake takes part in the transaction
   * @return whether more may be due
   */
  public boolean take(String listeners, int atOnce, Consumer<List<Object>> intake) {
    Pass pass = new Pass(intake);
    int due = take(() -> lockDue(listeners, atOnce), pass);
    boolean all = pass.failed.size() > 1 && pass.takenIn == 0;
    pass.failed.forEach((row, failure) -> failed(row, failure, !all && !tookTooLong(failure)));
    return due == atOnce && !all && !pass.tookTooLong;
  }

  /** What became of what was due. */
  private static final class Pass {
    final Consumer<List<Object>> intake;
    final Map<Row, RuntimeException> failed = new LinkedHashMap<>();
    int takenIn;
    boolean tookTooLong;

    Pass(Consumer<List<Object>> intake) {
      this.intake = intake;
    }
  }

  private int take(Supplier<List<Row>> lock, Pass pass) {
    List<Row> rows = new ArrayList<>();
    try {
      pass.takenIn +=
          transactions.run(() -> {
            rows.clear();
            rows.addAll(lock.get());
            return takeIn(rows, pass.intake);
          });
    } catch (CannotCreateTransactionException notBegun) {
      throw notBegun;
    } catch (RuntimeException failure) {
      if (rows.isEmpty() || SqlState.isConnectionLost(failure)) {
        throw failure;
      }
      pass.tookTooLong |= tookTooLong(failure);
      if (rows.size() == 1) {
        pass.failed.put(rows.getFirst(), failure);
      } else {
        List<UUID> ids = rows.stream().map(Row::id).toList();
        int half = ids.size() / 2;
        take(() -> lock(ids.subList(0, half)), pass);
        if (!pass.tookTooLong) {
          take(() -> lock(ids.subList(half, ids.size())), pass);
        }
      }
    }
    return rows.size();
  }

  /** Somebody else held a lock, or the database was slow. */
  private static boolean tookTooLong(RuntimeException failure) {
    return SqlState.of(failure) == SqlState.TIMED_OUT;
  }

  /**
   * @return how many could be read, and were taken in
   */
  private int takeIn(List<Row> rows, Consumer<List<Object>> intake) {
    List<Object> events = new ArrayList<>();
    List<UUID> done = new ArrayList<>();
    for (Row row : rows) {
      try {
        events.add(read(row));
        done.add(row.id());
      } catch (ClassNotFoundException | LinkageError unknown) {
        failed(row, unknown, true);
      } catch (RuntimeException unreadable) {
        failed(row, unreadable, true);
      }
    }
    if (!events.isEmpty()) {
      intake.accept(events);
      jdbc.sql("delete from shared.event_publication where id = any(?)")
          .param(SqlArrays.uuids(done))
          .update();
    }
    return done.size();
  }

  private Object read(Row row) throws ClassNotFoundException {
    String type = settings.renamed().getOrDefault(row.type(), row.type());
    return serializer.deserialize(row.event(), ClassUtils.forName(type, null));
  }

  /** What another instance has its hands on is passed over. */
  private List<Row> lockDue(String listeners, int limit) {
    return jdbc.sql(
            """
            select id, event_type as type, serialized_event as event from shared.event_publication
            where next_attempt_at <= clock_timestamp() and starts_with(listener_id, ?)
            order by next_attempt_at
            limit ?
            for update skip locked
            """)
        .params(listeners, limit)
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
   * @param counts whether it was an attempt; the pause is the same
   */
  private void failed(Row row, Throwable failure, boolean counts) {
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
            .param("error", error.substring(0, Math.min(error.length(), LONGEST_ERROR)))
            .param("attempts", ATTEMPTS)
            .param("id", row.id())
            .query(Boolean.class)
            .optional()
            .orElse(false);
    if (dead) {
      log.error("Event {} of {} is given up, an operator has to look", row.id(), row.type());
    }
    log.warn("Event {} of {} was not taken in: {}", row.id(), row.type(), error);
  }
}
