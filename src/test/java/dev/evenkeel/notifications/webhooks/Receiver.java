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
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** An endpoint as somebody else runs it. */
final class Receiver implements AutoCloseable {

  /** Answers a request; it may also take its time, or none at all. */
  interface Behaviour {
    void answer(HttpExchange exchange) throws IOException;
  }

  record Received(long at, Map<String, List<String>> headers, String body) {

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

  final List<Received> received = new CopyOnWriteArrayList<>();
  private final HttpServer server;
  private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
  private volatile Behaviour behaviour = status(204);

  Receiver() throws IOException {
    server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 100);
    server.setExecutor(threads);
    server.createContext(
        "/",
        exchange -> {
          byte[] body = exchange.getRequestBody().readAllBytes();
          received.add(
              new Received(
                  System.currentTimeMillis(),
                  new HashMap<>(exchange.getRequestHeaders()),
                  new String(body, StandardCharsets.UTF_8)));
          behaviour.answer(exchange);
          exchange.close();
        });
    server.start();
  }

  static Behaviour status(int code) {
    return exchange -> exchange.sendResponseHeaders(code, -1);
  }

  void behaves(Behaviour behaviour) {
    this.behaviour = behaviour;
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
