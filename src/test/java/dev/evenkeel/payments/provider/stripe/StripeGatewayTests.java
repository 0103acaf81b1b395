package dev.evenkeel.payments.provider.stripe;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.tuple;

import dev.evenkeel.payments.provider.Answer;
import dev.evenkeel.payments.provider.Deduction;
import dev.evenkeel.payments.provider.FollowUp;
import dev.evenkeel.payments.provider.Gateway;
import dev.evenkeel.payments.provider.GatewayContract;
import dev.evenkeel.payments.provider.NotConnectedException;
import dev.evenkeel.payments.provider.ProviderBalance;
import dev.evenkeel.payments.provider.ProviderConnection;
import dev.evenkeel.payments.provider.ProviderOperation;
import dev.evenkeel.payments.provider.ProviderRequest;
import dev.evenkeel.payments.provider.ProviderRequest.Kind;
import dev.evenkeel.payments.provider.ProviderRequest.Order;
import dev.evenkeel.payments.provider.ProviderResponse;
import dev.evenkeel.payments.provider.ProviderSettings;
import dev.evenkeel.payments.provider.ProviderSettingsException;
import dev.evenkeel.payments.provider.ReportPage;
import dev.evenkeel.payments.provider.TooManyRequestsException;
import dev.evenkeel.payments.provider.WebhookHint;
import dev.evenkeel.payments.provider.Wire;
import io.micrometer.observation.ObservationRegistry;
import java.io.IOException;
import java.net.URI;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/** The contract of every gateway, and what is particular to Stripe. */
class StripeGatewayTests extends GatewayContract {

  private FakeStripe stripe;
  private Gateway gateway;

  @BeforeEach
  void start() throws IOException {
    stripe = FakeStripe.start();
    gateway = gatewayAt(stripe.url());
  }

  @AfterEach
  void stop() {
    stripe.close();
  }

  @Override
  protected Gateway gateway() {
    return gateway;
  }

  @Override
  protected Gateway gatewayAt(URI url) {
    return gateway(url, FakeStripe.API_KEY);
  }

  private static Gateway gateway(URI url, String apiKey) {
    ProviderSettings settings = settings(url, apiKey, RETURN_URL, "whsec_old", "whsec_fake");
    return new StripeGatewayFactory()
        .create(settings, new ProviderConnection(url, settings, ObservationRegistry.NOOP));
  }

  private static ProviderSettings settings(
      @Nullable URI url, @Nullable String apiKey, @Nullable URI returnUrl, String... secrets) {
    return new ProviderSettings(
        "stripe", url, apiKey, TIMEOUT, TIMEOUT, TIMEOUT, TIMEOUT, List.of(secrets), returnUrl);
  }

  @Override
  protected Instruments instruments() {
    return new Instruments(
        "pm_card_visa",
        "pm_card_chargeDeclined",
        "generic_decline",
        "pm_card_chargeDeclinedInsufficientFunds",
        "pm_card_threeDSecure2Required");
  }

  @Override
  protected String takeBack(String operation) {
    return stripe.dispute(operation);
  }

  @Override
  protected void reinstate(String id) {
    stripe.win(id);
  }

  @Override
  protected ReceivedWebhook webhook(String reference, Instant at, boolean ours) {
    String body = stripe.event("payment_intent.succeeded", paymentIntent(reference));
    return signed(body, ours ? FakeStripe.WEBHOOK_SECRET : "whsec_other", at);
  }

  private static ObjectNode paymentIntent(String reference) {
    ObjectNode object = JsonMapper.shared().createObjectNode();
    object.put("object", "payment_intent");
    object.putObject("metadata").put("reference", reference);
    return object;
  }

  @Override
  protected ReceivedWebhook signed(String body) {
    return signed(body, FakeStripe.WEBHOOK_SECRET, Instant.now());
  }

  private static ReceivedWebhook signed(String body, String secret, Instant at) {
    return new ReceivedWebhook(
        Map.of("stripe-signature", List.of(FakeStripe.sign(body, secret, at))), body);
  }

  // Orders

  @Test
  void writesASortedForm() {
    UUID reference = UUID.fromString("0197d8a5-0000-7000-8000-000000000000");
    Order order = new Order(Kind.CHARGE, reference, 1250, "EUR", "pm_card_visa", null, null, true);

    assertThat(gateway.write(order))
        .isEqualTo(
            "amount=1250&capture_method=manual&confirm=true&currency=eur"
                + "&metadata[reference]=0197d8a5-0000-7000-8000-000000000000"
                + "&payment_method=pm_card_visa&payment_method_types[0]=card"
                + "&return_url=https%3A%2F%2Fshop.example%2Fback");
  }

  @Test
  void cancelsWhatWasDeclined() throws IOException {
    ProviderRequest request = charge(1250, "pm_card_chargeDeclined");

    assertDeclined(send(request), "generic_decline");

    String reference = request.order().reference().toString();
    assertThat(stripe.paymentIntents(reference))
        .singleElement()
        .satisfies(it -> assertThat(it.at("/status").asString()).isEqualTo("canceled"));
  }

  /** Then the failed charge still says it. */
  @Test
  void declineIsKnownAfterItsErrorIsGone() throws IOException {
    stripe.forgetErrors();
    ProviderRequest request = charge(1250, "pm_card_chargeDeclinedInsufficientFunds");

    assertDeclined(send(request), "insufficient_funds");
    assertDeclined(query(request), "insufficient_funds");
    assertDeclined(send(request), "insufficient_funds");
    assertThat(report())
        .singleElement()
        .satisfies(it -> assertThat(it.status()).isEqualTo("declined"));
  }

  /** A customer could still pay with another card what we take for failed. */
  @Test
  void declineIsUnknownUntilItIsCanceled() throws IOException {
    ProviderRequest request = charge(1250, "pm_card_chargeDeclined");
    stripe.pass();
    stripe.fail();
    assertThat(send(request)).isInstanceOf(ProviderResponse.Unknown.class);

    assertDeclined(query(request), "generic_decline");
  }

  @Test
  void refusedCancellationLeavesADeclineUnknown() throws IOException {
    ProviderRequest request = charge(1250, "pm_card_chargeDeclined");
    stripe.pass();
    stripe.refuse(400, FakeStripe.errorBody("invalid_request_error", null, "Not now"), Map.of());

    assertThat(send(request))
        .isEqualTo(
            new ProviderResponse.Unknown("the provider has not canceled what it declined", false));
  }

  /** "Not connected" would mean that nothing was sent. */
  @Test
  void laterCallWithoutAConnectionHidesNoOrder() {
    ProviderSettings settings =
        settings(stripe.url(), FakeStripe.API_KEY, RETURN_URL, "whsec_fake");
    Wire connection = new ProviderConnection(stripe.url(), settings, ObservationRegistry.NOOP);
    AtomicInteger calls = new AtomicInteger();
    Wire connectsOnce =
        new Wire() {
          @Override
          public Reply exchange(Call call, Duration timeout) throws IOException {
            if (calls.getAndIncrement() > 0) {
              throw new NotConnectedException(new IOException("refused"));
            }
            return connection.exchange(call, timeout);
          }

          @Override
          public void close() {
            connection.close();
          }
        };
    try (Gateway once = new StripeGatewayFactory().create(settings, connectsOnce)) {
      assertThatThrownBy(() -> once.send(charge(1250, "pm_card_chargeDeclined"), TIMEOUT))
          .isInstanceOf(IOException.class)
          .isNotInstanceOf(NotConnectedException.class);
    }
    assertThat(calls).hasValue(2);
  }

  @Test
  void unknownInstrumentIsRejected() throws IOException {
    assertThat(send(charge(1250, "tok_ok")))
        .isEqualTo(new ProviderResponse.Rejected("the provider answered 400 resource_missing"));
  }

  @Test
  void payoutsAreRejectedWithoutACall() throws IOException {
    ProviderRequest request =
        written(new Order(Kind.PAYOUT, UUID.randomUUID(), 1250, "EUR", "ba_1", null, null, false));

    assertThat(send(request)).isInstanceOf(ProviderResponse.Rejected.class);
    assertThat(query(request)).isEqualTo(new ProviderResponse.NotFound());
    assertThat(stripe.requests()).isEmpty();
  }

  @Test
  void refundOfAnUnknownChargeIsRejectedWithoutACall() throws IOException {
    ProviderRequest request =
        written(
            new Order(
                Kind.REFUND, UUID.randomUUID(), 1, "EUR", null, UUID.randomUUID(), null, false));

    assertThat(send(request)).isInstanceOf(ProviderResponse.Rejected.class);
    assertThat(query(request)).isEqualTo(new ProviderResponse.NotFound());
    assertThat(stripe.requests()).isEmpty();
  }

  @ParameterizedTest
  @CsvSource({
    "EUR, 1250, 1250",
    "JPY, 500, 500",
    "ISK, 500, 50000",
    "UGX, 500, 50000",
    "MGA, 50000, 500",
    "KWD, 1250, 1250"
  })
  void convertsAmountsBothWays(String currency, long ours, long theirs) throws IOException {
    ProviderRequest request = charge(ours, currency, "pm_card_visa", false);

    String id = approved(request);

    assertThat(stripe.object(id).at("/amount").asLong()).isEqualTo(theirs);
    assertThat(line(id).amount()).isEqualTo(ours);
    assertThat(line(id).currency()).isEqualTo(currency);
    approved(query(refunded(request, id)), ours);
  }

  private ProviderRequest refunded(ProviderRequest request, String id) throws IOException {
    ProviderRequest refund = refund(request, id, request.order().amount());
    approved(refund);
    return refund;
  }

  @ParameterizedTest
  @CsvSource({"KWD, 1251", "MGA, 50001"})
  void amountsThatStripeCannotTakeAreRejectedWithoutACall(String currency, long amount)
      throws IOException {
    assertThat(send(charge(amount, currency, "pm_card_visa", false)))
        .isEqualTo(
            new ProviderResponse.Rejected("Stripe takes " + currency + " with fewer decimals"));
    assertThat(stripe.requests()).isEmpty();
  }

  @Test
  void anotherAmountIsAMismatch() throws IOException {
    ProviderRequest request = charge(1250, "pm_card_visa");
    String id = approved(request);
    Order order = request.order();
    ProviderRequest other =
        new ProviderRequest(
            new Order(Kind.CHARGE, order.reference(), 1251, "EUR", "any", null, null, false));

    assertThat(query(other.askingAbout(id)))
        .isInstanceOfSatisfying(
            ProviderResponse.Mismatch.class, it -> assertThat(it.amount()).isEqualTo(1250));
  }

  @Test
  void anotherReferenceIsOurFault() throws IOException {
    String id = approved(charge(1250, "pm_card_visa"));

    assertThat(query(charge(1250, "pm_card_visa").askingAbout(id)))
        .isEqualTo(
            new ProviderResponse.Unknown("the provider's answer has another reference", true));
  }

  @ParameterizedTest
  @CsvSource({"object, charge", "id, pi_1/../pi_2", "id, ''", "currency, xxx"})
  void answerOfAnotherFormIsUnknown(String field, String value) throws IOException {
    ProviderRequest request = charge(1250, "pm_card_visa");
    String id = approved(request);
    ObjectNode other = (ObjectNode) stripe.object(id);
    stripe.refuse(200, other.toString(), Map.of());
    approved(query(request.askingAbout(id)), 1250);

    stripe.refuse(200, other.put(field, value).toString(), Map.of());

    assertThat(query(request.askingAbout(id)))
        .isEqualTo(new ProviderResponse.Unknown("the provider's answer is incomplete", false));
  }

  // Keys

  @Test
  void lostAnswerIsFoundOrSentAgain() throws IOException {
    ProviderRequest request = charge(1250, "pm_card_visa");
    stripe.loseAnswer();
    assertThatThrownBy(() -> send(request)).isInstanceOf(IOException.class);

    String found = approved(query(request), 1250);
    assertThat(approved(request)).isEqualTo(found);
    assertThat(stripe.paymentIntents(request.order().reference().toString())).hasSize(1);
  }

  @Test
  void searchMayMissWhatIsNew() throws IOException {
    ProviderRequest request = charge(1250, "pm_card_visa");
    String id = approved(request);
    stripe.searchLate(true);

    assertThat(query(request)).isEqualTo(new ProviderResponse.NotFound());
    assertThat(approved(request)).isEqualTo(id);
  }

  @Test
  void twoPaymentIntentsOfOneReferenceAreOurFault() throws IOException {
    ProviderRequest request = charge(1250, "pm_card_visa");
    approved(request);
    stripe.forgetKeys();
    approved(request);

    assertThat(query(request))
        .isInstanceOfSatisfying(
            ProviderResponse.Unknown.class, it -> assertThat(it.ourFault()).isTrue());
  }

  @Test
  void keyInUseIsUnknown() throws IOException {
    ProviderRequest request = charge(1250, "pm_card_visa");
    stripe.use(request.order().reference().toString());

    assertThat(send(request))
        .isEqualTo(new ProviderResponse.Unknown("the provider answered 409", false));
  }

  /** Stripe stores errors under a key, too; a capture that failed once must not fail for a day. */
  @ParameterizedTest
  @ValueSource(strings = {"CAPTURE", "CANCEL"})
  void followUpsSucceedAfterAFailure(FollowUp what) throws IOException {
    ProviderRequest request = charge(1250, "EUR", "pm_card_visa", true);
    String id = authorized(request);
    Long amount = what == FollowUp.CAPTURE ? Long.valueOf(1250) : null;
    stripe.fail();
    assertThat(followUp(request, id, what, amount)).isInstanceOf(ProviderResponse.Unknown.class);

    assertThat(followUp(request, id, what, amount))
        .isInstanceOfAny(ProviderResponse.Approved.class, ProviderResponse.Canceled.class);
  }

  // Answers that are errors

  @Test
  void wrongKeyIsRefused() throws IOException {
    ProviderRequest request = charge(1250, "pm_card_visa");
    try (Gateway other = gateway(stripe.url(), "sk_test_wrong")) {
      assertThat(other.send(request, TIMEOUT).response())
          .isEqualTo(new ProviderResponse.CredentialsRefused());
    }
  }

  @Test
  void rateLimitPausesAllCalls() throws IOException {
    String body = FakeStripe.errorBody("invalid_request_error", "rate_limit", "Too many requests");
    stripe.refuse(
        429, body, Map.of("Stripe-Rate-Limited-Reason", "global-rate", "Retry-After", "3"));

    Answer answer = gateway.send(charge(1250, "pm_card_visa"), TIMEOUT);

    assertThat(answer)
        .isEqualTo(
            new Answer(
                new ProviderResponse.Unknown(
                    "the provider answered 429", false, Duration.ofSeconds(3)),
                true,
                Duration.ofSeconds(3)));
  }

  @Test
  void lockedObjectDelaysItsPaymentOnly() throws IOException {
    stripe.refuse(
        429, FakeStripe.errorBody("invalid_request_error", "lock_timeout", "Locked"), Map.of());

    Answer answer = gateway.send(charge(1250, "pm_card_visa"), TIMEOUT);

    assertThat(answer)
        .isEqualTo(
            new Answer(
                new ProviderResponse.Unknown(
                    "the provider answered 429", false, Duration.ofSeconds(1)),
                true,
                Duration.ZERO));
  }

  @Test
  void reportWaitsAfterARateLimit() {
    stripe.refuse(
        429, FakeStripe.errorBody("invalid_request_error", "rate_limit", "Slow down"), Map.of());

    assertThatThrownBy(() -> report()).isInstanceOf(TooManyRequestsException.class);
  }

  @Test
  void redirectsAreOurFault() throws IOException {
    stripe.refuse(302, "", Map.of("Location", "/v1/elsewhere"));

    assertThat(send(charge(1250, "pm_card_visa")))
        .isInstanceOfSatisfying(
            ProviderResponse.Unknown.class, it -> assertThat(it.ourFault()).isTrue());
  }

  // What comes back

  @Test
  void refundThatFailsLaterIsReturned() throws IOException {
    ProviderRequest charge = charge(1250, "pm_card_visa");
    ProviderRequest refund = refund(charge, approved(charge), 250);
    String id = approved(refund);

    stripe.failRefund(id);

    String back = stripe.object(id).at("/failure_balance_transaction").asString();
    assertThat(query(refund))
        .isInstanceOfSatisfying(
            ProviderResponse.Approved.class,
            it ->
                assertThat(it.operation().returns())
                    .containsExactly(new ProviderOperation.Return(back, 250, false)));
    assertThat(line(id).returned()).isEqualTo(250);
  }

  // The report

  @Test
  void reportHasManyPages() throws IOException {
    stripe.limitPages(2);
    List<String> expected = new ArrayList<>();
    for (int i = 0; i < 5; i++) {
      ProviderRequest charge = charge(1250, "pm_card_visa");
      String id = approved(charge);
      expected.add(id);
      expected.add(approved(refund(charge, id, 250)));
      expected.add(stripe.dispute(id));
    }

    assertThat(report())
        .extracting(ProviderOperation::id)
        .containsExactlyInAnyOrderElementsOf(expected);
  }

  @Test
  void reportHasWhatOthersCharged() throws IOException {
    String id = stripe.chargeAtTheDashboard(700);

    assertThat(report())
        .singleElement()
        .satisfies(it -> {
          assertThat(it.key()).isEqualTo(id);
          assertThat(it.reference()).isNull();
          assertThat(it.amount()).isEqualTo(700);
        });
  }

  private List<Deduction> deductions() throws IOException {
    List<Deduction> deductions = new ArrayList<>();
    ReportPage page = page(null);
    while (page.last() != null) {
      deductions.addAll(page.deductions());
      page = page(page.last());
    }
    return deductions;
  }

  private ReportPage page(@Nullable String after) throws IOException {
    Instant now = Instant.now();
    return gateway().list(now.minusSeconds(60), now.plusSeconds(60), after, TIMEOUT);
  }

  @Test
  void reportHasFeesAndPayoutsToOurBank() throws IOException {
    stripe.limitPages(2);
    stripe.takeFee(44);
    approved(charge(1250, "pm_card_visa"));
    stripe.takeFee(-3);
    approved(charge(1250, "pm_card_visa"));
    stripe.move("stripe_fee", -200);
    stripe.move("stripe_fx_fee", Long.MIN_VALUE);
    stripe.move("stripe_fee", 0);
    stripe.move("payout", -900);
    stripe.move("payout_failure", 300);
    stripe.move("topup", 5);

    assertThat(deductions())
        .extracting(Deduction::kind, Deduction::amount, Deduction::currency)
        .containsExactlyInAnyOrder(
            tuple(Deduction.Kind.FEE, 44L, "EUR"),
            tuple(Deduction.Kind.FEE, -3L, "EUR"),
            tuple(Deduction.Kind.FEE, 200L, "EUR"),
            tuple(Deduction.Kind.BANK_PAYOUT, 900L, "EUR"),
            tuple(Deduction.Kind.BANK_PAYOUT, -300L, "EUR"));
    assertThat(deductions()).extracting(Deduction::id).doesNotHaveDuplicates();
  }

  @Test
  void saysWhatStripeOwesUs() throws IOException {
    stripe.takeFee(44);
    approved(charge(1250, "pm_card_visa"));
    stripe.move("payout", -900);

    assertThat(gateway().balances(TIMEOUT)).containsExactly(new ProviderBalance("EUR", 306));
    stripe.fail();
    assertThatThrownBy(() -> gateway().balances(TIMEOUT)).isInstanceOf(IOException.class);
  }

  // Webhooks

  @ParameterizedTest
  @ValueSource(strings = {"whsec_old", "whsec_fake"})
  void anyConfiguredSecretMaySign(String secret) {
    UUID reference = UUID.randomUUID();
    String body = stripe.event("refund.updated", paymentIntent(reference.toString()));

    assertThat(read(signed(body, secret, Instant.now())))
        .isEqualTo(new WebhookHint.About(reference));
  }

  private WebhookHint read(ReceivedWebhook webhook) {
    return gateway.readWebhook(
        webhook.headers(), webhook.body().getBytes(java.nio.charset.StandardCharsets.UTF_8));
  }

  @Test
  void eventsOfAnotherAccountOrModeAreIgnored() {
    String ours = stripe.event("payment_intent.succeeded", paymentIntent(UUID.randomUUID() + ""));

    for (String other :
        List.of(
            ours.replace("\"livemode\":false", "\"livemode\":true"),
            ours.replaceFirst("\\{", "{\"account\":\"acct_1\","))) {
      assertThat(other).isNotEqualTo(ours);
      assertThat(read(signed(other))).isEqualTo(new WebhookHint.About(null));
    }
  }

  @ParameterizedTest
  @CsvSource({"pi_1, true", "'', false", "pi-1, false"})
  void disputesNameThePaymentIntent(String id, boolean known) {
    ObjectNode dispute = JsonMapper.shared().createObjectNode();
    dispute.put("object", "dispute").put("payment_intent", id);

    assertThat(read(signed(stripe.event("charge.dispute.created", dispute))))
        .isEqualTo(known ? new WebhookHint.AboutOperation(id) : new WebhookHint.About(null));
  }

  @Test
  void eventsOfUnknownTypesAndShapesAreIgnored() {
    ObjectNode object = JsonMapper.shared().createObjectNode();
    object.put("object", "something.new");

    assertThat(read(signed(stripe.event("something.new.happened", object))))
        .isEqualTo(new WebhookHint.About(null));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{\"object\":\"v2.core.event\",\"livemode\":false}",
        "{\"livemode\":false}",
        "{\"object\":\"event\"}",
        "{\"object\":\"event\",\"livemode\":\"false\"}"
      })
  void rejectsWhatIsNoEvent(String body) {
    assertThat(read(signed(body))).isEqualTo(new WebhookHint.Malformed());
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"", "t", "t=x,v1=00", "t,v1", "v1=00", "t=1", "t=1,v1", "t=99999999999999999999"})
  void malformedSignaturesAreForged(String signature) {
    ReceivedWebhook webhook =
        new ReceivedWebhook(
            Map.of("stripe-signature", List.of(signature)), stripe.event("x", paymentIntent("y")));

    assertThat(read(webhook)).isEqualTo(new WebhookHint.Forged());
  }

  // Settings

  @ParameterizedTest
  @CsvSource(
      nullValues = "none",
      value = {
        "none, https://shop.example, https://api.stripe.com, whsec_1, needs a secret key",
        "pk_test_1, https://shop.example, https://api.stripe.com, whsec_1, needs a secret key",
        "sk_test_1, none, https://api.stripe.com, whsec_1, needs an address for customers",
        "sk_live_1, http://shop.example, none, whsec_1, for https only",
        "rk_live_1, https://shop.example, http://localhost:1, whsec_1, for https only",
        "sk_test_1, https://shop.example, none, secret, begins with whsec_"
      })
  void refusesSettings(
      @Nullable String key,
      @Nullable URI returnUrl,
      @Nullable URI url,
      String secret,
      String reason) {
    ProviderSettings settings = settings(url, key, returnUrl, secret);

    assertThatThrownBy(() ->
            new StripeGatewayFactory()
                .create(
                    settings,
                    new ProviderConnection(stripe.url(), settings, ObservationRegistry.NOOP)))
        .isInstanceOf(ProviderSettingsException.class)
        .hasMessageContaining(reason);
  }
}
