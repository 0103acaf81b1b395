package dev.paymentprovider;

import static java.util.Objects.requireNonNullElse;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import dev.paymentprovider.Order.Kind;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.time.Instant;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * The provider's HTTP interface. Orders and questions meet the faults; the controls never do, but
 * for the port itself, which a fault may close for a while.
 */
final class Server {

  private static final int BACKLOG = 512;
  private static final String QUESTION = "GET /operations/";

  private final Operations operations;
  private final ExecutorService threads;
  private final AtomicReference<Fault> current = new AtomicReference<>(Fault.NONE);
  private final Map<String, Integer> received = new ConcurrentHashMap<>();
  private final AtomicLong receivedInAll = new AtomicLong();
  private volatile InetSocketAddress address;
  private volatile HttpServer http;

  Server(InetSocketAddress address, Operations operations, ExecutorService threads)
      throws IOException {
    this.operations = operations;
    this.threads = threads;
    this.address = address;
    listen();
  }

  int port() {
    return address.getPort();
  }

  /** How many orders arrived under this key, whatever became of them. */
  int received(String key) {
    return received.getOrDefault(key, 0);
  }

  /** How many orders and questions arrived. */
  long received() {
    return receivedInAll.get();
  }

  void close() {
    http.stop(0);
  }

  private void listen() throws IOException {
    http = HttpServer.create(address, BACKLOG);
    address = http.getAddress(); // now with a port, if it had none
    http.createContext("/", this::handle);
    http.setExecutor(threads);
    http.start();
  }

  private void handle(HttpExchange exchange) throws IOException {
    try (exchange) {
      var body = exchange.getRequestBody().readAllBytes();
      var route = exchange.getRequestMethod() + " " + exchange.getRequestURI().getPath();
      switch (route) {
        case "POST /charges" -> order(exchange, Kind.CHARGE, body);
        case "POST /payouts" -> order(exchange, Kind.PAYOUT, body);
        case "POST /refunds" -> order(exchange, Kind.REFUND, body);
        case String it when it.startsWith(QUESTION) ->
            meet(false).carryOut(fault -> find(it.substring(QUESTION.length()), fault), exchange);
        default -> Fault.NONE.carryOut(_ -> control(exchange, route, body), exchange);
      }
    } catch (InterruptedException stopping) {
      // Whoever still waits is dropped.
    }
  }

  private void order(HttpExchange exchange, Kind kind, byte[] body)
      throws IOException, InterruptedException {
    var key = requireNonNullElse(exchange.getRequestHeaders().getFirst("Idempotency-Key"), "");
    received.merge(key, 1, Integer::sum);
    meet(true).carryOut(fault -> perform(kind, key, body, fault), exchange);
  }

  private Answer perform(Kind kind, String key, byte[] body, Fault fault)
      throws InterruptedException {
    if (key.isBlank()) {
      throw new Refusal(400, "key-missing");
    }
    var operation = operations.perform(key, Order.read(kind, body), fault);
    return new Answer(
        operation.status() == Operation.Status.PENDING ? 202 : 201, operation.shown());
  }

  private Answer find(String key, Fault fault) {
    return new Answer(200, operations.find(key, fault).shown());
  }

  /** The fault that this one request meets; it counts against what remains. */
  private Fault meet(boolean order) {
    receivedInAll.incrementAndGet();
    var luck = ThreadLocalRandom.current().nextDouble();
    var fault = current.getAndUpdate(it -> it.hits(order, luck) ? it.afterHit() : it);
    return fault.hits(order, luck) ? fault : fault.healed();
  }

  private Answer control(HttpExchange exchange, String route, byte[] body)
      throws InterruptedException {
    return switch (route) {
      case "GET /operations" -> list(exchange.getRequestURI().getQuery());
      case "GET /faults" -> new Answer(200, current.get());
      case "PUT /faults" -> misbehave(exchange, body);
      case String it when it.matches("POST /operations/[^/]+/return") ->
          new Answer(201, operations.takeBack(it.split("/")[2], current.get()).shown());
      default -> throw new Refusal(404, "not-found");
    };
  }

  private Answer list(@Nullable String query) {
    var from = bound(query, "from=", Instant.MIN);
    var to = bound(query, "to=", Instant.MAX);
    var wanted =
        operations.all().stream()
            .filter(it -> !it.at().isBefore(from) && it.at().isBefore(to))
            .map(Operation::shown);
    return new Answer(200, Map.of("data", wanted.toList()));
  }

  private static Instant bound(@Nullable String query, String name, Instant otherwise) {
    return Stream.of(query == null ? new String[0] : query.split("&"))
        .filter(parameter -> parameter.startsWith(name))
        .map(parameter -> Instant.parse(parameter.substring(name.length())))
        .findFirst()
        .orElse(otherwise);
  }

  private Answer misbehave(HttpExchange exchange, byte[] body) throws InterruptedException {
    var fault = requireNonNullElse(Json.MAPPER.readValue(body, Fault.class), Fault.NONE);
    current.set(fault);
    if (fault.mode() == Fault.Mode.REFUSE) {
      // Its caller must not go on with a connection that is about to be closed.
      exchange.getResponseHeaders().set("Connection", "close");
      refuse(fault.latencyMs());
    }
    return new Answer(200, fault);
  }

  /**
   * Returns as soon as connections are refused. Requests that have begun get a second to end, so
   * that whoever asked for this still gets an answer; then open connections are closed as well.
   */
  private void refuse(long millis) throws InterruptedException {
    var closing = http;
    threads.execute(() -> closing.stop(1));
    while (accepts()) {
      Thread.sleep(5);
    }
    CompletableFuture.delayedExecutor(millis, TimeUnit.MILLISECONDS, threads).execute(this::reopen);
  }

  private boolean accepts() {
    try (var probe = new Socket(InetAddress.getLoopbackAddress(), port())) {
      return probe.isConnected();
    } catch (IOException refused) {
      return false;
    }
  }

  private void reopen() {
    current.updateAndGet(Fault::healed);
    try {
      listen();
    } catch (IOException e) {
      throw new UncheckedIOException("Port " + port() + " was taken meanwhile", e);
    }
  }
}
