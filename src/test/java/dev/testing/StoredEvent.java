package dev.testing;

import java.util.UUID;
import org.springframework.jdbc.core.simple.JdbcClient;

/** An event of the outbox for a consumer that does not exist. */
public final class StoredEvent {

  private StoredEvent() {}

  /** Stores an event that has failed too often. */
  public static UUID dead(JdbcClient jdbc, String type, String error) {
    return store(jdbc, type, "null", error);
  }

  /**
   * Stores an event.
   *
   * @param nextAttempt as SQL
   * @param error of ten attempts; if empty, there was no attempt
   */
  public static UUID store(JdbcClient jdbc, String type, String nextAttempt, String error) {
    UUID id = UUID.randomUUID();
    jdbc.sql(
            """
            insert into shared.outbox (id, consumer, type, event, next_attempt_at, failures, last_error)
            values (?, 'nobody', ?, '{}', %s, ?, nullif(?, ''))
            """
                .formatted(nextAttempt))
        .params(id, type, error.isEmpty() ? 0 : 10, error)
        .update();
    return id;
  }
}
