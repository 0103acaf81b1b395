package dev.evenkeel.payments;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.testing.Api;
import dev.testing.WholeApplication;
import io.github.resilience4j.bulkhead.Bulkhead;
import io.github.resilience4j.bulkhead.BulkheadRegistry;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.test.context.TestPropertySource;

/** A provider of ordinary latency: recovery keeps up a rate, and customers do not notice. */
// A busy machine must not look like a provider that is too slow
@WholeApplication
@TestPropertySource(
    properties = "resilience4j.circuitbreaker.configs.default.slow-call-duration-threshold=5s")
class SlowProviderTests extends PaymentFixture {

  private static final int BACKLOG = 200;
  private static final int CUSTOMERS_PER_SECOND = 5;

  @Autowired BulkheadRegistry bulkheads;
  @Autowired PaymentAttempts attempts;

  /** Payments that were sent before an outage, so that each takes a query and an order. */
  private void backlog(int payments) throws SQLException {
    repeat(pendingPayIn(1), payments - 1);
    asOwner(
        """
        update payments.payment
        set status = 'PROCESSING', attempts = 1, sends = 1, first_sent_at = created_at
        where account = '%s' and status = 'PENDING'
        """
            .formatted(account));
  }

  @Test
  void drainsBacklogBesideCustomers() throws Exception {
    atOnce(8, () -> paidIn(1)); // warms up
    backlog(BACKLOG);
    UUID customers = api.openAccount(0);
    List<Api.Answer> answers = new CopyOnWriteArrayList<>();
    simulator.misbehave(Map.of("mode", "slow", "latencyMs", 700));

    openBreaker(false);
    try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
        ScheduledExecutorService clock = Executors.newSingleThreadScheduledExecutor()) {
      clock.scheduleAtFixedRate(
          () -> threads.execute(() -> answers.add(api.payIn(customers, 1, "tok_ok"))),
          0,
          1000 / CUSTOMERS_PER_SECOND,
          TimeUnit.MILLISECONDS);
      // With four at once it would take 70 seconds
      await()
          .atMost(Duration.ofSeconds(40))
          .until(() -> count("account = '%s' and final_at is null".formatted(account)) == 0);
      clock.shutdownNow();
    }

    assertThat(answers).hasSizeGreaterThan(CUSTOMERS_PER_SECOND);
    assertThat(answers)
        .as("none is refused")
        .allMatch(it -> List.of(201, 202).contains(it.status()));
    assertBalance(BACKLOG + 8, 0);
  }

  @Test
  void leavesPlacesToCustomers() throws Exception {
    Bulkhead places = bulkheads.bulkhead("provider-requests");
    int idle = 18;
    List<Boolean> taken = new CopyOnWriteArrayList<>();
    while (places.getMetrics().getAvailableConcurrentCalls() > idle) {
      taken.add(places.tryAcquirePermission());
    }
    try {
      backlog(100);
      simulator.misbehave(Map.of("mode", "slow", "latencyMs", 750));
      openBreaker(false);

      await().atMost(LONG).until(() -> places.getMetrics().getAvailableConcurrentCalls() == 16);
      await()
          .during(Duration.ofSeconds(3))
          .atMost(Duration.ofSeconds(4))
          .until(() -> places.getMetrics().getAvailableConcurrentCalls() >= 16);
    } finally {
      taken.forEach(_ -> places.releasePermission());
      simulator.heal();
    }
  }

  @Test
  void hintedPaymentsComeFirst() throws SQLException {
    UUID older = pendingPayIn(1);
    UUID hinted = pendingPayIn(1);
    change(older, "next_attempt_at = now() - interval '1 h'");
    change(hinted, "hinted = true");

    for (UUID next : List.of(hinted, older)) {
      assertThat(attempts.claimNext(true, true))
          .hasValueSatisfying(
              it -> assertThat(it.payment().getId()).isEqualTo(new PaymentId(next)));
    }
    asOwner(
        "update payments.payment set claimed_until = null, next_attempt_at = now() where account = '%s'"
            .formatted(account));
  }
}
