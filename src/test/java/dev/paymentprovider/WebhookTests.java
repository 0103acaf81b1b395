package dev.paymentprovider;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.time.Instant;
import java.util.Base64;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class WebhookTests extends RunningProvider {

  private static final byte[] KEY = "0123456789abcdef01234567".getBytes(UTF_8);

  private record Received(String id, String timestamp, String signature, String body) {

    String reference() {
      return Json.MAPPER.readTree(body).at("/data/reference").asString();
    }
  }

  private final Queue<Received> received = new ConcurrentLinkedQueue<>();
  private final AtomicInteger failures = new AtomicInteger();
  private HttpServer receiver;

  @BeforeEach
  void listen() throws Exception {
    receiver = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    receiver.createContext("/hooks", this::receive);
    receiver.start();
    var url = URI.create("http://127.0.0.1:" + receiver.getAddress().getPort() + "/hooks");
    var secret = "whsec_" + Base64.getEncoder().encodeToString(KEY);
    provider.sendWebhooksTo(url, secret);
  }

  @AfterEach
  void stopListening() {
    receiver.stop(0);
  }

  @Test
  void sendsASignedWebhookOnALateDecision() throws Exception {
    client.charge("k", 100, "tok_async");

    await().until(() -> received.size() == 1);
    var webhook = received.element();
    assertThat(webhook.body())
        .isEqualTo("{\"type\":\"operation.updated\",\"data\":{\"reference\":\"reference of k\"}}");
    assertThat(client.find("k").text("status")).isEqualTo("approved");
    assertThat(webhook.signature()).isEqualTo(expectedSignature(webhook));
    assertThat(Instant.ofEpochSecond(Long.parseLong(webhook.timestamp())))
        .isBetween(Instant.now().minusSeconds(10), Instant.now());
  }

  @Test
  void sendsReturnsWithTheOriginalReference() throws Exception {
    var charge = client.charge("k").text("id");

    var back = client.returnOperation(charge).text("id");
    await().until(() -> references().equals(List.of("reference of k")));
    client.reinstate(back);

    await().until(() -> references().equals(List.of("reference of k", "reference of k")));
  }

  @Test
  void sendsNothingForAnOrdinaryOperation() throws Exception {
    client.charge("ordinary");
    client.returnOperation(client.charge("taken-back").text("id"));

    await().until(() -> !received.isEmpty());
    assertThat(references()).containsExactly("reference of taken-back");
  }

  @Test
  void retriesAFailedDeliveryWithTheSameId() throws Exception {
    failures.set(1);

    client.returnOperation(client.charge("k").text("id"));

    await().until(() -> received.size() == 2);
    assertThat(received.stream().map(Received::id).distinct()).hasSize(1);
  }

  @Test
  void sendsDuplicatesWithTheSameId() throws Exception {
    client.setFault("{\"mode\": \"duplicate_webhook\", \"remaining\": 1}");

    client.charge("k");

    await().until(() -> received.size() == 2);
    assertThat(received.stream().map(Received::id).distinct()).hasSize(1);
  }

  /** The later webhook comes first even if it needs a second attempt. */
  @Test
  void sendsReorderedWebhooksNewestFirst() throws Exception {
    failures.set(1);
    client.setFault("{\"mode\": \"reordered_webhook\", \"remaining\": 2}");

    client.charge("earlier");
    client.charge("later");

    await().until(() -> received.size() == 3);
    assertThat(references())
        .containsExactly("reference of later", "reference of later", "reference of earlier");
  }

  @Test
  void sendsAReorderedWebhookWithoutASuccessor() throws Exception {
    client.setFault("{\"mode\": \"reordered_webhook\", \"remaining\": 1}");

    client.charge("alone");

    await().until(() -> references().equals(List.of("reference of alone")));
  }

  private List<String> references() {
    return received.stream().map(Received::reference).toList();
  }

  private static String expectedSignature(Received webhook) throws Exception {
    var mac = Mac.getInstance("HmacSHA256");
    mac.init(new SecretKeySpec(KEY, "HmacSHA256"));
    var content = webhook.id() + "." + webhook.timestamp() + "." + webhook.body();
    return "v1," + Base64.getEncoder().encodeToString(mac.doFinal(content.getBytes(UTF_8)));
  }

  private void receive(HttpExchange exchange) throws IOException {
    try (exchange) {
      var headers = exchange.getRequestHeaders();
      var body = new String(exchange.getRequestBody().readAllBytes(), UTF_8);
      received.add(
          new Received(
              headers.getFirst("webhook-id"),
              headers.getFirst("webhook-timestamp"),
              headers.getFirst("webhook-signature"),
              body));
      exchange.sendResponseHeaders(failures.getAndDecrement() > 0 ? 503 : 204, -1);
    }
  }
}
