package dev.paymentprovider;

import dev.paymentprovider.Operation.Kind;
import java.util.Currency;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;

/**
 * What a caller asked for. Two requests under one key are the same if these records are equal;
 * white space and the order of the fields don't matter.
 *
 * @param instrument set for charges and payouts
 * @param charge set for refunds: the charge's id or key
 */
record OperationRequest(
    Kind kind,
    String reference,
    long amount,
    String currency,
    @Nullable String instrument,
    @Nullable String charge) {

  private static final long LARGEST = 1_000_000_000_000_000L;
  private static final Pattern TOKEN = Pattern.compile("[A-Za-z0-9_-]{1,200}");

  private record Body(
      @Nullable String reference,
      @Nullable Long amount,
      @Nullable String currency,
      @Nullable String instrument,
      @Nullable String charge) {}

  static OperationRequest read(Kind kind, byte[] json) {
    Body body;
    try {
      body = Json.MAPPER.readValue(json, Body.class);
    } catch (JacksonException malformed) {
      throw new InvalidRequest(400, "invalid-body");
    }
    var refund = kind == Kind.REFUND;
    if (body == null || (refund ? body.charge : body.instrument) == null) {
      throw new InvalidRequest(400, "invalid-body");
    }
    if (body.reference == null || body.amount == null || body.currency == null) {
      throw new InvalidRequest(400, "invalid-body");
    }
    if (body.amount <= 0 || body.amount > LARGEST) {
      throw new InvalidRequest(422, "invalid-amount");
    }
    if (!hasMinorUnits(body.currency)) {
      throw new InvalidRequest(422, "invalid-currency");
    }
    if (!refund && !TOKEN.matcher(body.instrument).matches()) {
      throw new InvalidRequest(422, "invalid-instrument");
    }
    return new OperationRequest(
        kind,
        body.reference,
        body.amount,
        body.currency,
        refund ? null : body.instrument,
        refund ? body.charge : null);
  }

  private static boolean hasMinorUnits(String currency) {
    try {
      return Currency.getInstance(currency).getDefaultFractionDigits() >= 0;
    } catch (IllegalArgumentException unknown) {
      return false;
    }
  }
}
