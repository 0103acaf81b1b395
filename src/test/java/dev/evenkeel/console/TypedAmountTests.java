package dev.evenkeel.console;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.util.Currency;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Amounts as people type them. */
class TypedAmountTests {

  @ParameterizedTest
  @CsvSource({
    "12.50, EUR, 1250",
    "'12,50', EUR, 1250",
    "12.5, EUR, 1250",
    "12, EUR, 1200",
    "' 12.50 ', EUR, 1250",
    "0.01, EUR, 1",
    "007, EUR, 700",
    "500, JPY, 500",
    "1.250, KWD, 1250",
    "'1,25', KWD, 1250",
    "10000000000000.00, EUR, 1000000000000000",
    "1000000000000000, JPY, 1000000000000000",
    "0.29, EUR, 29",
    "9007199254740.99, EUR, 900719925474099",
  })
  void readsMajorUnitsExactly(String typed, String currency, long minorUnits) {
    assertThat(TypedAmount.parse(typed, Currency.getInstance(currency))).isEqualTo(minorUnits);
  }

  @ParameterizedTest
  @CsvSource({
    "'', EUR, must be a number such as 12.50",
    "1e3, EUR, must be a number such as 12.50",
    "-1, EUR, must be a number such as 12.50",
    "+1, EUR, must be a number such as 12.50",
    ".50, EUR, must be a number such as 12.50",
    "12., EUR, must be a number such as 12.50",
    "'1,250.00', EUR, must be a number such as 12.50",
    "1 250, EUR, must be a number such as 12.50",
    "€12, EUR, must be a number such as 12.50",
    "١٢, EUR, must be a number such as 12.50",
    "NaN, KWD, must be a number such as 12.500",
    "x, JPY, must be a number such as 13",
    "12.505, EUR, 'must have at most 2 decimals in EUR, such as 12.50'",
    "12.500, EUR, 'must have at most 2 decimals in EUR, such as 12.50'",
    "'1,250', EUR, 'must have at most 2 decimals in EUR, such as 12.50'",
    "12.5, JPY, 'must have at most 0 decimals in JPY, such as 13'",
    "0, EUR, must be more than zero",
    "0.00, EUR, must be more than zero",
    "10000000000000.01, EUR, 'must be at most €10,000,000,000,000.00'",
    "999999999999999999999999999999, EUR, 'must be at most €10,000,000,000,000.00'",
  })
  void rejectsEverythingElse(String typed, String currency, String message) {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> TypedAmount.parse(typed, Currency.getInstance(currency)))
        .withMessage(message);
  }
}
