package dev.evenkeel.notifications;

import static dev.evenkeel.database.SqlArrays.array;
import static dev.evenkeel.database.SqlArrays.numbers;
import static dev.evenkeel.database.SqlArrays.texts;
import static dev.evenkeel.database.SqlArrays.uuids;

import dev.evenkeel.database.Ids;
import java.sql.Timestamp;
import java.util.List;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.jdbc.support.SqlArrayValue;
import org.springframework.stereotype.Component;
import org.springframework.transaction.annotation.Propagation;
import org.springframework.transaction.annotation.Transactional;

/**
 * Appends notifications to the feeds of their owners: each notification once, numbered without
 * gaps. Adds a delivery for every webhook endpoint that wants the notification.
 */
@Component
class Feed {

  private final JdbcClient jdbc;

  Feed(JdbcClient jdbc) {
    this.jdbc = jdbc;
  }

  /**
   * Appends notifications in the given order, with three statements however many there are. Skips
   * those that are in the feed already, so that an event may be processed again.
   */
  @Transactional(propagation = Propagation.MANDATORY)
  void append(List<NotificationData> notifications) {
    List<NotificationData> distinct = notifications.stream().distinct().toList();
    lock(distinct.stream().map(NotificationData::owner).distinct().sorted().toList());
    // A new statement sees what others committed before the lock was granted.
    // Only rows that are not there yet are numbered, so the sequence has no gaps.
    jdbc.sql(
            """
            with fresh as (
                select d.*, feed.seq + row_number() over (partition by d.owner order by d.position) as seq
                from unnest(?::uuid[], ?::text[], ?::uuid[], ?::uuid[], ?::text[], ?::text[], ?::uuid[],
                            ?::bigint[], ?::text[], ?::text[], ?::text[], ?::text[], ?::timestamptz[])
                    with ordinality
                    as d(id, owner, event, account, type, subject_kind, subject_id,
                         amount, currency, account_name, counterparty, reason, occurred_at, position)
                join notifications.feed on feed.owner = d.owner
                where not exists (
                    select from notifications.notification n
                    where (n.event, n.account, n.type, n.subject_id)
                        = (d.event, d.account, d.type, d.subject_id))
            ), inserted as (
                insert into notifications.notification
                    (id, owner, seq, event, account, type, subject_kind, subject_id,
                     amount, currency, account_name, counterparty, reason, occurred_at)
                select id, owner, seq, event, account, type, subject_kind, subject_id,
                       amount, currency, account_name, counterparty, reason, occurred_at
                from fresh
                returning id, owner, seq, type
            ), deliveries as (
                insert into notifications.webhook_delivery (id, endpoint, notification)
                select uuidv7(), endpoint.id, inserted.id
                from inserted
                join notifications.webhook_endpoint endpoint using (owner)
                where endpoint.status = 'enabled'
                  and (endpoint.types is null or inserted.type = any(endpoint.types))
            )
            update notifications.feed
            set seq = last.seq
            from (select owner, max(seq) as seq from inserted group by owner) last
            where feed.owner = last.owner
            """)
        .param(uuids(distinct, _ -> Ids.next()))
        .param(texts(distinct, NotificationData::owner))
        .param(uuids(distinct, NotificationData::event))
        .param(uuids(distinct, data -> data.account().value()))
        .param(texts(distinct, data -> data.type().value()))
        .param(texts(distinct, data -> data.type().subjectKind()))
        .param(uuids(distinct, NotificationData::subject))
        .param(numbers(distinct, data -> data.money() == null ? null : data.money().minorUnits()))
        .param(texts(distinct, data -> data.money() == null ? null : data.money().currencyCode()))
        .param(texts(distinct, NotificationData::accountName))
        .param(texts(distinct, NotificationData::counterparty))
        .param(texts(distinct, NotificationData::reason))
        .param(array("timestamptz", distinct, data -> Timestamp.from(data.occurredAt())))
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
