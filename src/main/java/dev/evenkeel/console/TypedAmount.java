package dev.evenkeel.console;

import dev.evenkeel.money.Money;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.util.Currency;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** An amount as people type it: in major units, with a point or a comma before the decimals. */
final class TypedAmount {

  private static final Pattern NUMBER = Pattern.compile("([0-9]{1,30})(?:[.,]([0-9]{1,30}))?");

  private TypedAmount() {}

  /**
   * Parses an amount exactly: nothing is rounded, and nothing is guessed.
   *
   * @return minor units, 1 to 10^15
   * @throws IllegalArgumentException if it is no such amount; its message says why
   */
  static long parse(String typed, Currency currency) {
    Matcher number = NUMBER.matcher(typed.strip());
    int decimals = currency.getDefaultFractionDigits();
    if (!number.matches()) {
      throw new IllegalArgumentException("must be a number such as " + example(decimals));
    }
    String fraction = number.group(2) == null ? "" : number.group(2);
    if (fraction.length() > decimals) {
      throw new IllegalArgumentException(
          "must have at most %s decimals in %s, such as %s"
              .formatted(decimals, currency, example(decimals)));
    }
    BigDecimal minorUnits =
        new BigDecimal(number.group(1) + "." + fraction + "0").movePointRight(decimals);
    if (minorUnits.signum() == 0) {
      throw new IllegalArgumentException("must be more than zero");
    }
    if (minorUnits.compareTo(BigDecimal.valueOf(Money.MAX_AMOUNT)) > 0) {
      throw new IllegalArgumentException(
          "must be at most " + new Money(Money.MAX_AMOUNT, currency));
    }
    return minorUnits.longValueExact();
  }

  private static String example(int decimals) {
    return BigDecimal.valueOf(125, 1).setScale(decimals, RoundingMode.UP).toString();
  }
}
