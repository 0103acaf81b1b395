package dev.evenkeel.money;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Locale;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** How people read amounts, and which currencies there are. */
class MoneyTests {

  @ParameterizedTest(name = "{0} {1} reads {2}")
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          1250             | EUR | €12.50
          5                | EUR | €0.05
          0                | EUR | €0.00
          500              | JPY | ¥500
          1250             | JPY | ¥1,250
          1250             | KWD | 1.250 KWD
          1                | KWD | 0.001 KWD
          123456           | USD | $1,234.56
          -1250            | EUR | -€12.50
          -1250            | KWD | -1.250 KWD
          9000000000000000 | EUR | €90,000,000,000,000.00
          """)
  void readsInTheCurrencysOwnDecimals(long minorUnits, String currency, String text) {
    assertThat(Money.of(minorUnits, currency)).hasToString(text);
  }

  @Test
  void readsTheSameWhereverTheMachineStands() {
    Locale before = Locale.getDefault();
    try {
      Locale.setDefault(Locale.GERMANY);
      assertThat(Money.of(123456, "USD")).hasToString("$1,234.56");
    } finally {
      Locale.setDefault(before);
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"EUR", "JPY", "KWD"})
  void knowsCurrenciesWithMinorUnits(String code) {
    assertThat(Money.currency(code))
        .hasValueSatisfying(currency -> assertThat(currency.getCurrencyCode()).isEqualTo(code));
  }

  @ParameterizedTest
  @ValueSource(strings = {"XAU", "XXX", "eur", "EURO", "EU", "", "ZZZ"})
  void knowsNoOthers(String code) {
    assertThat(Money.currency(code)).isEmpty();
  }
}
