package dev.evenkeel.payments;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.testing.Api;
import dev.testing.WholeApplication;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Whatever the provider does: one payment, one charge, one posting, one notification. */
@WholeApplication
class PaymentFaultTests extends PaymentFixture {

  /** The last column: how many operations the provider has made without saying so. */
  @ParameterizedTest
  @CsvSource({
    "hang, 0",
    "down, 0",
    "error500, 0",
    "error503, 0",
    "error429, 0",
    "lost_answer, 1",
    "truncated, 1",
    "garbage, 1",
    "dribble, 1"
  })
  void chargesOnceWhenProviderIsBack(String fault, int operations) {
    simulator.misbehave(fault);
    Api.Answer accepted = api.payIn(account, 1250, "tok_ok");
    assertThat(accepted.status()).as(accepted.toString()).isEqualTo(202);
    assertThat(accepted.header("Location")).contains(path(accepted.id()));
    assertThat(accepted.at("/status")).isEqualTo("processing");
    assertThat(simulator.operations(accepted.id())).hasSize(operations);
    assertThat(api.posted(account)).isZero();

    simulator.heal();

    assertPaidOnce(accepted.id(), 1250);
    if (operations == 1) {
      assertThat(simulator.received(accepted.id())).as("queried, not sent again").isEqualTo(1);
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"payout", "refund"})
  void paysOutOnceThroughEveryFault(String kind) {
    UUID payIn = paidIn(1200);
    Map<UUID, String> accepted = new LinkedHashMap<>();

    for (String fault :
        List.of(
            "late",
            "slow",
            "down",
            "hang",
            "error500",
            "error503",
            "lost_answer",
            "truncated",
            "garbage",
            "dribble",
            "error429")) {
      openBreaker(false);
      simulator.misbehave(Map.of("mode", fault, "latencyMs", 1900));
      boolean refund = kind.equals("refund");
      Api.Answer answer = refund ? api.refund(payIn, 100) : api.payOut(account, 100, "tok_ok");
      assertThat(answer.status()).as(fault + ": " + answer).isEqualTo(202);
      accepted.put(answer.id(), refund ? path(payIn, answer.id()) : path(answer.id()));
    }
    simulator.heal();
    openBreaker(false);

    accepted.values().forEach(path -> awaitStatus(path, "succeeded"));
    assertBalance(100, 0);
    assertThat(accepted.keySet())
        .allSatisfy(id ->
            assertThat(simulator.operations(id))
                .singleElement()
                .satisfies(it -> assertThat(it.at("/kind").asString()).isEqualTo(kind)));
    assertThat(refunded(payIn)).isEqualTo(kind.equals("refund") ? 1100 : 0);
    assertLedgerBalances();
  }

  /** The first request arrives after the provider has answered 404 to a query for it. */
  @Test
  void notFoundProvesNothing() {
    simulator.misbehave(Map.of("mode", "late", "latencyMs", 5000, "remaining", 1));

    Api.Answer accepted = api.payIn(account, 1250, "tok_ok");

    UUID id = accepted.id();
    assertThat(accepted.status()).isEqualTo(202);
    assertThat(Api.anonymous(provider.port()).get("/operations/" + id).status()).isEqualTo(404);
    awaitStatus(id, "succeeded");
    assertThat(simulator.received(id)).as("the same key and body again").isEqualTo(2);
    Instant arrival = Instant.parse(accepted.at("/createdAt")).plusSeconds(6);
    await().atMost(LONG).until(() -> Instant.now().isAfter(arrival));
    assertPaidOnce(id, 1250);
  }

  @ParameterizedTest
  @CsvSource({"300, 201", "1900, 202"})
  void waitsForAnswerUntilDeadline(long latency, int status) {
    simulator.misbehave(Map.of("mode", "slow", "latencyMs", latency, "remaining", 1));

    Api.Answer payment = api.payIn(account, 1250, "tok_ok");

    assertThat(payment.status()).isEqualTo(status);
    assertPaidOnce(payment.id(), 1250);
    assertThat(simulator.received(payment.id())).isEqualTo(1);
  }

  @Test
  void staysPendingWithoutConnection() throws IOException {
    refuseConnections(Duration.ofSeconds(4));

    Api.Answer accepted = api.payIn(account, 1250, "tok_ok");

    assertAnswer(accepted, 202, "pending");
    assertPaidOnce(accepted.id(), 1250);
    assertThat(simulator.received(accepted.id())).isEqualTo(1);
  }

  @ParameterizedTest
  @CsvSource({"tok_declined, card_declined, hard", "tok_insufficient, insufficient_funds, soft"})
  void declinedPaymentFails(String instrument, String code, String kind) {
    Api.Answer declined = api.payIn(account, 1250, instrument);

    assertAnswer(declined, 201, "failed");
    assertThat(declined.at("/failure/code")).isEqualTo(code);
    assertThat(declined.at("/failure/kind")).isEqualTo(kind);
    assertThat(api.posted(account)).isZero();
    assertNotifiedOnce(declined.id(), "payment.failed");
  }

  @Test
  void onlyOperatorsSeeProvidersCode() {
    UUID declined = api.payIn(account, 100, "tok_declined").id();
    String list = "/v1/payments?limit=1&owner=" + api.caller();

    assertThat(payment(declined).at("/failure").has("providerCode")).isFalse();
    assertThat(api.get("/v1/payments").body().at("/data/0/failure").has("providerCode")).isFalse();
    assertThat(operator.get(path(declined)).at("/failure/providerCode")).isEqualTo("card_declined");
    assertThat(operator.get(list).at("/data/0/failure/providerCode")).isEqualTo("card_declined");
    assertThat(operator.post("/v1/operations/payments/" + declined + "/resolve"))
        .satisfies(it -> assertThat(it.at("/failure/providerCode")).isEqualTo("card_declined"));
  }

  /** The provider names a pause with 429; meanwhile nobody calls it. */
  @Test
  void leavesProviderAloneAfter429() {
    simulator.misbehave(Map.of("mode", "error429", "remaining", 1));

    Api.Answer tooMany = api.payIn(account, 100, "tok_ok");
    Api.Answer meanwhile = api.payIn(account, 100, "tok_ok");

    assertThat(tooMany.at("/status")).as("it may have been sent").isEqualTo("processing");
    assertThat(meanwhile.at("/status")).isEqualTo("pending");
    assertThat(simulator.received(meanwhile.id())).isZero();
    Instant paused = Instant.parse(tooMany.at("/timeline/1/at")).plusMillis(990);
    for (UUID id : List.of(tooMany.id(), meanwhile.id())) {
      awaitStatus(id, "succeeded");
      assertThat(Instant.parse(payment(id).at("/finalAt").asString())).isAfter(paused);
    }
    assertThat(simulator.received(meanwhile.id())).isEqualTo(1);
    assertBalance(200, 0);
  }
}
