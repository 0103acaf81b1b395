package dev.testing;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.MissingNode;

/** Evenkeel's API over a real socket, as one caller uses it. */
public final class Api {

  private static final HttpClient HTTP =
      HttpClient.newBuilder()
          .version(HttpClient.Version.HTTP_1_1)
          .connectTimeout(Duration.ofSeconds(5))
          .build();

  private final URI base;
  private final String caller;
  private final @Nullable String token;

  private Api(int port, String caller, @Nullable String token) {
    this.base = URI.create("http://127.0.0.1:" + port);
    this.caller = caller;
    this.token = token;
  }

  /** With a token of this owner. */
  public Api(int port, String owner) {
    this(port, owner, TokenIssuer.ofTests().token(owner, TokenIssuer.OWNER_SCOPES));
  }

  /** With a token of an operator, who has every scope. */
  public static Api operator(int port, String name) {
    List<String> scopes = new ArrayList<>(TokenIssuer.OWNER_SCOPES);
    scopes.add("operations");
    return new Api(port, name, TokenIssuer.ofTests().token(name, scopes));
  }

  public static Api withToken(int port, String token) {
    return new Api(port, "unknown", token);
  }

  /** Without a token. */
  public static Api anonymous(int port) {
    return new Api(port, "nobody", null);
  }

  /** The owner in whose name it calls. */
  public String caller() {
    return caller;
  }

  /** The header that says who calls. */
  public String authorization() {
    return "Bearer " + token;
  }

  /** Converts a value to JSON, as responses have it. */
  public static JsonNode json(Object value) {
    return JsonMapper.shared().readTree(written(value));
  }

  /** A response; a body that is not JSON is a missing node. */
  public record Answer(int status, JsonNode body, String text, HttpResponse<String> response) {

    public Optional<String> header(String name) {
      return response.headers().firstValue(name);
    }

    public boolean isReplay() {
      return header("Idempotent-Replayed").equals(Optional.of("true"));
    }

    public String at(String pointer) {
      return body.at(pointer).asString();
    }

    public UUID id() {
      return UUID.fromString(at("/id"));
    }

    @Override
    public String toString() {
      return status + " " + text;
    }
  }

  public Answer get(String path) {
    return send(request(path).GET());
  }

  /** Posts with a new key. */
  public Answer post(String path, Object body) {
    return post(path, UUID.randomUUID().toString(), body);
  }

  public Answer post(String path, String key, Object body) {
    return send(posting(path, key, body));
  }

  public HttpRequest.Builder posting(String path, String key, Object body) {
    return request(path)
        .header("Idempotency-Key", key)
        .header("Content-Type", "application/json")
        .POST(BodyPublishers.ofString(written(body)));
  }

  /** Posts without a key or body. */
  public Answer post(String path) {
    return send(request(path).POST(BodyPublishers.noBody()));
  }

  /** Posts with a key and without a body. */
  public Answer postEmpty(String path, String key) {
    return send(request(path).header("Idempotency-Key", key).POST(BodyPublishers.noBody()));
  }

  public Answer put(String path, Object body) {
    return send(
        request(path)
            .header("Content-Type", "application/json")
            .PUT(BodyPublishers.ofString(written(body))));
  }

  private static String written(Object body) {
    return body instanceof String text ? text : JsonMapper.shared().writeValueAsString(body);
  }

  /** Begins an unusual request. */
  public HttpRequest.Builder request(String path) {
    HttpRequest.Builder request =
        HttpRequest.newBuilder(base.resolve(path)).timeout(Duration.ofSeconds(30));
    return token == null ? request : request.header("Authorization", authorization());
  }

  /** Sends a request, and compares the exchange with the contract. */
  public Answer send(HttpRequest.Builder request) {
    HttpRequest sent = request.build();
    Answer answer = sendToFail(sent);
    Contract.check(sent, answer.response(), answer.text());
    return answer;
  }

  /** Sends a request that makes the application fail, which the contract does not describe. */
  public Answer sendToFail(HttpRequest request) {
    try {
      HttpResponse<String> response = HTTP.send(request, BodyHandlers.ofString());
      JsonNode body;
      try {
        body = JsonMapper.shared().readTree(response.body());
      } catch (JacksonException noJson) {
        body = MissingNode.getInstance();
      }
      return new Answer(response.statusCode(), body, response.body(), response);
    } catch (IOException e) {
      throw new java.io.UncheckedIOException(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException(e);
    }
  }

  /** Opens an account in EUR. The limit is in minor units. */
  public UUID openAccount(long overdraftLimit) {
    return openAccount("EUR", overdraftLimit);
  }

  public UUID openAccount(String currency, long overdraftLimit) {
    Answer answer =
        post(
            "/v1/accounts",
            Map.of("name", "Main", "currency", currency, "overdraftLimit", overdraftLimit));
    if (answer.status() != 201) {
      throw new AssertionError("no account: " + answer);
    }
    return answer.id();
  }

  public Answer transfer(UUID from, UUID to, long amount) {
    return transfer(UUID.randomUUID().toString(), from, to, amount);
  }

  public Answer transfer(String key, UUID from, UUID to, long amount) {
    return post(
        "/v1/transfers", key, Map.of("from", from, "to", to, "amount", amount, "currency", "EUR"));
  }

  public Answer hold(UUID from, UUID to, long amount) {
    return post("/v1/holds", Map.of("from", from, "to", to, "amount", amount, "currency", "EUR"));
  }

  public Answer capture(UUID hold, long amount) {
    return post("/v1/holds/" + hold + "/capture", Map.of("amount", amount));
  }

  public Answer reverse(UUID transfer) {
    return postEmpty("/v1/transfers/" + transfer + "/reversal", UUID.randomUUID().toString());
  }

  public Answer payIn(UUID account, long amount, String instrument) {
    return payIn(UUID.randomUUID().toString(), account, amount, instrument);
  }

  public Answer payIn(String key, UUID account, long amount, String instrument) {
    return pay(key, "pay_in", account, amount, "EUR", instrument);
  }

  /** Begins a pay-in that is captured later. */
  public Answer authorize(UUID account, long amount, String instrument) {
    return post(
        "/v1/payments",
        UUID.randomUUID().toString(),
        Map.of(
            "account",
            account,
            "kind",
            "pay_in",
            "amount",
            amount,
            "currency",
            "EUR",
            "instrument",
            instrument,
            "capture",
            "manual"));
  }

  public Answer payOut(UUID account, long amount, String instrument) {
    return payOut(UUID.randomUUID().toString(), account, amount, instrument);
  }

  public Answer payOut(String key, UUID account, long amount, String instrument) {
    return pay(key, "pay_out", account, amount, "EUR", instrument);
  }

  public Answer pay(
      String key, String kind, UUID account, long amount, String currency, String instrument) {
    return send(paying(key, kind, account, amount, currency, instrument));
  }

  /** The request for a pay-in, to be sent with more headers. */
  public HttpRequest.Builder payingIn(UUID account, long amount, String instrument) {
    return paying(UUID.randomUUID().toString(), "pay_in", account, amount, "EUR", instrument);
  }

  private HttpRequest.Builder paying(
      String key, String kind, UUID account, long amount, String currency, String instrument) {
    return posting(
        "/v1/payments",
        key,
        Map.of(
            "account",
            account,
            "kind",
            kind,
            "amount",
            amount,
            "currency",
            currency,
            "instrument",
            instrument));
  }

  public Answer cancel(UUID payment) {
    return post("/v1/payments/" + payment + "/cancel");
  }

  public Answer refund(UUID payment, long amount) {
    return refund(UUID.randomUUID().toString(), payment, amount);
  }

  public Answer refund(String key, UUID payment, long amount) {
    return post("/v1/payments/" + payment + "/refunds", key, Map.of("amount", amount));
  }

  /** Refunds what is left of a payment. */
  public Answer refund(UUID payment) {
    return postEmpty("/v1/payments/" + payment + "/refunds", UUID.randomUUID().toString());
  }

  /** The current balance of an account. */
  public JsonNode balance(UUID account) {
    return get("/v1/accounts/" + account).body().at("/balance");
  }

  public long posted(UUID account) {
    return get("/v1/accounts/" + account).body().at("/balance/posted").asLong();
  }
}
