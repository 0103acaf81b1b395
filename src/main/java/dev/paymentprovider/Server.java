package dev.paymentprovider;

import static java.util.Objects.requireNonNullElse;

import com.fasterxml.jackson.annotation.JsonUnwrapped;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import dev.paymentprovider.OperationRequest.Kind;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * The provider's HTTP API. Faults affect requests for operations and for their status. They never
 * affect the control requests, except that a fault may close the port for a while.
 */
final class Server {

  private static final int BACKLOG = 512;
  private static final String FIND = "GET /operations/";
  private static final String PAGE = "GET /actions/";
  private static final Pattern CHANGE =
      Pattern.compile("POST /operations/([^/]+)/(capture|cancel)");
  private static final Pattern ACTION = Pattern.compile("POST /actions/([^/]+)/(approve|decline)");

  private final Operations operations;
  private final ExecutorService threads;
  private final AtomicReference<Fault> current = new AtomicReference<>(Fault.NONE);
  private final Map<String, Integer> received = new ConcurrentHashMap<>();
  private final AtomicLong receivedTotal = new AtomicLong();
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

  /** Returns how many requests for an operation arrived with this key, whatever their outcome. */
  int received(String key) {
    return received.getOrDefault(key, 0);
  }

  /** Returns how many requests arrived, except control requests. */
  long received() {
    return receivedTotal.get();
  }

  void close() {
    http.stop(0);
  }

  private void listen() throws IOException {
    http = HttpServer.create(address, BACKLOG);
    address = http.getAddress(); // with the actual port, if it was 0
    http.createContext("/", this::handle);
    http.setExecutor(threads);
    http.start();
  }

  private void handle(HttpExchange exchange) throws IOException {
    try (exchange) {
      var body = exchange.getRequestBody().readAllBytes();
      var route = exchange.getRequestMethod() + " " + exchange.getRequestURI().getPath();
      switch (route) {
        case "POST /charges" -> handleOperation(exchange, Kind.CHARGE, body);
        case "POST /payouts" -> handleOperation(exchange, Kind.PAYOUT, body);
        case "POST /refunds" -> handleOperation(exchange, Kind.REFUND, body);
        case String it when it.startsWith(FIND) ->
            drawFault(false).apply(fault -> find(it.substring(FIND.length()), fault), exchange);
        case String it when CHANGE.matcher(it).matches() ->
            drawFault(true).apply(fault -> change(it, body, fault.mode()), exchange);
        default -> Fault.NONE.apply(_ -> control(exchange, route, body), exchange);
      }
    } catch (InterruptedException stopping) {
      // Closing the exchange drops the connection.
    }
  }

  private void handleOperation(HttpExchange exchange, Kind kind, byte[] body)
      throws IOException, InterruptedException {
    var key = requireNonNullElse(exchange.getRequestHeaders().getFirst("Idempotency-Key"), "");
    received.merge(key, 1, Integer::sum);
    drawFault(true).apply(fault -> perform(kind, key, body, fault), exchange);
  }

  private Response perform(Kind kind, String key, byte[] body, Fault fault)
      throws InterruptedException {
    if (key.isBlank()) {
      throw new RejectedException(400, "key-missing");
    }
    var operation = operations.perform(key, OperationRequest.read(kind, body), fault);
    return new Response(
        operation.status() == Operation.Status.PENDING ? 202 : 201, operation.forCallers());
  }

  private Response find(String key, Fault fault) {
    return new Response(200, operations.find(key, fault).forCallers());
  }

  private Response change(String route, byte[] body, Fault.Mode mode) {
    var path = match(CHANGE, route);
    var operation =
        path.group(2).equals("cancel")
            ? operations.cancel(path.group(1), mode)
            : operations.capture(path.group(1), amount(body), mode);
    return new Response(200, operation.forCallers());
  }

  private static MatchResult match(Pattern pattern, String route) {
    return pattern.matcher(route).results().findFirst().orElseThrow();
  }

  /** Decides whether the current fault affects this request, and counts it if so. */
  private Fault drawFault(boolean write) {
    receivedTotal.incrementAndGet();
    var random = ThreadLocalRandom.current().nextDouble();
    var fault = current.getAndUpdate(it -> it.affects(write, random) ? it.afterRequest() : it);
    return fault.affects(write, random) ? fault : fault.healed();
  }

  private Response control(HttpExchange exchange, String route, byte[] body)
      throws InterruptedException {
    return switch (route) {
      case "GET /operations" -> list(exchange.getRequestURI().getQuery());
      case "GET /balance" -> new Response(200, Map.of("data", balances()));
      case "POST /settlements" ->
          new Response(
              201,
              Map.of("data", operations.settle().stream().map(Operation::forCallers).toList()));
      case "GET /faults" -> new Response(200, current.get());
      case "PUT /faults" -> setFault(exchange, body);
      case String it when it.matches("POST /operations/[^/]+/return") ->
          new Response(
              201,
              operations
                  .returnOperation(it.split("/")[2], amount(body), current.get().mode())
                  .forCallers());
      case String it when it.matches("POST /operations/[^/]+/reinstate") ->
          new Response(
              200, operations.reinstate(it.split("/")[2], current.get().mode()).forCallers());
      case String it when it.startsWith(PAGE) ->
          ActionPage.of(operations.byId(it.substring(PAGE.length())));
      case String it when ACTION.matcher(it).matches() -> {
        var path = match(ACTION, it);
        var approved = path.group(2).equals("approve");
        yield ActionPage.of(operations.act(path.group(1), approved, current.get().mode()));
      }
      default -> throw new RejectedException(404, "not-found");
    };
  }

  private record AmountRequest(@Nullable Long amount) {}

  private static @Nullable Long amount(byte[] body) {
    var request = body.length == 0 ? null : Json.MAPPER.readValue(body, AmountRequest.class);
    return request == null ? null : request.amount();
  }

  private Response list(@Nullable String query) {
    var selected =
        operations.list(
            parameter(query, "from").map(Instant::parse).orElse(Instant.MIN),
            parameter(query, "to").map(Instant::parse).orElse(Instant.MAX),
            parameter(query, "after").orElse(null),
            parameter(query, "limit").map(Integer::valueOf).orElse(Integer.MAX_VALUE));
    return new Response(200, Map.of("data", selected.stream().map(this::line).toList()));
  }

  /** A line of the report. */
  private record Line(@JsonUnwrapped Operation operation, @Nullable Long fee) {}

  private Line line(Operation operation) {
    var fee = operations.fee(operation);
    return new Line(operation.forCallers(), fee == 0 ? null : Long.valueOf(fee));
  }

  private record Balance(String currency, long amount) {}

  private List<Balance> balances() {
    return operations.balances().entrySet().stream()
        .map(it -> new Balance(it.getKey(), it.getValue()))
        .toList();
  }

  private static Optional<String> parameter(@Nullable String query, String name) {
    return Stream.of(query == null ? new String[0] : query.split("&"))
        .filter(parameter -> parameter.startsWith(name + "="))
        .map(parameter -> parameter.substring(name.length() + 1))
        .findFirst();
  }

  private Response setFault(HttpExchange exchange, byte[] body) throws InterruptedException {
    var fault = requireNonNullElse(Json.MAPPER.readValue(body, Fault.class), Fault.NONE);
    current.set(fault);
    if (fault.mode() == Fault.Mode.REFUSE) {
      // The caller must not reuse a connection that is about to be closed.
      exchange.getResponseHeaders().set("Connection", "close");
      closePort(fault.latencyMs());
    }
    return new Response(200, fault);
  }

  /**
   * Closes the port for a time, and returns as soon as connections are refused. Requests in
   * progress, the one for this fault among them, get a second to finish; then open connections are
   * closed as well.
   */
  private void closePort(long millis) throws InterruptedException {
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
      throw new UncheckedIOException("Port " + port() + " was taken while it was closed", e);
    }
  }
}
