package dev.evenkeel.payments;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.paymentprovider.PaymentProvider;
import dev.testing.Api;
import dev.testing.Simulator;
import dev.testing.WholeApplication;
import io.github.resilience4j.bulkhead.Bulkhead;
import io.github.resilience4j.bulkhead.BulkheadRegistry;
import io.github.resilience4j.circuitbreaker.CircuitBreaker;
import io.github.resilience4j.circuitbreaker.CircuitBreaker.State;
import io.github.resilience4j.circuitbreaker.CircuitBreakerRegistry;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.Callable;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.boot.test.web.server.LocalServerPort;

/** A provider that hangs takes nothing with it. */
@WholeApplication
class BreakerTests {

  private static final Duration LONG = Duration.ofSeconds(40);

  @LocalServerPort int port;
  @Autowired PaymentProvider provider;
  @Autowired CircuitBreakerRegistry breakers;
  @Autowired BulkheadRegistry bulkheads;

  final List<State> history = new CopyOnWriteArrayList<>();
  Api api;
  Simulator simulator;
  CircuitBreaker breaker;
  UUID account;
  UUID other;

  @BeforeEach
  void connect() {
    api = new Api(port, "ada-" + UUID.randomUUID());
    simulator = new Simulator(provider);
    account = api.openAccount(1_000_000);
    other = api.openAccount(0);
    breaker = breakers.circuitBreaker("provider");
    breaker.reset();
    breaker
        .getEventPublisher()
        .onStateTransition(event -> history.add(event.getStateTransition().getToState()));
  }

  @AfterEach
  void heal() {
    simulator.heal();
    breaker.reset();
  }

  private List<Api.Answer> payInAtOnce(int callers) throws Exception {
    try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      Callable<Api.Answer> payIn = () -> api.payIn(account, 100, "tok_ok");
      List<Api.Answer> answers = new ArrayList<>();
      for (Future<Api.Answer> answer : threads.invokeAll(Collections.nCopies(callers, payIn))) {
        answers.add(answer.get());
      }
      return answers;
    }
  }

  private void awaitTransitions(State state, int times) {
    await().atMost(LONG).until(() -> history.stream().filter(it -> it == state).count() >= times);
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
  void theBreakerOpensAndStaysSoWhileEveryCallHangs() throws Exception {
    simulator.misbehave("hang");

    // More than the bulkhead has places for: the rest is accepted, and surely not sent.
    List<Api.Answer> accepted = new ArrayList<>(payInAtOnce(30));
    assertThat(accepted).allMatch(answer -> answer.status() == 202);
    assertThat(accepted).filteredOn(it -> it.at("/status").equals("pending")).isNotEmpty();
    awaitTransitions(State.OPEN, 1);
    long start = System.nanoTime();
    List<Api.Answer> whileOpen = payInAtOnce(5);
    assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(Duration.ofSeconds(1));
    assertAcceptedAtOnce(whileOpen);
    accepted.addAll(whileOpen);
    assertTransfersAnswerAsBefore();

    // It tries, and finds that nothing has changed.
    awaitTransitions(State.HALF_OPEN, 1);
    accepted.addAll(payInAtOnce(30));
    assertTransfersAnswerAsBefore();
    awaitTransitions(State.OPEN, 2);

    // It tries again, and customers find the bulkhead full.
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
    assertThat(history).doesNotContain(State.CLOSED);
    assertThat(accepted).allMatch(answer -> answer.status() == 202);

    simulator.heal();
    awaitTransitions(State.CLOSED, 1);
    for (Api.Answer payment : accepted) {
      await()
          .atMost(LONG)
          .untilAsserted(() ->
              assertThat(api.get("/v1/payments/" + payment.id()).at("/status"))
                  .isEqualTo("succeeded"));
      assertThat(simulator.operations(payment.id())).hasSize(1);
    }
    assertThat(api.posted(account) + api.posted(other)).isEqualTo(100L * accepted.size());
  }

  @Test
  void declinesKeepItClosed() throws Exception {
    try (ExecutorService threads = Executors.newFixedThreadPool(8)) {
      Callable<Api.Answer> payIn = () -> api.payIn(account, 100, "tok_declined");
      List<Future<Api.Answer>> declined = threads.invokeAll(Collections.nCopies(200, payIn));
      for (Future<Api.Answer> answer : declined) {
        assertThat(answer.get().status()).isEqualTo(201);
        assertThat(answer.get().at("/status")).isEqualTo("failed");
      }
    }

    assertThat(breaker.getState()).isEqualTo(State.CLOSED);
    assertThat(history).isEmpty();
  }
}
