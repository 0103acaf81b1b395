package dev.evenkeel.payments;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.evenkeel.payments.provider.Answer;
import dev.paymentprovider.PaymentProvider;
import dev.testing.Api;
import dev.testing.Simulator;
import dev.testing.TestDatabase;
import dev.testing.WholeApplication;
import io.github.resilience4j.circuitbreaker.CircuitBreakerRegistry;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.boot.test.web.server.LocalServerPort;

/** Whatever the provider does: one payment, one charge, one posting, one notification. */
@WholeApplication
class PaymentFaultTests {

  private static final Duration LONG = Duration.ofSeconds(25);

  @LocalServerPort int port;
  @Autowired PaymentProvider provider;
  @Autowired TestDatabase database;
  @Autowired CircuitBreakerRegistry breakers;
  @Autowired PaymentAttempts attempts;

  Api api;
  Simulator simulator;
  UUID account;

  @BeforeEach
  void connect() {
    api = new Api(port, "ada-" + UUID.randomUUID());
    simulator = new Simulator(provider);
    account = api.openAccount(0);
    breakers.circuitBreaker("provider").reset();
  }

  @AfterEach
  void heal() throws SQLException {
    simulator.heal();
    breakers.circuitBreaker("provider").reset();
    // What is unfinished would call the provider while the next test counts.
    await().atMost(LONG).until(() -> count("payments.payment where final_at is null") == 0);
  }

  private long count(String rows) throws SQLException {
    try (Connection connection = database.asApplication();
        PreparedStatement query = connection.prepareStatement("select count(*) from " + rows);
        ResultSet result = query.executeQuery()) {
      result.next();
      return result.getLong(1);
    }
  }

  private Api.Answer payment(UUID id) {
    return api.get("/v1/payments/" + id);
  }

  private void awaitStatus(UUID payment, String status) {
    await()
        .atMost(LONG)
        .untilAsserted(() -> assertThat(payment(payment).at("/status")).isEqualTo(status));
  }

  /** One charge, one posting, one notification, and it stays so. */
  private void assertPaidOnce(UUID payment, long amount) {
    awaitStatus(payment, "succeeded");
    assertThat(simulator.operations(payment)).hasSize(1);
    assertThat(simulator.operations(payment).getFirst().at("/status").asString())
        .isEqualTo("approved");
    assertThat(api.posted(account)).isEqualTo(amount);
    assertThat(api.get("/v1/accounts/" + account + "/entries").body().at("/data")).hasSize(1);
    assertToldOnce(payment, "payment.succeeded");
  }

  private void assertToldOnce(UUID payment, String type) {
    await()
        .atMost(LONG)
        .untilAsserted(() -> {
          Api.Answer feed = api.get("/v1/notifications?account=" + account);
          assertThat(feed.body().at("/data")).as(feed.toString()).hasSize(1);
          assertThat(feed.at("/data/0/type")).isEqualTo(type);
          assertThat(feed.at("/data/0/subject/id")).isEqualTo(payment.toString());
        });
  }

  private static <T> List<T> atOnce(int callers, Callable<T> call) throws Exception {
    try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      List<T> results = new ArrayList<>();
      for (Future<T> result : threads.invokeAll(Collections.nCopies(callers, call))) {
        results.add(result.get());
      }
      return results;
    }
  }

  private Api.Answer acceptedDuring(String fault) {
    simulator.misbehave(fault);
    Api.Answer answer = api.payIn(account, 1250, "tok_ok");
    assertThat(answer.status()).as(answer.toString()).isEqualTo(202);
    assertThat(answer.header("Location")).contains("/v1/payments/" + answer.id());
    return answer;
  }

  /** Accepted while the breaker is open, which also keeps recovery away until it is reset. */
  private UUID pendingWithoutRecovery() {
    breakers.circuitBreaker("provider").transitionToForcedOpenState();
    Api.Answer accepted = api.payIn(account, 1250, "tok_ok");
    assertThat(accepted.at("/status")).isEqualTo("pending");
    return accepted.id();
  }

  private void makeDue(UUID payment, String in) throws SQLException {
    try (Connection connection = database.asApplication();
        PreparedStatement update =
            connection.prepareStatement(
                "update payments.payment set next_attempt_at = clock_timestamp() + '%s'::interval where id = '%s'"
                    .formatted(in, payment))) {
      assertThat(update.executeUpdate()).isEqualTo(1);
    }
  }

  private void awaitWaiting(int transactions) {
    String waiting =
        "pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'";
    await().atMost(Duration.ofSeconds(10)).until(() -> count(waiting) == transactions);
  }

  @ParameterizedTest
  @ValueSource(strings = {"hang", "down", "error500", "error503", "error429"})
  void whatTheProviderDidNotDoIsDoneOnceItIsBack(String fault) {
    Api.Answer accepted = acceptedDuring(fault);
    assertThat(accepted.at("/status")).isEqualTo("processing");
    assertThat(simulator.operations(accepted.id())).isEmpty();
    assertThat(api.posted(account)).isZero();

    simulator.heal();

    assertPaidOnce(accepted.id(), 1250);
  }

  @ParameterizedTest
  @ValueSource(strings = {"lost_answer", "truncated", "garbage", "dribble"})
  void whatTheProviderDidWithoutSayingSoIsNotDoneAgain(String fault) {
    Api.Answer accepted = acceptedDuring(fault);
    assertThat(accepted.at("/status")).isEqualTo("processing");
    assertThat(simulator.operations(accepted.id())).hasSize(1);

    simulator.heal();

    assertPaidOnce(accepted.id(), 1250);
    assertThat(simulator.received(accepted.id())).as("asked for, not sent again").isEqualTo(1);
  }

  @Test
  void neverSeenProvesNothingWhileTheFirstRequestIsOnItsWay() {
    simulator.misbehave(Map.of("mode", "late", "latencyMs", 5000, "remaining", 1));

    Api.Answer accepted = api.payIn(account, 1250, "tok_ok");

    assertThat(accepted.status()).isEqualTo(202);
    UUID id = accepted.id();
    assertThat(new Api(provider.port(), "nobody").get("/operations/" + id).status())
        .as("never seen")
        .isEqualTo(404);
    awaitStatus(id, "succeeded");
    assertThat(simulator.received(id)).as("the same key and body again").isEqualTo(2);
    // The first request arrives now.
    Instant arrival = Instant.parse(accepted.at("/createdAt")).plusSeconds(6);
    await().atMost(LONG).until(() -> Instant.now().isAfter(arrival));
    assertPaidOnce(id, 1250);
  }

  @Test
  void anAnswerBeyondTheDeadlineComesByAsking() {
    simulator.misbehave(Map.of("mode", "slow", "latencyMs", 1900, "remaining", 1));

    Api.Answer accepted = api.payIn(account, 1250, "tok_ok");

    assertThat(accepted.status()).isEqualTo(202);
    assertPaidOnce(accepted.id(), 1250);
  }

  @Test
  void anAnswerWithinTheDeadlineIsFinal() {
    simulator.misbehave(Map.of("mode", "slow", "latencyMs", 300, "remaining", 1));

    Api.Answer payment = api.payIn(account, 1250, "tok_ok");

    assertThat(payment.status()).isEqualTo(201);
    assertThat(simulator.received(payment.id())).isEqualTo(1);
    assertPaidOnce(payment.id(), 1250);
  }

  @Test
  void whatWasNeverSentIsPendingAndSentWhenTheProviderIsBack() throws IOException {
    try (Socket connection = new Socket(InetAddress.getLoopbackAddress(), provider.port())) {
      connection.setSoTimeout(5000);
      simulator.misbehave(Map.of("mode", "refuse", "latencyMs", 4000));
      // Open connections are closed a moment later; what meets such an end may have been sent.
      assertThat(connection.getInputStream().read()).isEqualTo(-1);
    }

    Api.Answer accepted = api.payIn(account, 1250, "tok_ok");

    assertThat(accepted.status()).as(accepted.toString()).isEqualTo(202);
    assertThat(accepted.at("/status")).isEqualTo("pending");
    awaitStatus(accepted.id(), "succeeded");
    assertThat(simulator.received(accepted.id())).isEqualTo(1);
    assertPaidOnce(accepted.id(), 1250);
  }

  @Test
  void theClaimIsCommittedBeforeTheFirstByte() throws Exception {
    simulator.misbehave("hang");
    try (ExecutorService caller = Executors.newVirtualThreadPerTaskExecutor()) {
      Future<Api.Answer> answer = caller.submit(() -> api.payIn(account, 1250, "tok_ok"));
      String claimed =
          "payments.payment where account = '%s' and status = 'PROCESSING' and sends = 1"
              .formatted(account);
      await()
          .atMost(Duration.ofSeconds(1))
          .until(() -> count(claimed + " and claimed_until > clock_timestamp() + '5 s'") == 1);
      assertThat(answer.isDone()).as("the provider still has the request").isFalse();
      assertThat(answer.get().status()).isEqualTo(202);
    }
  }

  @Test
  void recoveryCommitsItsClaimBeforeTheFirstByteToo() throws SQLException {
    UUID id = pendingWithoutRecovery();
    simulator.misbehave("hang");

    breakers.circuitBreaker("provider").reset();
    await().atMost(LONG).until(() -> simulator.received(id) == 1);

    String claimed =
        "payments.payment where id = '%s' and status = 'PROCESSING' and sends = 1".formatted(id);
    assertThat(count(claimed + " and claimed_until > clock_timestamp() + '5 s'")).isEqualTo(1);
  }

  @Test
  void whatIsNotDueOrClaimedIsLeftAlone() throws SQLException {
    UUID id = pendingWithoutRecovery();

    makeDue(id, "1 h");
    assertThat(attempts.claimNext()).as("not due").isEmpty();
    makeDue(id, "0 s");
    assertThat(attempts.claimNext())
        .hasValueSatisfying(claimed -> assertThat(claimed.payment().getId()).isEqualTo(id));
    assertThat(attempts.claimNext()).as("claimed").isEmpty();
    makeDue(id, "0 s");
    assertThat(attempts.claimNext()).as("due, but claimed").isEmpty();

    Payment after = attempts.apply(id, 1, new Answer.Unknown("silence", false));
    assertThat(after.attempts()).isEqualTo(1);
  }

  @Test
  void aDeclinedPaymentExistsAndHasFailed() {
    Api.Answer declined = api.payIn(account, 1250, "tok_declined");

    assertThat(declined.status()).isEqualTo(201);
    assertThat(declined.at("/status")).isEqualTo("failed");
    assertThat(declined.at("/failure/code")).isEqualTo("card_declined");
    assertThat(api.posted(account)).isZero();
    assertToldOnce(declined.id(), "payment.failed");
  }

  @Test
  void aDeclineForInsufficientFundsSaysSo() {
    Api.Answer declined = api.payIn(account, 1250, "tok_insufficient");

    assertThat(declined.status()).isEqualTo(201);
    assertThat(declined.at("/failure/code")).isEqualTo("insufficient_funds");
  }

  @Test
  void whatTheProviderDecidesLaterIsAcceptedAtOnce() {
    Api.Answer accepted = api.payIn(account, 1250, "tok_async");

    assertThat(accepted.status()).isEqualTo(202);
    assertThat(accepted.at("/status")).isEqualTo("processing");
    assertPaidOnce(accepted.id(), 1250);
    assertThat(simulator.received(accepted.id())).isEqualTo(1);
  }

  @Test
  void theSameKeyGetsThePaymentAsItIs() {
    simulator.misbehave("hang");
    String key = UUID.randomUUID().toString();
    UUID id = api.payIn(key, account, 1250, "tok_ok").id();

    Api.Answer meanwhile = api.payIn(key, account, 1250, "tok_ok");
    assertThat(meanwhile.status()).isEqualTo(202);
    assertThat(meanwhile.isReplay()).isTrue();
    assertThat(meanwhile.id()).isEqualTo(id);
    Api.Answer another = api.payIn(key, account, 1251, "tok_ok");
    assertThat(another.status()).isEqualTo(422);
    assertThat(another.at("/type")).isEqualTo("/problems/idempotency-key-reused");
    assertThat(another.at("/retry")).isEqualTo("new-key");

    simulator.heal();
    assertPaidOnce(id, 1250);
    Api.Answer afterwards = api.payIn(key, account, 1250, "tok_ok");
    assertThat(afterwards.status()).isEqualTo(200);
    assertThat(afterwards.isReplay()).isTrue();
    assertThat(afterwards.id()).isEqualTo(id);
    assertThat(afterwards.at("/status")).isEqualTo("succeeded");
    assertPaidOnce(id, 1250);
  }

  @Test
  void theSameKeyOfAnotherOwnerIsAnotherPayment() {
    String key = UUID.randomUUID().toString();
    Api bob = new Api(port, "bob-" + UUID.randomUUID());

    UUID adas = api.payIn(key, account, 1250, "tok_ok").id();
    Api.Answer bobs = bob.payIn(key, bob.openAccount(0), 1250, "tok_ok");

    assertThat(bobs.status()).isEqualTo(201);
    assertThat(bobs.id()).isNotEqualTo(adas);
    assertThat(bob.get("/v1/payments/" + adas).status()).isEqualTo(404);
  }

  @Test
  void oneKeyAtOnceIsOnePayment() throws Exception {
    String key = UUID.randomUUID().toString();

    List<Api.Answer> answers = atOnce(16, () -> api.payIn(key, account, 1250, "tok_ok"));

    assertThat(answers)
        .allSatisfy(answer -> assertThat(answer.status()).isIn(200, 201, 202))
        .extracting(Api.Answer::id)
        .containsOnly(answers.getFirst().id());
    assertThat(answers).filteredOn(answer -> !answer.isReplay()).hasSize(1);
    assertPaidOnce(answers.getFirst().id(), 1250);
    assertThat(simulator.received(answers.getFirst().id())).isEqualTo(1);
  }

  @Test
  void anOutcomeHeardBySeveralAtOnceIsAppliedOnce() throws Exception {
    UUID id = acceptedDuring("hang").id();

    List<Payment> seen = atOnce(8, () -> attempts.apply(id, 1, new Answer.Approved("op_1", false)));

    assertThat(seen).allMatch(payment -> payment.getStatus() == PaymentStatus.SUCCEEDED);
    assertThat(api.get("/v1/accounts/" + account + "/entries").body().at("/data")).hasSize(1);
    assertToldOnce(id, "payment.succeeded");
    await()
        .atMost(LONG)
        .until(() ->
            count("platform.event_publication where serialized_event like '%%%s%%'".formatted(id))
                == 0);
    assertToldOnce(id, "payment.succeeded");
  }

  @Test
  void silenceDoesNotUndoADecisionThatIsBeingApplied() throws Exception {
    Answer approved = new Answer.Approved("op_1", false);
    // The timeline knows it already: only the lock of the payment's row stands in its way.
    Answer silence = new Answer.Unknown("silence", false);
    UUID id = pendingWithoutRecovery();
    assertThat(attempts.claimNext()).isPresent();
    attempts.apply(id, 1, silence);

    try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
        Connection other = database.asApplication()) {
      other.setAutoCommit(false);
      other
          .prepareStatement(
              "select 1 from payments.payment where id = '%s' for update".formatted(id))
          .execute();
      Future<Payment> first = threads.submit(() -> attempts.apply(id, 1, approved));
      awaitWaiting(1);
      Future<Payment> second = threads.submit(() -> attempts.apply(id, 1, silence));
      awaitWaiting(2);
      other.rollback();

      assertThat(first.get().getStatus()).isEqualTo(PaymentStatus.SUCCEEDED);
      assertThat(second.get().getStatus()).isEqualTo(PaymentStatus.SUCCEEDED);
    }
    assertThat(payment(id).at("/status")).isEqualTo("succeeded");
    assertThat(api.posted(account)).isEqualTo(1250);
  }

  @Test
  void aLateContradictionMovesNothing() {
    UUID id = api.payIn(account, 1250, "tok_ok").id();

    Payment after = attempts.apply(id, 1, new Answer.Declined("op_1", "card_declined"));

    assertThat(after.getStatus()).isEqualTo(PaymentStatus.SUCCEEDED);
    assertPaidOnce(id, 1250);
  }

  @Test
  void anAttemptThatWokeUpLateDoesNotUndoWhatAnotherSent() {
    UUID id = api.payIn(account, 1250, "tok_async").id();
    // Recovery claims it meanwhile; whatever it finds, the first attempt's news is no longer news.
    await()
        .atMost(LONG)
        .until(() -> count("payments.payment where id = '" + id + "' and attempts > 1") == 1);

    Payment after = attempts.apply(id, 1, new Answer.NotSent(Answer.NotSent.Cause.NO_CONNECTION));

    assertThat(after.getStatus()).isNotEqualTo(PaymentStatus.PENDING);
    assertPaidOnce(id, 1250);
  }

  @Test
  void aRefusalIsKeptForItsKey() {
    String key = UUID.randomUUID().toString();
    Map<String, Object> inDollars =
        Map.of(
            "account",
            account,
            "kind",
            "pay_in",
            "amount",
            1250,
            "currency",
            "USD",
            "instrument",
            "tok_ok");

    Api.Answer refused = api.post("/v1/payments", key, inDollars);
    Api.Answer again = api.post("/v1/payments", key, inDollars);

    assertThat(refused.status()).isEqualTo(422);
    assertThat(refused.at("/type")).isEqualTo("/problems/currency-mismatch");
    assertThat(refused.at("/effect")).isEqualTo("none");
    assertThat(refused.isReplay()).isFalse();
    assertThat(again.status()).isEqualTo(422);
    assertThat(again.at("/type")).isEqualTo("/problems/currency-mismatch");
    assertThat(again.isReplay()).isTrue();
    assertThat(api.payIn(key, account, 1250, "tok_ok").at("/type"))
        .isEqualTo("/problems/idempotency-key-reused");
    assertThat(api.get("/v1/notifications").body().at("/data")).isEmpty();
  }

  @Test
  void anUnknownAccountLeavesNothing() throws SQLException {
    String key = UUID.randomUUID().toString();
    UUID foreign = new Api(port, "bob-" + UUID.randomUUID()).openAccount(0);

    for (UUID unknown : List.of(UUID.randomUUID(), foreign)) {
      Api.Answer refused = api.payIn(key, unknown, 1250, "tok_ok");
      assertThat(refused.status()).isEqualTo(422);
      assertThat(refused.at("/type")).isEqualTo("/problems/account-not-found");
      assertThat(refused.at("/errors/0/field")).isEqualTo("account");
    }

    assertThat(count("payments.payment where idempotency_key = '" + key + "'")).isZero();
    assertThat(api.payIn(key, account, 1250, "tok_ok").status()).isEqualTo(201);
  }
}
