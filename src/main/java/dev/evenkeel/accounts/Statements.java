package dev.evenkeel.accounts;

import java.sql.Timestamp;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.List;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Component;

/** Reads the entries of an account. */
@Component
public class Statements {

  private final JdbcClient jdbc;

  Statements(JdbcClient jdbc) {
    this.jdbc = jdbc;
  }

  /**
   * Newest first, by sequence: stable while entries arrive.
   *
   * @param from inclusive, by the time of posting; null from the beginning
   * @param to exclusive; null without end
   * @param before only entries with a smaller sequence
   */
  public List<Entry> entries(
      UUID account, @Nullable Instant from, @Nullable Instant to, long before, int limit) {
    return jdbc.sql(
            """
            select e.id, e.seq, e.transfer, e.amount, e.balance_after, t.description, e.posted_at
            from accounts.entry e
            join accounts.transfer t on t.id = e.transfer
            where e.account = :account and e.seq < :before
              and e.posted_at >= coalesce(cast(:from as timestamptz), '-infinity') and e.posted_at < coalesce(cast(:to as timestamptz), 'infinity')
            order by e.seq desc
            limit :limit
            """)
        .param("account", account)
        .param("before", before)
        .param("from", timestamp(from))
        .param("to", timestamp(to))
        .param("limit", limit)
        .query((row, _) ->
            new Entry(
                row.getObject("id", UUID.class),
                row.getLong("seq"),
                row.getObject("transfer", UUID.class),
                row.getLong("amount"),
                row.getLong("balance_after"),
                row.getString("description"),
                row.getObject("posted_at", OffsetDateTime.class).toInstant()))
        .list();
  }

  private static @Nullable Timestamp timestamp(@Nullable Instant time) {
    return time == null ? null : Timestamp.from(time);
  }
}
