package dev.paymentprovider;

import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpHeaders;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** Calls the provider over HTTP. */
final class ProviderClient implements AutoCloseable {

  record Response(int status, HttpHeaders headers, String body) {

    JsonNode json() {
      return new JsonMapper().readTree(body);
    }

    String text(String field) {
      return json().path(field).asString("");
    }
  }

  private final PaymentProvider provider;
  private final HttpClient http =
      HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();

  ProviderClient(PaymentProvider provider) {
    this.provider = provider;
  }

  static String newKey() {
    return UUID.randomUUID().toString();
  }

  static String requestBody(String reference, long amount, String instrument) {
    return """
    {"reference": "%s", "amount": %d, "currency": "EUR", "instrument": "%s"}\
    """
        .formatted(reference, amount, instrument);
  }

  static String refundOf(String charge, long amount) {
    return """
    {"reference": "refund", "amount": %d, "currency": "EUR", "charge": "%s"}\
    """
        .formatted(amount, charge);
  }

  Response charge(String key, long amount, String instrument) throws IOException {
    return post("/charges", key, requestBody("reference of " + key, amount, instrument));
  }

  Response charge(String key) throws IOException {
    return charge(key, 1000, "tok_ok");
  }

  Response post(String path, String key, String body) throws IOException {
    return send(request(path).header("Idempotency-Key", key).POST(BodyPublishers.ofString(body)));
  }

  Response postWithoutKey(String path, String body) throws IOException {
    return send(request(path).POST(BodyPublishers.ofString(body)));
  }

  /** Charges, and closes the connection if there is no response in time. */
  Response chargeWithTimeout(String key, Duration timeout) throws IOException {
    var body = BodyPublishers.ofString(requestBody("reference of " + key, 1000, "tok_ok"));
    return send(request("/charges").timeout(timeout).header("Idempotency-Key", key).POST(body));
  }

  CompletableFuture<HttpResponse<String>> chargeAsync(String key, String instrument) {
    var body = BodyPublishers.ofString(requestBody("reference of " + key, 1000, instrument));
    return http.sendAsync(
        request("/charges").header("Idempotency-Key", key).POST(body).build(),
        BodyHandlers.ofString());
  }

  InputStream chargeAndStream(String key) throws IOException {
    var body = BodyPublishers.ofString(requestBody("reference of " + key, 1000, "tok_ok"));
    try {
      return http.send(
              request("/charges").header("Idempotency-Key", key).POST(body).build(),
              BodyHandlers.ofInputStream())
          .body();
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  Response find(String key) throws IOException {
    return get("/operations/" + key);
  }

  Response get(String path) throws IOException {
    return send(request(path).GET());
  }

  Response returnOperation(String id) throws IOException {
    return send(request("/operations/" + id + "/return").POST(BodyPublishers.noBody()));
  }

  Response returnOperation(String id, long amount) throws IOException {
    var body = BodyPublishers.ofString("{\"amount\": " + amount + "}");
    return send(request("/operations/" + id + "/return").POST(body));
  }

  Response reinstate(String id) throws IOException {
    return send(request("/operations/" + id + "/reinstate").POST(BodyPublishers.noBody()));
  }

  Response setFault(String fault) throws IOException {
    return send(request("/faults").PUT(BodyPublishers.ofString(fault)));
  }

  @Override
  public void close() {
    http.shutdownNow();
  }

  private HttpRequest.Builder request(String path) {
    return HttpRequest.newBuilder(URI.create(provider.url() + path));
  }

  private Response send(HttpRequest.Builder request) throws IOException {
    try {
      var response = http.send(request.build(), BodyHandlers.ofString());
      return new Response(response.statusCode(), response.headers(), response.body());
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }
}
