package dev.evenkeel.console;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.time.Instant;
import java.util.Locale;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class DisplayTests {

  private final Locale usual = Locale.getDefault();

  @AfterEach
  void restore() {
    Locale.setDefault(usual);
  }

  /**
   * The pages are in English, wherever the server is: here with commas, there with other digits.
   */
  @ParameterizedTest
  @ValueSource(strings = {"de-DE", "ar-EG-u-nu-arab"})
  void showsTheSameInEveryLocale(String locale) {
    Locale.setDefault(Locale.forLanguageTag(locale));
    Display display = new Display();

    assertThat(Display.count(1204)).isEqualTo("1,204");
    assertThat(Display.roughly(Duration.ofMillis(1500))).isEqualTo("1.5 s");
    assertThat(display.duration(Duration.ofMillis(1500))).isEqualTo("1.50 s");
    assertThat(display.duration(Duration.ofMinutes(90))).isEqualTo("1 h 30 min");
    assertThat(display.time(Instant.EPOCH)).isEqualTo("1 Jan 1970, 00:00:00");
    assertThat(display.movement(-125_000, "EUR")).isEqualTo("−€1,250.00");
  }

  @ParameterizedTest
  @CsvSource({"0, 0 differences", "1, 1 difference", "1204, '1,204 differences'"})
  void countsThings(long number, String shown) {
    assertThat(Display.count(number, "difference")).isEqualTo(shown);
  }

  @ParameterizedTest
  @CsvSource({
    "0, 0 µs",
    "999, 999 µs",
    "1500, 1.5 ms",
    "25400, 25 ms",
    "1925000, 1.93 s",
    "119000000, 1 min 59 s",
    "5400000000, 1 h 30 min",
  })
  void showsADurationInAUnitThatSuitsIt(long micros, String shown) {
    assertThat(new Display().duration(micros)).isEqualTo(shown);
  }
}
