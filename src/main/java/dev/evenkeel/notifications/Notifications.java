package dev.evenkeel.notifications;

import static dev.evenkeel.database.SqlArrays.numbers;
import static dev.evenkeel.database.SqlArrays.texts;
import static dev.evenkeel.database.SqlArrays.uuids;

import dev.evenkeel.accounts.AccountId;
import dev.evenkeel.events.EventBacklog;
import dev.evenkeel.money.Money;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.time.OffsetDateTime;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Component;

/** The feeds of owners: list, follow, find and mark as read. */
@Component
public class Notifications {

  private final JdbcClient jdbc;
  private final EventBacklog backlog;

  Notifications(JdbcClient jdbc, EventBacklog backlog) {
    this.jdbc = jdbc;
    this.backlog = backlog;
  }

  /** How long the oldest event has waited to become a notification; zero if none waits. */
  public Duration lag() {
    return backlog.lag(NotificationConsumer.NAME);
  }

  /**
   * How many events were given up, which have not become notifications; counts up to a thousand.
   */
  public int givenUp() {
    return backlog.dead(NotificationConsumer.NAME, 1000);
  }

  /**
   * Lists notifications of all owners, oldest first, except those about transfers and about later
   * decisions of operators. Ids are given before the commit, so one may appear up to five seconds
   * later among those listed before.
   *
   * @param after only notifications with a greater id
   */
  public List<Notification> after(UUID after, int limit) {
    return jdbc.sql(
            """
            select * from notifications.notification
            where id > ? and type not like 'transfer.%' and reason is distinct from 'decided'
            order by id
            limit ?
            """)
        .params(after, limit)
        .query((row, _) -> notification(row))
        .list();
  }

  /**
   * Lists an owner's notifications, newest first.
   *
   * @param account only notifications about this account; null for all accounts
   * @param before only notifications with a smaller sequence
   */
  public List<Notification> feed(
      String owner, @Nullable AccountId account, long before, int limit) {
    return jdbc.sql(
            """
            select * from notifications.notification
            where owner = :owner and seq < :before
              and (cast(:account as uuid) is null or account = :account)
            order by seq desc
            limit :limit
            """)
        .param("owner", owner)
        .param("account", account == null ? null : account.value())
        .param("before", before)
        .param("limit", limit)
        .query((row, _) -> notification(row))
        .list();
  }

  /**
   * Lists notifications about payments, refunds or accounts, oldest first.
   *
   * @param subjects the ids of these, all of this owner
   */
  public List<Notification> about(String owner, Collection<UUID> subjects, int limit) {
    return jdbc.sql(
            """
            select * from notifications.notification
            where subject_id = any(?) and type not like 'transfer.%' and owner = ?
            order by seq
            limit ?
            """)
        .param(uuids(subjects, subject -> subject))
        .params(owner, limit)
        .query((row, _) -> notification(row))
        .list();
  }

  /** A position in an owner's feed: after the notification with this sequence. */
  public record Place(String owner, long after) {}

  /** Returns the current end of the owner's feed. */
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
   * Finds the notifications after each of these places, in order and with one query.
   *
   * @param limit how many at most for each place
   * @return only places that have following notifications
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

  /** Marks one of the owner's notifications as read. The time of the first reading stays. */
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

  private static NotificationText text(ResultSet row) throws SQLException {
    String account = row.getString("account_name");
    Optional<NotificationData.Type> type = NotificationData.Type.of(row.getString("type"));
    if (type.isEmpty()) {
      return NotificationText.ofUnknown(account);
    }
    return NotificationText.of(
        new NotificationData(
            type.get(),
            row.getString("owner"),
            new AccountId(row.getObject("account", UUID.class)),
            account,
            row.getObject("subject_id", UUID.class),
            money(row),
            row.getString("counterparty"),
            row.getString("reason"),
            null));
  }

  private static Notification notification(ResultSet row) throws SQLException {
    NotificationText text = text(row);
    String type = row.getString("type");
    OffsetDateTime readAt = row.getObject("read_at", OffsetDateTime.class);
    return new Notification(
        row.getObject("id", UUID.class),
        row.getLong("seq"),
        new AccountId(row.getObject("account", UUID.class)),
        type,
        text.title(),
        text.body(),
        new Notification.Subject(
            type.substring(0, type.indexOf('.')), row.getObject("subject_id", UUID.class)),
        row.getObject("created_at", OffsetDateTime.class).toInstant(),
        readAt == null ? null : readAt.toInstant());
  }
}
