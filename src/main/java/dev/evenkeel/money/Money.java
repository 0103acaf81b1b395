package dev.evenkeel.money;

import java.math.BigDecimal;
import java.text.DecimalFormat;
import java.text.DecimalFormatSymbols;
import java.util.Currency;
import java.util.Locale;
import java.util.Optional;

/**
 * An amount of one currency in its minor units: {@code 1250 EUR} is €12.50, {@code 1250 JPY} is
 * ¥1,250. The number of decimals is the currency's (ISO 4217), never a parameter.
 */
public record Money(long minorUnits, Currency currency) {

  /** The largest amount of one transfer, and the largest overdraft limit. */
  public static final long MAX_AMOUNT = 1_000_000_000_000_000L;

  /** The largest balance, of either sign: exact in every JSON reader that uses doubles. */
  public static final long MAX_BALANCE = 9 * MAX_AMOUNT;

  /**
   * Finds a currency.
   *
   * @param code ISO 4217, in capitals
   * @return empty for an unknown code and for one without minor units, such as gold ({@code XAU})
   */
  public static Optional<Currency> currency(String code) {
    try {
      Currency currency = Currency.getInstance(code);
      return currency.getDefaultFractionDigits() < 0 ? Optional.empty() : Optional.of(currency);
    } catch (IllegalArgumentException unknown) {
      return Optional.empty();
    }
  }

  public static Money of(long minorUnits, String currency) {
    return new Money(minorUnits, Currency.getInstance(currency));
  }

  public Money negated() {
    return new Money(-minorUnits, currency);
  }

  public String currencyCode() {
    return currency.getCurrencyCode();
  }

  /** The amount for people, in English: {@code €12.50}, {@code ¥500}, {@code 1.250 KWD}. */
  @Override
  public String toString() {
    int decimals = currency.getDefaultFractionDigits();
    String pattern = "#,##0" + (decimals > 0 ? "." + "0".repeat(decimals) : "");
    DecimalFormat format = new DecimalFormat(pattern, DecimalFormatSymbols.getInstance(Locale.US));
    String number = format.format(BigDecimal.valueOf(Math.absExact(minorUnits), decimals));
    String sign = minorUnits < 0 ? "-" : "";
    String symbol = currency.getSymbol(Locale.US);
    return symbol.equals(currencyCode()) ? sign + number + " " + symbol : sign + symbol + number;
  }
}
