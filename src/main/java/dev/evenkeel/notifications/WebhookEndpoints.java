package dev.evenkeel.notifications;

import static dev.evenkeel.database.SqlArrays.texts;

import dev.evenkeel.database.RetryingTransactions;
import dev.evenkeel.idempotency.Outcome;
import dev.evenkeel.notifications.webhooks.FanOut;
import dev.evenkeel.notifications.webhooks.WebhookProblem;
import dev.evenkeel.notifications.webhooks.WebhookSecrets;
import dev.evenkeel.problems.CommonProblem;
import dev.evenkeel.problems.Problem;
import java.sql.Array;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.OffsetDateTime;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Component;

/** The webhook endpoints of owners: find, change and delete them, rotate their secrets. */
@Component
public class WebhookEndpoints {

  private static final int MAX_PREVIOUS_SECRETS = 10;

  /** Its first parameter is the ids of the configured encryption keys. */
  private static final String SELECT =
      """
      select e.*,
             case when e.status = 'enabled' and exists (
                     select from notifications.webhook_encryption_key k
                     where k.endpoint = e.id and k.key_id <> all(?))
                 then 'an encryption key is not configured' end as waits
      from notifications.webhook_endpoint e
      """;

  private final JdbcClient jdbc;
  private final RetryingTransactions transactions;
  private final FanOut fanOut;
  private final WebhookSecrets secrets;

  WebhookEndpoints(
      JdbcClient jdbc, RetryingTransactions transactions, FanOut fanOut, WebhookSecrets secrets) {
    this.jdbc = jdbc;
    this.transactions = transactions;
    this.fanOut = fanOut;
    this.secrets = secrets;
  }

  /**
   * An endpoint with its new signing secret.
   *
   * @param secret shown only once, so null in a replay
   */
  public record WithSecret(WebhookEndpoint endpoint, @Nullable String secret) {}

  static Problem notConfigured() {
    return Problem.of(
        WebhookProblem.WEBHOOKS_NOT_CONFIGURED,
        "Webhooks are not configured on this installation.");
  }

  static Problem deleted() {
    return Problem.of(CommonProblem.NOT_FOUND, "The endpoint has been deleted.");
  }

  static List<String> allTypes() {
    return Stream.of(NotificationData.Type.values()).map(NotificationData.Type::value).toList();
  }

  /** Finds an endpoint by id, whoever owns it. */
  public Optional<WebhookEndpoint> find(UUID id) {
    return jdbc.sql(SELECT + "where id = ? and url is not null")
        .param(texts(secrets.keyIds(), key -> key))
        .param(id)
        .query((row, _) -> endpoint(row, row.getString("waits")))
        .optional();
  }

  /**
   * Lists the owner's endpoints, newest first.
   *
   * @param after only endpoints with a smaller id
   */
  public List<WebhookEndpoint> list(String owner, UUID after, int limit) {
    return jdbc.sql(
            SELECT
                + """
                where owner = ? and id < ? and url is not null
                order by id desc
                limit ?
                """)
        .param(texts(secrets.keyIds(), key -> key))
        .params(owner, after, limit)
        .query((row, _) -> endpoint(row, row.getString("waits")))
        .list();
  }

  /**
   * Enables or disables an endpoint. While it is disabled, deliveries of earlier notifications
   * wait, and new notifications are not sent to it at all.
   */
  public Optional<WebhookEndpoint> setStatus(UUID id, WebhookEndpoint.Status status) {
    return transactions.run(() -> {
      switch (status) {
        case ENABLED -> fanOut.enable(id);
        case DISABLED -> fanOut.disable(id);
      }
      return find(id);
    });
  }

  /**
   * Gives the endpoint a new secret. Each replaced secret stays valid for 24 hours. So a rotation
   * whose response was lost can be repeated: the secret that the receiver knows still signs.
   */
  public Outcome<WithSecret> rotateSecret(UUID id) {
    if (!secrets.isConfigured()) {
      return Outcome.refused(notConfigured());
    }
    return transactions.run(() -> lock(id) ? rotate(id) : Outcome.refused(deleted()));
  }

  private boolean lock(UUID id) {
    return jdbc.sql(
            """
            select id from notifications.webhook_endpoint
            where id = ? and url is not null
            for no key update
            """)
        .param(id)
        .query(UUID.class)
        .optional()
        .isPresent();
  }

  private Outcome<WithSecret> rotate(UUID id) {
    long previous =
        jdbc.sql(
                """
                select count(*) from notifications.webhook_previous_secret
                where endpoint = ? and valid_until > clock_timestamp()
                """)
            .param(id)
            .query(Long.class)
            .single();
    if (previous >= MAX_PREVIOUS_SECRETS) {
      return Outcome.refused(
          WebhookProblem.TOO_MANY_SECRETS,
          MAX_PREVIOUS_SECRETS + " replaced secrets of this endpoint are still valid.");
    }
    byte[] secret = secrets.generate();
    WebhookEndpoint endpoint =
        jdbc.sql(
                """
                with replaced as (
                    insert into notifications.webhook_previous_secret (endpoint, secret, valid_until)
                    select id, secret, clock_timestamp() + interval '24 hours'
                    from notifications.webhook_endpoint where id = ?
                )
                update notifications.webhook_endpoint set secret = ? where id = ?
                returning *
                """)
            .params(id, secrets.encrypt(id, secret), id)
            .query((row, _) -> endpoint(row))
            .single();
    return new Outcome.Done<>(new WithSecret(endpoint, WebhookSecrets.format(secret)));
  }

  /**
   * Deletes an endpoint. Its row stays, so that its idempotency key stays used; its deliveries are
   * purged later.
   */
  public void delete(UUID id) {
    transactions.run(() -> {
      jdbc.sql(
              """
              update notifications.webhook_endpoint
              set status = 'deleted', url = null, secret = null, fan_out_end = null
              where id = ?
              """)
          .param(id)
          .update();
      return jdbc.sql("delete from notifications.webhook_previous_secret where endpoint = ?")
          .param(id)
          .update();
    });
  }

  static WebhookEndpoint endpoint(ResultSet row) throws SQLException {
    return endpoint(row, null);
  }

  private static WebhookEndpoint endpoint(ResultSet row, @Nullable String waits)
      throws SQLException {
    Array types = row.getArray("types");
    return new WebhookEndpoint(
        row.getObject("id", UUID.class),
        row.getString("owner"),
        row.getString("url"),
        types == null ? allTypes() : List.of((String[]) types.getArray()),
        row.getString("status").equals("enabled")
            ? WebhookEndpoint.Status.ENABLED
            : WebhookEndpoint.Status.DISABLED,
        row.getObject("created_at", OffsetDateTime.class).toInstant(),
        waits);
  }
}
