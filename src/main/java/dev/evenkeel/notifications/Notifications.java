package dev.evenkeel.notifications;

import dev.evenkeel.money.Money;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Component;

/** Owners' feeds, as they read them. */
@Component
public class Notifications {

  private final JdbcClient jdbc;

  Notifications(JdbcClient jdbc) {
    this.jdbc = jdbc;
  }

  /**
   * Newest first.
   *
   * @param account only what is about this account; null for all of the owner's
   * @param before only notifications with a smaller sequence
   */
  public List<Notification> feed(String owner, @Nullable UUID account, long before, int limit) {
    return jdbc.sql(
            """
            select * from notifications.notification
            where owner = :owner and seq < :before
              and (cast(:account as uuid) is null or account = :account)
            order by seq desc
            limit :limit
            """)
        .param("owner", owner)
        .param("account", account)
        .param("before", before)
        .param("limit", limit)
        .query((row, _) -> notification(row))
        .list();
  }

  /** Of the owner's own; read before, it stays as it is. */
  public Optional<Notification> read(String owner, UUID id) {
    return jdbc.sql(
            """
            update notifications.notification
            set read_at = coalesce(read_at, clock_timestamp())
            where id = ? and owner = ?
            returning *
            """)
        .params(id, owner)
        .query((row, _) -> notification(row))
        .optional();
  }

  private static @Nullable Money money(ResultSet row) throws SQLException {
    String currency = row.getString("currency");
    return currency == null ? null : Money.of(row.getLong("amount"), currency);
  }

  static Notification notification(ResultSet row) throws SQLException {
    Fact fact =
        new Fact(
            row.getObject("event", UUID.class),
            Fact.Type.of(row.getString("type")),
            row.getString("owner"),
            row.getObject("account", UUID.class),
            row.getString("account_name"),
            row.getObject("subject_id", UUID.class),
            money(row),
            row.getString("counterparty"),
            row.getString("reason"),
            row.getObject("occurred_at", OffsetDateTime.class).toInstant());
    Wording wording = Wording.of(fact);
    OffsetDateTime read = row.getObject("read_at", OffsetDateTime.class);
    Instant created = row.getObject("created_at", OffsetDateTime.class).toInstant();
    return new Notification(
        row.getObject("id", UUID.class),
        row.getLong("seq"),
        fact.account(),
        fact.type().value(),
        wording.title(),
        wording.body(),
        new Notification.Subject(fact.type().subjectKind(), fact.subject()),
        created,
        read == null ? null : read.toInstant());
  }
}
