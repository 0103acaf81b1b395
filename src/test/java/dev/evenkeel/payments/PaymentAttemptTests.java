package dev.evenkeel.payments;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.evenkeel.payments.provider.ProviderResponse;
import dev.testing.Api;
import dev.testing.PatientDatabase;
import dev.testing.WholeApplication;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;
import org.springframework.beans.factory.annotation.Autowired;

/** Only who holds a claim calls the provider, and what is heard is applied once. */
@WholeApplication
@PatientDatabase
class PaymentAttemptTests extends PaymentFixture {

  @Autowired PaymentAttempts attempts;

  /** Accepted while nothing reaches the provider. */
  private UUID pending() {
    keepAway();
    Api.Answer accepted = api.payIn(account, 1250, "tok_ok");
    assertThat(accepted.at("/status")).isEqualTo("pending");
    return accepted.id();
  }

  private void awaitWaiting(int transactions) {
    String waiting =
        "pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'";
    await().atMost(Duration.ofSeconds(10)).until(() -> count(waiting) == transactions);
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
    UUID id = pending();
    simulator.misbehave("hang");

    letThrough();
    await().atMost(LONG).until(() -> simulator.received(id) == 1);

    String claimed =
        "payments.payment where id = '%s' and status = 'PROCESSING' and sends = 1".formatted(id);
    assertThat(count(claimed + " and claimed_until > clock_timestamp() + '5 s'")).isEqualTo(1);
  }

  @Test
  void whatIsNotDueOrClaimedIsLeftAlone() throws SQLException {
    UUID id = pending();

    change(id, "next_attempt_at = clock_timestamp() + interval '1 h'");
    assertThat(attempts.claimNext()).as("not due").isEmpty();
    change(id, "next_attempt_at = clock_timestamp() + interval '0 s'");
    assertThat(attempts.claimNext())
        .hasValueSatisfying(claimed -> assertThat(claimed.payment().getId()).isEqualTo(id));
    assertThat(attempts.claimNext()).as("claimed").isEmpty();
    change(id, "next_attempt_at = clock_timestamp() + interval '0 s'");
    assertThat(attempts.claimNext()).as("due, but claimed").isEmpty();

    Payment after = attempts.apply(id, 1, new ProviderResponse.Unknown("silence", false));
    assertThat(after.attempts()).isEqualTo(1);
  }

  @Test
  void anOutcomeHeardBySeveralAtOnceIsAppliedOnce() throws Exception {
    UUID id = acceptedDuring("hang").id();

    List<Payment> seen =
        atOnce(8, () -> attempts.apply(id, 1, new ProviderResponse.Approved("op_1", false)));

    assertThat(seen).allMatch(payment -> payment.getStatus() == PaymentStatus.SUCCEEDED);
    assertThat(api.get("/v1/accounts/" + account + "/entries").body().at("/data")).hasSize(1);
    assertToldOnce(id, "payment.succeeded");
    await()
        .atMost(LONG)
        .until(() ->
            count("shared.event_publication where serialized_event like '%%%s%%'".formatted(id))
                == 0);
    assertToldOnce(id, "payment.succeeded");
  }

  @Test
  void silenceDoesNotUndoADecisionThatIsBeingApplied() throws Exception {
    ProviderResponse approved = new ProviderResponse.Approved("op_1", false);
    // The timeline knows it already: only the lock of the payment's row stands in its way.
    ProviderResponse silence = new ProviderResponse.Unknown("silence", false);
    UUID id = pending();
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
    assertThat(payment(id).at("/status").asString()).isEqualTo("succeeded");
    assertThat(api.posted(account)).isEqualTo(1250);
  }

  @Test
  void aLateContradictionMovesNothing() {
    UUID id = api.payIn(account, 1250, "tok_ok").id();

    Payment after = attempts.apply(id, 1, new ProviderResponse.Declined("card_declined"));

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

    Payment after =
        attempts.apply(
            id, 1, new ProviderResponse.NotSent(ProviderResponse.NotSent.Cause.NO_CONNECTION));

    assertThat(after.getStatus()).isNotEqualTo(PaymentStatus.PENDING);
    assertPaidOnce(id, 1250);
  }
}
