package dev.evenkeel.payments;

import com.standardwebhooks.Webhook;
import com.standardwebhooks.exceptions.EmptyWebhookSecretException;
import com.standardwebhooks.exceptions.WebhookVerificationException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Component;
import org.springframework.transaction.annotation.Transactional;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.DeserializationFeature;
import tools.jackson.databind.json.JsonMapper;

/**
 * Receives the provider's webhooks. Each is only a hint that makes us query the provider, so
 * duplicates, replays, delays and reordering do no harm.
 */
@Component
public class ProviderWebhooks {

  private static final JsonMapper JSON =
      JsonMapper.builder().disable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES).build();

  private final List<Webhook> secrets;
  private final PaymentRepository payments;

  ProviderWebhooks(PaymentsSettings settings, PaymentRepository payments) {
    this.secrets =
        settings.provider().webhookSecrets().stream().map(ProviderWebhooks::secret).toList();
    this.payments = payments;
  }

  private static Webhook secret(String secret) {
    try {
      return new Webhook(secret);
    } catch (EmptyWebhookSecretException empty) {
      throw new IllegalArgumentException("a webhook secret of the provider is empty", empty);
    }
  }

  private record Message(@Nullable Data data) {}

  private record Data(@Nullable String reference) {}

  /**
   * Verifies that the provider signed a webhook within the last five minutes (Standard Webhooks).
   *
   * @param headers by name in lower case
   * @param body the bytes as received
   */
  public boolean isSigned(Map<String, List<String>> headers, byte[] body) {
    String payload = new String(body, StandardCharsets.UTF_8);
    return secrets.stream().anyMatch(secret -> isSignedWith(secret, headers, payload));
  }

  private static boolean isSignedWith(
      Webhook secret, Map<String, List<String>> headers, String payload) {
    try {
      secret.verify(payload, headers);
      return true;
    } catch (WebhookVerificationException forged) {
      return false;
    }
  }

  /**
   * Makes the payment of a signed webhook due at once. Unknown references are ignored.
   *
   * @return false if the body is malformed
   */
  @Transactional
  public boolean receive(byte[] body) {
    try {
      Message message = JSON.readValue(body, Message.class);
      if (message == null) {
        return false;
      }
      if (message.data() != null && message.data().reference() != null) {
        payments.hint(UUID.fromString(message.data().reference()));
      }
      return true;
    } catch (JacksonException malformed) {
      return false;
    } catch (IllegalArgumentException unknownReference) {
      return true;
    }
  }
}
