package dev.evenkeel.payments.provider.stripe;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.URLDecoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Queue;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * A server that speaks as much of Stripe's public API as the gateway uses: payment intents with
 * test payment methods, refunds, disputes, balance transactions, idempotency keys and signed
 * webhooks. It knows nothing of Evenkeel.
 */
public final class FakeStripe implements AutoCloseable {

  public static final String API_KEY = "sk_test_fake";
  public static final String WEBHOOK_SECRET = "whsec_fake";

  /** What happens to a request. */
  private sealed interface Fault {

    /** It is carried out and answered. */
    record None() implements Fault {}

    /** The work is done, and the connection is dropped. */
    record LostAnswer() implements Fault {}

    /** The request has begun and failed: the answer is stored under its key. */
    record Failure() implements Fault {}

    /** The request is answered so, and nothing else happens. */
    record Refusal(int status, String body, Map<String, String> headers) implements Fault {}
  }

  private record Response(int status, String body) {}

  private record Stored(String request, Response response) {}

  private final HttpServer server;
  private final HttpClient http = HttpClient.newHttpClient();
  private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
  private final Map<String, ObjectNode> objects = new LinkedHashMap<>();
  private final Map<String, Stored> keys = new HashMap<>();
  private final Set<String> keysInUse = new HashSet<>();
  private final Queue<Fault> faults = new ArrayDeque<>();
  private final Queue<String> requests = new ConcurrentLinkedQueue<>();
  private int lastId;
  private @Nullable URI webhookTarget;

  /** The most objects in a page. */
  private int pageSize = 100;

  /** Whether a canceled payment intent forgets why it was declined. */
  private boolean forgetsErrors;

  /** Whether a search finds nothing new. */
  private boolean searchesLate;

  private long fee;

  private FakeStripe() throws IOException {
    server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.setExecutor(threads);
    server.createContext("/v1/", this::api);
    server.createContext("/3ds/", this::page);
    server.start();
  }

  public static FakeStripe start() throws IOException {
    return new FakeStripe();
  }

  public URI url() {
    return URI.create("http://127.0.0.1:" + server.getAddress().getPort());
  }

  @Override
  public void close() {
    server.stop(0);
    threads.shutdownNow();
    http.shutdownNow();
  }

  // What a test controls

  public synchronized void sendWebhooksTo(URI target) {
    webhookTarget = target;
  }

  /** The next request is none of those that the following calls are about. */
  public synchronized void pass() {
    faults.add(new Fault.None());
  }

  public synchronized void loseAnswer() {
    faults.add(new Fault.LostAnswer());
  }

  public synchronized void fail() {
    faults.add(new Fault.Failure());
  }

  public synchronized void refuse(int status, String body, Map<String, String> headers) {
    faults.add(new Fault.Refusal(status, body, headers));
  }

  /** The next request with this key meets another one that is in progress. */
  public synchronized void use(String key) {
    keysInUse.add(key);
  }

  public synchronized void forgetKeys() {
    keys.clear();
  }

  public synchronized void limitPages(int objects) {
    pageSize = objects;
  }

  public synchronized void forgetErrors() {
    forgetsErrors = true;
  }

  public synchronized void searchLate(boolean late) {
    searchesLate = late;
  }

  /** The requests since the start, such as {@code POST /v1/refunds}. */
  public List<String> requests() {
    return List.copyOf(requests);
  }

  public synchronized JsonNode object(String id) {
    return existing(id).deepCopy();
  }

  /** The payment intents with a reference. */
  public synchronized List<JsonNode> paymentIntents(String reference) {
    return ofType("payment_intent").stream()
        .filter(it -> reference.equals(it.at("/metadata/reference").asString("")))
        .map(JsonNode::deepCopy)
        .toList();
  }

  /** Makes a payment intent as a person does at the dashboard: without our reference. */
  public synchronized String chargeAtTheDashboard(long amount) {
    Map<String, String> form = new HashMap<>();
    form.put("amount", Long.toString(amount));
    form.put("currency", "eur");
    form.put("payment_method", "pm_card_visa");
    return JsonMapper.shared().readTree(create(form).body()).path("id").asString();
  }

  /** A customer disputes all of a charge, and the money is withdrawn, of which a webhook tells. */
  public synchronized String dispute(String paymentIntent) {
    ObjectNode intent = existing(paymentIntent);
    ObjectNode charge = existing(text(intent, "latest_charge"));
    ObjectNode dispute = object("dp", "dispute", Map.of("currency", text(intent, "currency")));
    dispute.put("amount", intent.path("amount_received").asLong());
    dispute.put("payment_intent", paymentIntent);
    dispute.put("charge", text(charge, "id"));
    dispute.put("status", "needs_response");
    charge.put("disputed", true);
    settle(dispute, -dispute.path("amount").asLong());
    send(event("charge.dispute.funds_withdrawn", dispute));
    return text(dispute, "id");
  }

  /** We win a dispute, and its money comes back. */
  public synchronized void win(String dispute) {
    ObjectNode won = existing(dispute);
    won.put("status", "won");
    settle(won, won.path("amount").asLong());
    send(event("charge.dispute.funds_reinstated", won));
  }

  private void settle(ObjectNode dispute, long amount) {
    ArrayNode moved = dispute.withArray("balance_transactions");
    moved.add(balance(dispute, "adjustment", amount).deepCopy());
  }

  /** Takes this fee for each charge from now on. */
  public synchronized void takeFee(long fee) {
    this.fee = fee;
  }

  /** Moves our balance: a payout to our bank has a negative amount. */
  public synchronized void move(String type, long amount) {
    balance(object("po", "payout", Map.of("currency", "eur")), type, amount);
  }

  /** A refund fails after its money has left. */
  public synchronized void failRefund(String refund) {
    ObjectNode failed = existing(refund);
    failed.put("status", "failed");
    failed.put("failure_reason", "lost_or_stolen_card");
    ObjectNode back = balance(failed, "refund_failure", failed.path("amount").asLong());
    failed.put("failure_balance_transaction", text(back, "id"));
  }

  /** An event about an object. */
  public synchronized String event(String type, JsonNode object) {
    ObjectNode event = object("evt", "event", Map.of());
    event.remove("metadata");
    event.put("type", type);
    event.put("api_version", "2030-01-01.zebra");
    event.putObject("data").set("object", object);
    objects.remove(text(event, "id"));
    return event.toString();
  }

  /** The header {@code Stripe-Signature} of a webhook. */
  public static String sign(String payload, String secret, Instant at) {
    try {
      Mac mac = Mac.getInstance("HmacSHA256");
      mac.init(new SecretKeySpec(secret.getBytes(StandardCharsets.UTF_8), "HmacSHA256"));
      String signed = at.getEpochSecond() + "." + payload;
      byte[] signature = mac.doFinal(signed.getBytes(StandardCharsets.UTF_8));
      return "t=%d,v1=%s,v0=00".formatted(at.getEpochSecond(), HexFormat.of().formatHex(signature));
    } catch (GeneralSecurityException impossible) {
      throw new IllegalStateException(impossible);
    }
  }

  // The server

  private void api(HttpExchange exchange) throws IOException {
    String method = exchange.getRequestMethod();
    String path = exchange.getRequestURI().getPath();
    String body = new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.UTF_8);
    String key = exchange.getRequestHeaders().getFirst("Idempotency-Key");
    boolean post = method.equals("POST");
    requests.add(method + " " + path);
    Fault fault = nextFault();
    if (fault instanceof Fault.Refusal(int status, String text, Map<String, String> headers)) {
      headers.forEach(exchange.getResponseHeaders()::set);
      answer(exchange, new Response(status, text));
      return;
    }
    String authorization = exchange.getRequestHeaders().getFirst("Authorization");
    Response response;
    if (!("Bearer " + API_KEY).equals(authorization)) {
      response = error(401, "invalid_request_error", null, "Invalid API Key provided");
    } else if (post && key != null) {
      response = once(key, path, body, fault, exchange);
    } else {
      String parameters = post ? body : exchange.getRequestURI().getRawQuery();
      response = perform(path, form(parameters), post, fault);
    }
    if (fault instanceof Fault.LostAnswer) {
      exchange.close();
    } else {
      answer(exchange, response);
    }
  }

  private synchronized @Nullable Fault nextFault() {
    return faults.poll();
  }

  /** A key makes one answer, and keeps it once the request has begun. */
  private synchronized Response once(
      String key, String path, String body, @Nullable Fault fault, HttpExchange exchange) {
    String request = path + "?" + body;
    Stored stored = keys.get(key);
    if (keysInUse.remove(key)) {
      return error(409, "invalid_request_error", "idempotency_key_in_use", "in progress");
    }
    if (stored != null && !stored.request().equals(request)) {
      return error(400, "idempotency_error", null, "another request had this key");
    }
    if (stored != null) {
      exchange.getResponseHeaders().set("Idempotent-Replayed", "true");
      return stored.response();
    }
    Response response = perform(path, form(body), true, fault);
    keys.put(key, new Stored(request, response));
    return response;
  }

  private static void answer(HttpExchange exchange, Response response) throws IOException {
    try (exchange) {
      byte[] bytes = response.body().getBytes(StandardCharsets.UTF_8);
      exchange.getResponseHeaders().set("Content-Type", "application/json");
      exchange.sendResponseHeaders(response.status(), bytes.length == 0 ? -1 : bytes.length);
      exchange.getResponseBody().write(bytes);
    }
  }

  private synchronized Response perform(
      String path, Map<String, String> form, boolean post, @Nullable Fault fault) {
    if (fault instanceof Fault.Failure) {
      return error(500, "api_error", null, "An unknown error occurred");
    }
    String[] part = path.substring("/v1/".length()).split("/");
    if (!post) {
      return read(part, form);
    }
    return switch (part[0]) {
      case "payment_intents" -> part.length == 1 ? create(form) : change(part[1], part[2], form);
      case "refunds" -> refund(form);
      default -> missing();
    };
  }

  /** The bank's page on which the customer acts. */
  private void page(HttpExchange exchange) throws IOException {
    String[] part = exchange.getRequestURI().getPath().split("/");
    if (exchange.getRequestMethod().equals("POST")) {
      act(part[2], part[3].equals("approve"));
    }
    answer(exchange, new Response(200, ""));
  }

  private synchronized void act(String id, boolean approved) {
    ObjectNode intent = existing(id);
    if (!"requires_action".equals(text(intent, "status"))) {
      return;
    }
    intent.remove("next_action");
    if (approved) {
      authorize(intent);
    } else {
      intent.put("status", "requires_payment_method");
      ObjectNode error = intent.putObject("last_payment_error");
      error.put("type", "invalid_request_error");
      error.put("code", "payment_intent_authentication_failure");
      error.put("message", "The provided PaymentMethod has failed authentication.");
    }
    send(event(approved ? "payment_intent.succeeded" : "payment_intent.payment_failed", intent));
  }

  private void send(String event) {
    URI target = webhookTarget;
    if (target != null) {
      http.sendAsync(
          HttpRequest.newBuilder(target)
              .header("Content-Type", "application/json")
              .header("Stripe-Signature", sign(event, WEBHOOK_SECRET, Instant.now()))
              .POST(HttpRequest.BodyPublishers.ofString(event))
              .build(),
          BodyHandlers.discarding());
    }
  }

  // Payment intents and refunds

  private Response create(Map<String, String> form) {
    ObjectNode intent = object("pi", "payment_intent", form);
    intent.put("amount_received", 0);
    intent.put("capture_method", form.getOrDefault("capture_method", "automatic"));
    return switch (form.getOrDefault("payment_method", "")) {
      case "pm_card_visa" -> {
        authorize(intent);
        yield ok(intent);
      }
      case "pm_card_threeDSecure2Required" -> {
        intent.put("status", "requires_action");
        ObjectNode action = intent.putObject("next_action");
        action.put("type", "redirect_to_url");
        ObjectNode redirect = action.putObject("redirect_to_url");
        redirect.put("url", url() + "/3ds/" + text(intent, "id"));
        redirect.put("return_url", form.get("return_url"));
        yield ok(intent);
      }
      case "pm_card_chargeDeclined" -> decline(intent, "generic_decline");
      case "pm_card_chargeDeclinedInsufficientFunds" -> decline(intent, "insufficient_funds");
      default -> {
        objects.remove(text(intent, "id"));
        yield error(400, "invalid_request_error", "resource_missing", "No such PaymentMethod");
      }
    };
  }

  private void authorize(ObjectNode intent) {
    charge(intent).put("status", "succeeded");
    if ("manual".equals(text(intent, "capture_method"))) {
      intent.put("status", "requires_capture");
    } else {
      receive(intent, intent.path("amount").asLong());
    }
  }

  private void receive(ObjectNode intent, long amount) {
    intent.put("status", "succeeded");
    intent.put("amount_received", amount);
    balance(existing(text(intent, "latest_charge")), "charge", amount);
  }

  private Response decline(ObjectNode intent, String code) {
    ObjectNode charge = charge(intent);
    charge.put("status", "failed");
    charge.put("failure_code", "card_declined");
    charge.putObject("outcome").put("reason", code);
    intent.put("status", "requires_payment_method");
    ObjectNode error = JsonMapper.shared().createObjectNode();
    error.put("type", "card_error");
    error.put("code", "card_declined");
    error.put("decline_code", code);
    error.put("message", "Your card was declined.");
    intent.set("last_payment_error", error.deepCopy());
    error.set("payment_intent", intent.deepCopy());
    ObjectNode body = JsonMapper.shared().createObjectNode();
    body.set("error", error);
    return new Response(402, body.toString());
  }

  private ObjectNode charge(ObjectNode intent) {
    ObjectNode charge =
        object(
            "ch",
            "charge",
            Map.of("amount", text(intent, "amount"), "currency", text(intent, "currency")));
    charge.put("payment_intent", text(intent, "id"));
    charge.put("disputed", false);
    intent.put("latest_charge", text(charge, "id"));
    return charge;
  }

  private Response change(String id, String what, Map<String, String> form) {
    ObjectNode intent = objects.get(id);
    if (intent == null) {
      return missing();
    }
    String status = text(intent, "status");
    if (what.equals("capture") && status.equals("requires_capture")) {
      String amount = form.getOrDefault("amount_to_capture", text(intent, "amount"));
      receive(intent, Long.parseLong(amount));
      return ok(intent);
    }
    if (what.equals("cancel") && !Set.of("succeeded", "canceled", "processing").contains(status)) {
      intent.put("status", "canceled");
      intent.remove("next_action");
      if (forgetsErrors) {
        intent.remove("last_payment_error");
      }
      return ok(intent);
    }
    return error(
        400, "invalid_request_error", "payment_intent_unexpected_state", "It is " + status);
  }

  private Response refund(Map<String, String> form) {
    ObjectNode intent = objects.get(form.get("payment_intent"));
    if (intent == null) {
      return missing();
    }
    long amount = Long.parseLong(form.get("amount"));
    long refunded =
        ofType("refund").stream()
            .filter(it -> text(it, "payment_intent").equals(text(intent, "id")))
            .mapToLong(it -> it.path("amount").asLong())
            .sum();
    if (refunded + amount > intent.path("amount_received").asLong()) {
      return error(400, "invalid_request_error", "charge_already_refunded", "Too much");
    }
    ObjectNode refund = object("re", "refund", form);
    refund.put("currency", text(intent, "currency"));
    refund.put("payment_intent", text(intent, "id"));
    refund.put("status", "succeeded");
    balance(refund, "refund", -amount);
    return ok(refund);
  }

  private ObjectNode balance(ObjectNode source, String type, long amount) {
    ObjectNode moved =
        object("txn", "balance_transaction", Map.of("currency", text(source, "currency")));
    moved.put("amount", amount);
    moved.put("fee", type.equals("charge") ? fee : 0);
    moved.put("type", type);
    moved.put("source", text(source, "id"));
    return moved;
  }

  // Reading

  /** A part of it can be paid out already. */
  private ObjectNode balance() {
    long sum =
        ofType("balance_transaction").stream()
            .mapToLong(it -> it.path("amount").asLong() - it.path("fee").asLong())
            .sum();
    ObjectNode balance = JsonMapper.shared().createObjectNode();
    balance.put("object", "balance");
    balance.putArray("available").addObject().put("currency", "eur").put("amount", 7);
    balance.putArray("pending").addObject().put("currency", "eur").put("amount", sum - 7);
    return balance;
  }

  private Response read(String[] part, Map<String, String> form) {
    if (part[0].equals("balance")) {
      return ok(balance());
    }
    if (part.length == 2 && part[1].equals("search")) {
      String reference =
          form.getOrDefault("query", "").replaceAll("^metadata\\['reference'\\]:'(.*)'$", "$1");
      List<ObjectNode> found =
          ofType("payment_intent").stream()
              .filter(it -> !searchesLate)
              .filter(it -> reference.equals(it.at("/metadata/reference").asString("")))
              .toList();
      return page("search_result", found, form);
    }
    if (part.length == 2) {
      ObjectNode object = objects.get(part[1]);
      return object == null ? missing() : ok(expanded(object, form));
    }
    List<ObjectNode> listed =
        ofType(part[0].replaceAll("s$", "")).reversed().stream()
            .filter(it -> matches(it, form, "payment_intent") && matches(it, form, "type"))
            .filter(it ->
                !form.containsKey("created[gte]")
                    || it.path("created").asLong() >= Long.parseLong(form.get("created[gte]")))
            .filter(it ->
                !form.containsKey("created[lt]")
                    || it.path("created").asLong() < Long.parseLong(form.get("created[lt]")))
            .toList();
    return page("list", listed, form);
  }

  private static boolean matches(ObjectNode object, Map<String, String> form, String field) {
    return !form.containsKey(field) || form.get(field).equals(text(object, field));
  }

  private Response page(String type, List<ObjectNode> objects, Map<String, String> form) {
    String after = form.get("starting_after");
    List<String> ids = objects.stream().map(it -> text(it, "id")).toList();
    List<ObjectNode> rest = objects.subList(ids.indexOf(after) + 1, objects.size());
    int limit = Math.min(pageSize, Integer.parseInt(form.getOrDefault("limit", "10")));
    ObjectNode page = JsonMapper.shared().createObjectNode();
    page.put("object", type);
    page.put("has_more", rest.size() > limit);
    ArrayNode data = page.putArray("data");
    rest.stream().limit(limit).forEach(it -> data.add(expanded(it, form)));
    return ok(page);
  }

  /** A copy whose ids are replaced by the objects that the request wants to see. */
  private ObjectNode expanded(ObjectNode object, Map<String, String> form) {
    ObjectNode copy = object.deepCopy();
    form.forEach((name, path) -> {
      if (name.startsWith("expand[")) {
        expand(copy, new ArrayDeque<>(List.of(path.replaceAll("^data\\.", "").split("\\."))));
      }
    });
    return copy;
  }

  private void expand(ObjectNode object, Queue<String> path) {
    String field = path.poll();
    ObjectNode there = objects.get(object.path(String.valueOf(field)).asString(""));
    if (field != null && there != null) {
      ObjectNode copy = there.deepCopy();
      expand(copy, path);
      object.set(field, copy);
    }
  }

  private List<ObjectNode> ofType(String type) {
    return new ArrayList<>(
        objects.values().stream().filter(it -> text(it, "object").equals(type)).toList());
  }

  private ObjectNode existing(String id) {
    return Objects.requireNonNull(objects.get(id));
  }

  // JSON

  private ObjectNode object(String prefix, String type, Map<String, String> form) {
    ObjectNode object = JsonMapper.shared().createObjectNode();
    object.put("id", prefix + "_" + ++lastId);
    object.put("object", type);
    object.put("created", Instant.now().getEpochSecond());
    object.put("livemode", false);
    if (form.containsKey("amount")) {
      object.put("amount", Long.parseLong(form.get("amount")));
    }
    object.put("currency", form.get("currency"));
    ObjectNode metadata = object.putObject("metadata");
    form.forEach((name, value) -> {
      if (name.startsWith("metadata[")) {
        metadata.put(name.substring("metadata[".length(), name.length() - 1), value);
      }
    });
    objects.put(text(object, "id"), object);
    return object;
  }

  private static String text(JsonNode object, String field) {
    return object.path(field).asString("");
  }

  private static Response ok(ObjectNode object) {
    return new Response(200, object.toString());
  }

  private static Response missing() {
    return error(404, "invalid_request_error", "resource_missing", "No such object");
  }

  static String errorBody(String type, @Nullable String code, String message) {
    ObjectNode error = JsonMapper.shared().createObjectNode();
    error.put("type", type);
    error.put("code", code);
    error.put("message", message);
    ObjectNode body = JsonMapper.shared().createObjectNode();
    body.set("error", error);
    return body.toString();
  }

  private static Response error(int status, String type, @Nullable String code, String message) {
    return new Response(status, errorBody(type, code, message));
  }

  static Map<String, String> form(@Nullable String text) {
    Map<String, String> form = new TreeMap<>();
    for (String pair : text == null || text.isEmpty() ? new String[0] : text.split("&")) {
      String[] parts = pair.split("=", 2);
      form.put(decode(parts[0]), decode(parts[1]));
    }
    return form;
  }

  private static String decode(String text) {
    return URLDecoder.decode(text, StandardCharsets.UTF_8);
  }
}
