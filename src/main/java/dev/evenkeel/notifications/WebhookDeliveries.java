package dev.evenkeel.notifications;

import static dev.evenkeel.database.SqlArrays.texts;
import static dev.evenkeel.database.SqlArrays.uuids;

import dev.evenkeel.idempotency.Outcome;
import dev.evenkeel.notifications.webhooks.WebhookProblem;
import dev.evenkeel.notifications.webhooks.WebhookSecrets;
import dev.evenkeel.problems.CommonProblem;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.OffsetDateTime;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Component;

/** The deliveries of notifications to webhook endpoints: list, find and redeliver. */
@Component
public class WebhookDeliveries {

  /** Its first parameter is the ids of the configured encryption keys. */
  private static final String SELECT =
      """
      select d.id, d.notification, d.status, d.attempts, d.next_attempt_at, n.owner, n.type,
             case when d.status = 'pending' and exists (
                     select from notifications.webhook_encryption_key k
                     where k.endpoint = d.endpoint and k.key_id <> all(?))
                 then 'waits for an encryption key that is not configured'
                 else d.last_error end as last_error
      from notifications.webhook_delivery d
      join notifications.notification n on n.id = d.notification
      join notifications.webhook_endpoint e on e.id = d.endpoint and e.status <> 'deleted'
      """;

  private final JdbcClient jdbc;
  private final WebhookSecrets secrets;

  WebhookDeliveries(JdbcClient jdbc, WebhookSecrets secrets) {
    this.jdbc = jdbc;
    this.secrets = secrets;
  }

  /**
   * Lists an endpoint's deliveries, newest first.
   *
   * @param after only deliveries with a smaller id
   */
  public List<WebhookDelivery> list(UUID endpoint, UUID after, int limit) {
    return jdbc.sql(SELECT + "where d.endpoint = ? and d.id < ? order by d.id desc limit ?")
        .params(keyIds(), endpoint, after, limit)
        .query((row, _) -> delivery(row))
        .list();
  }

  /**
   * Finds the deliveries of notifications, oldest first.
   *
   * @return by the notification's id, those that have any
   */
  public Map<UUID, List<WebhookDelivery>> of(Collection<UUID> notifications, int limit) {
    Map<UUID, List<WebhookDelivery>> deliveries = new HashMap<>();
    jdbc.sql(SELECT + "where d.notification = any(?) order by d.id limit ?")
        .params(keyIds(), uuids(notifications, id -> id), limit)
        .query(row -> {
          deliveries
              .computeIfAbsent(row.getObject("notification", UUID.class), _ -> new ArrayList<>())
              .add(delivery(row));
        });
    return deliveries;
  }

  /** Finds a delivery by id, whoever owns it. */
  public Optional<WebhookDelivery> find(UUID id) {
    return jdbc.sql(SELECT + "where d.id = ?")
        .params(keyIds(), id)
        .query((row, _) -> delivery(row))
        .optional();
  }

  private Object keyIds() {
    return texts(secrets.keyIds(), id -> id);
  }

  /**
   * Restarts a delivery with its first attempt, which is due at once. A pending delivery is
   * refused: it is retried automatically.
   */
  public Outcome<WebhookDelivery> redeliver(UUID id) {
    int restarted =
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
      return Outcome.refused(CommonProblem.NOT_FOUND, "The endpoint has been deleted.");
    }
    return restarted == 0
        ? Outcome.refused(
            WebhookProblem.DELIVERY_PENDING,
            "The delivery is pending and is retried automatically.")
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
