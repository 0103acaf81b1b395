package dev.evenkeel.payments.provider;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * What the provider is asked to do; the same key and body at each attempt.
 *
 * @param reference the payment's or refund's id: our reference and the provider's idempotency key
 * @param amount minor units
 * @param instrument for charges and payouts: the provider's token
 * @param charge for refunds: the key of the charge
 */
public record ProviderRequest(
    Kind kind,
    UUID reference,
    long amount,
    String currency,
    @Nullable String instrument,
    @Nullable UUID charge) {

  /** Each has a path of the provider's API. */
  public enum Kind {
    CHARGE("/charges"),
    PAYOUT("/payouts"),
    REFUND("/refunds");

    private final String path;

    Kind(String path) {
      this.path = path;
    }

    String path() {
      return path;
    }
  }

  Map<String, Object> body() {
    Map<String, Object> body = new LinkedHashMap<>();
    body.put("reference", reference);
    body.put("amount", amount);
    body.put("currency", currency);
    if (instrument != null) {
      body.put("instrument", instrument);
    }
    if (charge != null) {
      body.put("charge", charge);
    }
    return body;
  }
}
