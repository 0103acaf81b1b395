package dev.evenkeel.payments;

import static org.assertj.core.api.Assertions.assertThat;

import dev.evenkeel.payments.provider.stripe.FakeStripe;
import dev.testing.Api;
import dev.testing.WholeApplication;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpRequest.BodyPublishers;
import java.sql.SQLException;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.Map;
import java.util.UUID;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.boot.test.context.TestConfiguration;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Import;
import org.springframework.test.context.DynamicPropertyRegistrar;
import org.springframework.test.context.TestPropertySource;
import tools.jackson.databind.JsonNode;

/** Payments of the whole application through Stripe, or what speaks its protocol here. */
@WholeApplication
@Import(StripePaymentTests.Provider.class)
@TestPropertySource(
    properties = {
      "evenkeel.payments.provider.type=stripe",
      "evenkeel.payments.provider.api-key=" + FakeStripe.API_KEY,
      "evenkeel.payments.provider.webhook-secrets=" + FakeStripe.WEBHOOK_SECRET,
      "evenkeel.payments.provider.return-url=https://shop.example/back"
    })
class StripePaymentTests extends PaymentFixture {

  @TestConfiguration(proxyBeanMethods = false)
  static class Provider {

    @Bean
    FakeStripe stripe() throws IOException {
      return FakeStripe.start();
    }

    @Bean
    DynamicPropertyRegistrar stripesUrl(FakeStripe stripe) {
      return registry -> registry.add("evenkeel.payments.provider.url", stripe::url);
    }
  }

  @Autowired FakeStripe stripe;

  @BeforeEach
  void sendWebhooks() {
    stripe.sendWebhooksTo(URI.create("http://127.0.0.1:" + port + "/v1/provider/webhooks"));
  }

  @AfterEach
  void ledgerBalances() {
    stripe.searchLate(false);
    assertLedgerBalances();
  }

  private JsonNode there(UUID payment) {
    assertThat(stripe.paymentIntents(payment.toString())).hasSize(1);
    return stripe.paymentIntents(payment.toString()).getFirst();
  }

  private String statusThere(UUID payment) {
    return there(payment).at("/status").asString();
  }

  /** Acts as the customer does on the bank's page. */
  private void act(UUID payment, String decision) {
    URI page = URI.create(payment(payment).at("/nextAction/redirectUrl").asString());
    Api customer = Api.anonymous(stripe.url().getPort());
    var request = customer.request(page.getPath() + "/" + decision).POST(BodyPublishers.noBody());
    assertThat(customer.sendToFail(request.build()).status()).isEqualTo(200);
  }

  @Test
  void paysInAndRefunds() {
    Api.Answer paid = api.payIn(account, 1250, "pm_card_visa");
    assertAnswer(paid, 201, "succeeded");
    assertThat(statusThere(paid.id())).isEqualTo("succeeded");
    assertBalance(1250, 0);

    assertAnswer(api.refund(paid.id(), 250), 201, "succeeded");
    assertBalance(1000, 0);
    assertThat(refunded(paid.id())).isEqualTo(250);
  }

  @ParameterizedTest
  @CsvSource({
    "pm_card_chargeDeclined, card_declined, generic_decline",
    "pm_card_chargeDeclinedInsufficientFunds, insufficient_funds, insufficient_funds"
  })
  void declinedPayInFails(String instrument, String code, String providerCode) {
    Api.Answer declined = api.payIn(account, 1250, instrument);

    assertAnswer(declined, 201, "failed");
    assertThat(declined.at("/failure/code")).isEqualTo(code);
    assertThat(operator.get(path(declined.id())).at("/failure/providerCode"))
        .isEqualTo(providerCode);
    assertThat(statusThere(declined.id())).isEqualTo("canceled");
    assertBalance(0, 0);
  }

  @Test
  void payOutIsRejected() {
    api.payIn(account, 1250, "pm_card_visa");

    Api.Answer refused = api.payOut(newKey(), account, 1000, "ba_1");

    assertAnswer(refused, 201, "failed");
    assertThat(refused.at("/failure/code")).isEqualTo("provider_rejected");
    assertBalance(1250, 0);
  }

  @Test
  void capturesAPart() {
    UUID payment = authorized();

    assertAnswer(
        api.post(path(payment) + "/capture", newKey(), Map.of("amount", 600)), 201, "succeeded");

    assertThat(there(payment).at("/amount_received").asLong()).isEqualTo(600);
    assertBalance(600, 0);
  }

  @Test
  void cancelsAnAuthorization() {
    UUID payment = authorized();

    assertThat(api.cancel(payment).status()).isIn(200, 202);

    awaitStatus(payment, "canceled");
    assertThat(statusThere(payment)).isEqualTo("canceled");
    assertBalance(0, 0);
  }

  private UUID authorized() {
    Api.Answer answer = api.authorize(account, 1000, "pm_card_visa");
    assertAnswer(answer, 202, "authorized");
    assertBalance(0, 0);
    return answer.id();
  }

  /** Nobody but the webhook makes us ask within the hour. */
  private UUID customerActs(String decision) throws SQLException {
    Api.Answer answer = api.payIn(account, 1250, "pm_card_threeDSecure2Required");
    assertAnswer(answer, 202, "requires_action");
    change(answer.id(), "next_attempt_at = clock_timestamp() + interval '1 h'");
    act(answer.id(), decision);
    return answer.id();
  }

  @Test
  void webhookTellsThatTheCustomerHasApproved() throws SQLException {
    UUID payment = customerActs("approve");

    awaitStatus(payment, "succeeded");
    assertBalance(1250, 0);
  }

  @Test
  void webhookTellsThatTheCustomerHasDeclined() throws SQLException {
    UUID payment = customerActs("decline");

    awaitStatus(payment, "failed");
    assertThat(payment(payment).at("/failure/code").asString()).isEqualTo("authentication_failed");
    assertThat(statusThere(payment)).isEqualTo("canceled");
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void lostAnswerIsRecovered(boolean searchIsLate) {
    stripe.searchLate(searchIsLate);
    stripe.loseAnswer();

    Api.Answer unknown = api.payIn(account, 1250, "pm_card_visa");

    assertAnswer(unknown, 202, "processing");
    awaitStatus(unknown.id(), "succeeded");
    assertThat(statusThere(unknown.id())).isEqualTo("succeeded");
    assertBalance(1250, 0);
  }

  /** It names the charge at Stripe, not our payment. */
  @Test
  void webhookTellsOfADispute() {
    UUID other = api.payIn(account, 100, "pm_card_visa").id();
    UUID payment = api.payIn(account, 1250, "pm_card_visa").id();

    String dispute = stripe.dispute(there(payment).at("/id").asString());
    awaitStatus(payment, "returned");
    assertBalance(100, 0);

    stripe.win(dispute);
    awaitStatus(payment, "succeeded");
    assertBalance(1350, 0);
    assertThat(status(other)).isEqualTo("succeeded");
  }

  @Test
  void reconciliationFindsADispute() {
    stripe.sendWebhooksTo(URI.create("http://127.0.0.1:9/"));
    UUID payment = api.payIn(account, 1250, "pm_card_visa").id();
    String dispute = stripe.dispute(there(payment).at("/id").asString());

    reconcile();
    awaitStatus(payment, "returned");
    assertBalance(0, 0);

    stripe.win(dispute);
    reconcile();
    awaitStatus(payment, "succeeded");
    assertBalance(1250, 0);
  }

  private void reconcile() {
    assertThat(
            operator
                .post("/v1/operations/reconciliation?day=" + LocalDate.now(ZoneOffset.UTC))
                .status())
        .isEqualTo(200);
  }
}
