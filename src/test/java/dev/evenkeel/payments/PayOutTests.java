package dev.evenkeel.payments;

import static dev.testing.Refusals.assertRefused;
import static dev.testing.Refusals.assertReplayed;
import static org.assertj.core.api.Assertions.assertThat;

import dev.testing.Api;
import dev.testing.WholeApplication;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.List;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** A pay-out's money is held at once, and leaves or comes back as the provider decides. */
@WholeApplication
class PayOutTests extends PaymentFixture {

  @Test
  void isHeldUntilApproved() {
    paidIn(1000);

    Api.Answer accepted = api.payOut(account, 400, "tok_async");

    assertAnswer(accepted, 202, "processing");
    assertThat(accepted.at("/kind")).isEqualTo("pay_out");
    assertBalance(1000, 400);
    awaitStatus(accepted.id(), "succeeded");
    assertBalance(600, 0);
    assertNotified("payment.succeeded", "payment.succeeded");
    assertLedgerBalances();
  }

  @Test
  void isPostedOnApproval() {
    paidIn(1000);

    Api.Answer paidOut = api.payOut(account, 1000, "tok_ok");

    assertAnswer(paidOut, 201, "succeeded");
    assertBalance(0, 0);
    assertThat(entries().at("/0/amount").asLong()).isEqualTo(-1000);
    Api.Answer posting = api.get("/v1/transfers/" + entries().at("/0/transferId").asString());
    assertThat(posting.at("/payment")).isEqualTo(paidOut.id().toString());
    assertThat(posting.body().at("/entries")).as("without the system's side").hasSize(1);
    assertRefused(api.reverse(posting.id()), 403, "forbidden");
  }

  @Test
  void isReleasedOnDecline() {
    paidIn(1000);

    Api.Answer declined = api.payOut(account, 400, "tok_declined");

    assertAnswer(declined, 201, "failed");
    assertBalance(1000, 0);
    assertNotified("payment.succeeded", "payment.failed");
    assertLedgerBalances();
  }

  @Test
  void replaysRefusalForLackOfFunds() throws SQLException {
    String key = newKey();
    paidIn(1000);

    Api.Answer refused = api.payOut(key, account, 1001, "tok_ok");

    assertRefused(refused, 422, "insufficient-funds", "new-key");
    assertThat(refused.body().at("/available").asLong()).isEqualTo(1000);
    assertThat(refused.body().at("/required").asLong()).isEqualTo(1001);
    paidIn(1);
    assertReplayed(api.payOut(key, account, 1001, "tok_ok"), refused);
    assertBalance(1001, 0);
    assertThat(count("sends > 0 and idempotency_key = '" + key + "'")).isZero();
    assertThat(api.get("/v1/payments?idempotencyKey=" + key).body().at("/data")).isEmpty();
    assertNotified("payment.succeeded", "payment.succeeded");
  }

  @Test
  void heldMoneyIsNotSpentTwice() throws Exception {
    paidIn(1000);

    List<Api.Answer> answers = atOnce(8, () -> api.payOut(account, 400, "tok_ok"));

    assertThat(answers).filteredOn(answer -> answer.status() == 422).hasSize(6);
    assertThat(answers)
        .filteredOn(answer -> answer.status() != 422)
        .allSatisfy(answer -> awaitStatus(answer.id(), "succeeded"));
    assertBalance(200, 0);
  }

  @ParameterizedTest
  @CsvSource({
    "pay_in, freeze, EUR, 409, account-frozen",
    "pay_out, freeze, EUR, 409, account-frozen",
    "pay_in, close, EUR, 409, account-closed",
    "pay_out, close, EUR, 409, account-closed",
    "pay_in, , USD, 422, currency-mismatch",
    "pay_out, , USD, 422, currency-mismatch"
  })
  void replaysRefusalByAccount(
      String kind, String action, String currency, int status, String problem) {
    String key = newKey();
    if (action != null) {
      assertThat(api.post("/v1/accounts/" + account + "/" + action).status()).isEqualTo(200);
    }

    Api.Answer refused = api.pay(key, kind, account, 100, currency, "tok_ok");

    assertRefused(refused, status, problem, "new-key");
    api.post("/v1/accounts/" + account + "/unfreeze");
    assertReplayed(api.pay(key, kind, account, 100, currency, "tok_ok"), refused);
    assertRefused(
        api.pay(key, kind, account, 101, currency, "tok_ok"),
        422,
        "idempotency-key-reused",
        "new-key");
    assertThat(api.get("/v1/payments").body().at("/data")).isEmpty();
  }

  @Test
  void holdIsInvisible() throws SQLException {
    paidIn(1000);
    openBreaker(true);
    Api.Answer pending = api.payOut(account, 400, "tok_ok");
    UUID hold = holdOf(pending.id());

    assertThat(pending.at("/status")).isEqualTo("pending");
    assertBalance(1000, 400);
    assertRefused(api.get("/v1/holds/" + hold), 404, "not-found");
    assertRefused(operator.get("/v1/holds/" + hold), 404, "not-found");
    assertRefused(api.capture(hold, 100), 404, "not-found");
    assertRefused(api.post("/v1/holds/" + hold + "/release"), 404, "not-found");
    assertThat(api.get("/v1/holds?account=" + account).body().at("/data")).isEmpty();
    assertThat(api.get("/v1/holds").body().at("/data")).isEmpty();
    assertRefused(api.post("/v1/accounts/" + account + "/close"), 409, "account-not-empty");
    assertBalance(1000, 400);
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
