package dev.evenkeel.payments.provider.acme;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.math.BigDecimal;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.time.Instant;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/**
 * A server of an invented provider. It takes forms, counts money in decimals and makes one
 * transaction of a reference: the same form again gets what is true now. It knows nothing of
 * Evenkeel.
 */
final class FakeAcme implements AutoCloseable {

  static final String API_KEY = "acme_key";
  static final String SECRET = "acme_secret";

  private static final int PAGE_SIZE = 3;

  private record Response(int status, Object body) {}

  private final HttpServer server;
  private final Map<String, ObjectNode> transactions = new LinkedHashMap<>();
  private final Map<String, Map<String, String>> orders = new HashMap<>();

  FakeAcme() throws IOException {
    server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.createContext("/", this::handle);
    server.start();
  }

  URI url() {
    return URI.create("http://127.0.0.1:" + server.getAddress().getPort());
  }

  @Override
  public void close() {
    server.stop(0);
  }

  /** The header {@code Acme-Signature} of a webhook. */
  static String sign(String body, String secret) {
    try {
      Mac mac = Mac.getInstance("HmacSHA256");
      mac.init(new SecretKeySpec(secret.getBytes(StandardCharsets.UTF_8), "HmacSHA256"));
      return HexFormat.of().formatHex(mac.doFinal(body.getBytes(StandardCharsets.UTF_8)));
    } catch (GeneralSecurityException impossible) {
      throw new IllegalStateException(impossible);
    }
  }

  // What a test controls

  /** Takes back all of a charge. */
  synchronized String reverse(String id) {
    ObjectNode charge = existing(id);
    ObjectNode reversal =
        add("return", text(charge, "ref"), text(charge, "sum"), text(charge, "ccy"), "SETTLED");
    charge.withArray("returns").add(reversal);
    return text(reversal, "id");
  }

  synchronized void undo(String reversal) {
    existing(reversal).put("undone", true);
  }

  /** Makes a transaction unreadable. */
  synchronized void spoil(String id) {
    existing(id).put("sum", "a lot");
  }

  // The server

  private synchronized void handle(HttpExchange exchange) throws IOException {
    try (exchange) {
      String body = new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.UTF_8);
      Response response = respond(exchange, body);
      byte[] bytes = JsonMapper.shared().writeValueAsBytes(response.body());
      exchange.sendResponseHeaders(response.status(), bytes.length);
      exchange.getResponseBody().write(bytes);
    }
  }

  private Response respond(HttpExchange exchange, String body) {
    String[] path = exchange.getRequestURI().getPath().substring(1).split("/");
    if (path[0].equals("pages")) {
      return decide(existing(path[1]), path[2]);
    }
    if (!API_KEY.equals(exchange.getRequestHeaders().getFirst("Acme-Key"))) {
      return new Response(401, Map.of());
    }
    if (exchange.getRequestMethod().equals("POST")) {
      return path.length == 1 ? order(form(body)) : change(existing(path[1]), path[2], form(body));
    }
    return path.length == 1
        ? list(form(exchange.getRequestURI().getQuery()))
        : find(path[1]).map(it -> new Response(200, it)).orElse(new Response(404, Map.of()));
  }

  /** The customer approves or declines. */
  private static Response decide(ObjectNode charge, String decision) {
    boolean approved = decision.equals("approve");
    return new Response(
        200,
        charge.put("state", approved ? "SETTLED" : "REFUSED").put("reason", approved ? "" : "SCA"));
  }

  private Response order(Map<String, String> form) {
    String reference = value(form, "ref");
    Map<String, String> earlier = orders.putIfAbsent(reference, form);
    if (earlier != null) {
      return earlier.equals(form)
          ? new Response(200, find(reference).orElseThrow())
          : new Response(409, Map.of());
    }
    if (value(form, "type").equals("refund") && exceeds(form)) {
      orders.remove(reference);
      return new Response(422, Map.of());
    }
    String source = value(form, "source");
    String state =
        switch (source) {
          case "acme-refuse", "acme-poor" -> "REFUSED";
          case "acme-page" -> "OPEN";
          default -> value(form, "settle").equals("false") ? "RESERVED" : "SETTLED";
        };
    ObjectNode made =
        add(value(form, "type"), reference, value(form, "sum"), value(form, "ccy"), state);
    if (state.equals("OPEN")) {
      made.put("page", url() + "/pages/" + text(made, "id"));
    }
    if (state.equals("REFUSED")) {
      made.put("reason", source.equals("acme-poor") ? "NSF" : "STOLEN");
    }
    made.put("source", source);
    return new Response(200, made);
  }

  /** Whether the refunds of a charge, with this one, are more than the charge. */
  private boolean exceeds(Map<String, String> form) {
    String charge = value(form, "source");
    return transactions.values().stream()
            .filter(it -> charge.equals(it.path("source").stringValue(null)))
            .map(FakeAcme::sum)
            .reduce(new BigDecimal(value(form, "sum")), BigDecimal::add)
            .compareTo(sum(find(charge).orElseThrow()))
        > 0;
  }

  /** Settles or voids a charge, if it still can be. */
  private static Response change(ObjectNode charge, String what, Map<String, String> form) {
    boolean reserved = text(charge, "state").equals("RESERVED");
    if (what.equals("settle") && reserved) {
      charge.put("state", "SETTLED").put("sum", value(form, "sum"));
    } else if (what.equals("void") && (reserved || text(charge, "state").equals("OPEN"))) {
      charge.put("state", "VOIDED");
    }
    return new Response(200, charge);
  }

  private Response list(Map<String, String> query) {
    Instant from = Instant.parse(value(query, "from"));
    Instant to = Instant.parse(value(query, "to"));
    List<ObjectNode> page =
        transactions.values().stream()
            .filter(it -> text(it, "id").compareTo(value(query, "after")) > 0)
            .filter(it -> !at(it).isBefore(from) && at(it).isBefore(to))
            .limit(PAGE_SIZE)
            .toList();
    return new Response(200, Map.of("transactions", page));
  }

  private ObjectNode add(String type, String reference, String sum, String currency, String state) {
    ObjectNode made = JsonMapper.shared().createObjectNode();
    made.put("id", "acme_%06d".formatted(transactions.size()));
    made.put("type", type).put("ref", reference).put("sum", sum).put("ccy", currency);
    made.put("state", state).put("at", Instant.now().toString()).put("undone", false);
    made.putArray("returns");
    transactions.put(text(made, "id"), made);
    return made;
  }

  private Optional<ObjectNode> find(String id) {
    return transactions.values().stream()
        .filter(it -> !text(it, "type").equals("return"))
        .filter(it -> id.equals(text(it, "id")) || id.equals(text(it, "ref")))
        .findFirst();
  }

  private ObjectNode existing(String id) {
    return Objects.requireNonNull(transactions.get(id));
  }

  private static Map<String, String> form(String text) {
    Map<String, String> form = new HashMap<>();
    for (String field : text.split("&")) {
      String[] parts = field.split("=", 2);
      form.put(
          parts[0], parts.length == 1 ? "" : URLDecoder.decode(parts[1], StandardCharsets.UTF_8));
    }
    return form;
  }

  private static String value(Map<String, String> form, String field) {
    return form.getOrDefault(field, "");
  }

  private static String text(JsonNode json, String field) {
    return json.required(field).stringValue();
  }

  private static BigDecimal sum(JsonNode json) {
    return new BigDecimal(text(json, "sum"));
  }

  private static Instant at(JsonNode json) {
    return Instant.parse(text(json, "at"));
  }
}
