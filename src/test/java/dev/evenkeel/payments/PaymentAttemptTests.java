package dev.evenkeel.payments;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.evenkeel.payments.provider.ProviderResponse;
import dev.evenkeel.payments.rules.PaymentRules.Attempt;
import dev.testing.Api;
import dev.testing.LockHolder;
import dev.testing.PatientDatabase;
import dev.testing.WholeApplication;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;
import org.springframework.beans.factory.annotation.Autowired;

/** Only the holder of a claim calls the provider, and a response is applied once. */
@WholeApplication
@PatientDatabase
class PaymentAttemptTests extends PaymentFixture {

  private static final String CLAIMED =
      "status = 'PROCESSING' and sends = 1 and claimed_until > clock_timestamp() + '5 s'";
  private static final Attempt FIRST = new Attempt(1, true);
  private static final ProviderResponse APPROVED =
      new ProviderResponse.Approved(Operations.approved("op_1"));
  private static final ProviderResponse UNKNOWN = new ProviderResponse.Unknown("silence", false);

  @Autowired PaymentAttempts attempts;

  private void awaitWaiting(int transactions) {
    String waiting =
        "pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'";
    await().atMost(Duration.ofSeconds(10)).until(() -> countRows(waiting) == transactions);
  }

  @Test
  void requestClaimsBeforeItSends() throws Exception {
    simulator.misbehave("hang");
    try (ExecutorService caller = Executors.newVirtualThreadPerTaskExecutor()) {
      Future<Api.Answer> answer = caller.submit(() -> api.payIn(account, 1250, "tok_ok"));
      await()
          .atMost(Duration.ofSeconds(1))
          .until(() -> count("account = '%s' and %s".formatted(account, CLAIMED)) == 1);
      assertThat(answer.isDone()).as("the provider still has the request").isFalse();
      assertThat(answer.get().status()).isEqualTo(202);
    }
  }

  @Test
  void recoveryClaimsBeforeItSends() throws SQLException {
    UUID id = pendingPayIn(1250);
    simulator.misbehave("hang");

    openBreaker(false);
    await().atMost(LONG).until(() -> simulator.received(id) == 1);

    assertThat(is(id, CLAIMED)).isTrue();
  }

  @Test
  void asksLessOftenWhileProviderDecides() throws SQLException {
    UUID id = pendingPayIn(1250);
    attempts.claim(new PaymentId(id)).orElseThrow();
    change(id, "created_at = created_at - interval '30 min'");

    attempts.apply(new PaymentId(id), FIRST, new ProviderResponse.Pending());

    assertThat(is(id, "undecided and next_attempt_at > clock_timestamp() + interval '20 min'"))
        .isTrue();
    change(id, "next_attempt_at = clock_timestamp()");
  }

  @Test
  void claimsOnlyWhatIsDueAndUnclaimed() throws SQLException {
    UUID id = pendingPayIn(1250);

    change(id, "next_attempt_at = clock_timestamp() + interval '1 h'");
    assertThat(attempts.claimNext(true, true)).as("not due").isEmpty();
    change(id, "next_attempt_at = clock_timestamp()");
    assertThat(attempts.claimNext(true, true))
        .hasValueSatisfying(
            claimed -> assertThat(claimed.payment().getId()).isEqualTo(new PaymentId(id)));
    assertThat(attempts.claimNext(true, true)).as("claimed").isEmpty();
    change(id, "next_attempt_at = clock_timestamp()");
    assertThat(attempts.claimNext(true, true)).as("due, but claimed").isEmpty();

    assertThat(attempts.apply(new PaymentId(id), FIRST, UNKNOWN).attempts()).isEqualTo(1);
  }

  @Test
  void appliesConcurrentResponsesOnce() throws Exception {
    simulator.misbehave("hang");
    UUID id = api.payIn(account, 1250, "tok_ok").id();

    List<Payment> seen = atOnce(8, () -> attempts.apply(new PaymentId(id), FIRST, APPROVED));

    assertThat(seen).allMatch(payment -> payment.getStatus() == PaymentStatus.SUCCEEDED);
    assertThat(entries()).hasSize(1);
    assertNotifiedOnce(id, "payment.succeeded");
    String publications = "shared.outbox where event like '%%%s%%'";
    await().atMost(LONG).until(() -> countRows(publications.formatted(id)) == 0);
    assertNotifiedOnce(id, "payment.succeeded");
  }

  @Test
  void unknownDoesNotUndoConcurrentDecision() throws Exception {
    UUID id = pendingPayIn(1250);
    assertThat(attempts.claimNext(true, true)).isPresent();
    // With its note in the timeline already, a second one writes nothing: only the lock helps.
    attempts.apply(new PaymentId(id), FIRST, UNKNOWN);

    try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      Future<Payment> first;
      Future<Payment> second;
      try (LockHolder _ = LockHolder.lockingPayment(database, id)) {
        first = threads.submit(() -> attempts.apply(new PaymentId(id), FIRST, APPROVED));
        awaitWaiting(1);
        second = threads.submit(() -> attempts.apply(new PaymentId(id), FIRST, UNKNOWN));
        awaitWaiting(2);
      }
      assertThat(first.get().getStatus()).isEqualTo(PaymentStatus.SUCCEEDED);
      assertThat(second.get().getStatus()).isEqualTo(PaymentStatus.SUCCEEDED);
    }
    assertThat(status(id)).isEqualTo("succeeded");
    assertThat(api.posted(account)).isEqualTo(1250);
  }

  @Test
  void lateAttemptDoesNotUndoNewerOne() {
    UUID id = api.payIn(account, 1250, "tok_async").id();
    await().atMost(LONG).until(() -> is(id, "attempts > 1"));

    Payment after =
        attempts.apply(
            new PaymentId(id),
            FIRST,
            new ProviderResponse.NotSent(ProviderResponse.NotSent.Cause.NO_CONNECTION));

    assertThat(after.getStatus()).isNotEqualTo(PaymentStatus.PENDING);
    assertPaidOnce(id, 1250);
  }
}
