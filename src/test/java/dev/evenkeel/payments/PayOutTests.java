package dev.evenkeel.payments;

import static dev.testing.Refusals.assertRefused;
import static dev.testing.Refusals.assertReplayed;
import static org.assertj.core.api.Assertions.assertThat;

import dev.testing.Api;
import dev.testing.WholeApplication;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Money on its way out is held at once, and leaves or comes back as the provider decides. */
@WholeApplication
class PayOutTests extends PaymentFixture {

  @Test
  void itIsHeldAtOnceAndLeavesOnApproval() {
    paidIn(1000);

    Api.Answer accepted = api.payOut(account, 400, "tok_async");

    assertThat(accepted.status()).as(accepted.toString()).isEqualTo(202);
    assertThat(accepted.at("/status")).isEqualTo("processing");
    assertThat(accepted.at("/kind")).isEqualTo("pay_out");
    assertBalance(1000, 400);
    awaitStatus(accepted.id(), "succeeded");
    assertBalance(600, 0);
    assertThat(simulator.operations(accepted.id()))
        .singleElement()
        .satisfies(done -> assertThat(done.at("/kind").asString()).isEqualTo("payout"));
    assertTold("payment.succeeded", "payment.succeeded");
    assertLedgerBalances();
  }

  @Test
  void itIsFinalAtOnceIfTheProviderIs() {
    paidIn(1000);

    Api.Answer paidOut = api.payOut(account, 1000, "tok_ok");

    assertThat(paidOut.status()).isEqualTo(201);
    assertThat(paidOut.at("/status")).isEqualTo("succeeded");
    assertThat(paidOut.body().at("/refunded").asLong()).isZero();
    assertBalance(0, 0);
    Api.Answer entries = api.get("/v1/accounts/" + account + "/entries");
    assertThat(entries.body().at("/data/0/amount").asLong()).isEqualTo(-1000);
    Api.Answer posting = api.get("/v1/transfers/" + entries.at("/data/0/transferId"));
    assertThat(posting.at("/payment")).isEqualTo(paidOut.id().toString());
    assertThat(posting.body().at("/entries")).as("without the system's side").hasSize(1);
    assertRefused(api.reverse(posting.id()), 403, "forbidden");
  }

  @Test
  void aDeclineReleasesWhatWasHeld() {
    paidIn(1000);

    Api.Answer declined = api.payOut(account, 400, "tok_declined");

    assertThat(declined.status()).isEqualTo(201);
    assertThat(declined.at("/status")).isEqualTo("failed");
    assertBalance(1000, 0);
    assertTold("payment.succeeded", "payment.failed");
    assertLedgerBalances();
  }

  @Test
  void itIsHeldWhileTheProviderMayNotBeCalled() {
    paidIn(1000);
    keepAway();

    Api.Answer accepted = api.payOut(account, 400, "tok_ok");

    assertThat(accepted.at("/status")).isEqualTo("pending");
    assertBalance(1000, 400);
    letThrough();
    awaitStatus(accepted.id(), "succeeded");
    assertBalance(600, 0);
  }

  @Test
  void itIsHeldUntilItIsPaidOutOnceWhateverTheProviderDoes() {
    paidIn(1200);
    List<UUID> accepted = new ArrayList<>();

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
      letThrough();
      simulator.misbehave(Map.of("mode", fault, "latencyMs", 1900));
      Api.Answer answer = api.payOut(account, 100, "tok_ok");
      assertThat(answer.status()).as(fault + ": " + answer).isEqualTo(202);
      accepted.add(answer.id());
    }
    simulator.heal();
    letThrough();

    accepted.forEach(id -> awaitStatus(id, "succeeded"));
    assertBalance(100, 0);
    assertThat(accepted).allSatisfy(id -> assertThat(simulator.operations(id)).hasSize(1));
    assertLedgerBalances();
  }

  @Test
  void withoutFundsItIsRefusedForGood() throws SQLException {
    String key = UUID.randomUUID().toString();
    paidIn(1000);

    Api.Answer refused = api.payOut(key, account, 1001, "tok_ok");

    assertRefused(refused, 422, "insufficient-funds", "new-key");
    assertThat(refused.body().at("/available").asLong()).isEqualTo(1000);
    assertThat(refused.body().at("/required").asLong()).isEqualTo(1001);
    paidIn(1);
    assertReplayed(api.payOut(key, account, 1001, "tok_ok"), refused);
    assertBalance(1001, 0);
    assertThat(count("payments.payment where sends > 0 and idempotency_key = '" + key + "'"))
        .isZero();
    assertThat(api.get("/v1/payments?idempotencyKey=" + key).body().at("/data")).isEmpty();
    assertTold("payment.succeeded", "payment.succeeded");
  }

  @Test
  void whatIsHeldIsNotSpentTwice() throws Exception {
    paidIn(1000);

    List<Api.Answer> answers = atOnce(8, () -> api.payOut(account, 400, "tok_ok"));

    assertThat(answers).filteredOn(answer -> answer.status() == 422).hasSize(6);
    assertThat(answers)
        .filteredOn(answer -> answer.status() != 422)
        .allSatisfy(answer -> awaitStatus(answer.id(), "succeeded"));
    assertBalance(200, 0);
  }

  @ParameterizedTest
  @ValueSource(strings = {"pay_in", "pay_out"})
  void aFrozenAccountRefusesForGood(String kind) {
    String key = UUID.randomUUID().toString();
    paidIn(1000);
    api.post("/v1/accounts/" + account + "/freeze");

    Api.Answer refused = api.pay(key, kind, account, 100, "EUR", "tok_ok");

    assertRefused(refused, 409, "account-frozen", "new-key");
    api.post("/v1/accounts/" + account + "/unfreeze");
    assertReplayed(api.pay(key, kind, account, 100, "EUR", "tok_ok"), refused);
    assertBalance(1000, 0);
  }

  @ParameterizedTest
  @ValueSource(strings = {"pay_in", "pay_out"})
  void aClosedAccountRefuses(String kind) {
    String key = UUID.randomUUID().toString();
    api.post("/v1/accounts/" + account + "/close");

    Api.Answer refused = api.pay(key, kind, account, 100, "EUR", "tok_ok");

    assertRefused(refused, 409, "account-closed", "new-key");
    assertReplayed(api.pay(key, kind, account, 100, "EUR", "tok_ok"), refused);
  }

  @ParameterizedTest
  @ValueSource(strings = {"pay_in", "pay_out"})
  void anotherCurrencyIsRefused(String kind) {
    String key = UUID.randomUUID().toString();
    paidIn(1000);

    Api.Answer refused = api.pay(key, kind, account, 2000, "USD", "tok_ok");

    assertRefused(refused, 422, "currency-mismatch", "new-key");
    assertReplayed(api.pay(key, kind, account, 2000, "USD", "tok_ok"), refused);
  }

  @Test
  void itsHoldIsNoneOfTheCallers() throws SQLException {
    paidIn(1000);
    keepAway();
    UUID hold = holdOf(api.payOut(account, 400, "tok_ok").id());

    assertRefused(api.get("/v1/holds/" + hold), 404, "not-found");
    assertRefused(operator.get("/v1/holds/" + hold), 404, "not-found");
    assertRefused(api.capture(hold, 100), 404, "not-found");
    assertRefused(api.post("/v1/holds/" + hold + "/release"), 404, "not-found");
    assertThat(api.get("/v1/holds?account=" + account).body().at("/data")).isEmpty();
    assertThat(api.get("/v1/holds").body().at("/data")).isEmpty();
    assertBalance(1000, 400);
    assertRefused(api.post("/v1/accounts/" + account + "/close"), 409, "account-not-empty");
  }

  private UUID holdOf(UUID payment) throws SQLException {
    try (Connection connection = database.asApplication();
        ResultSet row =
            connection
                .createStatement()
                .executeQuery("select hold from payments.payment where id = '" + payment + "'")) {
      row.next();
      return row.getObject(1, UUID.class);
    }
  }
}
