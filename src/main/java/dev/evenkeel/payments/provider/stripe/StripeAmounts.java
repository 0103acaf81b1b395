package dev.evenkeel.payments.provider.stripe;

import dev.evenkeel.money.Money;
import java.util.Currency;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Converts amounts between the minor units of ISO 4217 and those of Stripe, which counts some
 * currencies with other decimals.
 */
final class StripeAmounts {

  /** The decimals at Stripe, where they differ from ISO 4217. */
  private static final Map<String, Integer> DECIMALS = Map.of("ISK", 2, "UGX", 2, "MGA", 0);

  private StripeAmounts() {}

  /** Returns the amount as Stripe counts it; null if Stripe cannot take it. */
  static @Nullable Long toStripe(long amount, String currency) {
    int more = decimals(currency) - digits(currency);
    if (more > 0) {
      return amount * power(more);
    }
    // Of three decimals, Stripe takes the last one only as a zero.
    boolean takes = amount % (digits(currency) == 3 ? 10 : power(-more)) == 0;
    return takes ? amount / power(-more) : null;
  }

  /** Returns Stripe's amount in minor units; null if it is none, or there is no such currency. */
  static @Nullable Long fromStripe(@Nullable Long amount, String currency) {
    if (amount == null
        || amount < 0
        || amount > Money.MAX_AMOUNT
        || Money.currency(currency).isEmpty()) {
      return null;
    }
    int more = decimals(currency) - digits(currency);
    if (more <= 0) {
      return amount * power(-more);
    }
    return amount % power(more) == 0 ? amount / power(more) : null;
  }

  /** Returns Stripe's amount, which may be negative, as {@link #fromStripe} does. */
  static @Nullable Long signedFromStripe(@Nullable Long amount, String currency) {
    if (amount == null || amount >= 0) {
      return fromStripe(amount, currency);
    }
    Long positive = fromStripe(-amount, currency);
    return positive == null ? null : -positive;
  }

  /** Returns ISO's code of Stripe's currency. */
  static String currency(@Nullable String currency) {
    return String.valueOf(currency).toUpperCase(Locale.ROOT);
  }

  private static int decimals(String currency) {
    return DECIMALS.getOrDefault(currency, digits(currency));
  }

  private static int digits(String currency) {
    return Currency.getInstance(currency).getDefaultFractionDigits();
  }

  private static long power(int exponent) {
    return (long) Math.pow(10, exponent);
  }
}
