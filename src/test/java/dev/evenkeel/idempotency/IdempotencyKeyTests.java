package dev.evenkeel.idempotency;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The forms of the header Idempotency-Key. */
class IdempotencyKeyTests {

  @Test
  void ignoresQuotes() {
    assertThat(IdempotencyKey.ofHeader("\"order-7\""))
        .isEqualTo(IdempotencyKey.ofHeader("order-7"));
  }

  @Test
  void takesUpTo255Characters() {
    assertThat(IdempotencyKey.ofHeader("k".repeat(255)).value()).hasSize(255);
  }

  @Test
  void countsTheLengthWithoutQuotes() {
    assertThat(IdempotencyKey.ofHeader("\"" + "k".repeat(255) + "\"").value()).hasSize(255);
  }

  @ParameterizedTest
  @MethodSource
  void rejectsInvalidKeys(String header) {
    assertThatThrownBy(() -> IdempotencyKey.ofHeader(header))
        .isInstanceOf(IllegalArgumentException.class);
  }

  static Stream<String> rejectsInvalidKeys() {
    return Stream.of("", " ", "\"\"", "two words", "k".repeat(256), "schlüssel", "tab\tinside");
  }
}
