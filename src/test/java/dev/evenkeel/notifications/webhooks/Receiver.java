package dev.evenkeel.notifications.webhooks;

import com.standardwebhooks.Webhook;
import com.standardwebhooks.exceptions.EmptyWebhookSecretException;
import com.standardwebhooks.exceptions.WebhookVerificationException;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** A webhook endpoint of a customer, with a behaviour that a test chooses. */
final class Receiver implements AutoCloseable {

  interface Behaviour {
    void respond(HttpExchange exchange) throws IOException, InterruptedException;
  }

  record Request(long at, Map<String, List<String>> headers, String body) {

    String header(String name) {
      return headers.entrySet().stream()
          .filter(header -> header.getKey().equalsIgnoreCase(name))
          .map(header -> header.getValue().getFirst())
          .findFirst()
          .orElseThrow();
    }

    JsonNode json() {
      return JsonMapper.shared().readTree(body);
    }

    boolean isSignedWith(String secret) {
      try {
        new Webhook(secret).verify(body, headers);
        return true;
      } catch (WebhookVerificationException | EmptyWebhookSecretException forged) {
        return false;
      }
    }
  }

  final List<Request> received = new CopyOnWriteArrayList<>();
  private final HttpServer server;
  private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
  private volatile Behaviour behaviour = status(204);
  private volatile CountDownLatch hanging = new CountDownLatch(0);

  Receiver() throws IOException {
    server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 100);
    server.setExecutor(threads);
    server.createContext("/", this::handle);
    server.start();
  }

  private void handle(HttpExchange exchange) throws IOException {
    try (exchange) {
      byte[] body = exchange.getRequestBody().readAllBytes();
      received.add(
          new Request(
              System.currentTimeMillis(),
              new HashMap<>(exchange.getRequestHeaders()),
              new String(body, StandardCharsets.UTF_8)));
      behaviour.respond(exchange);
    } catch (InterruptedException closed) {
      Thread.currentThread().interrupt();
    }
  }

  void behaves(Behaviour behaviour) {
    this.behaviour = behaviour;
  }

  /** Responds with this status, also to requests that have been hanging. */
  void responds(int status) {
    behaves(status(status));
    hanging.countDown();
  }

  /** Does not respond until {@link #responds} or {@link #close}. */
  void hangs() {
    CountDownLatch latch = new CountDownLatch(1);
    hanging = latch;
    behaves(exchange -> {
      latch.await();
      behaviour.respond(exchange);
    });
  }

  private static Behaviour status(int status) {
    return exchange -> exchange.sendResponseHeaders(status, -1);
  }

  String url() {
    return "http://127.0.0.1:%d/hook".formatted(server.getAddress().getPort());
  }

  @Override
  public void close() {
    server.stop(0);
    threads.shutdownNow();
  }
}
