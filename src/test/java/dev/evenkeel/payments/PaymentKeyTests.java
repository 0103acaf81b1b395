package dev.evenkeel.payments;

import static dev.testing.Refusals.assertRefused;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.testing.Api;
import dev.testing.LockHolder;
import dev.testing.WholeApplication;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.UUID;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** One key, one payment or refund. */
@WholeApplication
class PaymentKeyTests extends PaymentFixture {

  private UUID payIn;

  @BeforeEach
  void payIn() {
    payIn = paidIn(1000);
  }

  private Api.Answer submit(String operation, String key, long amount) {
    return operation.equals("refund")
        ? api.refund(key, payIn, amount)
        : api.payIn(key, account, amount, "tok_ok");
  }

  private String path(String operation, UUID id) {
    return operation.equals("refund") ? path(payIn, id) : path(id);
  }

  @ParameterizedTest
  @ValueSource(strings = {"payment", "refund"})
  void replaysCurrentState(String operation) {
    String key = newKey();
    openBreaker(true);
    Api.Answer first = submit(operation, key, 300);

    Api.Answer meanwhile = submit(operation, key, 300);

    assertThat(meanwhile.status()).isEqualTo(202);
    assertThat(meanwhile.isReplay()).isTrue();
    assertThat(meanwhile.header("Location")).isEqualTo(first.header("Location"));
    assertThat(meanwhile.body()).isEqualTo(first.body());
    openBreaker(false);
    awaitStatus(path(operation, first.id()), "succeeded");
    Api.Answer afterwards = submit(operation, key, 300);
    assertThat(afterwards.status()).isEqualTo(200);
    assertThat(afterwards.isReplay()).isTrue();
    assertThat(afterwards.id()).isEqualTo(first.id());
    assertThat(afterwards.at("/status")).isEqualTo("succeeded");
    assertRefused(submit(operation, key, 301), 422, "idempotency-key-reused", "new-key");
    assertThat(simulator.received(first.id())).isEqualTo(1);
    assertBalance(operation.equals("refund") ? 700 : 1300, 0);
  }

  @ParameterizedTest
  @ValueSource(strings = {"payment", "refund"})
  void takesEffectOnceFromManyCallers(String operation) throws Exception {
    String key = newKey();

    List<Api.Answer> answers = atOnce(16, () -> submitUntilKnown(operation, key));

    UUID id = answers.getFirst().id();
    assertThat(answers)
        .allSatisfy(answer -> assertThat(answer.status()).isIn(200, 201, 202))
        .extracting(Api.Answer::id)
        .containsOnly(id);
    assertThat(answers).filteredOn(answer -> !answer.isReplay()).hasSize(1);
    awaitStatus(path(operation, id), "succeeded");
    assertBalance(operation.equals("refund") ? 700 : 1300, 0);
    assertThat(simulator.received(id)).isEqualTo(1);
    assertThat(simulator.operations(id)).hasSize(1);
  }

  /**
   * Sends the same request again while its outcome is unknown, as the contract tells. On a busy
   * machine a duplicate may wait for the payment's row longer than the lock timeout.
   */
  private Api.Answer submitUntilKnown(String operation, String key) {
    return await()
        .atMost(Duration.ofSeconds(20))
        .until(
            () -> submit(operation, key, 300),
            answer -> {
              boolean inProgress = answer.status() == 409;
              if (inProgress) {
                assertRefused(answer, 409, "request-in-progress");
                assertThat(answer.at("/effect")).isEqualTo("unknown");
                assertThat(answer.at("/retry")).isEqualTo("same-key");
              }
              return !inProgress;
            });
  }

  /** Its payment may still be accepted, so this request must not promise that there is none. */
  @Test
  void reportsAnUnknownOutcomeWhileAKeyIsInUse() throws SQLException {
    String key = newKey();

    try (LockHolder _ = LockHolder.usingPaymentKey(database, api.caller(), key)) {
      Api.Answer meanwhile = api.payIn(key, account, 300, "tok_ok");
      assertThat(meanwhile.at("/type")).isEqualTo("/problems/outcome-unknown");
      assertThat(meanwhile.at("/effect")).isEqualTo("unknown");
    }

    assertThat(api.payIn(key, account, 300, "tok_ok").status()).isEqualTo(201);
    assertBalance(1300, 0);
  }

  @Test
  void isScopedToOwnerOperationAndPayment() {
    String key = newKey();
    Api bob = new Api(port, "bob-" + UUID.randomUUID());
    UUID payment = api.payIn(key, account, 1000, "tok_ok").id();

    Api.Answer bobs = bob.payIn(key, bob.openAccount(0), 1000, "tok_ok");
    Api.Answer refund = api.refund(key, payment, 300);

    assertThat(bobs.status()).isEqualTo(201);
    assertThat(refund.status()).isEqualTo(201);
    assertThat(List.of(bobs.id(), refund.id())).doesNotContain(payment);
    assertThat(api.payIn(key, account, 1000, "tok_ok").id()).isEqualTo(payment);
    assertRefused(api.refund(key, payIn, 300), 422, "idempotency-key-reused", "new-key");
  }

  @Test
  void unknownAccountUsesUpNoKey() throws SQLException {
    String key = newKey();
    UUID foreign = new Api(port, "bob-" + UUID.randomUUID()).openAccount(0);

    for (UUID unknown : List.of(UUID.randomUUID(), foreign)) {
      Api.Answer refused = api.payIn(key, unknown, 1250, "tok_ok");
      assertRefused(refused, 422, "account-not-found");
      assertThat(refused.at("/errors/0/field")).isEqualTo("account");
    }

    assertThat(count("idempotency_key = '" + key + "'")).isZero();
    assertThat(api.payIn(key, account, 1250, "tok_ok").status()).isEqualTo(201);
  }
}
