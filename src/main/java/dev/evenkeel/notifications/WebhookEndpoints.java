package dev.evenkeel.notifications;

import static dev.evenkeel.database.SqlArrays.texts;

import dev.evenkeel.database.Ids;
import dev.evenkeel.database.RetryingTransactions;
import dev.evenkeel.idempotency.IdempotentRequest;
import dev.evenkeel.idempotency.Outcome;
import dev.evenkeel.notifications.webhooks.WebhookAddresses;
import dev.evenkeel.notifications.webhooks.WebhookSecrets;
import dev.evenkeel.problems.CommonProblem;
import dev.evenkeel.problems.Problem;
import dev.evenkeel.problems.StoredProblems;
import java.sql.Array;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.OffsetDateTime;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.UUID;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Component;

/** Owners' webhook endpoints, and their secrets. */
@Component
public class WebhookEndpoints {

  private static final int MOST_PER_OWNER = 20;

  private final JdbcClient jdbc;
  private final RetryingTransactions transactions;
  private final Feed feed;
  private final WebhookAddresses addresses;
  private final WebhookSecrets secrets;
  private final StoredProblems problems;

  WebhookEndpoints(
      JdbcClient jdbc,
      RetryingTransactions transactions,
      Feed feed,
      WebhookAddresses addresses,
      WebhookSecrets secrets,
      StoredProblems problems) {
    this.jdbc = jdbc;
    this.transactions = transactions;
    this.feed = feed;
    this.addresses = addresses;
    this.secrets = secrets;
    this.problems = problems;
  }

  /**
   * @param request by the endpoint's owner
   * @param keySent whether the owner knows the key: a refusal that nobody can ask for is not kept
   * @param types of which it is to hear; null for all
   */
  public record Creation(
      IdempotentRequest request, boolean keySent, String url, @Nullable List<String> types) {}

  /**
   * @param secret which signs what it is sent; shown once, so absent afterwards
   */
  public record WithSecret(WebhookEndpoint endpoint, @Nullable String secret) {}

  /** In a transaction of its own; before it the URL's host is looked up. */
  public Outcome<WithSecret> create(Creation wanted) {
    if (!secrets.isConfigured()) {
      return Outcome.refused(notConfigured());
    }
    List<String> types = wanted.types();
    if (types != null && !allTypes().containsAll(types)) {
      return Outcome.refused(Problem.invalid("types", "must be types of notifications"));
    }
    Optional<Problem> problem = addresses.problemWith(wanted.url());
    if (problem.isPresent() && !problem.get().type().isKept()) {
      return Outcome.refused(problem.get());
    }
    return transactions.run(() -> replay(wanted).orElseGet(() -> decide(wanted, problem)));
  }

  private static Problem notConfigured() {
    return Problem.of(
        WebhookProblem.WEBHOOKS_NOT_CONFIGURED, "This installation takes no webhook endpoints.");
  }

  static List<String> allTypes() {
    return Stream.of(NotificationData.Type.values()).map(NotificationData.Type::value).toList();
  }

  private Optional<Outcome<WithSecret>> replay(Creation wanted) {
    return jdbc.sql(
            "select * from notifications.webhook_endpoint where owner = ? and idempotency_key = ?")
        .params(wanted.request().owner(), wanted.request().key().value())
        .query((row, _) -> replay(row, wanted.request()))
        .optional();
  }

  private Outcome<WithSecret> replay(ResultSet row, IdempotentRequest request) throws SQLException {
    if (!request.isSame(row.getBytes("fingerprint"))) {
      return Outcome.keyReused();
    }
    return switch (row.getString("status")) {
      case "refused" -> new Outcome.Refused<>(problems.read(row.getString("problem")), true);
      // To make it again would undo the deletion.
      case "deleted" ->
          Outcome.refused(Problem.of(CommonProblem.NOT_FOUND, "The endpoint was deleted."));
      default -> new Outcome.Replayed<>(new WithSecret(endpoint(row), null));
    };
  }

  /** Under the lock of the owner's feed: two at once do not both become the twentieth. */
  private Outcome<WithSecret> decide(Creation wanted, Optional<Problem> problem) {
    feed.lock(List.of(wanted.request().owner()));
    long others =
        jdbc.sql(
                "select count(*) from notifications.webhook_endpoint where owner = ? and url is not null")
            .param(wanted.request().owner())
            .query(Long.class)
            .single();
    if (others >= MOST_PER_OWNER) {
      return refuse(
          wanted,
          Problem.of(
              WebhookProblem.TOO_MANY_ENDPOINTS, "There are " + MOST_PER_OWNER + " already."));
    }
    return problem.map(refusal -> refuse(wanted, refusal)).orElseGet(() -> insert(wanted));
  }

  private Outcome<WithSecret> refuse(Creation wanted, Problem problem) {
    if (wanted.keySent()) {
      insert(wanted, Ids.next(), "refused", problems.write(problem), null, null);
    }
    return Outcome.refused(problem);
  }

  private Outcome<WithSecret> insert(Creation wanted) {
    UUID id = Ids.next();
    byte[] secret = secrets.next();
    WebhookEndpoint endpoint =
        insert(wanted, id, "enabled", null, wanted.url(), secrets.encrypted(id, secret));
    return new Outcome.Done<>(new WithSecret(endpoint, WebhookSecrets.shown(secret)));
  }

  private WebhookEndpoint insert(
      Creation wanted,
      UUID id,
      String status,
      @Nullable String problem,
      @Nullable String url,
      @Nullable String secret) {
    return jdbc.sql(
            """
            insert into notifications.webhook_endpoint
                (id, owner, idempotency_key, fingerprint, status, problem, url, types, secret)
            values (?, ?, ?, ?, ?, ?, ?, ?, ?)
            returning *
            """)
        .param(id)
        .param(wanted.request().owner())
        .param(wanted.request().key().value())
        .param(wanted.request().fingerprint().bytes())
        .param(status)
        .param(problem)
        .param(url)
        .param(wanted.types() == null ? null : texts(wanted.types(), type -> type))
        .param(secret)
        .query((row, _) -> endpoint(row))
        .single();
  }

  /** As it is now, whoever owns it. */
  public Optional<WebhookEndpoint> find(UUID id) {
    return jdbc.sql("select * from notifications.webhook_endpoint where id = ? and url is not null")
        .param(id)
        .query((row, _) -> endpoint(row))
        .optional();
  }

  /**
   * Newest first.
   *
   * @param after only endpoints with a smaller id
   */
  public List<WebhookEndpoint> list(String owner, UUID after, int limit) {
    return jdbc.sql(
            """
            select * from notifications.webhook_endpoint
            where owner = ? and id < ? and url is not null
            order by id desc
            limit ?
            """)
        .params(owner, after, limit)
        .query((row, _) -> endpoint(row))
        .list();
  }

  /** What is pending meanwhile waits; what happens meanwhile it never hears of. */
  public Optional<WebhookEndpoint> setStatus(UUID id, WebhookEndpoint.Status status) {
    return jdbc.sql(
            """
            update notifications.webhook_endpoint set status = ?
            where id = ? and url is not null
            returning *
            """)
        .params(status.name().toLowerCase(Locale.ROOT), id)
        .query((row, _) -> endpoint(row))
        .optional();
  }

  /** The secret of before signs too, for another 24 hours. */
  public Outcome<WithSecret> rotateSecret(UUID id) {
    if (!secrets.isConfigured()) {
      return Outcome.refused(notConfigured());
    }
    byte[] secret = secrets.next();
    return jdbc.sql(
            """
            update notifications.webhook_endpoint
            set previous_secret = secret, previous_until = clock_timestamp() + interval '24 hours',
                secret = ?
            where id = ? and url is not null
            returning *
            """)
        .params(secrets.encrypted(id, secret), id)
        .<Outcome<WithSecret>>query((row, _) ->
            new Outcome.Done<>(new WithSecret(endpoint(row), WebhookSecrets.shown(secret))))
        .optional()
        .orElseGet(
            () -> Outcome.refused(CommonProblem.NOT_FOUND, "The endpoint has just been deleted."));
  }

  /**
   * Its key stays used, its deliveries are purged later. Under the lock of the feed: what is
   * appended afterwards makes no delivery for it.
   */
  public void delete(UUID id, String owner) {
    transactions.run(() -> {
      feed.lock(List.of(owner));
      return jdbc.sql(
              """
              update notifications.webhook_endpoint
              set status = 'deleted', url = null, secret = null,
                  previous_secret = null, previous_until = null
              where id = ?
              """)
          .param(id)
          .update();
    });
  }

  private static WebhookEndpoint endpoint(ResultSet row) throws SQLException {
    Array types = row.getArray("types");
    return new WebhookEndpoint(
        row.getObject("id", UUID.class),
        row.getString("owner"),
        row.getString("url"),
        types == null ? allTypes() : List.of((String[]) types.getArray()),
        row.getString("status").equals("enabled")
            ? WebhookEndpoint.Status.ENABLED
            : WebhookEndpoint.Status.DISABLED,
        row.getObject("created_at", OffsetDateTime.class).toInstant());
  }
}
