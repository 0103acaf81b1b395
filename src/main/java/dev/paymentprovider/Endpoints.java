package dev.paymentprovider;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpHandler;
import dev.paymentprovider.Fault.Call;
import dev.paymentprovider.Operation.Kind;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.net.URI;
import java.net.URLDecoder;
import java.util.Arrays;
import java.util.List;

/** Which request is whose. Orders and questions meet the faults; the controls never do. */
final class Endpoints implements HttpHandler {

  private static final Logger LOG = System.getLogger(Endpoints.class.getName());
  private static final int LARGEST_BODY = 64 * 1024;

  private final Faults faults;
  private final Orders orders;
  private final Controls controls;
  private final Wire wire;

  Endpoints(Faults faults, Orders orders, Controls controls, Wire wire) {
    this.faults = faults;
    this.orders = orders;
    this.controls = controls;
    this.wire = wire;
  }

  @Override
  public void handle(HttpExchange exchange) {
    try (exchange) {
      log(exchange);
      try {
        route(exchange, body(exchange));
      } catch (InvalidRequest invalid) {
        wire.send(exchange, invalid.answer());
      }
    } catch (Lifetime.Ended ended) {
      LOG.log(Level.DEBUG, "Given up, the provider stops");
    } catch (IOException | UncheckedIOException gone) {
      LOG.log(Level.DEBUG, "The caller is gone, or the provider stops", gone);
    }
  }

  private void route(HttpExchange exchange, byte[] body) throws IOException {
    var path = segments(exchange.getRequestURI());
    var route = exchange.getRequestMethod() + " /" + path.getFirst();
    switch (path.size()) {
      case 1 -> {
        switch (route) {
          case "POST /charges" -> order(exchange, Kind.CHARGE, body);
          case "POST /payouts" -> order(exchange, Kind.PAYOUT, body);
          case "POST /refunds" -> order(exchange, Kind.REFUND, body);
          case "GET /operations" -> wire.send(exchange, controls.list(query(exchange)));
          case "GET /faults" -> wire.send(exchange, controls.faults());
          case "PUT /faults" -> wire.send(exchange, controls.misbehave(body));
          default -> notFound(exchange);
        }
      }
      case 2 -> {
        if (!route.equals("GET /operations")) {
          notFound(exchange);
          return;
        }
        wire.carry(exchange, faults.strike(Call.QUESTION), () -> orders.find(path.get(1)));
      }
      case 3 -> {
        if (!route.equals("POST /operations") || !path.get(2).equals("return")) {
          notFound(exchange);
          return;
        }
        wire.send(exchange, controls.takeBack(path.get(1)));
      }
      default -> notFound(exchange);
    }
  }

  private void order(HttpExchange exchange, Kind kind, byte[] body) throws IOException {
    var key = exchange.getRequestHeaders().getFirst("Idempotency-Key");
    orders.count(key);
    var fault = faults.strike(Call.ORDER);
    wire.carry(exchange, fault, () -> orders.perform(kind, key, body, fault.mode()));
  }

  private void notFound(HttpExchange exchange) throws IOException {
    wire.send(exchange, Answer.error(404, "not-found"));
  }

  private static byte[] body(HttpExchange exchange) throws IOException {
    var body = exchange.getRequestBody().readNBytes(LARGEST_BODY + 1);
    if (body.length > LARGEST_BODY) {
      throw new InvalidRequest(413, "body-too-large");
    }
    return body;
  }

  /** At least one; decoded, so that a key may contain anything. */
  private static List<String> segments(URI uri) {
    return Arrays.stream(uri.getRawPath().substring(1).split("/", -1))
        .map(Endpoints::decoded)
        .toList();
  }

  private static Query query(HttpExchange exchange) {
    return Query.parse(exchange.getRequestURI().getRawQuery());
  }

  /** Percent signs only: a plus is a plus, in paths as in offsets of time. */
  static String decoded(String text) {
    return URLDecoder.decode(text.replace("+", "%2B"), UTF_8);
  }

  private static void log(HttpExchange exchange) {
    var headers = exchange.getRequestHeaders();
    LOG.log(
        Level.DEBUG,
        "{0} {1} key={2} traceparent={3}",
        exchange.getRequestMethod(),
        exchange.getRequestURI(),
        headers.getFirst("Idempotency-Key"),
        headers.getFirst("traceparent"));
  }
}
