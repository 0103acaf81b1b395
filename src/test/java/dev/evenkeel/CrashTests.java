package dev.evenkeel;

import static dev.testing.ApplicationProcess.LONG;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.evenkeel.payments.CrashPoint;
import dev.paymentprovider.PaymentProvider;
import dev.testing.Api;
import dev.testing.ApplicationProcess;
import dev.testing.PausePoints;
import dev.testing.Simulator;
import dev.testing.TestDatabase;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.stream.LongStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.FieldSource;
import tools.jackson.databind.JsonNode;

/**
 * A real process is killed with kill -9 in the middle of everything, and restarted. It dies once,
 * as a start takes long; each test looks at one thing that was in progress.
 */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class CrashTests {

  private static final String RECONCILIATION =
      "/v1/operations/reconciliation?day=" + LocalDate.now(ZoneOffset.UTC);

  final List<UUID> answered = new ArrayList<>();
  final List<CutOff> cutOff = new ArrayList<>();
  PaymentProvider provider;
  Simulator simulator;
  ApplicationProcess application;
  Api api;

  UUID from;
  UUID to;
  PayIn hanging;
  PayIn late;

  /** A pay-in whose caller waits for the response. */
  private record PayIn(UUID account, UUID payment, Thread caller) {}

  @BeforeAll
  void startBothAndKillOne(@TempDir Path folder) throws Exception {
    provider = PaymentProvider.start(0, folder.resolve("operations.jsonl"), 250);
    simulator = new Simulator(provider);
    application =
        new ApplicationProcess(
            TestDatabase.create(), provider.url(), "-XX:+UseSerialGC", "-Xmx256m");
    api = application.api;
    application.start(
        PausePoints.class,
        // Room for all that stops with a connection in its hand, which nothing else ends
        "--spring.datasource.hikari.maximum-pool-size=40",
        "--spring.datasource.hikari.data-source-properties.options=-c lock_timeout=1s",
        // A start in which everything is slow sends its payments all the same
        "--evenkeel.payments.deadline=30s",
        "--evenkeel.payments.provider.answer-timeout=25s",
        "--evenkeel.payments.claim=10m",
        "--resilience4j.circuitbreaker.instances.provider.slow-call-duration-threshold=1m");
    dieInTheMiddle();
    letClaimsEnd();
    simulator.heal();
    application.start(Evenkeel.class);
  }

  private void dieInTheMiddle() throws Exception {
    from = api.openAccount(1_000_000);
    to = api.openAccount(0);
    UUID first = api.openAccount(0);
    UUID second = api.openAccount(0);

    // No consumer gets through: the process dies with all that is to be told.
    try (Connection owner = application.database.asOwner()) {
      owner.setAutoCommit(false);
      // part of notifications
      owner.createStatement().execute("lock table notifications.feed in access exclusive mode");
      // end of notifications
      for (int i = 0; i < 20; i++) {
        Api.Answer transfer = api.transfer(from, to, 1);
        assertThat(transfer.status()).as(transfer.toString()).isEqualTo(201);
        answered.add(transfer.id());
      }
      assertThat(api.payIn(api.openAccount(0), 1000, "tok_ok").status()).isEqualTo(201);
      simulator.settle();
      parkAtEachPoint();
      late = beginPayIn(second, "tok_slow");
      simulator.misbehave("hang");
      hanging = beginPayIn(first, "tok_ok");
      reconcileUntilDeductionsArePosted();
      application.kill();
      owner.rollback();
    }

    hanging.caller().join();
    late.caller().join();
    for (CutOff payment : cutOff) {
      payment.assertDiedAtThePoint(simulator);
    }
    assertThat(simulator.operations(hanging.payment())).isEmpty();
    await().atMost(LONG).until(() -> simulator.operations(late.payment()).size() == 1);
    assertThat(application.count("notifications.notification")).isZero(); // part of notifications
  }

  /** The run goes on to ask about all that is parked. */
  private void reconcileUntilDeductionsArePosted() {
    application.begin(() -> api.post(RECONCILIATION));
    String deduction = "accounts.transfer where operation = 'deduction'";
    await().atMost(LONG).until(() -> application.count(deduction) > 0);
  }

  private void parkAtEachPoint() {
    for (CrashPoint point : CrashPoint.values()) {
      for (String kind : List.of("pay_in", "pay_out", "refund")) {
        cutOff.add(CutOff.prepare(application, point, kind));
      }
    }
    cutOff.forEach(CutOff::begin);
    await().atMost(LONG).until(() -> api.get(PausePoints.PARKED).body().asInt() == cutOff.size());
  }

  /** Claims outlive the process; this ends them as if their time had passed. */
  private void letClaimsEnd() throws SQLException {
    try (Connection owner = application.database.asOwner();
        Statement update = owner.createStatement()) {
      update.execute(
          """
          update payments.payment
          set claimed_until = clock_timestamp(), next_attempt_at = clock_timestamp()
          where next_attempt_at = claimed_until
          """);
      update.execute("update shared.shedlock set lock_until = clock_timestamp()");
    }
  }

  /** Until the provider has it, and is still at it. */
  private PayIn beginPayIn(UUID account, String instrument) throws SQLException {
    Thread caller = application.begin(() -> api.payIn(account, 1250, instrument));
    String claimed =
        "payments.payment where account = '%s' and status = 'PROCESSING'".formatted(account);
    await().atMost(LONG).until(() -> application.count(claimed) == 1);
    UUID payment = UUID.fromString(application.read("id from " + claimed));
    await().atMost(LONG).until(() -> simulator.received(payment) == 1);
    return new PayIn(account, payment, caller);
  }

  @AfterAll
  void stopBoth() throws InterruptedException {
    application.kill();
    provider.close();
  }

  private void assertPaidOnce(PayIn payIn) {
    UUID account = payIn.account();
    UUID payment = payIn.payment();
    await()
        .atMost(LONG)
        .untilAsserted(() ->
            assertThat(api.get("/v1/payments/" + payment).at("/status")).isEqualTo("succeeded"));
    assertThat(simulator.operations(payment)).hasSize(1);
    assertThat(api.posted(account)).isEqualTo(1250);
    assertThat(api.get("/v1/accounts/" + account + "/entries").body().at("/data")).hasSize(1);
    await()
        .atMost(LONG)
        .untilAsserted(() -> {
          assertThat(application.count("shared.outbox")).isZero();
          // part of notifications
          Api.Answer feed = api.get("/v1/notifications?account=" + account);
          assertThat(feed.body().at("/data")).as(feed.toString()).hasSize(1);
          assertThat(feed.at("/data/0/subject/id")).isEqualTo(payment.toString());
          // end of notifications
        });
  }

  @ParameterizedTest
  @FieldSource("cutOff")
  void givesEachPaymentOneEffectWhereverItDies(CutOff payment) throws SQLException {
    payment.assertOneEffect(simulator);
  }

  @Test
  void balancesTheLedgerAfterTheCrash() {
    Api.Answer report = api.get("/v1/operations/ledger");

    assertThat(report.at("/balanced")).as(report.toString()).isEqualTo("true");
  }

  @Test
  void findsEveryProviderOperationInOurPayments() throws SQLException {
    for (JsonNode operation : simulator.operations()) {
      if (operation.at("/kind").asString().equals("settlement")) {
        continue;
      }
      String ours =
          "payments.payment where id = '%s'".formatted(operation.at("/reference").asString());
      assertThat(application.count(ours)).as(operation.toString()).isEqualTo(1);
    }
  }

  @Test
  void deductsEachFeeAndPayoutToOurBankOnce() throws SQLException {
    await()
        .atMost(LONG)
        .untilAsserted(() -> {
          assertThat(api.post(RECONCILIATION).status()).isEqualTo(200);
          JsonNode clearing = api.get("/v1/operations/ledger").body().at("/clearing/0");
          assertThat(clearing.at("/owed"))
              .as(clearing.toString())
              .isEqualTo(clearing.at("/reported"));
        });
    long deducted =
        simulator.operations().stream()
            .filter(it -> it.has("fee") || it.at("/kind").asString().equals("settlement"))
            .count();
    assertThat(deducted).isGreaterThan(2);
    assertThat(application.count("accounts.transfer where operation = 'deduction'"))
        .isEqualTo(deducted);
  }

  @Test
  void resumesAPayInWhoseProviderHung() {
    assertPaidOnce(hanging);
  }

  @Test
  void continuesTheTraceAfterTheCrash() throws SQLException {
    assertPaidOnce(hanging);
    String stored =
        application.read(
            "traceparent from payments.payment where id = '%s'".formatted(hanging.payment()));
    String[] request = stored.split("-");

    await()
        .atMost(LONG)
        .untilAsserted(() -> {
          Api.Answer trace = api.get("/v1/operations/traces/" + request[1]);
          List<JsonNode> spans = trace.body().at("/spans").valueStream().toList();
          assertThat(childrenOf(request[2], spans))
              .as(trace.toString())
              .contains("notifications.append") // part of notifications
              .contains("payments.recovery");
          assertThat(spans)
              .filteredOn(span -> span.at("/name").asString().equals("payments.recovery"))
              .flatMap(span -> childrenOf(span.at("/id").asString(), spans))
              .contains("provider.ask", "provider.charge", "insert accounts.transfer");
        });
  }

  private static List<String> childrenOf(String parent, List<JsonNode> spans) {
    return spans.stream()
        .filter(span -> span.path("parent").asString("").equals(parent))
        .map(span -> span.at("/name").asString())
        .toList();
  }

  @Test
  void neverRepeatsAChargeWhoseResponseWasLost() {
    assertPaidOnce(late);
    assertThat(simulator.received(late.payment())).as("asked for, not sent again").isEqualTo(1);
  }

  @Test
  void keepsWhatWasConfirmed() {
    assertThat(answered)
        .hasSize(20)
        .allSatisfy(
            transfer -> assertThat(api.get("/v1/transfers/" + transfer).status()).isEqualTo(200));
    assertThat(api.posted(from)).isEqualTo(-20);
    assertThat(api.posted(to)).isEqualTo(20);
  }

  // part of notifications
  @Test
  void notifiesExactlyOnceAfterTheCrash() {
    await().atMost(LONG).until(() -> application.count("shared.outbox") == 0);
    List<JsonNode> told =
        api.get("/v1/notifications?limit=100").body().at("/data").valueStream().toList();

    assertThat(told.stream().map(it -> it.at("/sequence").asLong()))
        .as("no gaps")
        .containsExactlyInAnyOrderElementsOf(
            LongStream.rangeClosed(1, told.size()).boxed().toList());
    assertThat(told.stream().filter(it -> answered.contains(subject(it))))
        .as("each transfer, to both sides")
        .hasSize(40);
    assertThat(told.stream().map(it -> it.at("/type").asString() + subject(it)))
        .doesNotHaveDuplicates();
  }

  private static UUID subject(JsonNode notification) {
    return UUID.fromString(notification.at("/subject/id").asString());
  }
  // end of notifications
}
