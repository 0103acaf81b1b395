package dev.paymentprovider;

import java.util.Currency;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * What a caller asked for. Two requests under one key are the same if these records are equal;
 * white space and the order of the fields don't matter.
 *
 * @param amount in minor units
 * @param instrument for charges and payouts
 * @param charge for refunds: the charge's id or key
 */
record Order(
    Kind kind,
    String reference,
    long amount,
    String currency,
    @Nullable String instrument,
    @Nullable String charge) {

  enum Kind {
    CHARGE,
    PAYOUT,
    REFUND,
    RETURN
  }

  private static final Pattern TOKEN = Pattern.compile("[A-Za-z0-9_-]{1,200}");

  static Order read(Kind kind, byte[] json) {
    var order = Json.MAPPER.readValue(json, Order.class);
    if (order == null
        || order.reference == null
        || order.currency == null
        || (kind == Kind.REFUND ? order.charge : order.instrument) == null) {
      throw new Refusal(400, "malformed");
    }
    if (order.amount <= 0) {
      throw new Refusal(422, "invalid-amount");
    }
    if (!hasMinorUnits(order.currency)) {
      throw new Refusal(422, "invalid-currency");
    }
    if (kind != Kind.REFUND && !TOKEN.matcher(order.instrument).matches()) {
      throw new Refusal(422, "invalid-instrument");
    }
    return kind == Kind.REFUND
        ? order.with(kind, null, order.charge)
        : order.with(kind, order.instrument, null);
  }

  Order with(Kind kind, @Nullable String instrument, @Nullable String charge) {
    return new Order(kind, reference, amount, currency, instrument, charge);
  }

  Order with(long amount) {
    return new Order(kind, reference, amount, currency, instrument, charge);
  }

  private static boolean hasMinorUnits(String currency) {
    return Currency.getAvailableCurrencies().stream()
        .filter(it -> it.getDefaultFractionDigits() >= 0)
        .anyMatch(it -> it.getCurrencyCode().equals(currency));
  }
}
