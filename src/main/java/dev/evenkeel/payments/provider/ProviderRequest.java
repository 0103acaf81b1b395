package dev.evenkeel.payments.provider;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * A request to the provider to move money. Key and body are the same at each attempt.
 *
 * @param reference the id of the payment or refund: our reference and our idempotency key
 * @param amount minor units
 * @param instrument the provider's token, for charges and payouts
 * @param charge the key of the refunded charge, for refunds
 */
public record ProviderRequest(
    Kind kind,
    UUID reference,
    long amount,
    String currency,
    @Nullable String instrument,
    @Nullable UUID charge) {

  /** A kind of request; each has a path in the provider's API. */
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
