package dev.evenkeel.payments;

import static org.assertj.core.api.Assertions.assertThat;

import dev.testing.Api;
import dev.testing.WholeApplication;
import java.sql.SQLException;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.junit.jupiter.api.Test;

/** One key, one payment, or the same refusal. */
@WholeApplication
class PaymentKeyTests extends PaymentFixture {

  @Test
  void theSameKeyGetsThePaymentAsItIs() {
    simulator.misbehave("hang");
    String key = UUID.randomUUID().toString();
    UUID id = api.payIn(key, account, 1250, "tok_ok").id();

    Api.Answer meanwhile = api.payIn(key, account, 1250, "tok_ok");
    assertThat(meanwhile.status()).isEqualTo(202);
    assertThat(meanwhile.isReplay()).isTrue();
    assertThat(meanwhile.id()).isEqualTo(id);
    Api.Answer another = api.payIn(key, account, 1251, "tok_ok");
    assertThat(another.status()).isEqualTo(422);
    assertThat(another.at("/type")).isEqualTo("/problems/idempotency-key-reused");
    assertThat(another.at("/retry")).isEqualTo("new-key");

    simulator.heal();
    assertPaidOnce(id, 1250);
    Api.Answer afterwards = api.payIn(key, account, 1250, "tok_ok");
    assertThat(afterwards.status()).isEqualTo(200);
    assertThat(afterwards.isReplay()).isTrue();
    assertThat(afterwards.id()).isEqualTo(id);
    assertThat(afterwards.at("/status")).isEqualTo("succeeded");
    assertPaidOnce(id, 1250);
  }

  @Test
  void theSameKeyOfAnotherOwnerIsAnotherPayment() {
    String key = UUID.randomUUID().toString();
    Api bob = new Api(port, "bob-" + UUID.randomUUID());

    UUID adas = api.payIn(key, account, 1250, "tok_ok").id();
    Api.Answer bobs = bob.payIn(key, bob.openAccount(0), 1250, "tok_ok");

    assertThat(bobs.status()).isEqualTo(201);
    assertThat(bobs.id()).isNotEqualTo(adas);
    assertThat(bob.get("/v1/payments/" + adas).status()).isEqualTo(404);
  }

  @Test
  void oneKeyAtOnceIsOnePayment() throws Exception {
    String key = UUID.randomUUID().toString();

    List<Api.Answer> answers = atOnce(16, () -> api.payIn(key, account, 1250, "tok_ok"));

    assertThat(answers)
        .allSatisfy(answer -> assertThat(answer.status()).isIn(200, 201, 202))
        .extracting(Api.Answer::id)
        .containsOnly(answers.getFirst().id());
    assertThat(answers).filteredOn(answer -> !answer.isReplay()).hasSize(1);
    assertPaidOnce(answers.getFirst().id(), 1250);
    assertThat(simulator.received(answers.getFirst().id())).isEqualTo(1);
  }

  @Test
  void aRefusalIsKeptForItsKey() {
    String key = UUID.randomUUID().toString();
    Map<String, Object> inDollars =
        Map.of(
            "account",
            account,
            "kind",
            "pay_in",
            "amount",
            1250,
            "currency",
            "USD",
            "instrument",
            "tok_ok");

    Api.Answer refused = api.post("/v1/payments", key, inDollars);
    Api.Answer again = api.post("/v1/payments", key, inDollars);

    assertThat(refused.status()).isEqualTo(422);
    assertThat(refused.at("/type")).isEqualTo("/problems/currency-mismatch");
    assertThat(refused.at("/effect")).isEqualTo("none");
    assertThat(refused.isReplay()).isFalse();
    assertThat(again.status()).isEqualTo(422);
    assertThat(again.at("/type")).isEqualTo("/problems/currency-mismatch");
    assertThat(again.isReplay()).isTrue();
    assertThat(api.payIn(key, account, 1250, "tok_ok").at("/type"))
        .isEqualTo("/problems/idempotency-key-reused");
    assertThat(api.get("/v1/notifications").body().at("/data")).isEmpty(); // part of notifications
  }

  @Test
  void anUnknownAccountLeavesNothing() throws SQLException {
    String key = UUID.randomUUID().toString();
    UUID foreign = new Api(port, "bob-" + UUID.randomUUID()).openAccount(0);

    for (UUID unknown : List.of(UUID.randomUUID(), foreign)) {
      Api.Answer refused = api.payIn(key, unknown, 1250, "tok_ok");
      assertThat(refused.status()).isEqualTo(422);
      assertThat(refused.at("/type")).isEqualTo("/problems/account-not-found");
      assertThat(refused.at("/errors/0/field")).isEqualTo("account");
    }

    assertThat(count("payments.payment where idempotency_key = '" + key + "'")).isZero();
    assertThat(api.payIn(key, account, 1250, "tok_ok").status()).isEqualTo(201);
  }
}
