package dev.evenkeel.payments;

import static org.assertj.core.api.Assertions.assertThat;

import dev.testing.Api;
import dev.testing.WholeApplication;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** A provider that has too much to do says for how long it wants to be left alone. */
@WholeApplication
class BackPressureTests extends PaymentFixture {

  @Test
  void itIsLeftAloneForAsLongAsItAsks() {
    simulator.misbehave(Map.of("mode", "error429", "remaining", 1));

    Api.Answer tooMany = api.payIn(account, 100, "tok_ok");
    Api.Answer meanwhile = api.payIn(account, 100, "tok_ok");

    assertThat(tooMany.status()).isEqualTo(202);
    assertThat(tooMany.at("/status")).as("it may have been sent").isEqualTo("processing");
    assertThat(meanwhile.status()).isEqualTo(202);
    assertThat(meanwhile.at("/status")).as("nobody is sent to it").isEqualTo("pending");
    assertThat(simulator.received(meanwhile.id())).isZero();
    awaitStatus(tooMany.id(), "succeeded");
    awaitStatus(meanwhile.id(), "succeeded");
    Instant asked = Instant.parse(tooMany.at("/timeline/1/at"));
    for (Api.Answer payment : new Api.Answer[] {tooMany, meanwhile}) {
      assertThat(Instant.parse(payment(payment.id()).at("/finalAt").asString()))
          .isAfter(asked.plus(Duration.ofMillis(990)));
    }
    assertThat(simulator.received(meanwhile.id())).isEqualTo(1);
    assertBalance(200, 0);
  }
}
