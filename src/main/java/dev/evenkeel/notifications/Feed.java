package dev.evenkeel.notifications;

import static dev.evenkeel.database.SqlArrays.numbers;
import static dev.evenkeel.database.SqlArrays.texts;
import static dev.evenkeel.database.SqlArrays.uuids;

import java.util.List;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.jdbc.support.SqlArrayValue;
import org.springframework.stereotype.Component;
import org.springframework.transaction.annotation.Propagation;
import org.springframework.transaction.annotation.Transactional;

/**
 * Appends notifications to the feeds of their owners, numbered without gaps. Webhook endpoints read
 * them from there, each at its own pace.
 */
@Component
class Feed {

  private final JdbcClient jdbc;

  Feed(JdbcClient jdbc) {
    this.jdbc = jdbc;
  }

  /**
   * Appends notifications in the given order, with three statements however many there are. The
   * transaction must also remove their event from the backlog, so that each is appended once.
   */
  @Transactional(propagation = Propagation.MANDATORY)
  void append(List<NotificationData> notifications) {
    lock(notifications.stream().map(NotificationData::owner).distinct().sorted().toList());
    // A new statement sees what others committed before the lock was granted.
    jdbc.sql(
            """
            with inserted as (
                insert into notifications.notification
                    (id, owner, seq, account, type, subject_id, amount, currency, account_name, counterparty, reason,
                     traceparent)
                select uuidv7(), d.owner, feed.seq + row_number() over (partition by d.owner order by d.position),
                       d.account, d.type, d.subject_id, d.amount, d.currency, d.account_name, d.counterparty, d.reason,
                       d.traceparent
                from unnest(?::text[], ?::uuid[], ?::text[], ?::uuid[],
                            ?::bigint[], ?::text[], ?::text[], ?::text[], ?::text[], ?::text[])
                    with ordinality
                    as d(owner, account, type, subject_id,
                         amount, currency, account_name, counterparty, reason, traceparent, position)
                join notifications.feed on feed.owner = d.owner
                returning owner, seq
            )
            update notifications.feed
            set seq = last.seq
            from (select owner, max(seq) as seq from inserted group by owner) last
            where feed.owner = last.owner
            """)
        .param(texts(notifications, NotificationData::owner))
        .param(uuids(notifications, data -> data.account().value()))
        .param(texts(notifications, data -> data.type().value()))
        .param(uuids(notifications, NotificationData::subject))
        .param(
            numbers(notifications, data -> data.money() == null ? null : data.money().minorUnits()))
        .param(
            texts(notifications, data -> data.money() == null ? null : data.money().currencyCode()))
        .param(texts(notifications, NotificationData::accountName))
        .param(texts(notifications, NotificationData::counterparty))
        .param(texts(notifications, NotificationData::reason))
        .param(texts(notifications, NotificationData::traceparent))
        .update();
  }

  /**
   * Locks the owners' feeds until the transaction ends, so that appends to one feed run one after
   * another.
   *
   * @param owners sorted, to avoid deadlocks
   */
  void lock(List<String> owners) {
    SqlArrayValue array = texts(owners, owner -> owner);
    jdbc.sql(
            """
            insert into notifications.feed (owner)
            select * from unnest(?::text[]) as o(owner) order by owner
            on conflict do nothing
            """)
        .param(array)
        .update();
    jdbc.sql("select owner from notifications.feed where owner = any(?) order by owner for update")
        .param(array)
        .query(String.class)
        .list();
  }
}
