package dev.evenkeel.payments.provider.acme;

import static java.net.URLEncoder.encode;
import static java.nio.charset.StandardCharsets.UTF_8;

import dev.evenkeel.payments.provider.Answer;
import dev.evenkeel.payments.provider.FollowUp;
import dev.evenkeel.payments.provider.Gateway;
import dev.evenkeel.payments.provider.ProviderOperation;
import dev.evenkeel.payments.provider.ProviderOperation.Return;
import dev.evenkeel.payments.provider.ProviderRequest;
import dev.evenkeel.payments.provider.ProviderRequest.Known;
import dev.evenkeel.payments.provider.ProviderRequest.Order;
import dev.evenkeel.payments.provider.ProviderResponse;
import dev.evenkeel.payments.provider.ReportPage;
import dev.evenkeel.payments.provider.RetryAfter;
import dev.evenkeel.payments.provider.WebhookHint;
import dev.evenkeel.payments.provider.Wire;
import java.io.IOException;
import java.math.BigDecimal;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.time.Duration;
import java.time.Instant;
import java.util.Currency;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Stream;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;

/** Speaks the protocol of {@link FakeAcme}: forms, decimal amounts, words of its own. */
final class AcmeGateway implements Gateway {

  static final String NAME = "acme";

  private static final Logger log = LoggerFactory.getLogger(AcmeGateway.class);

  private static final Duration TOLERANCE = Duration.ofMinutes(5);

  private static final Map<String, String> WORDS =
      Map.of(
          "OPEN", "pending",
          "RESERVED", "authorized",
          "SETTLED", "approved",
          "REFUSED", "declined",
          "VOIDED", "canceled",
          "NSF", "insufficient_funds",
          "SCA", "authentication_failed");

  private final Wire wire;
  private final String apiKey;
  private final List<String> secrets;

  AcmeGateway(Wire wire, String apiKey, List<String> secrets) {
    this.wire = wire;
    this.apiKey = apiKey;
    this.secrets = secrets;
  }

  @Override
  public String name() {
    return NAME;
  }

  /** Acme makes one transaction of a reference, so the reference is the idempotency key. */
  @Override
  public String write(Order order) {
    String type = order.kind().name().toLowerCase(Locale.ROOT);
    String source = Objects.requireNonNullElse(order.instrument(), String.valueOf(order.charge()));
    String sum = decimal(order.amount(), order.currency());
    return "type=%s&source=%s&settle=%s"
            .formatted(type, encode(source, UTF_8), !order.manualCapture())
        + "&ref=%s&ccy=%s&sum=%s".formatted(order.reference(), order.currency(), sum);
  }

  private static String decimal(long amount, String currency) {
    return BigDecimal.valueOf(amount, decimals(currency)).toPlainString();
  }

  private static int decimals(String currency) {
    return Currency.getInstance(currency).getDefaultFractionDigits();
  }

  @Override
  public Answer send(ProviderRequest request, Duration timeout) throws IOException {
    return ask("order", "", request.body(), request, timeout);
  }

  /** Acme settles or voids a transaction once, and answers with what it is now. */
  @Override
  public Answer followUp(ProviderRequest request, Duration timeout) throws IOException {
    Known known = Objects.requireNonNull(request.known());
    String path = "/" + encode(known.operation(), UTF_8);
    String sum = decimal(request.approvedAmount(), request.order().currency());
    return known.followUp() == FollowUp.CAPTURE
        ? ask("capture", path + "/settle", "sum=" + sum, request, timeout)
        : ask("cancel", path + "/void", "", request, timeout);
  }

  @Override
  public Answer query(ProviderRequest request, Duration timeout) throws IOException {
    Known known = request.known();
    String id = known == null ? request.order().reference().toString() : known.operation();
    return ask("query", "/" + encode(id, UTF_8), null, request, timeout);
  }

  /**
   * Makes the only call of an attempt.
   *
   * @param form null for a question, to which only 404 is more than a failure
   */
  private Answer ask(
      String name, String path, @Nullable String form, ProviderRequest request, Duration timeout)
      throws IOException {
    Wire.Reply reply = call(name, path, form, Wire.MAX_ANSWER, timeout);
    ProviderResponse failure =
        ProviderResponse.failure(reply.status(), RetryAfter.of(reply.headers()));
    return Answer.of(
        reply,
        switch (reply.status()) {
          case 200 -> read(request, reply.body());
          case 404 -> form == null ? new ProviderResponse.NotFound() : failure;
          case 422 -> form == null ? failure : new ProviderResponse.Rejected("Acme answered 422");
          default -> failure;
        });
  }

  private Wire.Reply call(
      String name, String path, @Nullable String form, int maxAnswer, Duration timeout)
      throws IOException {
    Map<String, String> headers =
        Map.of("Acme-Key", apiKey, "Content-Type", "application/x-www-form-urlencoded");
    String resource = "/transactions" + path;
    return wire.exchange(new Wire.Call(name, resource, headers, form, maxAnswer), timeout);
  }

  private static ProviderResponse read(ProviderRequest request, byte[] body) {
    try {
      JsonNode json = JsonMapper.shared().readTree(body);
      return operation(json).responseTo(request, json.path("page").stringValue(null));
    } catch (RuntimeException malformed) {
      return new ProviderResponse.Unknown("Acme's answer is malformed", false);
    }
  }

  /** Throws if a part that decides is missing or has another form. */
  private static ProviderOperation operation(JsonNode json) {
    String id = text(json, "id");
    String reference = text(json, "ref");
    String type = text(json, "type");
    String currency = text(json, "ccy");
    List<Return> returns =
        json.required("returns")
            .asArray()
            .valueStream()
            .map(it -> new Return(text(it, "id"), amount(it, currency), isUndone(it)))
            .toList();
    return new ProviderOperation(
        id,
        type.equals("return") ? id : reference,
        reference,
        type,
        amount(json, currency),
        currency,
        word(text(json, "state")),
        word(json.path("reason").stringValue("")),
        returns,
        isUndone(json),
        Instant.parse(text(json, "at")));
  }

  /** Reads a text that fits into the database and its indexes. */
  private static String text(JsonNode json, String field) {
    String text = json.required(field).stringValue();
    if (!text.matches("[\\w.:-]{1,255}")) {
      throw new IllegalArgumentException(field);
    }
    return text;
  }

  private static long amount(JsonNode json, String currency) {
    return new BigDecimal(text(json, "sum")).movePointRight(decimals(currency)).longValueExact();
  }

  private static boolean isUndone(JsonNode json) {
    return json.required("undone").booleanValue();
  }

  private static String word(String acmes) {
    return WORDS.getOrDefault(acmes, acmes);
  }

  @Override
  public ReportPage list(Instant from, Instant to, @Nullable String after, Duration timeout)
      throws IOException {
    String path = "?from=" + from + "&to=" + to + (after == null ? "" : "&after=" + after);
    byte[] body = call("report", path, null, Wire.MAX_PAGE, timeout).okBody();
    try {
      ArrayNode lines = JsonMapper.shared().readTree(body).required("transactions").asArray();
      String last = lines.isEmpty() ? null : text(lines.get(lines.size() - 1), "id");
      List<ProviderOperation> readable = lines.valueStream().flatMap(AcmeGateway::line).toList();
      return new ReportPage(readable, List.of(), last);
    } catch (RuntimeException malformed) {
      throw new IOException("Acme's report is malformed", malformed);
    }
  }

  /** Leaves out a line that cannot be read: it must not stop the reconciliation of all others. */
  private static Stream<ProviderOperation> line(JsonNode json) {
    try {
      return Stream.of(operation(json));
    } catch (RuntimeException malformed) {
      log.warn("A line of Acme's report cannot be read", malformed);
      return Stream.of();
    }
  }

  @Override
  public WebhookHint readWebhook(Map<String, List<String>> headers, byte[] body) {
    String signature = String.join(",", headers.getOrDefault("acme-signature", List.of()));
    if (secrets.stream().noneMatch(secret -> isSigned(body, secret, signature))) {
      return new WebhookHint.Forged();
    }
    try {
      JsonNode json = JsonMapper.shared().readTree(body);
      Duration age = Duration.between(Instant.parse(text(json, "at")), Instant.now()).abs();
      return age.compareTo(TOLERANCE) > 0
          ? new WebhookHint.Forged()
          : WebhookHint.About.of(json.required("ref").stringValue());
    } catch (RuntimeException malformed) {
      return new WebhookHint.Malformed();
    }
  }

  private static boolean isSigned(byte[] body, String secret, String signature) {
    try {
      Mac mac = Mac.getInstance("HmacSHA256");
      mac.init(new SecretKeySpec(secret.getBytes(UTF_8), "HmacSHA256"));
      String expected = HexFormat.of().formatHex(mac.doFinal(body));
      return MessageDigest.isEqual(expected.getBytes(UTF_8), signature.getBytes(UTF_8));
    } catch (GeneralSecurityException impossible) {
      throw new IllegalStateException(impossible);
    }
  }

  @Override
  public void close() {
    wire.close();
  }
}
