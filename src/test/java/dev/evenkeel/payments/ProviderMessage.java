package dev.evenkeel.payments;

import com.standardwebhooks.Webhook;
import dev.evenkeel.payments.provider.Gateway;
import dev.evenkeel.payments.provider.WebhookHint;
import dev.testing.TestServices;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** A webhook of the provider, as it arrives; a null header is missing. */
record ProviderMessage(
    @Nullable String id, @Nullable String timestamp, @Nullable String signature, String body) {

  static ProviderMessage of(String body) {
    return signed(TestServices.WEBHOOK_SECRET, Instant.now(), body);
  }

  static ProviderMessage about(Object reference) {
    return of(hint(reference));
  }

  static String hint(Object reference) {
    return "{\"type\":\"operation.updated\",\"data\":{\"reference\":\"" + reference + "\"}}";
  }

  static ProviderMessage signed(String secret, Instant at, String body) {
    String id = "msg_" + UUID.randomUUID();
    try {
      String signature = new Webhook(secret).sign(id, at.getEpochSecond(), body);
      return new ProviderMessage(id, Long.toString(at.getEpochSecond()), signature, body);
    } catch (Exception impossible) {
      throw new IllegalStateException(impossible);
    }
  }

  ProviderWebhooks.Result deliverTo(ProviderWebhooks webhooks) {
    return webhooks.receive(received(), bytes());
  }

  WebhookHint readBy(Gateway gateway) {
    return gateway.readWebhook(received(), bytes());
  }

  private Map<String, List<String>> received() {
    Map<String, List<String>> received = new HashMap<>();
    headers().forEach((name, value) -> received.put(name, List.of(value)));
    return received;
  }

  private byte[] bytes() {
    return body.getBytes(StandardCharsets.UTF_8);
  }

  Map<String, String> headers() {
    Map<String, String> headers = new HashMap<>();
    if (id != null) {
      headers.put("webhook-id", id);
    }
    if (timestamp != null) {
      headers.put("webhook-timestamp", timestamp);
    }
    if (signature != null) {
      headers.put("webhook-signature", signature);
    }
    return headers;
  }
}
