package dev.evenkeel.console;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class DisplayTests {

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
