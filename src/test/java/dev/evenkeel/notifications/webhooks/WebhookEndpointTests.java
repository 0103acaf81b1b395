package dev.evenkeel.notifications.webhooks;

import static dev.testing.Refusals.assertRefused;
import static dev.testing.Refusals.assertReplayed;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.evenkeel.database.RetentionPolicy;
import dev.evenkeel.idempotency.Fingerprint;
import dev.evenkeel.idempotency.IdempotencyKey;
import dev.evenkeel.idempotency.IdempotentRequest;
import dev.evenkeel.idempotency.Outcome;
import dev.evenkeel.notifications.WebhookCreation;
import dev.evenkeel.notifications.WebhookDeliveries;
import dev.evenkeel.notifications.WebhookEndpoints;
import dev.evenkeel.problems.BusyException;
import dev.evenkeel.problems.CommonProblem;
import dev.testing.Api;
import dev.testing.LockHolder;
import dev.testing.PatientDatabase;
import dev.testing.TestDatabase;
import dev.testing.WholeApplication;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.net.http.HttpRequest.BodyPublishers;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.boot.test.web.server.LocalServerPort;
import org.springframework.context.ApplicationContext;
import org.springframework.context.annotation.AnnotationConfigApplicationContext;
import org.springframework.jdbc.core.simple.JdbcClient;

/** The life cycle of webhook endpoints over HTTP. */
@WholeApplication
@PatientDatabase
class WebhookEndpointTests {

  private static final String ENDPOINTS = "/v1/webhook-endpoints";
  private static final Map<String, String> VALID = Map.of("url", "https://example.com/hook");
  private static final Map<String, String> FTP = Map.of("url", "ftp://example.com/hook");

  @LocalServerPort int port;
  @Autowired JdbcClient jdbc;
  @Autowired TestDatabase database;
  @Autowired WebhookEndpoints endpoints;
  @Autowired ApplicationContext application;
  @Autowired WebhookDeliveries deliveries;
  @Autowired List<RetentionPolicy> retentions;

  Api ada;

  @BeforeEach
  void connect() {
    ada = new Api(port, "ada-" + UUID.randomUUID());
  }

  private String create() {
    return ENDPOINTS + "/" + ada.post(ENDPOINTS, VALID).id();
  }

  private Api.Answer createWithoutKey(String body) {
    return ada.send(
        ada.request(ENDPOINTS)
            .header("Content-Type", "application/json")
            .POST(BodyPublishers.ofString(body)));
  }

  private static Api.Answer delete(Api api, String path) {
    return api.send(api.request(path).DELETE());
  }

  /** Creates an endpoint with one delivery that has failed. */
  private UUID createDelivery(Receiver receiver) {
    receiver.responds(500);
    UUID endpoint = ada.post(ENDPOINTS, Map.of("url", receiver.url())).id();
    ada.transfer(ada.openAccount(1000), ada.openAccount(0), 5);
    String list = ENDPOINTS + "/" + endpoint + "/deliveries";
    await().until(() -> ada.get(list).body().at("/data/0").has("lastError"));
    return UUID.fromString(ada.get(list).at("/data/0/id"));
  }

  @Test
  void showsTheSecretOnce() {
    Api.Answer created = ada.post(ENDPOINTS, VALID);

    assertThat(created.status()).as(created.toString()).isEqualTo(201);
    assertThat(created.header("Location")).contains(ENDPOINTS + "/" + created.id());
    assertThat(created.body().propertyNames())
        .containsExactly("id", "url", "types", "status", "createdAt", "secret");
    assertThat(created.at("/secret")).matches("whsec_[A-Za-z0-9+/]{43}=");
    assertThat(created.at("/status")).isEqualTo("enabled");
    assertThat(created.body().at("/types")).as("all").hasSize(11);
    assertThat(ada.get(ENDPOINTS + "/" + created.id()).body().propertyNames())
        .containsExactly("id", "url", "types", "status", "createdAt");
    assertThat(ada.get(ENDPOINTS).text()).doesNotContain("secret");
  }

  @Test
  void storesTheSecretEncrypted() {
    String secret = ada.post(ENDPOINTS, VALID).at("/secret");

    assertThat(
            jdbc.sql("select secret from notifications.webhook_endpoint where owner = ?")
                .param(ada.caller())
                .query(String.class)
                .single())
        .startsWith("test:")
        .doesNotContain(secret.substring("whsec_".length()));
  }

  @Test
  void keyCreatesOneEndpoint() {
    String key = UUID.randomUUID().toString();
    Api.Answer created = ada.post(ENDPOINTS, key, VALID);
    Api.Answer again = ada.post(ENDPOINTS, key, VALID);

    assertThat(again.status()).isEqualTo(200);
    assertThat(again.isReplay()).isTrue();
    assertThat(again.id()).isEqualTo(created.id());
    assertThat(again.body().has("secret")).isFalse();
    Map<String, String> other = Map.of("url", "https://example.com/other");
    assertRefused(ada.post(ENDPOINTS, key, other), 422, "idempotency-key-reused", "new-key");

    delete(ada, ENDPOINTS + "/" + created.id());
    assertRefused(ada.post(ENDPOINTS, key, VALID), 404, "not-found");
  }

  @Test
  void keyKeepsItsRefusal() {
    String key = UUID.randomUUID().toString();
    Api.Answer refused = ada.post(ENDPOINTS, key, FTP);

    assertRefused(refused, 422, "address-not-allowed", "new-key");
    assertThat(refused.at("/errors/0/field")).isEqualTo("url");
    assertReplayed(ada.post(ENDPOINTS, key, FTP), refused);
    assertThat(ada.get(ENDPOINTS).body().at("/data")).isEmpty();
  }

  @Test
  void keyIsOptional() {
    Api.Answer created =
        createWithoutKey("{\"url\":\"https://example.com\",\"types\":[\"payment.failed\"]}");

    assertThat(created.status()).isEqualTo(201);
    assertThat(created.body().at("/types/0").asString()).isEqualTo("payment.failed");
  }

  @Test
  void refusalWithoutKeyIsNotStored() {
    assertRefused(createWithoutKey("{\"url\":\"ftp://example.com\"}"), 422, "address-not-allowed");

    assertThat(rows()).isZero();
  }

  @ParameterizedTest
  @CsvSource({"721, 0", "719, 1"})
  void refusalIsKeptForThirtyDays(int ageInHours, int kept) {
    jdbc.sql("insert into notifications.feed (owner) values (?)").param(ada.caller()).update();
    jdbc.sql(
            """
            insert into notifications.webhook_endpoint
                (id, owner, idempotency_key, fingerprint, status, problem, created_at, fan_out_seq)
            values (uuidv7(), ?, 'key', '', 'refused', '{}', now() - make_interval(hours => ?), 0)
            """)
        .params(ada.caller(), ageInHours)
        .update();

    retentions.forEach(RetentionPolicy::apply);

    assertThat(rows()).isEqualTo(kept);
  }

  private long rows() {
    return jdbc.sql("select count(*) from notifications.webhook_endpoint where owner = ?")
        .param(ada.caller())
        .query(Long.class)
        .single();
  }

  @Test
  void rejectsMoreThanTwentyEndpoints() {
    for (int i = 0; i < 20; i++) {
      assertThat(ada.post(ENDPOINTS, VALID).status()).isEqualTo(201);
    }
    String key = UUID.randomUUID().toString();
    Api.Answer refused = ada.post(ENDPOINTS, key, VALID);
    assertRefused(refused, 409, "too-many-endpoints", "new-key");

    delete(ada, ENDPOINTS + "/" + ada.get(ENDPOINTS).at("/data/0/id"));
    assertReplayed(ada.post(ENDPOINTS, key, VALID), refused);
    assertThat(ada.post(ENDPOINTS, VALID).status()).isEqualTo(201);
    assertThat(ada.get(ENDPOINTS + "?limit=100").body().at("/data")).hasSize(20);
  }

  @Test
  void looksUpNoHostForReplaysAndBeyondTheLimit() {
    List<String> lookups = new CopyOnWriteArrayList<>();
    try (AnnotationConfigApplicationContext strict = strict(host -> lookUp(host, lookups))) {
      WebhookCreation lookingUp = strict.getBean(WebhookCreation.class);
      for (int i = 0; i < 2; i++) {
        assertThat(lookingUp.create(creation("same"))).isNotInstanceOf(Outcome.Refused.class);
      }
      assertThat(lookups).as("one lookup for two requests").hasSize(1);

      for (int i = 1; i < 20; i++) {
        create();
      }
      assertThat(lookingUp.create(creation("other"))).isInstanceOf(Outcome.Refused.class);
      assertThat(lookups).as("none beyond the limit").hasSize(1);
    }
  }

  @Test
  void keyIsFreeAfterALateLookup() {
    List<String> lookups = new CopyOnWriteArrayList<>();
    CountDownLatch late = new CountDownLatch(1);
    HostLookups.Lookup slow =
        host -> {
          try {
            late.await();
          } catch (InterruptedException closed) {
            Thread.currentThread().interrupt();
          }
          return lookUp(host, lookups);
        };
    try (AnnotationConfigApplicationContext strict = strict(slow)) {
      WebhookCreation lookingUp = strict.getBean(WebhookCreation.class);
      assertThatThrownBy(() -> lookingUp.create(creation("same")))
          .isInstanceOf(BusyException.class);
      assertThat(rows()).isZero();

      late.countDown();
      assertThat(lookingUp.create(creation("same"))).isInstanceOf(Outcome.Done.class);
    }
  }

  /** The endpoints with a DNS of their own, for public addresses only. */
  private AnnotationConfigApplicationContext strict(HostLookups.Lookup lookup) {
    AnnotationConfigApplicationContext strict = new AnnotationConfigApplicationContext();
    strict.setParent(application);
    strict.registerBean(
        WebhookAddresses.class,
        () -> new WebhookAddresses(false, lookup),
        bean -> bean.setPrimary(true));
    strict.register(WebhookCreation.class);
    strict.refresh();
    return strict;
  }

  private static InetAddress[] lookUp(String host, List<String> lookups)
      throws UnknownHostException {
    lookups.add(host);
    return InetAddress.getAllByName("8.8.8.8");
  }

  private WebhookCreation.Request creation(String key) {
    IdempotentRequest request =
        new IdempotentRequest(
            ada.caller(), new IdempotencyKey(key), Fingerprint.ofStored(new byte[] {1}));
    return new WebhookCreation.Request(request, true, "https://example.com/hook", null);
  }

  /** So that two requests cannot both count 19 endpoints and create the twentieth. */
  @Test
  void creationLocksTheOwnersFeed() throws Exception {
    create();
    try (var threads = Executors.newVirtualThreadPerTaskExecutor();
        LockHolder feed = LockHolder.lockingFeed(database, ada.caller())) {
      Future<Api.Answer> answer = threads.submit(() -> ada.post(ENDPOINTS, VALID));
      feed.awaitWaiting();
      feed.letGo();
      assertThat(answer.get().status()).isEqualTo(201);
    }
  }

  @Test
  void replacedSecretsStayValidForADay() {
    String endpoint = create();
    for (int i = 0; i < 2; i++) {
      assertThat(ada.post(endpoint + "/rotate-secret").status()).isEqualTo(200);
    }

    assertThat(previousSecretsValidFor("23:59")).isEqualTo(2);
    assertThat(previousSecretsValidFor("24:00")).isZero();
    delete(ada, endpoint);
    assertThat(previousSecretsValidFor("0:00")).isZero();
  }

  private long previousSecretsValidFor(String time) {
    return jdbc.sql(
            """
            select count(*) from notifications.webhook_previous_secret p
            join notifications.webhook_endpoint e on e.id = p.endpoint
            where e.owner = ? and p.valid_until > clock_timestamp() + ?::interval
            """)
        .params(ada.caller(), time)
        .query(Long.class)
        .single();
  }

  @Test
  void rejectsAnEleventhRotationWithinADay() {
    String endpoint = create();
    String rotate = endpoint + "/rotate-secret";
    for (int i = 0; i < 10; i++) {
      assertThat(ada.post(rotate).status()).isEqualTo(200);
    }
    assertRefused(ada.post(rotate), 409, "too-many-secrets");

    jdbc.sql(
            """
            delete from notifications.webhook_previous_secret
            where (endpoint, valid_until) in (
                select endpoint, min(valid_until) from notifications.webhook_previous_secret
                where endpoint = ? group by endpoint)
            """)
        .param(UUID.fromString(endpoint.substring(endpoint.lastIndexOf('/') + 1)))
        .update();
    assertThat(ada.post(rotate).status()).isEqualTo(200);
    assertRefused(ada.post(rotate), 409, "too-many-secrets");
  }

  @Test
  void deletionDropsDeliveries() throws Exception {
    try (Receiver receiver = new Receiver()) {
      UUID delivery = createDelivery(receiver);
      String path = ENDPOINTS + "/" + ada.get(ENDPOINTS).at("/data/0/id");

      assertThat(delete(ada, path).status()).isEqualTo(204);

      assertRefused(delete(ada, path), 404, "not-found");
      assertRefused(ada.get(path), 404, "not-found");
      assertRefused(ada.get(path + "/deliveries"), 404, "not-found");
      String redeliver = "/v1/webhook-deliveries/" + delivery + "/redeliver";
      assertRefused(ada.post(redeliver), 404, "not-found");
      assertThat(ada.get(ENDPOINTS).body().at("/data")).isEmpty();
    }
  }

  /** The endpoint may be deleted between the controller's check and the change. */
  @Test
  void changesAfterDeletionAreNotFound() throws Exception {
    try (Receiver receiver = new Receiver()) {
      UUID delivery = createDelivery(receiver);
      UUID endpoint = UUID.fromString(ada.get(ENDPOINTS).at("/data/0/id"));
      endpoints.delete(endpoint);

      assertThat(List.of(endpoints.rotateSecret(endpoint), deliveries.redeliver(delivery)))
          .allSatisfy(outcome ->
              assertThat(outcome)
                  .isInstanceOfSatisfying(
                      Outcome.Refused.class,
                      refused ->
                          assertThat(refused.problem().type()).isEqualTo(CommonProblem.NOT_FOUND)));
    }
  }

  @Test
  void onlyTheOwnerChangesAnEndpoint() throws Exception {
    Api stranger = new Api(port, "stranger-" + UUID.randomUUID());
    Api operator = Api.operator(port, "olga-" + UUID.randomUUID());
    try (Receiver receiver = new Receiver()) {
      UUID delivery = createDelivery(receiver);
      String path = ENDPOINTS + "/" + ada.get(ENDPOINTS).at("/data/0/id");

      for (Api other : List.of(stranger, operator)) {
        for (String change : List.of("/rotate-secret", "/enable", "/disable")) {
          assertRefused(other.post(path + change), 404, "not-found");
        }
        String redeliver = "/v1/webhook-deliveries/" + delivery + "/redeliver";
        assertRefused(other.post(redeliver), 404, "not-found");
        assertRefused(delete(other, path), 404, "not-found");
      }
      assertRefused(stranger.get(path), 404, "not-found");
      assertRefused(stranger.get(path + "/deliveries"), 404, "not-found");
      assertThat(operator.get(path).status()).isEqualTo(200);
      assertThat(ada.get(path).at("/status")).isEqualTo("enabled");
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{}",
        "{\"url\":null}",
        "{\"url\":7}",
        "{\"url\":\"no url\"}",
        "{\"url\":\"\"}",
        "{\"url\":\"https://example.com\",\"types\":[]}",
        "{\"url\":\"https://example.com\",\"types\":[null]}",
        "{\"url\":\"https://example.com\",\"types\":[\"payment.forgotten\"]}",
        "{\"url\":\"https://example.com\",\"types\":\"payment.failed\"}",
        "{\"url\":\"https://example.com\",\"secret\":\"whsec_mine\"}",
        "{\"url\":\"https://example.com\\u0000\"}"
      })
  void rejectsInvalidBodies(String body) {
    assertRefused(ada.post(ENDPOINTS, body), 400, "invalid-request", "no");
    assertThat(ada.get(ENDPOINTS).body().at("/data")).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(strings = {"00000000-0000-7000-8000-000000000000", "none"})
  void unknownIdsAreNotFound(String id) {
    assertRefused(ada.get(ENDPOINTS + "/" + id), 404, "not-found");
    assertRefused(ada.post("/v1/webhook-deliveries/" + id + "/redeliver"), 404, "not-found");
  }
}
