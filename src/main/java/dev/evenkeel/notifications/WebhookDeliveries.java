package dev.evenkeel.notifications;

import dev.evenkeel.idempotency.Outcome;
import dev.evenkeel.notifications.webhooks.WebhookProblem;
import dev.evenkeel.problems.CommonProblem;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.OffsetDateTime;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.UUID;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Component;

/** The deliveries of notifications to webhook endpoints: list, find and redeliver. */
@Component
public class WebhookDeliveries {

  private static final String SELECT =
      """
      select d.*, n.owner, n.type
      from notifications.webhook_delivery d
      join notifications.notification n on n.id = d.notification
      join notifications.webhook_endpoint e on e.id = d.endpoint and e.status <> 'deleted'
      """;

  private final JdbcClient jdbc;

  WebhookDeliveries(JdbcClient jdbc) {
    this.jdbc = jdbc;
  }

  /**
   * Lists an endpoint's deliveries, newest first.
   *
   * @param after only deliveries with a smaller id
   */
  public List<WebhookDelivery> list(UUID endpoint, UUID after, int limit) {
    return jdbc.sql(SELECT + "where d.endpoint = ? and d.id < ? order by d.id desc limit ?")
        .params(endpoint, after, limit)
        .query((row, _) -> delivery(row))
        .list();
  }

  /** Finds a delivery by id, whoever owns it. */
  public Optional<WebhookDelivery> find(UUID id) {
    return jdbc.sql(SELECT + "where d.id = ?")
        .param(id)
        .query((row, _) -> delivery(row))
        .optional();
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
