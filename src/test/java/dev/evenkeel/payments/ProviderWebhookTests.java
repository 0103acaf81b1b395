package dev.evenkeel.payments;

import static dev.testing.Refusals.assertRefused;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.evenkeel.idempotency.IdempotencyKey;
import dev.evenkeel.payments.provider.Gateway;
import dev.evenkeel.payments.provider.ProviderResponse;
import dev.evenkeel.payments.provider.SimulatedWire;
import dev.evenkeel.payments.provider.WebhookHint;
import dev.evenkeel.payments.provider.Wire;
import dev.evenkeel.payments.provider.simulator.SimulatorGateway;
import dev.evenkeel.payments.rules.PaymentRules.Attempt;
import dev.testing.Api;
import dev.testing.TestServices;
import dev.testing.WholeApplication;
import java.net.http.HttpRequest.BodyPublishers;
import java.sql.SQLException;
import java.time.Instant;
import java.util.List;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.beans.factory.annotation.Autowired;

/** A webhook of the provider makes us query the provider, and does nothing else. */
@WholeApplication
class ProviderWebhookTests extends PaymentFixture {

  private static final String OTHER_SECRET = "whsec_c29tZWJvZHkgZWxzZSdzIHNlY3JldA==";
  private static final ProviderResponse UNKNOWN = new ProviderResponse.Unknown("silence", false);

  @Autowired PaymentAttempts attempts;
  @Autowired PaymentRepository payments;

  private Api.Answer receive(ProviderMessage message) {
    var request =
        api.request("/v1/provider/webhooks")
            .header("Content-Type", "application/json")
            .POST(BodyPublishers.ofString(message.body()));
    message.headers().forEach(request::header);
    return api.send(request);
  }

  /** The provider decides in a second; without a webhook nobody would ask within the hour. */
  private UUID undecidedAndNotDue() throws SQLException {
    UUID id = api.payIn(account, 1000, "tok_async").id();
    // Unless the webhook was faster: then an hour's pause would undo it.
    String untouched = "not hinted and attempts = 1";
    String later = "clock_timestamp() + interval '1 h'";
    change(
        id,
        "next_attempt_at = case when %s then %s else next_attempt_at end"
            .formatted(untouched, later));
    return id;
  }

  private boolean isUntouched(UUID id) throws SQLException {
    return is(id, "not hinted and next_attempt_at > clock_timestamp() + interval '1 min'");
  }

  @Test
  void webhookBringsDecision() throws SQLException {
    UUID id = undecidedAndNotDue();

    awaitStatus(id, "succeeded");

    assertBalance(1000, 0);
    assertNotified("payment.succeeded");
  }

  @ParameterizedTest
  @ValueSource(strings = {"duplicate_webhook", "reordered_webhook"})
  void duplicatesAndReorderingChangeNothing(String fault) throws SQLException {
    simulator.misbehave(fault);
    UUID first = undecidedAndNotDue();
    UUID second = undecidedAndNotDue();
    UUID atOnce = paidIn(1000);

    List.of(first, second, atOnce).forEach(id -> awaitStatus(id, "succeeded"));

    // The final payment is queried too, and then left alone.
    await()
        .atMost(LONG)
        .until(() ->
            is(atOnce, "attempts > 1")
                && count("next_attempt_at is not null and status <> 'AUTHORIZED'") == 0);
    assertBalance(3000, 0);
    assertThat(simulator.received(first)).isEqualTo(1);
    assertNotified("payment.succeeded", "payment.succeeded", "payment.succeeded");
    assertLedgerBalances();
  }

  @ParameterizedTest
  @CsvSource({
    "/v1/provider/webhooks, text/plain",
    "/v1/provider/webhooks?source=eu&source=us, application/json"
  })
  void acceptsAnyTypeAndQuery(String path, String type) throws SQLException {
    UUID id = pendingPayIn(1000);
    change(id, "next_attempt_at = clock_timestamp() + interval '1 h'");
    ProviderMessage message = ProviderMessage.about(id);
    var request =
        api.request(path)
            .header("Content-Type", type)
            .POST(BodyPublishers.ofString(message.body()));
    message.headers().forEach(request::header);

    assertThat(api.send(request).status()).isEqualTo(204);
    assertThat(isUntouched(id)).isFalse();
  }

  /** Spring would rebuild its bytes from parameters, so that no signature matches them. */
  @Test
  void rejectsForm() {
    ProviderMessage message = ProviderMessage.about(UUID.randomUUID());
    var request =
        api.request("/v1/provider/webhooks")
            .header("Content-Type", "application/x-www-form-urlencoded; charset=utf-8")
            .POST(BodyPublishers.ofString(message.body()));
    message.headers().forEach(request::header);

    assertRefused(api.send(request), 415, "unsupported-media-type");
  }

  @Test
  void rejectsForgedOrStaleWebhook() throws SQLException {
    UUID id = pendingPayIn(1000);
    change(id, "next_attempt_at = clock_timestamp() + interval '1 h'");
    String hint = ProviderMessage.hint(id);
    ProviderMessage ours = ProviderMessage.of(hint);
    String time = ours.timestamp();
    String signature = ours.signature();
    Instant now = Instant.now();

    for (ProviderMessage forged :
        List.of(
            ProviderMessage.signed(OTHER_SECRET, now, hint),
            ProviderMessage.signed(TestServices.WEBHOOK_SECRET, now.minusSeconds(310), hint),
            ProviderMessage.signed(TestServices.WEBHOOK_SECRET, now.plusSeconds(310), hint),
            new ProviderMessage(ours.id(), time, signature, hint + " "),
            new ProviderMessage("msg_another", time, signature, hint),
            new ProviderMessage(ours.id(), now.getEpochSecond() + 1 + "", signature, hint),
            new ProviderMessage(ours.id(), "noon", signature, hint),
            new ProviderMessage(ours.id(), time, "v1", hint),
            new ProviderMessage(ours.id(), time, "v1,", hint),
            new ProviderMessage(null, time, signature, hint),
            new ProviderMessage(ours.id(), null, signature, hint),
            new ProviderMessage(ours.id(), time, null, hint),
            new ProviderMessage(null, null, null, hint))) {
      assertRefused(receive(forged), 401, "invalid-signature");
    }
    assertThat(isUntouched(id)).isTrue();

    assertThat(receive(ours).status()).isEqualTo(204);
    assertThat(isUntouched(id)).isFalse();
    assertThat(receive(ours).status()).as("once more").isEqualTo(204);
  }

  @Test
  void acceptsOneValidSignatureOfSeveral() {
    ProviderMessage ours = ProviderMessage.about(UUID.randomUUID());
    ProviderMessage other = ProviderMessage.signed(OTHER_SECRET, Instant.now(), ours.body());
    String signatures = "v2,whatever " + other.signature() + " " + ours.signature();

    assertThat(
            receive(new ProviderMessage(ours.id(), ours.timestamp(), signatures, ours.body()))
                .status())
        .isEqualTo(204);
  }

  @Test
  void acceptsAnyConfiguredSecret() {
    UUID payment = UUID.randomUUID();

    for (String secret : List.of(OTHER_SECRET, TestServices.WEBHOOK_SECRET)) {
      ProviderMessage message =
          ProviderMessage.signed(secret, Instant.now(), ProviderMessage.hint(payment));
      assertThat(message.readBy(gatewayWith(OTHER_SECRET, TestServices.WEBHOOK_SECRET)))
          .isEqualTo(new WebhookHint.About(payment));
      assertThat(message.readBy(gatewayWith())).isEqualTo(new WebhookHint.Forged());
    }
  }

  private static Gateway gatewayWith(String... secrets) {
    Wire none =
        new SimulatedWire((_, _, _, _) -> {
          throw new AssertionError();
        });
    return new SimulatorGateway(none, List.of(secrets));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{\"type\":\"operation.updated\",\"data\":{\"reference\":\"0197d8a5-0000-7000-8000-000000000000\"}}",
        "{\"type\":\"operation.updated\",\"data\":{\"reference\":\"order 66\"}}",
        "{\"type\":\"operation.updated\",\"data\":{\"reference\":null}}",
        "{\"type\":\"operation.updated\",\"data\":{}}",
        "{\"type\":\"provider.renamed\",\"to\":[1,2]}",
        "{}"
      })
  void ignoresUnknownReference(String body) {
    assertThat(receive(ProviderMessage.of(body)).status()).isEqualTo(204);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "null",
        "[]",
        "7",
        "\"\"",
        "{",
        "{\"data\":7}",
        "{\"data\":{\"reference\":{}}}"
      })
  void rejectsMalformedBody(String body) {
    assertRefused(receive(ProviderMessage.of(body)), 400, "invalid-request");
  }

  @Test
  void rejectsLargeBody() {
    String large = ProviderMessage.hint("x".repeat(64 * 1024));

    assertRefused(receive(ProviderMessage.of(large)), 413, "payload-too-large");
  }

  @Test
  void hintDuringAttemptIsKept() throws SQLException {
    UUID id = pendingPayIn(1000);
    PaymentAttempts.Claimed claimed = attempts.claim(new PaymentId(id)).orElseThrow();

    assertThat(receive(ProviderMessage.about(id)).status()).isEqualTo(204);

    assertThat(attempts.claimNext(true, true)).as("the claim still holds").isEmpty();
    assertThat(attempts.claim(new PaymentId(id))).as("the claim still holds").isEmpty();
    attempts.apply(new PaymentId(id), new Attempt(claimed.payment().attempts(), true), UNKNOWN);
    assertThat(is(id, "next_attempt_at <= clock_timestamp()")).isTrue();
    openBreaker(false);
    awaitStatus(id, "succeeded");
    assertThat(is(id, "hinted")).isFalse();
  }

  @Test
  void refusedPaymentTakesNoHint() throws SQLException {
    String key = newKey();
    api.payOut(key, account, 1000, "tok_ok");
    UUID refused =
        payments
            .findByKey(api.caller(), false, new IdempotencyKey(key))
            .orElseThrow()
            .getId()
            .value();

    assertThat(receive(ProviderMessage.about(refused)).status()).isEqualTo(204);

    assertThat(is(refused, "hinted")).isFalse();
  }
}
