package dev.evenkeel.payments;

import dev.evenkeel.payments.provider.Gateway;
import dev.evenkeel.payments.provider.WebhookHint;
import java.util.List;
import java.util.Map;
import org.springframework.stereotype.Component;

/**
 * Receives the provider's webhooks. Each is only a hint that makes us query the provider, so
 * duplicates, replays, delays and reordering do no harm.
 */
@Component
public class ProviderWebhooks {

  private final Gateway gateway;
  private final PaymentRepository payments;

  ProviderWebhooks(Gateway gateway, PaymentRepository payments) {
    this.gateway = gateway;
    this.payments = payments;
  }

  /** What became of a webhook. */
  public enum Result {
    RECEIVED,
    FORGED,
    MALFORMED
  }

  /**
   * Makes the payment of a signed webhook due at once. Unknown references are ignored.
   *
   * @param headers by name in lower case
   * @param body the bytes as received
   */
  public Result receive(Map<String, List<String>> headers, byte[] body) {
    return switch (gateway.readWebhook(headers, body)) {
      case WebhookHint.Forged() -> Result.FORGED;
      case WebhookHint.Malformed() -> Result.MALFORMED;
      case WebhookHint.About(var reference) -> {
        if (reference != null) {
          payments.hint(reference);
        }
        yield Result.RECEIVED;
      }
      case WebhookHint.AboutOperation(var operation) -> {
        payments.hint(operation);
        yield Result.RECEIVED;
      }
    };
  }
}
