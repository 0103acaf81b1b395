package dev.evenkeel.notifications;

import static dev.evenkeel.database.SqlArrays.numbers;
import static dev.evenkeel.database.SqlArrays.texts;

import dev.evenkeel.money.Money;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.OffsetDateTime;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
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

  /** A place in an owner's feed: after the notification with this sequence. */
  public record Place(String owner, long after) {}

  /** The end of the owner's feed. */
  public Place end(String owner) {
    long sequence =
        jdbc.sql("select seq from notifications.feed where owner = ?")
            .param(owner)
            .query(Long.class)
            .optional()
            .orElse(0L);
    return new Place(owner, sequence);
  }

  /**
   * What follows these places, of all feeds in one query; in order, at most so many of each.
   *
   * @return without the places that nothing follows
   */
  public Map<Place, List<Notification>> following(Set<Place> places, int limit) {
    Map<Place, List<Notification>> following = new HashMap<>();
    jdbc.sql(
            """
            select place.after, n.*
            from unnest(?::text[], ?::bigint[]) as place(owner, after)
            cross join lateral (
                select * from notifications.notification
                where owner = place.owner and seq > place.after
                order by seq
                limit ?) n
            order by n.seq
            """)
        .param(texts(places, Place::owner))
        .param(numbers(places, Place::after))
        .param(limit)
        .query(row -> {
          following
              .computeIfAbsent(
                  new Place(row.getString("owner"), row.getLong("after")), _ -> new ArrayList<>())
              .add(notification(row));
        });
    return following;
  }

  /** Of the owner's own. */
  public Optional<Notification> find(String owner, UUID id) {
    return jdbc.sql("select * from notifications.notification where id = ? and owner = ?")
        .params(id, owner)
        .query((row, _) -> notification(row))
        .optional();
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

  private static NotificationText wording(ResultSet row) throws SQLException {
    String account = row.getString("account_name");
    Optional<NotificationData.Type> type = NotificationData.Type.of(row.getString("type"));
    if (type.isEmpty()) {
      return NotificationText.ofUnknown(account);
    }
    return NotificationText.of(
        new NotificationData(
            row.getObject("event", UUID.class),
            type.get(),
            row.getString("owner"),
            row.getObject("account", UUID.class),
            account,
            row.getObject("subject_id", UUID.class),
            money(row),
            row.getString("counterparty"),
            row.getString("reason"),
            row.getObject("occurred_at", OffsetDateTime.class).toInstant()));
  }

  public static Notification notification(ResultSet row) throws SQLException {
    NotificationText wording = wording(row);
    OffsetDateTime read = row.getObject("read_at", OffsetDateTime.class);
    return new Notification(
        row.getObject("id", UUID.class),
        row.getLong("seq"),
        row.getObject("account", UUID.class),
        row.getString("type"),
        wording.title(),
        wording.body(),
        new Notification.Subject(
            row.getString("subject_kind"), row.getObject("subject_id", UUID.class)),
        row.getObject("created_at", OffsetDateTime.class).toInstant(),
        read == null ? null : read.toInstant());
  }
}
