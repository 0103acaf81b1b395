package dev.evenkeel.notifications.webhooks;

import static dev.evenkeel.database.SqlArrays.numbers;
import static dev.evenkeel.database.SqlArrays.texts;
import static dev.evenkeel.database.SqlArrays.uuids;

import dev.evenkeel.database.RetryingTransactions;
import dev.evenkeel.notifications.webhooks.DeliveryDecision.Delivered;
import dev.evenkeel.notifications.webhooks.DeliveryDecision.GiveUp;
import dev.evenkeel.notifications.webhooks.DeliveryDecision.Postpone;
import dev.evenkeel.notifications.webhooks.DeliveryDecision.Retry;
import dev.evenkeel.observability.TracePropagation;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Component;

/**
 * The queue of deliveries, in PostgreSQL. An instance claims a due delivery by moving its next
 * attempt beyond the end of this one. If the instance dies, the delivery is due again after {@link
 * #CLAIM_TIMEOUT}, and only the attempt is lost.
 */
@Component
class DeliveryRepository {

  /** Longer than an attempt can take. */
  private static final Duration CLAIM_TIMEOUT = Duration.ofSeconds(60);

  private static final Logger log = LoggerFactory.getLogger(DeliveryRepository.class);

  private final JdbcClient jdbc;
  private final RetryingTransactions transactions;
  private final FanOut fanOut;
  private final TracePropagation traces;

  DeliveryRepository(
      JdbcClient jdbc, RetryingTransactions transactions, FanOut fanOut, TracePropagation traces) {
    this.jdbc = jdbc;
    this.transactions = transactions;
    this.fanOut = fanOut;
    this.traces = traces;
  }

  /**
   * Finds the endpoints to which deliveries can be sent. Steps through the index from one endpoint
   * with a due delivery to the next, so the number of other endpoints and deliveries hardly
   * matters.
   *
   * @param keyIds the available encryption keys, see {@link #claim}
   */
  List<UUID> findDueEndpoints(Set<String> keyIds) {
    return jdbc.sql(
            """
            with recursive due as (
                (select endpoint from notifications.webhook_delivery
                 where next_attempt_at <= statement_timestamp()
                 order by endpoint
                 limit 1)
                union all
                select (select d.endpoint from notifications.webhook_delivery d
                        where d.endpoint > due.endpoint and d.next_attempt_at <= statement_timestamp()
                        order by d.endpoint
                        limit 1)
                from due where due.endpoint is not null
            )
            select e.id from notifications.webhook_endpoint e
            where e.id = any(array(select endpoint from due)) and e.status = 'enabled'
              and not exists (
                  select from notifications.webhook_encryption_key k
                  where k.endpoint = e.id and k.key_id <> all(?))
            """)
        .param(texts(keyIds, id -> id))
        .query((row, _) -> row.getObject("id", UUID.class))
        .list();
  }

  /**
   * Claims due deliveries of the endpoint while it is enabled, except those that another instance
   * is claiming. A delivery that is due after its last attempt was interrupted in it, and is dead.
   *
   * @param keyIds the available encryption keys; an endpoint waits if one of its valid secrets
   *     needs another key, since its receiver may know only that secret
   */
  List<ClaimedDelivery> claim(UUID endpoint, Set<String> keyIds, int limit) {
    List<ClaimedDelivery> due =
        jdbc.sql(
                """
                with due as (
                    select d.id, d.attempts from notifications.webhook_delivery d
                    join notifications.webhook_endpoint e on e.id = d.endpoint and e.status = 'enabled'
                    where d.endpoint = ? and d.next_attempt_at <= statement_timestamp()
                      and not exists (
                          select from notifications.webhook_encryption_key k
                          where k.endpoint = e.id and k.key_id <> all(?))
                    order by d.next_attempt_at
                    limit ?
                    for update of d skip locked
                ), interrupted as (
                    update notifications.webhook_delivery d
                    set status = 'dead', last_error = 'the last attempt was interrupted',
                        next_attempt_at = null
                    from due where d.id = due.id and due.attempts >= ?
                    returning d.id, d.attempts + 1 as attempts, d.endpoint, d.notification
                ), claimed as (
                    update notifications.webhook_delivery d
                    set attempts = d.attempts + 1,
                        next_attempt_at = clock_timestamp() + interval '1 ms' * ?
                    from due where d.id = due.id and due.attempts < ?
                    returning d.id, d.attempts, d.endpoint, d.notification
                )
                select claimed.id as delivery, claimed.attempts, e.id as endpoint, e.url,
                       e.secret || array(
                           select p.secret from notifications.webhook_previous_secret p
                           where p.endpoint = e.id and p.valid_until > clock_timestamp()
                           order by p.valid_until desc) as secrets,
                       n.id, n.seq, n.account, n.type, split_part(n.type, '.', 1) as subject_kind, n.subject_id, n.created_at,
                       n.traceparent
                from (select * from claimed union all select * from interrupted) claimed
                join notifications.webhook_endpoint e on e.id = claimed.endpoint
                join notifications.notification n on n.id = claimed.notification
                """)
            .params(
                endpoint,
                texts(keyIds, id -> id),
                limit,
                DeliveryRules.MAX_ATTEMPTS,
                CLAIM_TIMEOUT.toMillis(),
                DeliveryRules.MAX_ATTEMPTS)
            .query((row, _) -> claimed(row))
            .list();
    due.stream()
        .filter(DeliveryRepository::wasInterrupted)
        .forEach(it ->
            traces.run(
                "webhooks.interrupted",
                it.traceparent(),
                () ->
                    log.warn(
                        "Delivery {} to endpoint {} is dead: the last attempt was interrupted",
                        it.id(),
                        it.endpoint())));
    return due.stream().filter(it -> !wasInterrupted(it)).toList();
  }

  /** There is no attempt after the last one. */
  private static boolean wasInterrupted(ClaimedDelivery due) {
    return due.attempt() > DeliveryRules.MAX_ATTEMPTS;
  }

  private static ClaimedDelivery claimed(ResultSet row) throws SQLException {
    return new ClaimedDelivery(
        row.getObject("delivery", UUID.class),
        row.getInt("attempts"),
        row.getObject("endpoint", UUID.class),
        row.getString("url"),
        List.of((String[]) row.getArray("secrets").getArray()),
        payload(row),
        row.getString("traceparent"));
  }

  private static WebhookPayload payload(ResultSet row) throws SQLException {
    String type = row.getString("type");
    Instant createdAt = row.getObject("created_at", OffsetDateTime.class).toInstant();
    return new WebhookPayload(
        type,
        createdAt,
        new WebhookPayload.Data(
            row.getObject("id", UUID.class),
            row.getLong("seq"),
            row.getObject("account", UUID.class),
            type,
            new WebhookPayload.Subject(
                row.getString("subject_kind"), row.getObject("subject_id", UUID.class)),
            createdAt));
  }

  /** An attempt and the decision that follows. */
  record Attempt(ClaimedDelivery delivery, DeliveryDecision decision) {}

  /**
   * New values of a delivery's columns.
   *
   * @param attempts how many attempts count
   * @param pauseMillis until the next attempt; null if there is none
   */
  private record Update(
      ClaimedDelivery delivery,
      String status,
      int attempts,
      @Nullable String error,
      @Nullable Long pauseMillis) {

    static Update of(Attempt attempt) {
      ClaimedDelivery delivery = attempt.delivery();
      int number = delivery.attempt();
      return switch (attempt.decision()) {
        case Delivered() -> new Update(delivery, "delivered", number, null, null);
        case Retry(String error, Duration pause) ->
            new Update(delivery, "pending", number, error, pause.toMillis());
        case Postpone(String error, Duration pause) ->
            new Update(delivery, "pending", number - 1, error, pause.toMillis());
        case GiveUp(String error, _) -> new Update(delivery, "dead", number, error, null);
      };
    }
  }

  /**
   * Saves the outcome of attempts, in a transaction of its own. A delivery that was claimed again
   * in the meantime is left to the later attempt.
   */
  void save(List<Attempt> attempts) {
    List<Update> updates = attempts.stream().map(Update::of).toList();
    transactions.run(() -> {
      attempts.stream()
          .filter(attempt -> attempt.decision() instanceof GiveUp(_, boolean gone) && gone)
          .map(attempt -> attempt.delivery().endpoint())
          .distinct()
          .forEach(fanOut::disable);
      return jdbc.sql(
              """
              update notifications.webhook_delivery d
              set status = u.status, attempts = u.counted, last_error = u.error,
                  next_attempt_at = clock_timestamp() + interval '1 ms' * u.pause
              from unnest(?::uuid[], ?::bigint[], ?::bigint[], ?::text[], ?::text[], ?::bigint[])
                  as u(id, attempt, counted, status, error, pause)
              where d.id = u.id and d.attempts = u.attempt and d.status = 'pending'
              """)
          .param(uuids(updates, update -> update.delivery().id()))
          .param(numbers(updates, update -> (long) update.delivery().attempt()))
          .param(numbers(updates, update -> (long) update.attempts()))
          .param(texts(updates, Update::status))
          .param(texts(updates, Update::error))
          .param(numbers(updates, Update::pauseMillis))
          .update();
    });
  }
}
