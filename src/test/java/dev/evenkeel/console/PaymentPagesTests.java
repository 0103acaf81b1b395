package dev.evenkeel.console;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.testing.Api;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.jdbc.core.simple.JdbcClient;

/** The list of payments, and the page of one. */
class PaymentPagesTests extends PageTest {

  @Autowired JdbcClient jdbc;

  UUID account;

  @BeforeEach
  void openAccount() {
    account = api.openAccount(0);
    browser.login(owner);
  }

  private static String page(UUID payment) {
    return "/console/payments/" + payment;
  }

  @Test
  void listsPaymentsPageByPage() {
    List<UUID> made =
        Stream.generate(() -> api.payIn(account, 100, "tok_ok").id()).limit(21).toList();

    String first = browser.get("/console/payments").body();

    assertThat(first).contains(page(made.getLast()), page(made.get(1)), "after=" + made.get(1));
    assertThat(first).doesNotContain(page(made.getFirst()));
    assertThat(first.indexOf(made.getLast().toString()))
        .as("newest first")
        .isLessThan(first.indexOf(page(made.get(1))));
    String second = browser.get("/console/payments?account=&status=&after=" + made.get(1)).body();
    assertThat(second).contains(page(made.getFirst())).doesNotContain(page(made.get(1)));
  }

  @Test
  void filtersByAccountAndState() {
    UUID other = api.openAccount(0);
    UUID paid = api.payIn(account, 100, "tok_ok").id();
    UUID declined = api.payIn(other, 100, "tok_declined").id();

    assertThat(browser.get("/console/payments?account=" + account).body())
        .contains(page(paid))
        .doesNotContain(page(declined));
    assertThat(browser.get("/console/payments?status=FAILED").body())
        .contains(page(declined))
        .doesNotContain(page(paid));
  }

  @ParameterizedTest
  @ValueSource(strings = {"account=x", "status=x", "after=x"})
  void answersAMalformedFilterLikeAnUnknownPage(String filter) {
    assertThat(browser.get("/console/payments?" + filter).statusCode()).isEqualTo(404);
  }

  /** What is being captured is known, but nothing has moved yet. */
  @Test
  void showsWhatHasMovedOnceItHas() {
    UUID payment = api.authorize(account, 1250, "tok_ok").id();
    jdbc.sql(
            """
            update payments.payment
            set status = 'PROCESSING', follow_up = 'CAPTURE', follow_up_at = now(), capture_amount = 60,
                next_attempt_at = now() + interval '1 h'
            where id = ?
            """)
        .param(payment)
        .update();
    assertThat(browser.get(page(payment)).body()).doesNotContain("<dt>Moved</dt>");

    jdbc.sql("update payments.payment set next_attempt_at = now() where id = ?")
        .param(payment)
        .update();

    await()
        .untilAsserted(() ->
            assertThat(browser.get(page(payment)).body()).contains("<dt>Moved</dt><dd>€0.60<"));
  }

  @Test
  void hidesPaymentsOfOthersExceptFromOperators() {
    UUID payment = api.payIn(account, 1250, "tok_ok").id();
    Browser other = new Browser(port).login("bob-" + UUID.randomUUID());

    assertThat(other.get(page(payment)).statusCode()).isEqualTo(404);
    assertThat(other.get(page(payment) + "/live").statusCode()).isEqualTo(404);
    assertThat(other.get("/console/payments?account=" + account).body())
        .doesNotContain(payment.toString());
    assertThat(other.get("/console/payments?owner=" + owner).statusCode()).isEqualTo(403);
    assertThat(operator().get(page(payment)).statusCode()).isEqualTo(200);
    assertThat(operator().get("/console/payments?owner=" + owner).body()).contains(page(payment));
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "/01a20bf4-f5b8-7532-81a7-b872029a734d"})
  void needsTheScopeOfTheApi(String path) {
    Browser limited = new Browser(port).login("noscope-" + UUID.randomUUID());

    assertThat(limited.get("/console/payments" + path).statusCode()).isEqualTo(403);
  }

  @Test
  void showsWhatHappened() {
    UUID payment = api.payIn(account, 1250, "tok_ok").id();
    UUID refund = api.refund(payment, 250).id();

    await()
        .untilAsserted(() ->
            assertThat(browser.get(page(payment)).body())
                .contains("Pay-in of €12.50", "Approved by the provider")
                .contains("Main, entry 1", "+€12.50", "Main, entry 2", "−€2.50", "balance €10.00")
                .contains(refund.toString())
                // part of notifications
                .contains("€12.50 paid in to Main", "€2.50 refunded from Main")
                // end of notifications
                .contains("/v1/payments/" + payment + "/refunds"));
  }

  @Test
  void leavesOutWhatNeedsAnotherScope() {
    Api payer = new Api(port, "payer-" + UUID.randomUUID());
    UUID own = payer.openAccount(0);
    UUID payment = payer.payIn(own, 1250, "tok_ok").id();
    Browser limited = new Browser(port).login(payer.caller());

    assertThat(limited.get(page(payment)).body())
        .contains("Pay-in of €12.50")
        // part of notifications
        .doesNotContain("id=\"told\"")
        // end of notifications
        .doesNotContain("id=\"ledger\"", ">Main<");
    assertThat(limited.get("/console/payments").body())
        .contains(page(payment))
        .doesNotContain(">Main, EUR<");
    assertThat(browser.get(page(api.payIn(account, 1250, "tok_ok").id())).body())
        .contains("id=\"ledger\"", ">Main<");
    assertThat(browser.get("/console/payments").body()).contains(">Main, EUR<");
  }

  @Test
  void showsTheTraceToOperatorsOnly() {
    UUID payment = api.payIn(account, 1250, "tok_ok").id();

    assertThat(browser.get(page(payment)).body())
        .doesNotContain("provider.charge", "/console/requests/", "/v1/operations/traces/");
    await()
        .untilAsserted(() ->
            assertThat(operator().get(page(payment)).body())
                .contains("POST /v1/payments", "provider.charge", "/v1/operations/traces/"));
  }

  @Test
  void showsTheProvidersCodeToOperatorsOnly() {
    UUID payment = api.payIn(account, 1250, "tok_declined").id();

    assertThat(browser.get(page(payment)).body())
        .contains("card_declined", "The provider declined the payment.", "none is needed")
        .doesNotContain("Provider’s code");
    assertThat(operator().get(page(payment)).body()).contains("Provider’s code");
  }

  @Test
  void leadsTheCustomerToTheProvider() {
    Api.Answer payment = api.payIn(account, 1250, "tok_action");

    assertThat(browser.get(page(payment.id())).body())
        .contains("requires action", "href=\"" + payment.at("/nextAction/redirectUrl") + "\"");
  }

  // part of notifications
  @Test
  void showsTheDeliveriesOfNotifications() {
    Api.Answer endpoint =
        api.post("/v1/webhook-endpoints", Map.of("url", "http://127.0.0.1:1/nobody"));
    assertThat(endpoint.status()).isEqualTo(201);

    UUID payment = api.payIn(account, 1250, "tok_ok").id();

    await()
        .untilAsserted(
            () -> assertThat(browser.get(page(payment)).body()).contains("Webhook", "1 attempt"));
  }

  // end of notifications

  @Test
  @Timeout(20)
  void followsAPaymentToItsEnd() {
    UUID payment = api.authorize(account, 1250, "tok_ok").id();
    HttpResponse<String> page = browser.get(page(payment));
    assertThat(page.body()).contains("sse-connect=\"" + page(payment) + "/live\"", "authorized");

    try (Stream<String> lines = browser.open(page(payment) + "/live").body()) {
      api.postEmpty("/v1/payments/" + payment + "/capture", UUID.randomUUID().toString());

      assertThat(lines.filter(line -> line.contains("+€12.50")).findFirst()).isPresent();
    }
  }

  @Test
  void isLiveUntilAMinuteAfterTheEnd() {
    Instant end = Instant.parse("2026-11-30T10:00:00Z");

    assertThat(PaymentReader.isLive(null, end)).isTrue();
    assertThat(PaymentReader.isLive(end, end.plus(Duration.ofSeconds(59)))).isTrue();
    assertThat(PaymentReader.isLive(end, end.plus(Duration.ofSeconds(60)))).isFalse();
  }

  @Test
  void readsRarelyOnceNothingIsExpected() {
    AtomicInteger reads = new AtomicInteger();
    var following = new PaymentReader.Following(() -> Map.of("live", reads.incrementAndGet() < 3));

    for (int i = 0; i < 5; i++) {
      following.get();
    }

    assertThat(reads).hasValue(3);
  }
}
