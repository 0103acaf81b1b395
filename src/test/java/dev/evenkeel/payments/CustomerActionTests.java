package dev.evenkeel.payments;

import static dev.testing.Refusals.assertRefused;
import static org.assertj.core.api.Assertions.assertThat;

import dev.testing.Api;
import dev.testing.WholeApplication;
import java.net.URI;
import java.sql.SQLException;
import java.util.HashMap;
import java.util.Map;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A customer may have to act on a page of the provider before it decides, as for 3-D Secure. */
@WholeApplication
class CustomerActionTests extends PaymentFixture {

  private UUID waiting(boolean manualCapture) {
    Map<String, Object> request =
        new HashMap<>(
            Map.of(
                "account",
                account,
                "kind",
                "pay_in",
                "amount",
                100,
                "currency",
                "EUR",
                "instrument",
                "tok_action"));
    if (manualCapture) {
      request.put("capture", "manual");
    }
    Api.Answer answer = api.post("/v1/payments", newKey(), request);
    assertAnswer(answer, 202, "requires_action");
    return answer.id();
  }

  private String page(UUID payment) {
    return URI.create(payment(payment).at("/nextAction/redirectUrl").asString()).getPath();
  }

  private void act(UUID payment, String decision) {
    Api customer = Api.anonymous(provider.port());
    String page = page(payment);
    assertThat(customer.sendToFail(customer.request(page).build()).text()).contains(decision);
    Api.Answer done = customer.sendToFail(customer.posting(page + "/" + decision, "", "").build());
    assertThat(done.status()).isEqualTo(200);
  }

  @Test
  void paymentSucceedsOnceTheCustomerHasApproved() {
    UUID payment = waiting(false);
    assertBalance(0, 0);

    act(payment, "approve");

    awaitStatus(payment, "succeeded");
    assertThat(payment(payment).has("nextAction")).isFalse();
    assertPaidOnce(payment, 100);
  }

  @Test
  void paymentFailsIfTheCustomerDeclines() {
    UUID payment = waiting(false);

    act(payment, "decline");

    awaitStatus(payment, "failed");
    assertThat(payment(payment).at("/failure/code").asString()).isEqualTo("authentication_failed");
    assertNotifiedOnce(payment, "payment.failed");
  }

  @Test
  void approvedPaymentMayHaveToBeCaptured() {
    UUID payment = waiting(true);

    act(payment, "approve");

    awaitStatus(payment, "authorized");
    assertAnswer(api.postEmpty(path(payment) + "/capture", newKey()), 201, "succeeded");
    assertPaidOnce(payment, 100);
  }

  @Test
  void ownerCancels() {
    UUID payment = waiting(false);
    String page = page(payment);

    // At once, unless the provider is being asked about the payment just now
    assertThat(api.cancel(payment).status()).isIn(200, 202);

    awaitStatus(payment, "canceled");
    assertThat(payment(payment).has("nextAction")).isFalse();
    assertThat(Api.anonymous(provider.port()).post(page + "/approve").status()).isEqualTo(409);
    assertNotifiedOnce(payment, "payment.canceled");
    assertRefused(
        api.postEmpty(path(payment) + "/capture", newKey()), 409, "not-capturable", "new-key");
  }

  @Test
  void abandonedPaymentExpires() throws SQLException {
    UUID payment = waiting(false);

    change(payment, "expires_at = now()");

    awaitStatus(payment, "failed");
    assertThat(payment(payment).at("/failure/code").asString()).isEqualTo("expired");
    assertThat(simulator.operations(payment).getFirst().at("/status").asString())
        .isEqualTo("canceled");
  }

  /** Its webhook is lost, so the operation is asked about before it is canceled. */
  @ParameterizedTest
  @ValueSource(strings = {"cancel", "expire"})
  void approvalWinsOverALateEnd(String end) throws SQLException {
    UUID payment = waiting(false);
    provider.sendWebhooksTo(
        URI.create("http://127.0.0.1:9/"), dev.testing.TestServices.WEBHOOK_SECRET);
    openBreaker(true);
    act(payment, "approve");

    if (end.equals("cancel")) {
      assertAnswer(api.cancel(payment), 202, "processing");
    } else {
      change(payment, "expires_at = now()");
    }
    openBreaker(false);

    awaitStatus(payment, "succeeded");
    assertPaidOnce(payment, 100);
  }
}
