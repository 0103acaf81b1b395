package dev.evenkeel.payments.reconciliation;

import static dev.testing.Refusals.assertRefused;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.evenkeel.payments.Attention;
import dev.evenkeel.payments.Finding;
import dev.evenkeel.payments.PaymentFixture;
import dev.evenkeel.payments.PaymentId;
import dev.evenkeel.payments.PaymentOperations;
import dev.testing.Api;
import dev.testing.TestServices;
import dev.testing.WholeApplication;
import java.net.URI;
import java.sql.SQLException;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.springframework.beans.factory.annotation.Autowired;
import tools.jackson.databind.JsonNode;

/** What a reconciliation finds is stored, asked of the provider, and applied or raised once. */
@WholeApplication
class ReconciliationRunTests extends PaymentFixture {

  private static final LocalDate TODAY = LocalDate.now(ZoneOffset.UTC);
  private static final String SUCCEEDED =
      "status = 'SUCCEEDED', failure_code = null, failure_message = null, failure_provider_code = null, provider_operation = null";
  private static final String FAILED =
      "status = 'FAILED', failure_code = 'card_declined', failure_message = 'x'";
  private static final LocalDate LONG_AGO = LocalDate.of(2019, 1, 1);

  @Autowired ProviderReconciliation reconciliation;
  @Autowired ReconciliationReports reports;
  @Autowired PaymentOperations operations;

  @BeforeEach
  void loseWebhooks() {
    provider.sendWebhooksTo(URI.create("http://127.0.0.1:9/"), TestServices.WEBHOOK_SECRET);
  }

  /** The payments of other classes, whose simulators are gone, would be asked about too. */
  @BeforeEach
  void moveOtherPaymentsAway() throws SQLException {
    asOwner(
        """
        update payments.payment set created_at = created_at - interval '400 days'
        where created_at > clock_timestamp() - interval '100 days' and final_at is not null
        """);
  }

  /** Some tests run in the future, which later runs of others would take for the last one. */
  @AfterEach
  void forgetRuns() throws SQLException {
    asOwner("truncate payments.reconciliation, payments.reconciliation_difference");
  }

  private static String path(LocalDate day) {
    return "/v1/operations/reconciliation?day=" + day;
  }

  /** The differences of today that concern this payment, after another run. */
  private List<JsonNode> run(UUID payment) {
    Api.Answer answer = operator.post(path(TODAY));
    assertThat(answer.status()).as(answer.toString()).isEqualTo(200);
    return differences(answer, payment);
  }

  private static List<JsonNode> differences(Api.Answer report, UUID payment) {
    return report
        .body()
        .at("/differences")
        .valueStream()
        .filter(it -> it.at("/payment").asString("").equals(payment.toString()))
        .toList();
  }

  private static void assertOnly(List<JsonNode> differences, String kind, boolean resolved) {
    assertThat(differences)
        .singleElement()
        .satisfies(it -> {
          assertThat(it.at("/kind").asString()).isEqualTo(kind);
          assertThat(it.at("/resolved").asBoolean()).isEqualTo(resolved);
        });
  }

  @Test
  void booksReturnWhoseWebhookWasLost() {
    UUID id = paidIn(1250);
    simulator.takeBack(id);

    assertOnly(run(id), "status-differs", true);

    assertThat(status(id)).isEqualTo("returned");
    assertThat(api.posted(account)).isZero();
    assertOnly(run(id), "status-differs", true);
  }

  @Test
  void authorizationsAndCapturesAgree() {
    UUID authorized = api.authorize(account, 100, "tok_ok").id();
    UUID captured = api.authorize(account, 100, "tok_ok").id();
    capture(captured, 60);
    UUID canceled = api.authorize(account, 100, "tok_ok").id();
    api.cancel(canceled);
    UUID underWay = api.authorize(account, 100, "tok_ok").id();
    simulator.misbehave("lost_answer");
    capture(underWay, 60);
    openBreaker(true);

    Api.Answer report = operator.post(path(TODAY));

    for (UUID payment : List.of(authorized, captured, canceled, underWay)) {
      assertThat(differences(report, payment)).isEmpty();
    }
    api.cancel(authorized);
  }

  private void capture(UUID payment, long amount) {
    api.post(path(payment) + "/capture", newKey(), Map.of("amount", amount));
  }

  @Test
  void findsAnotherCapturedAmount() throws SQLException {
    UUID payment = api.authorize(account, 100, "tok_ok").id();
    capture(payment, 60);
    change(payment, "moved = 50, final_at = now() - interval '1 hour'");

    assertOnly(run(payment), "amount-differs", false);
  }

  @Test
  void booksReturnOfRefund() {
    UUID id = paidIn(1250);
    UUID refund = api.refund(id, 300).id();
    awaitStatus(path(id, refund), "succeeded");
    simulator.takeBack(refund);

    assertOnly(run(refund), "status-differs", true);

    awaitStatus(path(id, refund), "returned");
    assertThat(api.posted(account)).isEqualTo(1250);
  }

  @Test
  void booksReturnThatOnlyTheReportCanTell() {
    UUID id = paidIn(1250);
    simulator.takeBack(id);
    simulator.misbehave("unknown_status");

    assertOnly(run(id), "status-differs", true);

    assertThat(status(id)).isEqualTo("returned");
  }

  @Test
  void raisesWhatOnlyTheReportCanTell() throws SQLException {
    UUID id = paidIn(1250);
    change(id, FAILED);
    simulator.misbehave("unknown_status");

    assertOnly(run(id), "status-differs", false);

    assertThat(payment(id).at("/attention").asString()).isEqualTo("contradiction");
  }

  /** An operator may have left an earlier difference as it was. */
  @Test
  void asksAgainAboutWhatWasRaisedBefore() throws SQLException {
    UUID id = paidIn(1250);
    simulator.takeBack(id);
    asOwner(
        """
        insert into payments.payment_finding
        select id, provider_operation, 'approved 1250 EUR, 1250 returned' from payments.payment where id = '%s'
        """
            .formatted(id));

    assertOnly(run(id), "status-differs", true);

    assertThat(status(id)).isEqualTo("returned");
  }

  /** The daily run of tomorrow: for today and the eight days before. */
  @Test
  void runsOncePerDayByItself() throws SQLException {
    Instant tomorrow = TODAY.plusDays(1).atStartOfDay(ZoneOffset.UTC).toInstant();
    UUID id = paidIn(1250);
    simulator.takeBack(id);
    change(id, "created_at = created_at - interval '8 days'");

    reconciliation.runDaily(tomorrow.plus(59, ChronoUnit.MINUTES));
    assertThat(status(id)).as("its last operations may be in progress").isEqualTo("succeeded");
    lockJob("payments-reconciliation", true);
    reconciliation.runDaily(tomorrow.plus(61, ChronoUnit.MINUTES));
    assertThat(status(id)).as("another instance runs").isEqualTo("succeeded");
    lockJob("payments-reconciliation", false);
    reconciliation.runDaily(tomorrow.plus(61, ChronoUnit.MINUTES));

    assertThat(status(id)).isEqualTo("returned");
    LocalDate first = TODAY.minusDays(8);
    assertThat(first.datesUntil(TODAY.plusDays(1)))
        .allSatisfy(day -> assertThat(reports.find(day)).isPresent());
    Instant ran = reports.find(TODAY).orElseThrow().ranAt();
    reconciliation.runDaily(tomorrow.plus(5, ChronoUnit.HOURS));
    assertThat(reports.find(TODAY).orElseThrow().ranAt()).isEqualTo(ran);
  }

  @Test
  void keepsTheRunOfDayThatIsOver() {
    Api.Answer first = operator.get(path(LONG_AGO));
    assertThat(first.status()).as(first.toString()).isEqualTo(200);

    assertThat(operator.get(path(LONG_AGO)).at("/ranAt")).isEqualTo(first.at("/ranAt"));

    String again = operator.post(path(LONG_AGO)).at("/ranAt");
    assertThat(Instant.parse(again)).isAfter(Instant.parse(first.at("/ranAt")));
    assertThat(operator.get(path(LONG_AGO)).at("/ranAt")).isEqualTo(again);
  }

  @Test
  void runsAnewWhileTheDayLasts() {
    String first = operator.get(path(TODAY)).at("/ranAt");

    assertThat(Instant.parse(operator.get(path(TODAY)).at("/ranAt"))).isAfter(Instant.parse(first));
  }

  @Test
  void rejectsSecondRunAtTheSameTime() throws SQLException {
    operator.get(path(LONG_AGO));
    lockJob("payments-reconciliation", true);
    try {
      assertRefused(operator.post(path(LONG_AGO)), 409, "reconciliation-under-way");
      assertRefused(operator.get(path(TODAY)), 409, "reconciliation-under-way");
      assertThat(operator.get(path(LONG_AGO)).status()).as("it is stored").isEqualTo(200);
    } finally {
      lockJob("payments-reconciliation", false);
    }
    assertRefused(api.post(path(LONG_AGO)), 403, "forbidden");
  }

  @Test
  void listsOperationsThatAreNotOurs() throws SQLException {
    String key = newKey();
    Map<String, Object> order =
        Map.of("reference", key, "instrument", "tok_ok", "amount", 700, "currency", "EUR");
    String operation = simulator.order("/charges", key, order).at("/id");

    reconciliation.runDaily(
        TODAY.plusDays(7).atStartOfDay(ZoneOffset.UTC).toInstant().plus(61, ChronoUnit.MINUTES));
    reconciliation.runDaily(
        TODAY.plusDays(8).atStartOfDay(ZoneOffset.UTC).toInstant().plus(61, ChronoUnit.MINUTES));

    assertThat(
            countRows(
                "payments.reconciliation_difference where kind = 'MISSING_HERE' and not resolved and operation = '%s'"
                    .formatted(operation)))
        .isEqualTo(1);
  }

  @Test
  void raisesWhatCannotBeAppliedOnce() throws SQLException {
    UUID id = api.payIn(account, 1250, "tok_declined").id();
    change(id, SUCCEEDED);

    assertOnly(run(id), "status-differs", false);

    assertThat(payment(id).at("/attention").asString()).isEqualTo("contradiction");
    Map<String, String> decision = Map.of("outcome", "succeeded", "reason", "paid in cash");
    operator.post("/v1/operations/payments/" + id + "/resolve", decision);
    assertOnly(run(id), "status-differs", false);
    assertThat(payment(id).at("/attention").isMissingNode()).as("decided once").isTrue();

    change(id, FAILED);
    assertOnly(run(id), "status-differs", true);
    change(id, SUCCEEDED);
    assertOnly(run(id), "status-differs", false);
    assertThat(payment(id).at("/attention").asString()).as("again").isEqualTo("contradiction");
    change(id, FAILED);
  }

  /** The answer to a query and the report say the same, and what is booked is no news. */
  @Test
  void asksOnceAboutAnotherAmount() throws SQLException {
    simulator.misbehave("amount_mismatch");
    UUID id = api.payIn(account, 1250, "tok_ok").id();
    simulator.heal();
    String path = "/v1/operations/payments/" + id + "/resolve";
    Map<String, Object> decision =
        Map.of("outcome", "succeeded", "amount", 500, "reason", "The customer was told so");
    assertThat(operator.post(path, decision).status()).isEqualTo(200);

    assertOnly(run(id), "amount-differs", false);
    assertThat(payment(id).has("attention")).as("by the query that followed").isTrue();
    Map<String, Object> known = Map.of("outcome", "succeeded", "reason", "Known");
    assertThat(operator.post(path, known).status()).isEqualTo(200);
    assertOnly(run(id), "amount-differs", false);
    assertThat(payment(id).has("attention")).as("by the report").isFalse();

    simulator.takeBack(id, 100);
    assertOnly(run(id), "amount-differs", false);
    change(id, "next_attempt_at = now()");
    await().until(() -> is(id, "next_attempt_at is null"));
    assertThat(payment(id).at("/returned").asLong()).isEqualTo(100);
    assertThat(payment(id).has("attention")).as("once it is booked").isFalse();
  }

  /** Both sides agree in between, of which only the report tells. */
  @Test
  void asksAgainAboutWhatComesBack() throws SQLException {
    UUID id = paidIn(1250);
    simulator.misbehave("contradict");
    change(id, "next_attempt_at = now()");
    await().until(() -> payment(id).has("attention"));
    Map<String, Object> known = Map.of("outcome", "succeeded", "reason", "Known");
    String path = "/v1/operations/payments/" + id + "/resolve";
    assertThat(operator.post(path, known).status()).isEqualTo(200);
    simulator.heal();
    change(id, "next_attempt_at = null");
    assertThat(run(id)).isEmpty();

    simulator.misbehave("contradict");
    change(id, "next_attempt_at = now()");

    await().until(() -> payment(id).has("attention"));
    simulator.heal();
  }

  @Test
  void raisesAllDifferencesOfAPayment() throws SQLException {
    UUID id = paidIn(1250);
    Instant later = Instant.now().plusSeconds(60);
    List<PaymentOperations.Question> questions =
        Stream.of("op_2", "op_3")
            .map(it ->
                new PaymentOperations.Question(
                    Attention.CONTRADICTION, new Finding(it, "approved 1250 EUR"), it, null))
            .toList();

    operations.raise(new PaymentId(id), questions, later);

    assertThat(countRows("payments.payment_finding where payment = '%s'".formatted(id)))
        .isEqualTo(2);
    assertThat(payment(id).at("/timeline").toString()).contains("op_2").contains("op_3");
  }

  /** The provider answers with the second operation, so only its list knows of the first one. */
  @Test
  void booksReturnsBesideASecondOperation() {
    UUID id = paidIn(1250);
    simulator.misbehave(Map.of("mode", "none", "keyRetention", 0));
    simulator.order(
        "/charges",
        id.toString(),
        Map.of("reference", id, "instrument", "tok_ok", "amount", 1250, "currency", "EUR"));
    simulator.heal();
    simulator.takeBack(id, 400);

    assertThat(run(id)).extracting(it -> it.at("/resolved").asBoolean()).contains(true, false);

    assertThat(payment(id).at("/returned").asLong()).isEqualTo(400);
    assertThat(payment(id).at("/attention").asString()).isEqualTo("contradiction");
    Map<String, String> decision = Map.of("outcome", "succeeded", "reason", "Known");
    String path = "/v1/operations/payments/" + id + "/resolve";
    assertThat(operator.post(path, decision).status()).isEqualTo(200);
    simulator.takeBack(id, 850);

    run(id);

    assertThat(status(id)).isEqualTo("returned");
    assertThat(payment(id).has("attention")).as("decided once").isFalse();
    assertThat(api.posted(account)).isZero();
  }

  @Test
  void raisesNothingTheProviderWasNotAskedAbout() throws SQLException {
    UUID id = paidIn(1250);
    simulator.takeBack(id);
    openBreaker(true);

    assertOnly(run(id), "status-differs", false);

    assertThat(is(id, "attention is null and hinted")).isTrue();
    openBreaker(false);
    awaitStatus(id, "returned");
    assertOnly(run(id), "status-differs", true);
  }
}
