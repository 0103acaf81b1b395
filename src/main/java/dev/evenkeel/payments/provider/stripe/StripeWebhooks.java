package dev.evenkeel.payments.provider.stripe;

import com.stripe.exception.SignatureVerificationException;
import com.stripe.net.Webhook;
import dev.evenkeel.payments.provider.WebhookHint;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * Verifies and reads Stripe's webhooks.
 *
 * @param secrets the secrets that may sign them
 * @param live whether they are about real money, as our key is
 */
record StripeWebhooks(List<String> secrets, boolean live) {

  private static final Duration TOLERANCE = Duration.ofMinutes(5);
  private static final Pattern TIME = Pattern.compile("(?:^|,)t=([0-9]{1,12})(?:,|$)");

  WebhookHint read(Map<String, List<String>> headers, byte[] body) {
    List<String> signatures = headers.getOrDefault("stripe-signature", List.of());
    String payload = new String(body, StandardCharsets.UTF_8);
    if (signatures.size() != 1
        || isFromTheFuture(signatures.getFirst())
        || secrets.stream().noneMatch(it -> isSigned(payload, signatures.getFirst(), it))) {
      return new WebhookHint.Forged();
    }
    try {
      return read(JsonMapper.shared().readTree(payload));
    } catch (JacksonException malformed) {
      return new WebhookHint.Malformed();
    }
  }

  /** An event of another account, or of the other mode, is about no payment of ours. */
  private WebhookHint read(JsonNode event) {
    JsonNode mode = event.path("livemode");
    if (!"event".equals(event.path("object").stringValue(null)) || !mode.isBoolean()) {
      return new WebhookHint.Malformed();
    }
    if (mode.booleanValue() != live || event.hasNonNull("account")) {
      return new WebhookHint.About(null);
    }
    JsonNode object = event.path("data").path("object");
    String charged = object.path("payment_intent").stringValue(null);
    boolean dispute = "dispute".equals(object.path("object").stringValue(null));
    return dispute && charged != null && StripeReader.isId(charged)
        ? new WebhookHint.AboutOperation(charged)
        : WebhookHint.About.of(
            object.path("metadata").path(StripeReader.REFERENCE).stringValue(null));
  }

  /** The SDK refuses old signatures only. */
  private static boolean isFromTheFuture(String signature) {
    Matcher time = TIME.matcher(signature);
    return !time.find()
        || Long.parseLong(time.group(1)) > Instant.now().plus(TOLERANCE).getEpochSecond();
  }

  private static boolean isSigned(String payload, String signature, String secret) {
    try {
      return Webhook.Signature.verifyHeader(payload, signature, secret, TOLERANCE.toSeconds());
    } catch (SignatureVerificationException | RuntimeException forged) {
      return false;
    }
  }
}
