package dev.evenkeel.payments.provider.simulator;

import com.standardwebhooks.Webhook;
import com.standardwebhooks.exceptions.EmptyWebhookSecretException;
import com.standardwebhooks.exceptions.WebhookVerificationException;
import dev.evenkeel.payments.provider.Answer;
import dev.evenkeel.payments.provider.Gateway;
import dev.evenkeel.payments.provider.ProviderBalance;
import dev.evenkeel.payments.provider.ProviderRequest;
import dev.evenkeel.payments.provider.ProviderRequest.Known;
import dev.evenkeel.payments.provider.ProviderRequest.Order;
import dev.evenkeel.payments.provider.ProviderSettingsException;
import dev.evenkeel.payments.provider.ReportPage;
import dev.evenkeel.payments.provider.RetryAfter;
import dev.evenkeel.payments.provider.WebhookHint;
import dev.evenkeel.payments.provider.Wire;
import java.io.IOException;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.springframework.web.util.UriUtils;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.DeserializationFeature;
import tools.jackson.databind.json.JsonMapper;

/** Speaks the protocol of the payment provider simulator. */
public final class SimulatorGateway implements Gateway {

  public static final String NAME = "simulator";

  /** Lines in one page of the report, so that it stays small: a line has about 350 B. */
  private static final int PAGE_SIZE = 100;

  private static final JsonMapper JSON =
      JsonMapper.builder().disable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES).build();

  private final Wire wire;
  private final List<Webhook> secrets;

  /**
   * @param secrets the secrets that may sign webhooks: {@code whsec_} and the key in base 64
   */
  public SimulatorGateway(Wire wire, List<String> secrets) {
    this.wire = wire;
    this.secrets = secrets.stream().map(SimulatorGateway::secret).toList();
  }

  private static Webhook secret(String secret) {
    try {
      return new Webhook(secret);
    } catch (EmptyWebhookSecretException | IllegalArgumentException wrong) {
      throw new ProviderSettingsException(
          "a webhook secret of the payment provider is empty or malformed.",
          "Set evenkeel.payments.provider.webhook-secrets to whsec_ and the key in base 64.");
    }
  }

  @Override
  public String name() {
    return NAME;
  }

  @Override
  public String write(Order order) {
    Map<String, Object> body = new LinkedHashMap<>();
    body.put("reference", order.reference());
    body.put("amount", order.amount());
    body.put("currency", order.currency());
    if (order.instrument() != null) {
      body.put("instrument", order.instrument());
    }
    if (order.charge() != null) {
      body.put("charge", order.charge());
    }
    if (order.manualCapture()) {
      body.put("capture", false);
    }
    return JSON.writeValueAsString(body);
  }

  @Override
  public Answer send(ProviderRequest request, Duration timeout) throws IOException {
    Order order = request.order();
    String kind = order.kind().name().toLowerCase(Locale.ROOT);
    String body = Objects.requireNonNull(request.body());
    return ordered(request, kind, "/" + kind + "s", order.reference().toString(), body, timeout);
  }

  @Override
  public Answer followUp(ProviderRequest request, Duration timeout) throws IOException {
    Known known = Objects.requireNonNull(request.known());
    String what =
        switch (Objects.requireNonNull(known.followUp())) {
          case CAPTURE -> "capture";
          case CANCEL, EXPIRE -> "cancel";
          case UNREADABLE -> throw new IllegalArgumentException("unreadable");
        };
    return ordered(
        request,
        what,
        path(request) + "/" + what,
        request.order().reference() + "/" + what,
        known.capture() == null ? "{}" : "{\"amount\":%d}".formatted(known.capture()),
        timeout);
  }

  private Answer ordered(
      ProviderRequest request, String name, String path, String key, String body, Duration timeout)
      throws IOException {
    Map<String, String> headers =
        Map.of("Content-Type", "application/json", "Idempotency-Key", key);
    Wire.Reply reply =
        wire.exchange(new Wire.Call(name, path, headers, body, Wire.MAX_ANSWER), timeout);
    return Answer.of(
        reply,
        ResponseParser.ofRequest(
            request, reply.status(), reply.body(), RetryAfter.of(reply.headers())));
  }

  @Override
  public Answer query(ProviderRequest request, Duration timeout) throws IOException {
    Wire.Reply reply = get("ask", path(request), Wire.MAX_ANSWER, timeout);
    return Answer.of(
        reply,
        ResponseParser.ofQuery(
            request, reply.status(), reply.body(), RetryAfter.of(reply.headers())));
  }

  private static String path(ProviderRequest request) {
    Known known = request.known();
    return "/operations/"
        + (known == null
            ? request.order().reference().toString()
            : UriUtils.encodePathSegment(known.operation(), StandardCharsets.UTF_8));
  }

  @Override
  public ReportPage list(Instant from, Instant to, @Nullable String after, Duration timeout)
      throws IOException {
    String path = "/operations?from=" + from + "&to=" + to + "&limit=" + PAGE_SIZE;
    if (after != null) {
      path += "&after=" + URLEncoder.encode(after, StandardCharsets.UTF_8);
    }
    return ResponseParser.report(get("report", path, Wire.MAX_PAGE, timeout).okBody());
  }

  @Override
  public List<ProviderBalance> balances(Duration timeout) throws IOException {
    Wire.Reply reply = get("balance", "/balance", Wire.MAX_ANSWER, timeout);
    return reply.status() == 404 ? List.of() : ResponseParser.balances(reply.okBody());
  }

  private Wire.Reply get(String name, String path, int maxAnswer, Duration timeout)
      throws IOException {
    return wire.exchange(new Wire.Call(name, path, Map.of(), null, maxAnswer), timeout);
  }

  private record Message(@Nullable Data data) {}

  private record Data(@Nullable String reference) {}

  /** Standard Webhooks: signed within the last five minutes, with any of the secrets. */
  @Override
  public WebhookHint readWebhook(Map<String, List<String>> headers, byte[] body) {
    String payload = new String(body, StandardCharsets.UTF_8);
    if (secrets.stream().noneMatch(secret -> isSigned(secret, headers, payload))) {
      return new WebhookHint.Forged();
    }
    try {
      Message message = JSON.readValue(body, Message.class);
      return message == null
          ? new WebhookHint.Malformed()
          : WebhookHint.About.of(message.data() == null ? null : message.data().reference());
    } catch (JacksonException malformed) {
      return new WebhookHint.Malformed();
    }
  }

  private static boolean isSigned(
      Webhook secret, Map<String, List<String>> headers, String payload) {
    try {
      secret.verify(payload, headers);
      return true;
    } catch (WebhookVerificationException forged) {
      return false;
    }
  }

  @Override
  public void close() {
    wire.close();
  }
}
