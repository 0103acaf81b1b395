package dev.evenkeel.notifications;

import static dev.evenkeel.database.SqlArrays.texts;

import dev.evenkeel.database.ConcurrentRequestException;
import dev.evenkeel.database.Ids;
import dev.evenkeel.database.RetryingTransactions;
import dev.evenkeel.idempotency.Fingerprint;
import dev.evenkeel.idempotency.IdempotentRequest;
import dev.evenkeel.idempotency.Outcome;
import dev.evenkeel.notifications.webhooks.WebhookAddresses;
import dev.evenkeel.notifications.webhooks.WebhookProblem;
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

/** The webhook endpoints of owners: create, find, change and delete them, rotate their secrets. */
@Component
public class WebhookEndpoints {

  private static final int MAX_PER_OWNER = 20;
  private static final int MAX_PREVIOUS_SECRETS = 10;

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
   * A request to create an endpoint.
   *
   * @param keySent whether the caller sent the idempotency key; a refusal is stored only then,
   *     because without the key nobody can ask for it again
   * @param types the notification types to send; null for all
   */
  public record Creation(
      IdempotentRequest request, boolean keySent, String url, @Nullable List<String> types) {}

  /**
   * An endpoint with its new signing secret.
   *
   * @param secret shown only once, so null in a replay
   */
  public record WithSecret(WebhookEndpoint endpoint, @Nullable String secret) {}

  /**
   * Creates an endpoint. Its host is looked up in DNS, which is slow, between two transactions: the
   * first one answers requests that need no lookup, the second one creates the endpoint.
   */
  public Outcome<WithSecret> create(Creation creation) {
    if (!secrets.isConfigured()) {
      return Outcome.refused(notConfigured());
    }
    List<String> types = creation.types();
    if (types != null && !allTypes().containsAll(types)) {
      return Outcome.refused(Problem.invalid("types", "must contain notification types only"));
    }
    Optional<Problem> problem = addresses.problemWithUrl(creation.url());
    if (problem.isPresent() && !problem.get().type().isKept()) {
      return Outcome.refused(problem.get());
    }
    return transactions
        .run(() -> withoutEndpoint(creation, problem))
        .orElseGet(() -> createAfterLookup(creation));
  }

  private Outcome<WithSecret> createAfterLookup(Creation creation) {
    Optional<Problem> problem =
        addresses.problemWithHost(creation.url(), creation.request().owner());
    if (problem.isPresent() && !problem.get().type().isKept()) {
      return Outcome.refused(problem.get());
    }
    return transactions.run(
        () -> withoutEndpoint(creation, problem).orElseGet(() -> insert(creation)));
  }

  /** The outcome of a request that creates no endpoint: a replay or a refusal. */
  private Optional<Outcome<WithSecret>> withoutEndpoint(
      Creation creation, Optional<Problem> problem) {
    return replay(creation.request())
        .or(() ->
            limitReached(creation).or(() -> problem).map(refusal -> refuse(creation, refusal)));
  }

  private static Problem notConfigured() {
    return Problem.of(
        WebhookProblem.WEBHOOKS_NOT_CONFIGURED,
        "Webhooks are not configured on this installation.");
  }

  private static Problem deleted() {
    return Problem.of(CommonProblem.NOT_FOUND, "The endpoint has been deleted.");
  }

  static List<String> allTypes() {
    return Stream.of(NotificationData.Type.values()).map(NotificationData.Type::value).toList();
  }

  private record Earlier(UUID id, String status, byte[] fingerprint, @Nullable String problem) {}

  private Optional<Outcome<WithSecret>> replay(IdempotentRequest request) {
    return jdbc.sql(
            """
            select id, status, fingerprint, problem from notifications.webhook_endpoint
            where owner = ? and idempotency_key = ?
            """)
        .params(request.owner(), request.key().value())
        .query(Earlier.class)
        .optional()
        .map(earlier -> replay(earlier, request));
  }

  private Outcome<WithSecret> replay(Earlier earlier, IdempotentRequest request) {
    if (earlier.status().equals("deleted") && request.isSame(earlier.fingerprint())) {
      // Creating it again would undo the deletion.
      return Outcome.refused(deleted());
    }
    return Outcome.replay(
        request.fingerprint(),
        Fingerprint.ofStored(earlier.fingerprint()),
        earlier.problem() == null ? null : problems.read(earlier.problem()),
        () ->
            new WithSecret(
                find(earlier.id()).orElseThrow(WebhookEndpoints::deletedMeanwhile), null));
  }

  /** The transaction runs again, and finds the deletion. */
  private static ConcurrentRequestException deletedMeanwhile() {
    return new ConcurrentRequestException("the endpoint was deleted in the meantime");
  }

  /** Locks the owner's feed, so that concurrent requests cannot exceed the limit. */
  private Optional<Problem> limitReached(Creation creation) {
    feed.lock(List.of(creation.request().owner()));
    long existing =
        jdbc.sql(
                "select count(*) from notifications.webhook_endpoint where owner = ? and url is not null")
            .param(creation.request().owner())
            .query(Long.class)
            .single();
    return existing < MAX_PER_OWNER
        ? Optional.empty()
        : Optional.of(
            Problem.of(
                WebhookProblem.TOO_MANY_ENDPOINTS,
                "You already have " + MAX_PER_OWNER + " webhook endpoints."));
  }

  private Outcome<WithSecret> refuse(Creation creation, Problem problem) {
    if (creation.keySent()) {
      insert(creation, Ids.next(), "refused", problems.write(problem), null, null);
    }
    return Outcome.refused(problem);
  }

  private Outcome<WithSecret> insert(Creation creation) {
    UUID id = Ids.next();
    byte[] secret = secrets.generate();
    WebhookEndpoint endpoint =
        insert(creation, id, "enabled", null, creation.url(), secrets.encrypt(id, secret));
    return new Outcome.Done<>(new WithSecret(endpoint, WebhookSecrets.format(secret)));
  }

  private WebhookEndpoint insert(
      Creation creation,
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
        .param(creation.request().owner())
        .param(creation.request().key().value())
        .param(creation.request().fingerprint().bytes())
        .param(status)
        .param(problem)
        .param(url)
        .param(creation.types() == null ? null : texts(creation.types(), type -> type))
        .param(secret)
        .query((row, _) -> endpoint(row))
        .single();
  }

  /** Finds an endpoint by id, whoever owns it. */
  public Optional<WebhookEndpoint> find(UUID id) {
    return jdbc.sql("select * from notifications.webhook_endpoint where id = ? and url is not null")
        .param(id)
        .query((row, _) -> endpoint(row))
        .optional();
  }

  /**
   * Lists the owner's endpoints, newest first.
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

  /**
   * Enables or disables an endpoint. While it is disabled, its pending deliveries wait, and new
   * notifications are not sent to it at all.
   */
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
            for update
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
   * purged later. The lock on the owner's feed ensures that no notification is appended meanwhile,
   * which could add a delivery.
   */
  public void delete(UUID id, String owner) {
    transactions.run(() -> {
      feed.lock(List.of(owner));
      jdbc.sql(
              """
              update notifications.webhook_endpoint
              set status = 'deleted', url = null, secret = null
              where id = ?
              """)
          .param(id)
          .update();
      return jdbc.sql("delete from notifications.webhook_previous_secret where endpoint = ?")
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
