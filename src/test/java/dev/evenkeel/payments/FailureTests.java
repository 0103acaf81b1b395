package dev.evenkeel.payments;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class FailureTests {

  @ParameterizedTest
  @CsvSource({
    "insufficient_funds, insufficient_funds, SOFT",
    "authentication_failed, authentication_failed, SOFT",
    "authentication_required, authentication_failed, SOFT",
    "card_declined, card_declined, HARD",
    "stolen_card, card_declined, HARD",
    "refund_exceeds_charge, payment_returned, HARD"
  })
  void mapsProvidersCodes(String providerCode, String code, Failure.Kind kind) {
    Failure failure = Failure.declined(providerCode);

    assertThat(failure.code()).isEqualTo(code);
    assertThat(failure.getKind()).isEqualTo(kind);
    assertThat(failure.providerCode()).isEqualTo(providerCode);
    assertThat(failure.forOwner().providerCode()).isNull();
  }
}
