package dev.evenkeel.payments;

import static dev.testing.Refusals.assertRefused;
import static org.assertj.core.api.Assertions.assertThat;

import dev.testing.Api;
import dev.testing.WholeApplication;
import java.util.List;
import java.util.UUID;
import org.junit.jupiter.api.Test;

/** One key, one refund. */
@WholeApplication
class RefundKeyTests extends PaymentFixture {

  @Test
  void theSameKeyIsTheSameRefund() {
    UUID payment = paidIn(1000);
    UUID other = paidIn(1000);
    String key = UUID.randomUUID().toString();
    keepAway();
    Api.Answer first = api.refund(key, payment, 300);

    Api.Answer meanwhile = api.refund(key, payment, 300);

    assertThat(meanwhile.status()).isEqualTo(202);
    assertThat(meanwhile.isReplay()).isTrue();
    assertThat(meanwhile.header("Location")).isEqualTo(first.header("Location"));
    assertThat(meanwhile.body()).isEqualTo(first.body());
    letThrough();
    awaitStatus("/v1/payments/" + payment + "/refunds" + "/" + first.id(), "succeeded");
    Api.Answer afterwards = api.refund(key, payment, 300);
    assertThat(afterwards.status()).isEqualTo(200);
    assertThat(afterwards.isReplay()).isTrue();
    assertThat(afterwards.header("Location")).isEqualTo(first.header("Location"));
    assertThat(afterwards.at("/status")).isEqualTo("succeeded");
    assertRefused(api.refund(key, payment, 301), 422, "idempotency-key-reused", "new-key");
    assertRefused(api.refund(key, other, 300), 422, "idempotency-key-reused", "new-key");
    assertThat(payment(payment).at("/refunded").asLong()).isEqualTo(300);
    assertThat(simulator.received(first.id())).isEqualTo(1);
  }

  @Test
  void oneKeyAtOnceIsOneRefund() throws Exception {
    UUID payment = paidIn(1000);
    String key = UUID.randomUUID().toString();

    List<Api.Answer> answers = atOnce(8, () -> api.refund(key, payment, 300));

    assertThat(answers).extracting(Api.Answer::id).containsOnly(answers.getFirst().id());
    assertThat(answers).filteredOn(answer -> !answer.isReplay()).hasSize(1);
    awaitStatus(
        "/v1/payments/" + payment + "/refunds" + "/" + answers.getFirst().id(), "succeeded");
    assertBalance(700, 0);
  }

  @Test
  void aKeyOfAPaymentIsFreeForARefund() {
    String key = UUID.randomUUID().toString();
    UUID payment = api.payIn(key, account, 1000, "tok_ok").id();

    Api.Answer refund = api.refund(key, payment, 300);

    assertThat(refund.status()).isEqualTo(201);
    assertThat(refund.id()).isNotEqualTo(payment);
    assertThat(api.payIn(key, account, 1000, "tok_ok").id()).isEqualTo(payment);
  }
}
