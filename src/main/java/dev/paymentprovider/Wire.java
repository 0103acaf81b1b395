package dev.paymentprovider;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.sun.net.httpserver.HttpExchange;
import java.io.IOException;
import java.time.Duration;
import java.util.Arrays;
import java.util.function.Supplier;

/**
 * Brings an answer to its caller, or what a fault leaves of it. Where no answer is sent, the
 * connection is dropped once the exchange is closed.
 */
final class Wire {

  private static final Duration LONGEST_HANG = Duration.ofSeconds(30);
  private static final Duration PER_BYTE = Duration.ofMillis(100);

  private final Lifetime lifetime;

  Wire(Lifetime lifetime) {
    this.lifetime = lifetime;
  }

  /** Does the work at most once: before the answer, long after, or never, as the fault has it. */
  void carry(HttpExchange exchange, Fault fault, Supplier<Answer> work) throws IOException {
    switch (fault.mode()) {
      case NONE, DUPLICATE_WEBHOOK, REORDERED_WEBHOOK -> send(exchange, work.get());
      case DOWN, REFUSE -> {}
      case HANG -> lifetime.pause(LONGEST_HANG);
      case SLOW -> {
        lifetime.pause(fault.latency());
        send(exchange, work.get());
      }
      case ERROR500 -> send(exchange, Answer.error(500, "internal-error"));
      case ERROR503 -> send(exchange, Answer.error(503, "unavailable"));
      case ERROR429 -> {
        exchange.getResponseHeaders().set("Retry-After", "1");
        send(exchange, Answer.error(429, "too-many-requests"));
      }
      case LOST_ANSWER -> work.get();
      case LATE -> {
        lifetime.later(fault.latency(), work::get);
        lifetime.pause(LONGEST_HANG);
      }
      case TRUNCATED -> sendHalf(exchange, work.get());
      case GARBAGE -> send(exchange, work.get().status(), "<html>It works!</html>".getBytes(UTF_8));
      case DRIBBLE -> sendByteByByte(exchange, work.get());
      case AMOUNT_MISMATCH -> send(exchange, work.get().withAnotherAmount());
      case CONTRADICT -> send(exchange, work.get().contradicted());
    }
  }

  void send(HttpExchange exchange, Answer answer) throws IOException {
    send(exchange, answer.status(), answer.json());
  }

  private static void send(HttpExchange exchange, int status, byte[] body) throws IOException {
    start(exchange, status, body.length);
    exchange.getResponseBody().write(body);
    exchange.getResponseBody().close();
  }

  private static void sendHalf(HttpExchange exchange, Answer answer) throws IOException {
    var body = answer.json();
    start(exchange, answer.status(), body.length);
    exchange.getResponseBody().write(Arrays.copyOf(body, body.length / 2));
    exchange.getResponseBody().flush();
  }

  private void sendByteByByte(HttpExchange exchange, Answer answer) throws IOException {
    var body = answer.json();
    start(exchange, answer.status(), body.length);
    for (var single : body) {
      exchange.getResponseBody().write(single);
      exchange.getResponseBody().flush();
      lifetime.pause(PER_BYTE);
    }
    exchange.getResponseBody().close();
  }

  private static void start(HttpExchange exchange, int status, int length) throws IOException {
    exchange.getResponseHeaders().set("Content-Type", "application/json");
    exchange.sendResponseHeaders(status, length);
  }
}
