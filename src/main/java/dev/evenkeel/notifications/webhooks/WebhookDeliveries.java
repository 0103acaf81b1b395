package dev.evenkeel.notifications.webhooks;

import static dev.evenkeel.database.SqlArrays.numbers;
import static dev.evenkeel.database.SqlArrays.texts;
import static dev.evenkeel.database.SqlArrays.uuids;

import dev.evenkeel.database.RetryingTransactions;
import dev.evenkeel.idempotency.Outcome;
import dev.evenkeel.notifications.Notification;
import dev.evenkeel.notifications.Notifications;
import dev.evenkeel.notifications.WebhookDelivery;
import dev.evenkeel.notifications.WebhookProblem;
import dev.evenkeel.notifications.webhooks.DeliveryRules.Step;
import dev.evenkeel.problems.CommonProblem;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.time.OffsetDateTime;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Component;

/**
 * The rows of deliveries, which are the queue: what is due is claimed by putting its next attempt
 * beyond the end of this one. Whoever dies with a claim has only spent an attempt.
 */
@Component
public class WebhookDeliveries {

  /** Longer than an attempt can take. */
  private static final Duration CLAIM = Duration.ofSeconds(60);

  private final JdbcClient jdbc;
  private final RetryingTransactions transactions;

  WebhookDeliveries(JdbcClient jdbc, RetryingTransactions transactions) {
    this.jdbc = jdbc;
    this.transactions = transactions;
  }

  /**
   * What is to be sent by one attempt.
   *
   * @param attempts this one included
   * @param secrets encrypted; the present one first, and the one before while that signs too
   */
  public record Claimed(
      UUID id,
      int attempts,
      UUID endpoint,
      String url,
      List<String> secrets,
      Notification notification) {}

  /** What became of an attempt. */
  public record Tried(Claimed claimed, Step step) {}

  /**
   * Endpoints that something is due for.
   *
   * @param keyIds of the keys that secrets can be decrypted with: without its key an endpoint waits
   */
  public List<UUID> endpointsDue(Set<String> keyIds) {
    return jdbc.sql(
            """
            select id from notifications.webhook_endpoint e
            where status = 'enabled' and split_part(secret, ':', 1) = any(?)
              and exists (
                  select from notifications.webhook_delivery d
                  where d.endpoint = e.id and d.next_attempt_at <= clock_timestamp())
            """)
        .param(texts(keyIds, id -> id))
        .query((row, _) -> row.getObject("id", UUID.class))
        .list();
  }

  /**
   * @param keyIds as above: a secret of before whose key is missing is left out
   */
  public List<Claimed> claim(UUID endpoint, Set<String> keyIds, int limit) {
    return jdbc.sql(
            """
            with due as (
                select id from notifications.webhook_delivery
                where endpoint = ? and next_attempt_at <= clock_timestamp()
                order by next_attempt_at
                limit ?
                for update skip locked
            ), claimed as (
                update notifications.webhook_delivery d
                set attempts = attempts + 1,
                    next_attempt_at = clock_timestamp() + interval '1 ms' * ?
                from due where d.id = due.id
                returning d.id, d.attempts, d.endpoint, d.notification
            )
            select claimed.id as delivery, claimed.attempts, e.id as endpoint, e.url, e.secret,
                   case when e.previous_until > clock_timestamp()
                       and split_part(e.previous_secret, ':', 1) = any(?)
                       then e.previous_secret end as previous,
                   n.*
            from claimed
            join notifications.webhook_endpoint e on e.id = claimed.endpoint
            join notifications.notification n on n.id = claimed.notification
            where e.status = 'enabled'
            """)
        .params(endpoint, limit, CLAIM.toMillis(), texts(keyIds, id -> id))
        .query((row, _) ->
            new Claimed(
                row.getObject("delivery", UUID.class),
                row.getInt("attempts"),
                row.getObject("endpoint", UUID.class),
                row.getString("url"),
                Stream.of(row.getString("secret"), row.getString("previous"))
                    .filter(secret -> secret != null)
                    .toList(),
                Notifications.notification(row)))
        .list();
  }

  /**
   * @param attempts that count
   */
  private record Change(
      Claimed claimed,
      int attempts,
      WebhookDelivery.Status status,
      @Nullable String error,
      @Nullable Long pause) {

    static Change of(Tried tried) {
      Claimed claimed = tried.claimed();
      int attempts = claimed.attempts();
      return switch (tried.step()) {
        case Step.Delivered() ->
            new Change(claimed, attempts, WebhookDelivery.Status.DELIVERED, null, null);
        case Step.TryAgain(String error, Duration pause) ->
            new Change(claimed, attempts, WebhookDelivery.Status.PENDING, error, pause.toMillis());
        case Step.Wait(String error, Duration pause) ->
            new Change(
                claimed, attempts - 1, WebhookDelivery.Status.PENDING, error, pause.toMillis());
        case Step.GiveUp(String error, _) ->
            new Change(claimed, attempts, WebhookDelivery.Status.DEAD, error, null);
      };
    }
  }

  /** In a transaction of its own; only where the attempt is still the latest one. */
  public void apply(List<Tried> tried) {
    List<Change> changes = tried.stream().map(Change::of).toList();
    List<UUID> gone =
        tried.stream()
            .filter(one -> one.step() instanceof Step.GiveUp(_, boolean isGone) && isGone)
            .map(one -> one.claimed().endpoint())
            .toList();
    transactions.run(() -> {
      jdbc.sql(
              """
              update notifications.webhook_endpoint set status = 'disabled'
              where id = any(?) and status = 'enabled'
              """)
          .param(uuids(gone))
          .update();
      return jdbc.sql(
              """
              update notifications.webhook_delivery d
              set status = t.status, attempts = t.counted, last_error = t.error,
                  next_attempt_at = clock_timestamp() + interval '1 ms' * t.pause
              from unnest(?::uuid[], ?::bigint[], ?::bigint[], ?::text[], ?::text[], ?::bigint[])
                  as t(id, attempts, counted, status, error, pause)
              where d.id = t.id and d.attempts = t.attempts and d.status = 'pending'
              """)
          .param(uuids(changes, change -> change.claimed().id()))
          .param(numbers(changes, change -> (long) change.claimed().attempts()))
          .param(numbers(changes, change -> (long) change.attempts()))
          .param(texts(changes, change -> change.status().name().toLowerCase(Locale.ROOT)))
          .param(texts(changes, Change::error))
          .param(numbers(changes, Change::pause))
          .update();
    });
  }

  private static final String SELECT =
      """
      select d.*, n.owner, n.type
      from notifications.webhook_delivery d
      join notifications.notification n on n.id = d.notification
      join notifications.webhook_endpoint e on e.id = d.endpoint and e.status <> 'deleted'
      """;

  /**
   * Newest first.
   *
   * @param after only deliveries with a smaller id
   */
  public List<WebhookDelivery> list(UUID endpoint, UUID after, int limit) {
    return jdbc.sql(SELECT + "where d.endpoint = ? and d.id < ? order by d.id desc limit ?")
        .params(endpoint, after, limit)
        .query((row, _) -> delivery(row))
        .list();
  }

  public Optional<WebhookDelivery> find(UUID id) {
    return jdbc.sql(SELECT + "where d.id = ?")
        .param(id)
        .query((row, _) -> delivery(row))
        .optional();
  }

  /** From the first attempt on, at once. What is pending comes by itself, and is refused. */
  public Outcome<WebhookDelivery> redeliver(UUID id) {
    int begun =
        jdbc.sql(
                """
                update notifications.webhook_delivery
                set status = 'pending', attempts = 0, last_error = null,
                    next_attempt_at = clock_timestamp()
                where id = ? and status <> 'pending'
                """)
            .param(id)
            .update();
    Optional<WebhookDelivery> delivery = find(id);
    if (delivery.isEmpty()) {
      return Outcome.refused(CommonProblem.NOT_FOUND, "Its endpoint has just been deleted.");
    }
    return begun == 0
        ? Outcome.refused(WebhookProblem.DELIVERY_PENDING, "It will be tried by itself.")
        : new Outcome.Done<>(delivery.get());
  }

  private static WebhookDelivery delivery(ResultSet row) throws SQLException {
    OffsetDateTime next = row.getObject("next_attempt_at", OffsetDateTime.class);
    return new WebhookDelivery(
        row.getObject("id", UUID.class),
        row.getString("owner"),
        row.getString("type"),
        WebhookDelivery.Status.valueOf(row.getString("status").toUpperCase(Locale.ROOT)),
        row.getInt("attempts"),
        row.getString("last_error"),
        next == null ? null : next.toInstant());
  }
}
