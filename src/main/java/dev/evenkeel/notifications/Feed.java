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
 * Appends facts to their owners' feeds, each once, in an order without gaps; and for each endpoint
 * that is to hear of one, a delivery.
 */
@Component
public class Feed {

  private final JdbcClient jdbc;

  Feed(JdbcClient jdbc) {
    this.jdbc = jdbc;
  }

  /**
   * In the caller's transaction, in three statements for any number of facts.
   *
   * @param told in this order; the same twice is told once
   */
  @Transactional(propagation = Propagation.MANDATORY)
  public void append(List<NotificationData> told) {
    List<NotificationData> facts = told.stream().distinct().toList();
    lock(facts.stream().map(NotificationData::owner).distinct().sorted().toList());
    // In a new statement, after the lock: somebody may just have told the same. What is there
    // already gets no number, so that the sequence has no gap.
    jdbc.sql(
            """
            with fresh as (
                select f.*, feed.seq + row_number() over (partition by f.owner order by f.position) as seq
                from unnest(?::uuid[], ?::text[], ?::uuid[], ?::uuid[], ?::text[], ?::text[], ?::uuid[],
                            ?::bigint[], ?::text[], ?::text[], ?::text[], ?::text[], ?::timestamptz[])
                    with ordinality
                    as f(id, owner, event, account, type, subject_kind, subject_id,
                         amount, currency, account_name, counterparty, reason, occurred_at, position)
                join notifications.feed on feed.owner = f.owner
                where not exists (
                    select from notifications.notification n
                    where (n.event, n.account, n.type, n.subject_id)
                        = (f.event, f.account, f.type, f.subject_id))
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
            set seq = told.seq
            from (select owner, max(seq) as seq from inserted group by owner) told
            where feed.owner = told.owner
            """)
        .param(uuids(facts, _ -> Ids.next()))
        .param(texts(facts, NotificationData::owner))
        .param(uuids(facts, NotificationData::event))
        .param(uuids(facts, NotificationData::account))
        .param(texts(facts, fact -> fact.type().value()))
        .param(texts(facts, fact -> fact.type().subjectKind()))
        .param(uuids(facts, NotificationData::subject))
        .param(numbers(facts, fact -> fact.money() == null ? null : fact.money().minorUnits()))
        .param(texts(facts, fact -> fact.money() == null ? null : fact.money().currencyCode()))
        .param(texts(facts, NotificationData::accountName))
        .param(texts(facts, NotificationData::counterparty))
        .param(texts(facts, NotificationData::reason))
        .param(array("timestamptz", facts, fact -> Timestamp.from(fact.occurredAt())))
        .update();
  }

  /**
   * Puts whoever writes to these owners' feeds into an order. Until the transaction ends.
   *
   * @param owners sorted: two that lock the same ones do not wait for each other
   */
  public void lock(List<String> owners) {
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
