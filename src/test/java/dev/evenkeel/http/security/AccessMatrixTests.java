package dev.evenkeel.http.security;

import static dev.testing.Refusals.assertRefused;
import static dev.testing.Refusals.withoutCircumstances;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.nimbusds.jose.JOSEException;
import com.nimbusds.jose.JOSEObjectType;
import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.JWSHeader;
import com.nimbusds.jose.crypto.MACSigner;
import com.nimbusds.jose.crypto.RSASSASigner;
import com.nimbusds.jose.jwk.RSAKey;
import com.nimbusds.jose.jwk.gen.RSAKeyGenerator;
import com.nimbusds.jwt.JWTClaimsSet;
import com.nimbusds.jwt.PlainJWT;
import com.nimbusds.jwt.SignedJWT;
import dev.evenkeel.idempotency.IdempotentOperation;
import dev.testing.Api;
import dev.testing.TokenIssuer;
import dev.testing.WholeApplication;
import java.net.http.HttpRequest.BodyPublishers;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Date;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.UUID;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.beans.factory.annotation.Qualifier;
import org.springframework.boot.test.web.server.LocalServerPort;
import org.springframework.web.servlet.mvc.method.annotation.RequestMappingHandlerMapping;

/** Every operation of the API against every kind of token. */
@WholeApplication
class AccessMatrixTests {

  private static final TokenIssuer ISSUER = TokenIssuer.ofTests();
  private static final List<String> ALL_SCOPES =
      Stream.concat(TokenIssuer.OWNER_SCOPES.stream(), Stream.of("operations")).toList();

  @LocalServerPort int port;

  @Autowired
  @Qualifier("requestMappingHandlerMapping") RequestMappingHandlerMapping mappings;

  List<Operation> operations;

  /**
   * An operation of the API.
   *
   * @param path with its variables, such as {@code /v1/accounts/{id}}
   * @param keyed whether it takes an idempotency key
   */
  record Operation(String method, String path, boolean keyed) {

    /** The scope that the contract names for it. */
    String scope() {
      String area = path.split("/")[2];
      return switch (area) {
        case "accounts", "transfers", "holds" -> "accounts:" + access();
        case "payments" -> "payments:" + access();
        // part of notifications
        case "notifications", "webhook-endpoints", "webhook-deliveries" ->
            "notifications:" + access();
        // end of notifications
        case "operations" -> "operations";
        default -> throw new IllegalStateException("which scope has " + path + "?");
      };
    }

    private String access() {
      return method.equals("GET") ? "read" : "write";
    }

    boolean hasVariable() {
      return path.contains("{");
    }

    String withIds(Map<String, UUID> ids) {
      String filled = path;
      if (path.startsWith("/v1/payments/")) {
        filled = filled.replaceFirst("\\{[^}]*}", id("payments", ids));
      }
      String kind = path.replaceFirst("/v1/", "").replaceFirst("/\\{.*", "");
      if (path.contains("/refunds/{")) {
        kind = "refunds";
      }
      return filled.replaceAll("\\{[^}]*}", id(kind, ids));
    }

    private static String id(String kind, Map<String, UUID> ids) {
      return ids.getOrDefault(kind, UUID.randomUUID()).toString();
    }

    Api.Answer send(Api api, String path) {
      return api.send(
          api.request(path)
              .header("Content-Type", "application/json")
              .header("Idempotency-Key", UUID.randomUUID().toString())
              .method(
                  method,
                  method.equals("GET") || method.equals("DELETE")
                      ? BodyPublishers.noBody()
                      : BodyPublishers.ofString("{}")));
    }

    Api.Answer send(Api api) {
      return send(api, withIds(Map.of()));
    }
  }

  @BeforeEach
  void listOperations() {
    operations =
        mappings.getHandlerMethods().entrySet().stream()
            .flatMap(mapping ->
                mapping.getKey().getPatternValues().stream()
                    .filter(path -> path.startsWith("/v1/"))
                    .filter(path -> !path.equals("/v1/provider/webhooks"))
                    .flatMap(path ->
                        mapping.getKey().getMethodsCondition().getMethods().stream()
                            .map(method ->
                                new Operation(
                                    method.name(),
                                    path,
                                    mapping
                                        .getValue()
                                        .hasMethodAnnotation(IdempotentOperation.class)))))
            .distinct()
            .toList();
    assertThat(operations).hasSizeGreaterThan(30);
  }

  /** Tokens that nobody may use, each of them wrong in one way. */
  enum BadToken {
    GARBAGE,
    THREE_PARTS_OF_GARBAGE,
    WRONG_SIGNATURE,
    UNKNOWN_KEY,
    UNSIGNED,
    SIGNED_WITH_THE_PUBLIC_KEY,
    EXPIRED,
    WITHOUT_EXPIRY,
    NOT_YET_VALID,
    OF_ANOTHER_ISSUER,
    FOR_ANOTHER_AUDIENCE,
    WITHOUT_AUDIENCE,
    WITHOUT_SUBJECT,
    OF_AN_UNPRINTABLE_SUBJECT,
    OF_ANOTHER_TYPE;

    String value() throws JOSEException {
      Instant now = Instant.now();
      JWTClaimsSet valid = ISSUER.claims("ada", ALL_SCOPES).build();
      JWTClaimsSet.Builder changed = new JWTClaimsSet.Builder(valid);
      return switch (this) {
        case GARBAGE -> "garbage";
        case THREE_PARTS_OF_GARBAGE -> "a.b.c";
        case WRONG_SIGNATURE -> TokenIssuer.sign(valid, otherKey(ISSUER.key().getKeyID()));
        case UNKNOWN_KEY -> TokenIssuer.sign(valid, otherKey("another"));
        case UNSIGNED -> new PlainJWT(valid).serialize();
        case SIGNED_WITH_THE_PUBLIC_KEY -> {
          SignedJWT token = new SignedJWT(header(JWSAlgorithm.HS256, "JWT"), valid);
          token.sign(new MACSigner(ISSUER.key().toRSAPublicKey().getEncoded()));
          yield token.serialize();
        }
        case EXPIRED ->
            ISSUER.sign(changed.expirationTime(Date.from(now.minusSeconds(90))).build());
        case WITHOUT_EXPIRY -> ISSUER.sign(changed.expirationTime(null).build());
        case NOT_YET_VALID ->
            ISSUER.sign(changed.notBeforeTime(Date.from(now.plusSeconds(90))).build());
        case OF_ANOTHER_ISSUER -> ISSUER.sign(changed.issuer("http://localhost:1").build());
        case FOR_ANOTHER_AUDIENCE -> ISSUER.sign(changed.audience("another").build());
        case WITHOUT_AUDIENCE -> ISSUER.sign(changed.audience((String) null).build());
        case WITHOUT_SUBJECT -> ISSUER.sign(changed.subject(null).build());
        case OF_AN_UNPRINTABLE_SUBJECT -> ISSUER.sign(changed.subject("a\u0000").build());
        case OF_ANOTHER_TYPE -> signedAs("logout+jwt", valid);
      };
    }

    static RSAKey otherKey(String id) throws JOSEException {
      return new RSAKeyGenerator(2048).keyID(id).generate();
    }
  }

  private static JWSHeader header(JWSAlgorithm algorithm, String type) {
    return new JWSHeader.Builder(algorithm)
        .keyID(ISSUER.key().getKeyID())
        .type(new JOSEObjectType(type))
        .build();
  }

  private static String signedAs(String type, JWTClaimsSet claims) throws JOSEException {
    SignedJWT token = new SignedJWT(header(JWSAlgorithm.RS256, type), claims);
    token.sign(new RSASSASigner(ISSUER.key()));
    return token.serialize();
  }

  @ParameterizedTest
  @EnumSource
  void rejectsBadTokens(BadToken token) throws JOSEException {
    Api api = Api.withToken(port, token.value());

    for (Operation operation : operations) {
      Api.Answer answer = operation.send(api);
      assertUnauthorized(operation, answer);
      assertThat(answer.header("WWW-Authenticate"))
          .hasValueSatisfying(challenge ->
              assertThat(challenge)
                  .matches("Bearer error=\"invalid_token\", error_description=\".+\""));
    }
  }

  @Test
  void rejectsCallersWithoutAToken() {
    for (Operation operation : operations) {
      Api.Answer answer = operation.send(Api.anonymous(port));
      assertUnauthorized(operation, answer);
      assertThat(answer.header("WWW-Authenticate")).hasValue("Bearer");
    }
  }

  private static void assertUnauthorized(Operation operation, Api.Answer answer) {
    if (operation.keyed()) {
      assertRefused(answer, 401, "unauthorized", "same-key");
    } else {
      assertRefused(answer, 401, "unauthorized");
      assertThat(answer.body().has("effect")).isFalse();
    }
  }

  @Test
  void rejectsCallersWithoutTheScope() {
    for (Operation operation : operations) {
      List<String> others = new ArrayList<>(ALL_SCOPES);
      others.remove(operation.scope());
      Api.Answer answer = operation.send(Api.withToken(port, ISSUER.token("ada", others)));

      assertThat(answer.status()).as(operation + " " + answer).isEqualTo(403);
      assertRefused(answer, 403, "forbidden");
      assertThat(answer.at("/scope")).as(operation.toString()).isEqualTo(operation.scope());
      assertThat(answer.header("WWW-Authenticate"))
          .hasValue("Bearer error=\"insufficient_scope\", scope=\"" + operation.scope() + "\"");
      assertThat(answer.at("/retry")).isEqualTo(operation.keyed() ? "same-key" : "");
    }
  }

  @Test
  void acceptsCallersWithTheScopeAlone() {
    for (Operation operation : operations) {
      String token = ISSUER.token("ada-" + UUID.randomUUID(), List.of(operation.scope()));
      if (!operation.path().endsWith("/stream")) {
        assertThat(operation.send(Api.withToken(port, token)).status())
            .as(operation.toString())
            .isNotIn(401, 403, 500, 503);
      }
    }
  }

  @Test
  void acceptsAccessTokensByTheirType() throws JOSEException {
    String token = signedAs("at+jwt", ISSUER.claims("ada", ALL_SCOPES).build());

    assertThat(Api.withToken(port, token).get("/v1/accounts").status()).isEqualTo(200);
  }

  @Test
  void hidesEveryResourceOfOthers() {
    Api ada = new Api(port, "ada-" + UUID.randomUUID());
    Api stranger = new Api(port, "stranger-" + UUID.randomUUID());
    Map<String, UUID> adas = resources(ada);
    Map<String, UUID> none = new HashMap<>();
    adas.forEach((kind, _) -> none.put(kind, UUID.randomUUID()));

    for (Operation operation : operations) {
      if (operation.hasVariable() && !operation.scope().equals("operations")) {
        Api.Answer foreign = operation.send(stranger, operation.withIds(adas));
        Api.Answer unknown = operation.send(stranger, operation.withIds(none));

        assertThat(foreign.status()).as(operation + " " + foreign).isEqualTo(404);
        assertThat(withoutCircumstances(foreign)).isEqualTo(withoutCircumstances(unknown));
        assertThat(headers(foreign)).as(operation.toString()).isEqualTo(headers(unknown));
        if (operation.method().equals("GET")) {
          assertThat(operation.send(ada, operation.withIds(adas)).status())
              .as("to the owner, " + operation)
              .isEqualTo(200);
          assertThat(operation.send(Api.operator(port, "olga"), operation.withIds(adas)).status())
              .as("to an operator, " + operation)
              .isEqualTo(200);
        }
      }
    }
  }

  private static Map<String, List<String>> headers(Api.Answer answer) {
    Map<String, List<String>> headers = new TreeMap<>(answer.response().headers().map());
    headers.remove("date");
    return headers;
  }

  /** One resource of each kind, by the name of its collection. */
  private static Map<String, UUID> resources(Api owner) {
    UUID account = owner.openAccount(1000);
    UUID savings = owner.openAccount(0);
    Map<String, UUID> ids = new HashMap<>();
    // part of notifications
    UUID endpoint =
        owner.post("/v1/webhook-endpoints", Map.of("url", "http://127.0.0.1:1/hook")).id();
    ids.put("webhook-endpoints", endpoint);
    // end of notifications
    Object transfer = Map.of("from", account, "to", savings, "amount", 1, "currency", "EUR");
    UUID payment = owner.payIn(account, 100, "tok_ok").id();
    ids.put("accounts", account);
    ids.put("transfers", owner.transfer(account, savings, 1).id());
    ids.put(
        "transfers/batch",
        owner
            .post("/v1/transfers/batch", Map.of("transfers", List.of(transfer), "atomic", true))
            .id());
    ids.put("holds", owner.hold(account, savings, 1).id());
    ids.put("payments", payment);
    ids.put("refunds", owner.refund(payment, 1).id());
    // part of notifications
    ids.put("notifications", first(owner, "/v1/notifications"));
    ids.put(
        "webhook-deliveries", first(owner, "/v1/webhook-endpoints/" + endpoint + "/deliveries"));
    // end of notifications
    return ids;
  }

  // part of notifications
  private static UUID first(Api owner, String list) {
    await().until(() -> owner.get(list).body().at("/data/0").isObject());
    return UUID.fromString(owner.get(list).at("/data/0/id"));
  }

  // end of notifications

  @ParameterizedTest
  @ValueSource(
      strings = {
        "/",
        "/v1",
        "/v1/no-such-path",
        "/v2/accounts",
        "/error",
        "/actuator",
        "/actuator/prometheus",
        "/actuator/health/db",
        "/problems",
        "/problems/a/b",
        "/login",
        "/oauth2/token",
        "/v1//accounts",
        "/problems//unauthorized",
        "/v1/accounts;a=b",
        "/actuator/prometheus;/actuator/health",
        "/.well-known/oauth-protected-resource",
        "/v3/api-docs",
        "/swagger-ui.html"
      })
  void demandsATokenForEveryOtherPath(String path) {
    assertRefused(Api.anonymous(port).get(path), 401, "unauthorized");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "/actuator/health",
        "/actuator/health/liveness",
        "/actuator/health/readiness",
        "/problems/unauthorized"
      })
  void answersEverybody(String path) {
    assertThat(Api.anonymous(port).get(path).status()).isEqualTo(200);
  }

  @Test
  void demandsASignatureOfTheProvider() {
    assertRefused(
        Api.anonymous(port).post("/v1/provider/webhooks", "{}"), 401, "invalid-signature");
    assertRefused(Api.anonymous(port).get("/v1/provider/webhooks"), 401, "unauthorized");
  }

  /** Without the scope, for transfers; each request also has every fault of the later ones. */
  @ParameterizedTest
  @CsvSource({
    "POST, /v1/no-such-path, text/plain, text/html, 404",
    "PUT, /v1/transfers, text/plain, text/html, 405",
    "POST, /v1/transfers, text/plain, text/html, 415",
    "POST, /v1/transfers, application/json, text/html, 406",
    "POST, /v1/transfers, application/json, application/json, 403"
  })
  void checksTheScopeInItsPlace(
      String method, String path, String contentType, String accept, int status) {
    String body = "no json" + "x".repeat(100_000);
    Api api = Api.withToken(port, ISSUER.token("ada", List.of("payments:write")));

    Api.Answer answer =
        api.send(
            api.request(path)
                .header("Content-Type", contentType)
                .header("Accept", accept)
                .method(method, BodyPublishers.ofString(body)));
    assertThat(answer.status()).as(answer.toString()).isEqualTo(status);
    Api anonymous = Api.anonymous(port);
    assertThat(
            anonymous
                .send(
                    anonymous
                        .request(path)
                        .header("Content-Type", contentType)
                        .method(method, BodyPublishers.ofString(body)))
                .status())
        .isEqualTo(401);
  }
}
