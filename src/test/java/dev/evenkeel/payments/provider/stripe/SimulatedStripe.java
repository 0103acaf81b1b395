package dev.evenkeel.payments.provider.stripe;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.evenkeel.payments.provider.Gateway;
import dev.evenkeel.payments.provider.Wire;
import dev.evenkeel.payments.provider.World;
import dev.paymentprovider.SimulatedProvider;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.UUID;
import java.util.function.BiConsumer;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** The provider of the simulation, which speaks Stripe's protocol: a translation of its answers. */
public final class SimulatedStripe extends SimulatedProvider {

  private static final JsonMapper JSON = JsonMapper.shared();

  /** How long a search does not find what is new. */
  private static final Duration SEARCH_DELAY = Duration.ofMinutes(1);

  private record Stored(Answer answer, Instant at) {}

  private final InstantSource clock;
  private final Map<String, Stored> keys = new HashMap<>();

  /** What was declined and can be paid with another card no more. */
  private final Set<String> ended = new HashSet<>();

  public SimulatedStripe(
      Path file,
      InstantSource clock,
      BiConsumer<Duration, Runnable> later,
      Consumer<String> webhooks) {
    super(file, clock, later, webhooks);
    this.clock = clock;
  }

  /** The gateway of production. */
  public static Gateway gateway(Wire wire, World world) {
    StripeWebhooks webhooks = new StripeWebhooks(List.of(FakeStripe.WEBHOOK_SECRET), false);
    URI returnUrl = URI.create("https://shop.example/back");
    return new StripeGateway(FakeStripe.API_KEY, returnUrl, webhooks, wire, world);
  }

  /** A webhook. */
  public record Message(Map<String, List<String>> headers, byte[] body) {}

  public static Message webhook(UUID payment) {
    ObjectNode event = JSON.createObjectNode().put("object", "event").put("livemode", false);
    ObjectNode object = event.putObject("data").putObject("object");
    object.putObject("metadata").put("reference", payment.toString());
    String body = event.toString();
    String signature = FakeStripe.sign(body, FakeStripe.WEBHOOK_SECRET, Instant.now());
    return new Message(Map.of("stripe-signature", List.of(signature)), body.getBytes(UTF_8));
  }

  // What is particular to it

  @Override
  public boolean isFlexibleAbout(String kind) {
    return !kind.equals("REFUND");
  }

  @Override
  public boolean isReinstatable(String id) {
    return !operation(operation(id).path("of").asString()).path("kind").asString().equals("refund");
  }

  @Override
  public boolean offers(String kind) {
    return !Set.of("PAY_OUT", "blind refund").contains(kind);
  }

  /** A search finds it for good. */
  @Override
  public boolean knows(String key) {
    return recorded(key) != null;
  }

  /** What is declined is not final before it is canceled. */
  @Override
  public List<Recorded> recorded() {
    return super.recorded().stream().map(this::recorded).toList();
  }

  private Recorded recorded(Recorded it) {
    boolean open = it.kind().equals("CHARGE") && it.status().equals("DECLINED");
    return !open || ended.contains(it.id())
        ? it
        : new Recorded(
            it.id(), it.key(), it.kind(), "OPEN", it.asked(), it.amount(), 0, false, false);
  }

  @Override
  public @Nullable String falsified(String answer) {
    return answer.startsWith("{\"object\":\"payment_intent\"")
            && answer.contains("\"status\":\"succeeded\"")
        ? answer.replace(
            "\"status\":\"succeeded\"",
            "\"status\":\"canceled\",\"last_payment_error\":{\"code\":\"card_declined\"}")
        : null;
  }

  @Override
  public String misread(String order) {
    return order.replaceFirst("amount=\\d", "amount=7");
  }

  @Override
  public Answer rejection() {
    return error(400, "parameter_invalid");
  }

  private static Answer error(int status, String code) {
    return new Answer(status, FakeStripe.errorBody("invalid_request_error", code, code));
  }

  // Requests

  @Override
  public Subject about(String path, @Nullable String key, byte @Nullable [] body) {
    String[] part = path.split("[/?]");
    if (body != null && part.length == 3) {
      return new Subject(Objects.requireNonNull(key), true, null);
    }
    String id = id(part[3]);
    if (body != null) {
      boolean declined = status(operation(id)).equals("declined");
      return new Subject(key(id), false, declined ? null : part[4]);
    }
    Map<String, String> form = FakeStripe.form(URI.create(path).getRawQuery());
    if (form.containsKey("query")) {
      return new Subject(reference(form), false, null);
    }
    String of = form.get("payment_intent");
    return new Subject(key(id(of == null ? part[3] : of)), false, null, of != null);
  }

  private static String reference(Map<String, String> search) {
    return search.getOrDefault("query", "").replaceAll(".*:'(.*)'", "$1");
  }

  private static String id(String stripes) {
    return stripes.replaceFirst("^(pi|re|dp|txn)_", "op_").replace('_', '-').replaceFirst("-", "_");
  }

  private static String stripes(String prefix, String id) {
    return prefix + id.substring("op".length()).replace('-', '_');
  }

  private JsonNode operation(String keyOrId) {
    return JSON.readTree(find(keyOrId).body());
  }

  private static String status(JsonNode operation) {
    return operation.path("status").asString("");
  }

  @Override
  public Answer answer(String path, @Nullable String key, byte @Nullable [] body) {
    String[] part = path.split("[/?]");
    if (body == null) {
      return read(part, FakeStripe.form(URI.create(path).getRawQuery()));
    }
    Map<String, String> form = FakeStripe.form(new String(body, UTF_8));
    // The SDK gives changes a key that is new each time.
    return part.length == 3
        ? once(Objects.requireNonNull(key), path, form)
        : change(id(part[3]), part[4], form);
  }

  /** Repeats the first answer, as long as the key is known. */
  private Answer once(String key, String path, Map<String, String> form) {
    Stored stored = keys.get(key);
    if (stored != null && clock.instant().isBefore(stored.at().plus(KEY_RETENTION))) {
      return new Answer(stored.answer().status(), stored.answer().body(), true);
    }
    Answer answer = create(key, path, form);
    keys.put(key, new Stored(answer, clock.instant()));
    return answer;
  }

  private Answer create(String key, String path, Map<String, String> form) {
    ObjectNode order = JSON.createObjectNode();
    order.put("reference", form.get("metadata[reference]"));
    order.put("amount", Long.parseLong(Objects.requireNonNull(form.get("amount"))));
    boolean refund = path.endsWith("refunds");
    if (refund) {
      order.put("currency", "EUR");
      order.put("charge", id(Objects.requireNonNull(form.get("payment_intent"))));
    } else {
      order.put("currency", form.getOrDefault("currency", "").toUpperCase(Locale.ROOT));
      order.put("instrument", form.get("payment_method"));
      order.put("capture", !"manual".equals(form.get("capture_method")));
    }
    byte[] body = order.toString().getBytes(UTF_8);
    JsonNode made = JSON.readTree(super.answer(refund ? "/refunds" : "/charges", key, body).body());
    ObjectNode object = object(made, Map.of());
    if (refund || !status(made).equals("declined")) {
      return new Answer(200, object.toString());
    }
    ObjectNode answer = JSON.createObjectNode();
    ObjectNode error = object.withObject("last_payment_error").deepCopy();
    answer.set("error", error.set("payment_intent", object));
    return new Answer(402, answer.toString());
  }

  private Answer change(String id, String what, Map<String, String> form) {
    String status = status(operation(id));
    boolean cancel = what.equals("cancel");
    if (cancel && status.equals("declined") && ended.add(id)) {
      return found(id, form);
    }
    boolean open = status.equals("authorized") || cancel && status.equals("pending");
    if (!open) {
      return error(400, "payment_intent_unexpected_state");
    }
    String amount = "{\"amount\":" + form.get("amount_to_capture") + "}";
    Answer done = followUp("/operations/" + id + "/" + what, amount.getBytes(UTF_8));
    return done.status() == 200 ? found(id, form) : error(400, "amount_too_large");
  }

  // Answers

  private Answer read(String[] part, Map<String, String> form) {
    String collection = part[2];
    if (part.length > 3 && part[3].equals("search")) {
      return page(
          recorded().stream()
              .filter(it -> it.kind().equals("CHARGE") && it.key().equals(reference(form)))
              .map(it -> operation(it.id()))
              .filter(it -> isIndexed(it.path("at").asString()))
              .map(it -> object(it, form))
              .toList());
    }
    String charge = id(form.getOrDefault("payment_intent", ""));
    if (collection.equals("disputes")) {
      return page(
          operation(charge).path("returns").valueStream().map(it -> dispute(charge, it)).toList());
    }
    return form.containsKey("payment_intent")
        ? page(
            recorded().stream()
                .filter(it -> it.kind().equals("REFUND"))
                .map(it -> operation(it.id()))
                .filter(it -> it.path("of").asString("").equals(charge))
                .map(it -> object(it, form))
                .toList())
        : found(id(part[3]), form);
  }

  private boolean isIndexed(String at) {
    return !Instant.parse(at).plus(SEARCH_DELAY).isAfter(clock.instant());
  }

  private static Answer page(List<ObjectNode> objects) {
    ObjectNode page = JSON.createObjectNode().put("object", "list").put("has_more", false);
    page.putArray("data").addAll(objects);
    return new Answer(200, page.toString());
  }

  private Answer found(String id, Map<String, String> form) {
    return new Answer(200, object(operation(id), form).toString());
  }

  private ObjectNode object(JsonNode it, Map<String, String> form) {
    boolean refund = it.path("kind").asString().equals("refund");
    ObjectNode object = JSON.createObjectNode();
    object.put("object", refund ? "refund" : "payment_intent");
    String id = it.path("id").asString();
    object.put("id", stripes(refund ? "re" : "pi", id));
    Recorded recorded = Objects.requireNonNull(recorded(it.path("key").asString()));
    object.put("amount", recorded.asked());
    object.put("currency", it.path("currency").asString().toLowerCase(Locale.ROOT));
    object.putObject("metadata").put("reference", it.path("reference").asString());
    object.put("created", Instant.parse(it.path("at").asString()).getEpochSecond());
    JsonNode returns = it.path("returns");
    if (refund) {
      describeRefund(object, it, returns);
    } else {
      describePaymentIntent(object, it, form.containsValue("latest_charge"));
    }
    return object;
  }

  private static void describeRefund(ObjectNode object, JsonNode it, JsonNode returns) {
    boolean declined = status(it).equals("declined");
    boolean back = !returns.isEmpty();
    object.put("status", declined || back ? "failed" : "succeeded");
    if (declined) {
      object.put("failure_reason", it.path("code").asString());
    }
    if (back) {
      String id = returns.path(0).path("id").asString();
      object.put("failure_balance_transaction", stripes("txn", id));
    }
  }

  private void describePaymentIntent(ObjectNode object, JsonNode it, boolean expanded) {
    String status = status(it);
    String id = it.path("id").asString();
    boolean acts = it.path("nextAction").isObject();
    object.put(
        "status",
        switch (status) {
          case "approved" -> "succeeded";
          case "authorized" -> "requires_capture";
          case "pending" -> acts ? "requires_action" : "processing";
          case "declined" -> ended.contains(id) ? "canceled" : "requires_payment_method";
          default -> status;
        });
    object.put("amount_received", status.equals("approved") ? it.path("amount").asLong() : 0);
    String charge = stripes("ch", id);
    if (expanded) {
      ObjectNode latest = object.putObject("latest_charge").put("object", "charge");
      latest.put("id", charge).put("disputed", !it.path("returns").isEmpty());
    } else {
      object.put("latest_charge", charge);
    }
    if (acts) {
      ObjectNode action = object.putObject("next_action").put("type", "redirect_to_url");
      String url = it.path("nextAction").path("redirectUrl").asString();
      action.putObject("redirect_to_url").put("url", url);
    }
    if (status.equals("declined")) {
      ObjectNode error = object.putObject("last_payment_error").put("type", "card_error");
      error.put("code", it.path("code").asString());
    }
  }

  private static ObjectNode dispute(String charge, JsonNode it) {
    long amount = it.path("amount").asLong();
    ObjectNode dispute = JSON.createObjectNode();
    dispute.put("object", "dispute").put("id", stripes("dp", it.path("id").asString()));
    dispute.put("payment_intent", stripes("pi", charge));
    dispute.put("amount", amount).put("currency", "eur");
    ArrayNode moved = dispute.putArray("balance_transactions");
    moved.addObject().put("amount", -amount);
    if (it.path("reinstated").asBoolean(false)) {
      moved.addObject().put("amount", amount);
    }
    return dispute;
  }
}
