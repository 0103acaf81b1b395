package dev.evenkeel.idempotency;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tools.jackson.databind.json.JsonMapper;

/** Fingerprints of equal and different requests. */
class FingerprintTests {

  @ParameterizedTest(name = "{0} and {1}")
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      textBlock =
          """
          {"a":1,"b":2}             | {"b":2,"a":1}
          {"a":1}                   | {  "a" : 1 }
          {"m":{"x":"1","y":"2"}}   | {"m":{"y":"2","x":"1"}}
          {"a":"A"}                 | {"a":"\\u0041"}
          """)
  void recognisesTheSameContent(String one, String other) {
    assertThat(of("/v1/transfers", one)).isEqualTo(of("/v1/transfers", other));
  }

  @ParameterizedTest(name = "{0} and {1}")
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      textBlock =
          """
          {"a":1}             | {"a":2}
          {"a":1}             | {"a":"1"}
          {"a":1}             | {"b":1}
          {"a":1}             | {"a":1,"b":null}
          {"a":[1,2]}         | {"a":[2,1]}
          {"a":{"b":1}}       | {"a":1,"b":1}
          {"a":"1","b":"2"}   | {"a":"1,b:2"}
          """)
  void distinguishesDifferentContent(String one, String other) {
    assertThat(of("/v1/transfers", one)).isNotEqualTo(of("/v1/transfers", other));
  }

  @Test
  void distinguishesPaths() {
    assertThat(of("/v1/payments/1/refunds", "{}")).isNotEqualTo(of("/v1/payments/2/refunds", "{}"));
  }

  @Test
  void survivesBeingStored() {
    Fingerprint fingerprint = of("/v1/transfers", "{\"a\":1}");

    assertThat(Fingerprint.ofStored(fingerprint.bytes())).isEqualTo(fingerprint);
  }

  @Test
  void beginsWithItsVersion() {
    assertThat(of("/v1/transfers", "{}").bytes()).hasSize(33).startsWith(1);
  }

  private static Fingerprint of(String target, String json) {
    return Fingerprint.of(target, JsonMapper.shared().readTree(json));
  }
}
