package dev.evenkeel.payments;

import static dev.testing.Refusals.assertRefused;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.evenkeel.idempotency.IdempotencyKey;
import dev.evenkeel.payments.provider.ProviderResponse;
import dev.evenkeel.payments.provider.ProviderSettings;
import dev.testing.Api;
import dev.testing.TestServices;
import dev.testing.WholeApplication;
import java.net.URI;
import java.net.http.HttpRequest.BodyPublishers;
import java.nio.charset.StandardCharsets;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.beans.factory.annotation.Autowired;

/** A webhook of the provider makes us ask, and nothing else. */
@WholeApplication
class ProviderWebhookTests extends PaymentFixture {

  private static final String OTHER_SECRET = "whsec_c29tZWJvZHkgZWxzZSdzIHNlY3JldA==";

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

  /** The provider decides in a second; nobody but a webhook makes us ask within the hour. */
  private UUID undecidedAndNotDue() throws SQLException {
    UUID id = api.payIn(account, 1000, "tok_async").id();
    change(id, "next_attempt_at = clock_timestamp() + interval '1 h'");
    return id;
  }

  private boolean isUntouched(UUID id) throws SQLException {
    return count(
            "payments.payment where id = '%s' and not hinted and next_attempt_at > clock_timestamp() + interval '1 min'"
                .formatted(id))
        == 1;
  }

  @Test
  void whatTheProviderDecidesLaterIsHeardByItsWebhook() throws SQLException {
    UUID id = undecidedAndNotDue();

    awaitStatus(id, "succeeded");

    assertBalance(1000, 0);
    assertTold("payment.succeeded");
  }

  @ParameterizedTest
  @ValueSource(strings = {"duplicate_webhook", "reordered_webhook"})
  void duplicatesAndDisorderChangeNothing(String fault) throws SQLException {
    simulator.misbehave(fault);
    UUID first = undecidedAndNotDue();
    UUID second = undecidedAndNotDue();
    UUID atOnce = paidIn(1000);

    List.of(first, second, atOnce).forEach(id -> awaitStatus(id, "succeeded"));

    // What is final is asked for too, and rests.
    await()
        .atMost(LONG)
        .until(() ->
            count("payments.payment where id = '%s' and attempts > 1".formatted(atOnce)) == 1
                && count("payments.payment where next_attempt_at is not null") == 0);
    assertBalance(3000, 0);
    assertThat(simulator.received(first)).isEqualTo(1);
    assertTold("payment.succeeded", "payment.succeeded", "payment.succeeded");
    assertLedgerBalances();
  }

  static Stream<Arguments> forgeries() {
    String good = ProviderMessage.hint(UUID.randomUUID());
    ProviderMessage ours = ProviderMessage.of(good);
    return Stream.of(
        Arguments.of("no headers", new ProviderMessage(null, null, null, good)),
        Arguments.of("no id", new ProviderMessage(null, ours.timestamp(), ours.signature(), good)),
        Arguments.of("no time", new ProviderMessage(ours.id(), null, ours.signature(), good)),
        Arguments.of("no signature", new ProviderMessage(ours.id(), ours.timestamp(), null, good)),
        Arguments.of(
            "a time that is none", new ProviderMessage(ours.id(), "noon", ours.signature(), good)),
        Arguments.of("garbage", new ProviderMessage(ours.id(), ours.timestamp(), "v1", good)),
        Arguments.of("nothing", new ProviderMessage(ours.id(), ours.timestamp(), "v1,", good)));
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("forgeries")
  void whatIsNotSignedIsRefused(String what, ProviderMessage message) {
    assertRefused(receive(message), 401, "invalid-signature");
  }

  @Test
  void whatIsForgedStaleOrFromTheFutureChangesNothing() throws SQLException {
    keepAway();
    UUID id = api.payIn(account, 1000, "tok_ok").id();
    change(id, "next_attempt_at = clock_timestamp() + interval '1 h'");
    String hint = ProviderMessage.hint(id);
    ProviderMessage ours = ProviderMessage.of(hint);
    Instant now = Instant.now();

    for (ProviderMessage forged :
        List.of(
            ProviderMessage.signed(OTHER_SECRET, now, hint),
            ProviderMessage.signed(TestServices.WEBHOOK_SECRET, now.minusSeconds(310), hint),
            ProviderMessage.signed(TestServices.WEBHOOK_SECRET, now.plusSeconds(310), hint),
            new ProviderMessage(ours.id(), ours.timestamp(), ours.signature(), hint + " "),
            new ProviderMessage("msg_another", ours.timestamp(), ours.signature(), hint),
            new ProviderMessage(
                ours.id(), Long.toString(now.getEpochSecond() + 1), ours.signature(), hint))) {
      assertRefused(receive(forged), 401, "invalid-signature");
    }
    assertThat(isUntouched(id)).isTrue();

    assertThat(receive(ours).status()).isEqualTo(204);
    assertThat(isUntouched(id)).isFalse();
    assertThat(receive(ours).status()).as("once more").isEqualTo(204);
  }

  @Test
  void ofSeveralSignaturesOneHasToFit() {
    ProviderMessage ours = ProviderMessage.about(UUID.randomUUID());
    ProviderMessage theirs = ProviderMessage.signed(OTHER_SECRET, Instant.now(), ours.body());

    ProviderMessage both =
        new ProviderMessage(
            ours.id(),
            ours.timestamp(),
            "v2,whatever " + theirs.signature() + " " + ours.signature(),
            ours.body());

    assertThat(receive(both).status()).isEqualTo(204);
  }

  @Test
  void anySecretThatIsConfiguredWillDo() {
    ProviderWebhooks webhooks = webhooksWith(OTHER_SECRET, TestServices.WEBHOOK_SECRET);
    String hint = ProviderMessage.hint(UUID.randomUUID());

    for (String secret : List.of(OTHER_SECRET, TestServices.WEBHOOK_SECRET)) {
      ProviderMessage message = ProviderMessage.signed(secret, Instant.now(), hint);
      assertThat(isSigned(webhooks, message)).isTrue();
      assertThat(isSigned(webhooksWith(), message)).as("without any secret").isFalse();
    }
  }

  private static boolean isSigned(ProviderWebhooks webhooks, ProviderMessage message) {
    Map<String, List<String>> headers = new HashMap<>();
    message.headers().forEach((name, value) -> headers.put(name, List.of(value)));
    return webhooks.isSigned(headers, message.body().getBytes(StandardCharsets.UTF_8));
  }

  private ProviderWebhooks webhooksWith(String... secrets) {
    Duration second = Duration.ofSeconds(1);
    ProviderSettings settings =
        new ProviderSettings(
            URI.create("http://127.0.0.1"),
            second,
            second,
            second,
            Duration.ofDays(1),
            List.of(secrets));
    return new ProviderWebhooks(
        new PaymentsSettings(second, Duration.ofSeconds(10), second, second, settings), payments);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{\"type\":\"operation.updated\",\"data\":{\"reference\":\"order 66\"}}",
        "{\"type\":\"operation.updated\",\"data\":{\"reference\":null}}",
        "{\"type\":\"operation.updated\",\"data\":{}}",
        "{\"type\":\"provider.renamed\",\"to\":[1,2]}",
        "{}"
      })
  void whatIsAboutNothingOfOursIsPassedOver(String body) {
    assertThat(receive(ProviderMessage.of(body)).status()).isEqualTo(204);
  }

  @Test
  void anUnknownReferenceIsPassedOver() {
    assertThat(receive(ProviderMessage.about(UUID.randomUUID())).status()).isEqualTo(204);
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
  void whatIsSignedButCannotBeReadIsMalformed(String body) {
    assertRefused(receive(ProviderMessage.of(body)), 400, "invalid-request");
  }

  @Test
  void whatIsTooLargeIsRefusedUnread() {
    String large = ProviderMessage.hint("x".repeat(64 * 1024));

    assertRefused(receive(ProviderMessage.of(large)), 413, "payload-too-large");
  }

  @Test
  void aHintDuringAQuestionIsNotLost() throws SQLException {
    keepAway();
    UUID id = api.payIn(account, 1000, "tok_ok").id();
    PaymentAttempts.Claimed asking = attempts.claim(id).orElseThrow();

    assertThat(receive(ProviderMessage.about(id)).status()).isEqualTo(204);
    attempts.apply(id, asking.payment().attempts(), new ProviderResponse.Unknown("silence", false));

    String due = "payments.payment where id = '%s' and next_attempt_at <= clock_timestamp()";
    assertThat(count(due.formatted(id))).isEqualTo(1);
    letThrough();
    awaitStatus(id, "succeeded");
    assertThat(count("payments.payment where hinted and id = '" + id + "'")).isZero();
  }

  @Test
  void aHintDoesNotBreakIntoAQuestion() throws SQLException {
    keepAway();
    UUID id = api.payIn(account, 1000, "tok_ok").id();
    PaymentAttempts.Claimed asking = attempts.claim(id).orElseThrow();

    receive(ProviderMessage.about(id));

    assertThat(attempts.claimNext()).isEmpty();
    assertThat(attempts.claim(id)).isEmpty();
    attempts.apply(id, asking.payment().attempts(), new ProviderResponse.Unknown("silence", false));
  }

  @Test
  void whatIsRefusedOnlyForItsKeyTakesNoHint() throws SQLException {
    String key = UUID.randomUUID().toString();
    api.payOut(key, account, 1000, "tok_ok");
    UUID refused =
        payments.findByKey(api.caller(), false, new IdempotencyKey(key)).orElseThrow().getId();

    assertThat(receive(ProviderMessage.about(refused)).status()).isEqualTo(204);

    assertThat(count("payments.payment where hinted and id = '" + refused + "'")).isZero();
  }
}
