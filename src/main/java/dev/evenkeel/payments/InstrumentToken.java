package dev.evenkeel.payments;

import java.util.regex.Pattern;

/** The form of a provider's token for a card or an account. Card numbers have another form. */
public final class InstrumentToken {

  private static final Pattern FORM = Pattern.compile("[A-Za-z0-9_-]{1,200}");
  private static final Pattern DIGITS_OF_CARD = Pattern.compile("[0-9]{12,19}");

  private InstrumentToken() {}

  /** Whether a text can be a token: not if it could be a card number. */
  public static boolean isValid(String text) {
    return FORM.matcher(text).matches() && !isCardNumber(text);
  }

  private static boolean isCardNumber(String text) {
    String digits = text.replaceAll("[_-]", "");
    return DIGITS_OF_CARD.matcher(digits).matches() && passesLuhn(digits);
  }

  private static boolean passesLuhn(String digits) {
    int sum = 0;
    for (int i = 0; i < digits.length(); i++) {
      int digit = digits.charAt(digits.length() - 1 - i) - '0';
      int weighted = i % 2 == 0 ? digit : digit * 2;
      sum += weighted > 9 ? weighted - 9 : weighted;
    }
    return sum % 10 == 0;
  }
}
