package dev.evenkeel.payments;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.testing.Api;
import dev.testing.PatientDatabase;
import dev.testing.WholeApplication;
import io.github.resilience4j.bulkhead.Bulkhead;
import io.github.resilience4j.bulkhead.BulkheadRegistry;
import io.github.resilience4j.circuitbreaker.CircuitBreaker;
import io.github.resilience4j.circuitbreaker.CircuitBreaker.State;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.Callable;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.test.context.TestPropertySource;

/** A provider that hangs or is down takes nothing else down with it. */
// As in production: more frequent queries would mix with the probes that are counted here
@WholeApplication
@PatientDatabase
@TestPropertySource(properties = "evenkeel.payments.recover-every=1s")
class BreakerTests extends PaymentFixture {

  @Autowired BulkheadRegistry bulkheads;

  private final List<Transition> history = new CopyOnWriteArrayList<>();
  private CircuitBreaker breaker;
  private UUID other;

  /**
   * @param received how many requests the provider had got by then
   */
  private record Transition(State to, long nanos, long received) {}

  @BeforeEach
  void recordTransitions() {
    account = api.openAccount(1_000_000);
    other = api.openAccount(0);
    breaker = breakers.circuitBreaker("provider");
    breaker
        .getEventPublisher()
        .onStateTransition(event ->
            history.add(
                new Transition(
                    event.getStateTransition().getToState(),
                    System.nanoTime(),
                    provider.received())));
  }

  private List<Api.Answer> payInAtOnce(int callers) throws Exception {
    return atOnce(callers, () -> api.payIn(account, 100, "tok_ok"));
  }

  private void awaitTransitions(State state, int times) {
    await().atMost(LONG).until(() -> transitions(state).size() >= times);
  }

  private List<Transition> transitions(State state) {
    return history.stream().filter(it -> it.to() == state).toList();
  }

  private void assertTransfersAnswerAsBefore() {
    for (int i = 0; i < 10; i++) {
      long start = System.nanoTime();
      assertThat(api.transfer(account, other, 1).status()).isEqualTo(201);
      assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(Duration.ofSeconds(2));
    }
  }

  private void assertAcceptedAtOnce(List<Api.Answer> answers) {
    assertThat(answers)
        .allSatisfy(answer -> {
          assertThat(answer.status()).as(answer.toString()).isEqualTo(202);
          assertThat(answer.at("/status")).isEqualTo("pending");
          assertThat(simulator.received(answer.id())).isZero();
        });
  }

  @Test
  void staysOpenWhileEveryCallHangs() throws Exception {
    simulator.misbehave("hang");

    // More calls than the bulkhead has places: the rest is accepted and surely not sent.
    List<Api.Answer> accepted = new ArrayList<>(payInAtOnce(90));
    assertThat(accepted).allMatch(answer -> answer.status() == 202);
    assertThat(accepted).filteredOn(it -> it.at("/status").equals("pending")).isNotEmpty();
    awaitTransitions(State.OPEN, 1);
    long start = System.nanoTime();
    List<Api.Answer> whileOpen = payInAtOnce(5);
    assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(Duration.ofSeconds(1));
    assertAcceptedAtOnce(whileOpen);
    accepted.addAll(whileOpen);
    assertTransfersAnswerAsBefore();

    // The breaker probes, and nothing has changed.
    awaitTransitions(State.HALF_OPEN, 1);
    accepted.addAll(payInAtOnce(30));
    assertTransfersAnswerAsBefore();
    awaitTransitions(State.OPEN, 2);

    // It probes again while customers find the bulkhead full.
    Bulkhead bulkhead = bulkheads.bulkhead("provider-requests");
    List<Boolean> taken = new ArrayList<>();
    await()
        .atMost(LONG)
        .until(() -> {
          if (bulkhead.tryAcquirePermission()) {
            taken.add(true);
          }
          return bulkhead.getMetrics().getAvailableConcurrentCalls() == 0;
        });
    try {
      awaitTransitions(State.HALF_OPEN, 2);
      List<Api.Answer> full = payInAtOnce(30);
      assertAcceptedAtOnce(full);
      accepted.addAll(full);
      awaitTransitions(State.OPEN, 3);
    } finally {
      taken.forEach(_ -> bulkhead.releasePermission());
    }
    assertThat(transitions(State.CLOSED)).isEmpty();
    assertThat(accepted).allMatch(answer -> answer.status() == 202);

    simulator.heal();
    long healed = System.nanoTime();
    awaitTransitions(State.CLOSED, 1);
    assertThat(transitions(State.CLOSED).getFirst().nanos() - healed)
        .isLessThan(Duration.ofSeconds(10).toNanos());
    for (Api.Answer payment : accepted) {
      awaitStatus(payment.id(), "succeeded");
      assertThat(simulator.operations(payment.id())).hasSize(1);
    }
    assertThat(api.posted(account) + api.posted(other)).isEqualTo(100L * accepted.size());
  }

  @Test
  void probesDownProviderSparingly() throws Exception {
    api.payIn(account, 100, "tok_ok"); // warms up
    breakers.circuitBreaker("provider-queries").transitionToForcedOpenState(); // counts orders only
    simulator.misbehave("down");
    AtomicBoolean enough = new AtomicBoolean();
    Callable<List<Api.Answer>> traffic =
        () -> {
          List<Api.Answer> answers = new ArrayList<>();
          while (!enough.get()) {
            answers.add(api.payIn(account, 100, "tok_ok"));
          }
          return answers;
        };
    long start = System.nanoTime();
    try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      List<Future<List<Api.Answer>>> callers =
          Stream.generate(() -> threads.submit(traffic)).limit(2).toList();
      awaitTransitions(State.OPEN, 3);
      enough.set(true);
      for (Future<List<Api.Answer>> caller : callers) {
        assertThat(caller.get()).allMatch(answer -> answer.status() == 202);
      }
    }

    List<Transition> opened = transitions(State.OPEN);
    assertThat(opened.getFirst().nanos() - start).isLessThan(Duration.ofSeconds(2).toNanos());
    List<Transition> halfOpened = transitions(State.HALF_OPEN);
    for (int i = 0; i < 2; i++) {
      assertThat(opened.get(i + 1).received() - halfOpened.get(i).received())
          .as("probes")
          .isBetween(1L, 3L);
      assertThat(halfOpened.get(i).received() - opened.get(i).received())
          .as("while it was open")
          .isLessThanOrEqualTo(6); // two callers and four of recovery had a permit already
    }

    long healed = System.nanoTime();
    simulator.heal();
    awaitTransitions(State.CLOSED, 1);
    assertThat(transitions(State.CLOSED).getFirst().nanos() - healed)
        .isBetween(0L, Duration.ofSeconds(10).toNanos());
  }

  /** Queries are answered, and orders are timed out: only orders count. */
  @Test
  void staysOpenWhileOnlyOrdersHang() throws Exception {
    simulator.misbehave("orders_hang");

    List<Api.Answer> accepted = payInAtOnce(20);

    awaitTransitions(State.OPEN, 3);
    assertThat(transitions(State.CLOSED)).isEmpty();
    assertThat(breakers.circuitBreaker("provider-queries").getState()).isEqualTo(State.CLOSED);
    simulator.heal();
    for (Api.Answer payment : accepted) {
      awaitStatus(payment.id(), "succeeded");
    }
    assertThat(transitions(State.CLOSED)).hasSize(1);
  }

  @Test
  void closesByThirdRarePayment() {
    breaker.transitionToOpenState();
    awaitTransitions(State.HALF_OPEN, 1);
    pay();
    pay();

    assertThat(breaker.getState()).isEqualTo(State.HALF_OPEN);
    pay();

    assertThat(breaker.getState()).isEqualTo(State.CLOSED);
  }

  /** A sweep of recovery may have the permission at that moment, and then sends the payment. */
  private void pay() {
    awaitStatus(api.payIn(account, 100, "tok_ok").id(), "succeeded");
  }

  @Test
  void halfOpenWaitsForPaymentsWithoutLimit() {
    assertThat(breaker.getCircuitBreakerConfig().getMaxWaitDurationInHalfOpenState()).isZero();
  }

  @Test
  void recoveryProbesWhereNobodyPays() {
    UUID pending = pendingPayIn(100);
    breaker.transitionToOpenState();
    breakers.circuitBreaker("provider-queries").reset();

    awaitTransitions(State.HALF_OPEN, 1);
    awaitStatus(pending, "succeeded");
    assertThat(breaker.getMetrics().getNumberOfBufferedCalls()).isEqualTo(1);
  }

  @Test
  void declinesKeepItClosed() throws Exception {
    for (int i = 0; i < 25; i++) {
      // The first ones may run out of time before they are sent, while classes are loaded
      atOnce(8, () -> api.payIn(account, 100, "tok_declined"))
          .forEach(answer -> awaitStatus(answer.id(), "failed"));
    }

    assertThat(breaker.getState()).isEqualTo(State.CLOSED);
    assertThat(history).isEmpty();
  }
}
