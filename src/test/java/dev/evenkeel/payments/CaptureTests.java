package dev.evenkeel.payments;

import static dev.testing.Refusals.assertRefused;
import static dev.testing.Refusals.assertReplayed;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.testing.Api;
import dev.testing.WholeApplication;
import java.sql.SQLException;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.beans.factory.annotation.Autowired;

/** A pay-in may be authorized first. Then it is captured once, in whole or in part, or released. */
@WholeApplication
class CaptureTests extends PaymentFixture {

  @Autowired Payments payments;

  private UUID authorized() {
    Api.Answer answer = api.authorize(account, 100, "tok_ok");
    assertAnswer(answer, 202, "authorized");
    return answer.id();
  }

  private Api.Answer capture(UUID payment, long amount) {
    return capture(newKey(), payment, amount);
  }

  private Api.Answer capture(String key, UUID payment, long amount) {
    return api.post(path(payment) + "/capture", key, Map.of("amount", amount));
  }

  private Api.Answer captureAll(UUID payment) {
    return api.postEmpty(path(payment) + "/capture", newKey());
  }

  /** What the provider has of the payment, such as {@code approved 60}. */
  private String there(UUID payment) {
    assertThat(simulator.operations(payment)).hasSize(1);
    var operation = simulator.operations(payment).getFirst();
    return operation.at("/status").asString() + " " + operation.at("/amount").asLong();
  }

  @Test
  void authorizedPaymentHasMovedNothing() throws SQLException {
    UUID payment = authorized();

    assertThat(there(payment)).isEqualTo("authorized 100");
    assertBalance(0, 0);
    assertThat(entries()).isEmpty();
    assertThat(count("id = '%s' and final_at is null".formatted(payment))).isEqualTo(1);
    assertThat(operator.get("/v1/operations/payments/unresolved?limit=100").body().at("/data"))
        .noneMatch(it -> it.at("/id").asString().equals(payment.toString()));
    assertRefused(api.refund(payment, 1), 409, "not-refundable", "new-key");
    assertRefused(api.post("/v1/accounts/" + account + "/close"), 409, "payments-under-way");
    captureAll(payment);
  }

  @Test
  void capturesAll() {
    UUID payment = authorized();

    Api.Answer captured = captureAll(payment);

    assertAnswer(captured, 201, "succeeded");
    assertThat(captured.header("Location")).contains(path(payment));
    assertThat(there(payment)).isEqualTo("approved 100");
    assertPaidOnce(payment, 100);
    assertLedgerBalances();
  }

  @Test
  void capturesAPartAndReleasesTheRest() {
    UUID payment = authorized();

    Api.Answer captured = capture(payment, 60);

    assertAnswer(captured, 201, "succeeded");
    assertThat(captured.body().at("/amount").asLong()).isEqualTo(100);
    assertThat(captured.body().at("/moved").asLong()).isEqualTo(60);
    assertThat(there(payment)).isEqualTo("approved 60");
    assertPaidOnce(payment, 60);
    assertRefused(api.refund(payment, 61), 422, "refund-exceeds-payment", "new-key");
    assertAnswer(api.refund(payment), 201, "succeeded");
    assertBalance(0, 0);
  }

  @Test
  void aKeyCapturesOnce() {
    UUID payment = authorized();
    String key = newKey();
    Api.Answer captured = capture(key, payment, 60);

    Api.Answer again = capture(key, payment, 60);
    assertThat(again.status()).isEqualTo(200);
    assertThat(again.isReplay()).isTrue();
    assertThat(again.body()).isEqualTo(captured.body());
    assertRefused(capture(key, payment, 40), 422, "idempotency-key-reused", "new-key");
    assertRefused(capture(payment, 40), 409, "not-capturable", "new-key");
    assertPaidOnce(payment, 60);
  }

  @Test
  void refusalsAreKept() {
    UUID payment = authorized();
    String key = newKey();

    Api.Answer refused = capture(key, payment, 101);
    assertRefused(refused, 422, "capture-exceeds-authorization", "new-key");
    captureAll(payment);
    assertReplayed(capture(key, payment, 101), refused);
  }

  @Test
  void badRequestsChangeNothing() {
    UUID payment = authorized();

    assertRefused(capture(payment, 0), 400, "invalid-request", "no");
    assertRefused(
        api.post(path(payment) + "/capture", newKey(), Map.of("amount", "60")),
        400,
        "invalid-request",
        "no");
    assertRefused(capture(paidIn(100), 50), 409, "not-capturable", "new-key");
    assertRefused(capture(UUID.randomUUID(), 50), 404, "not-found", "no");
    assertThat(there(payment)).isEqualTo("authorized 100");
    assertAnswer(api.cancel(payment), 200, "canceled");
  }

  @Test
  void frozenAccountStartsNothing() {
    UUID payment = authorized();
    operator.post("/v1/accounts/" + account + "/freeze");

    assertRefused(captureAll(payment), 409, "account-frozen", "new-key");
    assertRefused(capture(payment, 101), 409, "account-frozen", "new-key");

    assertAnswer(api.cancel(payment), 200, "canceled");
  }

  @Test
  void cancelingReleasesTheAuthorization() {
    UUID payment = authorized();

    Api.Answer canceled = api.cancel(payment);

    assertAnswer(canceled, 200, "canceled");
    assertThat(there(payment)).isEqualTo("canceled 100");
    assertAnswer(api.cancel(payment), 200, "canceled");
    assertRefused(captureAll(payment), 409, "not-capturable", "new-key");
    assertBalance(0, 0);
    assertNotifiedOnce(payment, "payment.canceled");
  }

  @Test
  void authorizationExpires() throws SQLException {
    UUID payment = authorized();

    change(payment, "expires_at = now()");
    assertRefused(captureAll(payment), 409, "not-capturable", "new-key");

    awaitStatus(payment, "failed");
    assertThat(payment(payment).at("/failure/code").asString()).isEqualTo("expired");
    assertThat(there(payment)).isEqualTo("canceled 100");
    assertBalance(0, 0);
    assertNotifiedOnce(payment, "payment.failed");
  }

  /** The provider has forgotten the key by then, but not its operation. */
  @Test
  void capturesAfterDays() throws SQLException {
    UUID payment = authorized();
    change(
        payment,
        "first_sent_at = now() - interval '6 days', created_at = now() - interval '6 days'");
    simulator.misbehave(Map.of("mode", "none", "keyRetention", 0));

    assertAnswer(captureAll(payment), 201, "succeeded");

    assertThat(simulator.operations(payment)).hasSize(1);
    assertThat(api.posted(account)).isEqualTo(100);
  }

  @ParameterizedTest
  @ValueSource(strings = {"lost_answer", "error500", "truncated", "down", "garbage", "hang"})
  void captureWithAnUnknownOutcomeIsFinished(String fault) {
    UUID payment = authorized();
    simulator.misbehave(Map.of("mode", fault, "remaining", 1));
    String key = newKey();

    Api.Answer captured = capture(key, payment, 60);

    assertAnswer(captured, 202, "processing");
    assertThat(capture(key, payment, 60).isReplay()).isTrue();
    assertRefused(api.cancel(payment), 409, "not-cancelable");
    awaitStatus(payment, "succeeded");
    assertThat(there(payment)).isEqualTo("approved 60");
    assertPaidOnce(payment, 60);
  }

  @ParameterizedTest
  @ValueSource(strings = {"lost_answer", "error500"})
  void cancelingWithAnUnknownOutcomeIsFinished(String fault) {
    UUID payment = authorized();
    simulator.misbehave(Map.of("mode", fault, "remaining", 1));

    assertAnswer(api.cancel(payment), 202, "processing");
    assertThat(api.cancel(payment).status()).isIn(200, 202);

    awaitStatus(payment, "canceled");
    assertThat(there(payment)).isEqualTo("canceled 100");
    assertNotifiedOnce(payment, "payment.canceled");
  }

  @Test
  void capturesOnceTheProviderIsBack() {
    UUID payment = authorized();
    openBreaker(true);

    assertAnswer(captureAll(payment), 202, "processing");
    assertThat(there(payment)).isEqualTo("authorized 100");
    openBreaker(false);

    awaitStatus(payment, "succeeded");
    assertPaidOnce(payment, 100);
  }

  @Test
  void onlyOneOfManyCapturesAndCancelsWins() throws Exception {
    UUID payment = authorized();
    AtomicInteger turn = new AtomicInteger();

    List<Api.Answer> answers =
        atOnce(
            8, () -> turn.getAndIncrement() % 2 == 0 ? api.cancel(payment) : capture(payment, 60));

    await().atMost(LONG).until(() -> payment(payment).has("finalAt"));
    boolean captured = status(payment).equals("succeeded");
    List<Api.Answer> refused = answers.stream().filter(it -> it.status() == 409).toList();
    // A cancellation may be repeated, a capture with another key may not
    assertThat(refused).hasSize(captured ? 7 : 4);
    assertThat(refused.stream().filter(it -> it.at("/type").contains("not-capturable")))
        .hasSize(captured ? 3 : 4);
    assertThat(there(payment)).isEqualTo(captured ? "approved 60" : "canceled 100");
    assertThat(api.posted(account)).isEqualTo(captured ? 60 : 0);
  }

  @Test
  void aKeyCapturesOnceHoweverManySendIt() throws Exception {
    UUID payment = authorized();
    String key = newKey();

    List<Api.Answer> answers = atOnce(8, () -> capture(key, payment, 60));

    assertThat(answers).allMatch(it -> it.status() < 300);
    assertThat(answers.stream().filter(it -> !it.isReplay())).hasSize(1);
    assertPaidOnce(payment, 60);
  }

  @Test
  void aKeyBelongsToOnePayment() {
    UUID payment = authorized();
    UUID other = authorized();
    String key = newKey();
    capture(key, payment, 60);

    assertRefused(capture(key, other, 60), 422, "idempotency-key-reused", "new-key");

    assertThat(there(other)).isEqualTo("authorized 100");
  }

  /** The provider did it, says the operator, and then the provider says so too. */
  @Test
  void decisionCountsWhatWasToBeCaptured() throws SQLException {
    UUID payment = authorized();
    simulator.misbehave("lost_answer");
    assertAnswer(capture(payment, 60), 202, "processing");
    assertThat(payments.find(new PaymentId(payment)).map(PaymentDetails::of).orElseThrow().moved())
        .isEqualTo(60);
    simulator.misbehave("error500");
    change(payment, "attention = '{EXPIRED_KEY}'");

    Api.Answer decided =
        operator.post(
            "/v1/operations/payments/" + payment + "/resolve",
            Map.of("outcome", "succeeded", "reason", "Seen in the provider's dashboard"));

    assertAnswer(decided, 200, "succeeded");
    assertThat(decided.body().at("/moved").asLong()).isEqualTo(60);
    assertThat(decided.body().toString()).contains("Capture requested: €0.60");
    simulator.heal();
    assertPaidOnce(payment, 60);
    assertLedgerBalances();
  }

  @Test
  void capturesUnderAttention() {
    UUID payment = authorized();
    simulator.misbehave("amount_mismatch");
    operator.post("/v1/operations/payments/" + payment + "/resolve");
    simulator.heal();
    assertThat(payment(payment).at("/attention").asString()).isEqualTo("amount-mismatch");

    assertAnswer(captureAll(payment), 201, "succeeded");

    assertPaidOnce(payment, 100);
  }

  @Test
  void rejectedCaptureIsRepeatedWhenAnOperatorAsks() {
    UUID payment = authorized();
    simulator.misbehave("reject");
    assertAnswer(captureAll(payment), 202, "processing");
    simulator.heal();
    assertThat(payment(payment).at("/attention").asString()).isEqualTo("rejected");

    operator.post("/v1/operations/payments/" + payment + "/resolve");

    assertPaidOnce(payment, 100);
  }

  @Test
  void hearsOfTheReturnOfWhatWasCapturedAfterDays() {
    UUID payment = authorized();
    simulator.misbehave(Map.of("mode", "none", "keyRetention", 0));
    assertAnswer(capture(payment, 60), 201, "succeeded");

    simulator.takeBack(payment);

    awaitStatus(payment, "returned");
    assertBalance(0, 0);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "status = 'AUTHORIZED', manual_capture = false",
        "expires_at = null",
        "next_action = 'https://bank.test/'",
        "follow_up = 'CANCEL', follow_up_at = now()",
        "status = 'PROCESSING', follow_up = 'CANCEL'",
        "status = 'PROCESSING', follow_up = 'CAPTURE', follow_up_at = now()",
        "status = 'PROCESSING', follow_up = 'CAPTURE', follow_up_at = now(), capture_amount = 101",
        "status = 'PROCESSING', follow_up = 'CANCEL', follow_up_at = now(), capture_amount = 1",
        "provider_operation = null",
        "final_at = now()",
        "next_attempt_at = null"
      })
  void databaseRefusesWhatCannotBe(String assignment) {
    UUID payment = authorized();

    assertThatThrownBy(() -> change(payment, assignment)).hasMessageContaining("check constraint");

    captureAll(payment);
  }

  @Test
  void databaseKeepsOneAcceptedCapture() {
    UUID payment = authorized();
    String refused = newKey();
    capture(refused, payment, 101);
    captureAll(payment);

    assertThatThrownBy(() ->
            asOwner(
                """
                update payments.capture_request set problem = null where idempotency_key = '%s'
                """
                    .formatted(refused)))
        .hasMessageContaining("capture_request_accepted");
    assertThatThrownBy(() ->
            asOwner(
                """
                delete from payments.capture_request where payment = '%s' and problem is null
                """
                    .formatted(payment)))
        .hasMessageContaining("cannot be deleted");
  }

  @Test
  void declinedAuthorizationFails() {
    Api.Answer declined = api.authorize(account, 100, "tok_declined");

    assertAnswer(declined, 201, "failed");
    assertRefused(captureAll(declined.id()), 409, "not-capturable", "new-key");
  }

  /** Its operation is nobody's at the provider that is connected now. */
  @Test
  void nothingIsAskedOfAnotherProvider() throws SQLException {
    UUID payment = authorized();
    UUID paid = paidIn(50);
    asOwner(
        "update payments.payment set provider = 'other' where id in ('%s', '%s')"
            .formatted(payment, paid));

    assertRefused(captureAll(payment), 409, "not-capturable", "new-key");
    Api.Answer uncanceled = api.cancel(payment);
    assertThat(uncanceled.at("/type")).isEqualTo("/problems/not-cancelable");
    assertThat(uncanceled.at("/detail")).contains("is not connected any more");
    assertRefused(api.refund(paid), 409, "not-refundable", "new-key");
    operator.post("/v1/operations/payments/" + payment + "/resolve");
    assertThat(there(payment)).isEqualTo("authorized 100");
    assertThat(
            operator
                .post("/v1/operations/reconciliation?day=" + LocalDate.now(ZoneOffset.UTC))
                .body()
                .toString())
        .doesNotContain(paid.toString());

    change(payment, "provider = 'simulator'");
    assertAnswer(captureAll(payment), 201, "succeeded");
  }

  @Test
  void othersCannotCapture() {
    UUID payment = authorized();
    Api other = new Api(port, "other-" + UUID.randomUUID());

    assertRefused(other.postEmpty(path(payment) + "/capture", newKey()), 404, "not-found", "no");

    captureAll(payment);
  }
}
