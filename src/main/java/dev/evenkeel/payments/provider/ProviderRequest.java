package dev.evenkeel.payments.provider;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.json.JsonMapper;

/**
 * A request to the provider to move money. Key and body are the same at each attempt, byte for
 * byte: the provider refuses the key with another body.
 *
 * @param reference the id of the payment or refund: our reference and our idempotency key
 * @param amount minor units
 * @param instrument the provider's token, for charges and payouts
 * @param charge the key of the refunded charge, for refunds
 * @param body the JSON that is sent, made by this release or stored by the one that sent it first
 */
public record ProviderRequest(
    Kind kind,
    UUID reference,
    long amount,
    String currency,
    @Nullable String instrument,
    @Nullable UUID charge,
    String body) {

  /** Goes up with each change of {@link #write}; stored with the body, to tell who wrote it. */
  public static final int BODY_VERSION = 1;

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

  /** A request that was never sent. */
  public ProviderRequest(
      Kind kind,
      UUID reference,
      long amount,
      String currency,
      @Nullable String instrument,
      @Nullable UUID charge) {
    this(
        kind,
        reference,
        amount,
        currency,
        instrument,
        charge,
        write(reference, amount, currency, instrument, charge));
  }

  /** This request as it was sent before. */
  public ProviderRequest withBody(String sent) {
    return new ProviderRequest(kind, reference, amount, currency, instrument, charge, sent);
  }

  private static String write(
      UUID reference,
      long amount,
      String currency,
      @Nullable String instrument,
      @Nullable UUID charge) {
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
    return JsonMapper.shared().writeValueAsString(body);
  }
}
