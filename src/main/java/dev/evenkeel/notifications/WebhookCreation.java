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
import dev.evenkeel.problems.Problem;
import dev.evenkeel.problems.StoredProblems;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Component;

/** Creates webhook endpoints, each once for its idempotency key. */
@Component
public class WebhookCreation {

  private static final int MAX_PER_OWNER = 20;

  private final JdbcClient jdbc;
  private final RetryingTransactions transactions;
  private final Feed feed;
  private final WebhookEndpoints endpoints;
  private final WebhookAddresses addresses;
  private final WebhookSecrets secrets;
  private final StoredProblems problems;

  WebhookCreation(
      JdbcClient jdbc,
      RetryingTransactions transactions,
      Feed feed,
      WebhookEndpoints endpoints,
      WebhookAddresses addresses,
      WebhookSecrets secrets,
      StoredProblems problems) {
    this.jdbc = jdbc;
    this.transactions = transactions;
    this.feed = feed;
    this.endpoints = endpoints;
    this.addresses = addresses;
    this.secrets = secrets;
    this.problems = problems;
  }

  /**
   * A request to create an endpoint.
   *
   * @param keySent whether the caller sent the idempotency key; a refusal is stored only then,
   *     because without the key it is never replayed
   * @param types the notification types to send; null for all
   */
  public record Request(
      IdempotentRequest request, boolean keySent, String url, @Nullable List<String> types) {}

  /**
   * Creates an endpoint. Its host is looked up in DNS, which is slow, between two transactions: the
   * first one answers requests that need no lookup, the second one creates the endpoint.
   */
  public Outcome<WebhookEndpoints.WithSecret> create(Request creation) {
    List<String> types = creation.types();
    if (types != null && !WebhookEndpoints.allTypes().containsAll(types)) {
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

  private Outcome<WebhookEndpoints.WithSecret> createAfterLookup(Request creation) {
    if (!secrets.isConfigured()) {
      return Outcome.refused(WebhookEndpoints.notConfigured());
    }
    Optional<Problem> problem =
        addresses.problemWithHost(creation.url(), creation.request().owner());
    if (problem.isPresent() && !problem.get().type().isKept()) {
      return Outcome.refused(problem.get());
    }
    return transactions.run(
        () -> withoutEndpoint(creation, problem).orElseGet(() -> insert(creation)));
  }

  /** The outcome of a request that creates no endpoint: a replay or a refusal. */
  private Optional<Outcome<WebhookEndpoints.WithSecret>> withoutEndpoint(
      Request creation, Optional<Problem> problem) {
    return replay(creation.request())
        .or(() ->
            limitReached(creation).or(() -> problem).map(refusal -> refuse(creation, refusal)));
  }

  private record Earlier(UUID id, String status, byte[] fingerprint, @Nullable String problem) {}

  private Optional<Outcome<WebhookEndpoints.WithSecret>> replay(IdempotentRequest request) {
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

  private Outcome<WebhookEndpoints.WithSecret> replay(Earlier earlier, IdempotentRequest request) {
    if (earlier.status().equals("deleted") && request.isSame(earlier.fingerprint())) {
      // Creating it again would undo the deletion.
      return Outcome.refused(WebhookEndpoints.deleted());
    }
    return Outcome.replay(
        request.fingerprint(),
        Fingerprint.ofStored(earlier.fingerprint()),
        earlier.problem() == null ? null : problems.read(earlier.problem()),
        () ->
            new WebhookEndpoints.WithSecret(
                endpoints.find(earlier.id()).orElseThrow(WebhookCreation::deletedMeanwhile), null));
  }

  /** The transaction runs again, and finds the deletion. */
  private static ConcurrentRequestException deletedMeanwhile() {
    return new ConcurrentRequestException("the endpoint was deleted in the meantime");
  }

  /** Locks the owner's feed, so that concurrent requests cannot exceed the limit. */
  private Optional<Problem> limitReached(Request creation) {
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

  private Outcome<WebhookEndpoints.WithSecret> refuse(Request creation, Problem problem) {
    if (creation.keySent()) {
      insert(creation, Ids.next(), "refused", problems.write(problem), null, null);
    }
    return Outcome.refused(problem);
  }

  private Outcome<WebhookEndpoints.WithSecret> insert(Request creation) {
    UUID id = Ids.next();
    byte[] secret = secrets.generate();
    WebhookEndpoint endpoint =
        insert(creation, id, "enabled", null, creation.url(), secrets.encrypt(id, secret));
    return new Outcome.Done<>(
        new WebhookEndpoints.WithSecret(endpoint, WebhookSecrets.format(secret)));
  }

  private WebhookEndpoint insert(
      Request creation,
      UUID id,
      String status,
      @Nullable String problem,
      @Nullable String url,
      @Nullable String secret) {
    return jdbc.sql(
            """
            insert into notifications.webhook_endpoint
                (id, owner, idempotency_key, fingerprint, status, problem, url, types, secret, fan_out_seq)
            select ?, owner, ?, ?, ?, ?, ?, ?, ?, seq from notifications.feed where owner = ?
            returning *
            """)
        .param(id)
        .param(creation.request().key().value())
        .param(creation.request().fingerprint().bytes())
        .param(status)
        .param(problem)
        .param(url)
        .param(creation.types() == null ? null : texts(creation.types(), type -> type))
        .param(secret)
        .param(creation.request().owner())
        .query((row, _) -> WebhookEndpoints.endpoint(row))
        .single();
  }
}
