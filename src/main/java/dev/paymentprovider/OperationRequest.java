package dev.paymentprovider;

import java.util.Currency;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * A caller's request for an operation. Requests under one idempotency key are the same if these
 * records are equal; white space and the order of the fields don't matter.
 *
 * @param amount minor units
 * @param instrument only for charges and payouts
 * @param charge only for refunds: the charge's id or idempotency key
 * @param capture only for charges: false to authorize the amount now and capture it later
 */
record OperationRequest(
    Kind kind,
    String reference,
    long amount,
    String currency,
    @Nullable String instrument,
    @Nullable String charge,
    @Nullable Boolean capture) {

  enum Kind {
    CHARGE,
    PAYOUT,
    REFUND,
    RETURN,
    /** Pays what the provider owes its customer to that one's bank. */
    SETTLEMENT
  }

  private static final Pattern TOKEN = Pattern.compile("[A-Za-z0-9_-]{1,200}");

  static OperationRequest read(Kind kind, byte[] json) {
    var request = Json.MAPPER.readValue(json, OperationRequest.class);
    if (request == null
        || request.reference == null
        || request.currency == null
        || (kind == Kind.REFUND ? request.charge : request.instrument) == null) {
      throw new RejectedException(400, "malformed");
    }
    if (request.amount <= 0) {
      throw new RejectedException(422, "invalid-amount");
    }
    if (!hasMinorUnits(request.currency)) {
      throw new RejectedException(422, "invalid-currency");
    }
    if (kind != Kind.REFUND && !TOKEN.matcher(request.instrument).matches()) {
      throw new RejectedException(422, "invalid-instrument");
    }
    return switch (kind) {
      case CHARGE -> request.with(kind, request.instrument, null, request.capture);
      case REFUND -> request.with(kind, null, request.charge, null);
      case PAYOUT, RETURN, SETTLEMENT -> request.with(kind, request.instrument, null, null);
    };
  }

  private OperationRequest with(
      Kind kind, @Nullable String instrument, @Nullable String charge, @Nullable Boolean capture) {
    return new OperationRequest(kind, reference, amount, currency, instrument, charge, capture);
  }

  /** Returns this without what only its caller needs to know. */
  OperationRequest as(Kind kind) {
    return with(kind, null, null, null);
  }

  OperationRequest with(long amount) {
    return new OperationRequest(kind, reference, amount, currency, instrument, charge, capture);
  }

  boolean isAuthorization() {
    return Boolean.FALSE.equals(capture);
  }

  private static boolean hasMinorUnits(String currency) {
    return Currency.getAvailableCurrencies().stream()
        .filter(it -> it.getDefaultFractionDigits() >= 0)
        .anyMatch(it -> it.getCurrencyCode().equals(currency));
  }
}
