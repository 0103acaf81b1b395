package dev.drills;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.paymentprovider.PaymentProvider;
import dev.testing.Api;
import dev.testing.Simulator;
import dev.testing.TestDatabase;
import io.github.resilience4j.circuitbreaker.CircuitBreaker;
import io.github.resilience4j.circuitbreaker.CircuitBreaker.State;
import io.github.resilience4j.circuitbreaker.CircuitBreakerRegistry;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.Callable;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.boot.test.web.server.LocalServerPort;

/** Outages of the provider, under load. */
@Drill
class ProviderDrillTests {

  private static final Duration WINDOW = Duration.ofSeconds(30);
  private static final Duration A_WHILE = Duration.ofSeconds(10);
  private static final int OTHER_REQUESTS = 200;
  private static final int PAY_INS = 20;

  @LocalServerPort int port;
  @Autowired PaymentProvider provider;
  @Autowired TestDatabase database;
  @Autowired CircuitBreakerRegistry breakers;

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
    breaker = breakers.circuitBreaker("provider");
    breaker.reset();
    breaker
        .getEventPublisher()
        .onStateTransition(event -> history.add(event.getStateTransition().getToState()));
    account = api.openAccount(1_000_000_000);
    other = api.openAccount(1_000_000_000);
  }

  @AfterEach
  void everythingIsFinal() {
    simulator.heal();
    await().atMost(Duration.ofMinutes(2)).until(() -> unfinished() == 0);
    assertThat(api.get("/actuator/health/readiness").status()).isEqualTo(200);
  }

  /** What needs no provider: half of it writes. */
  private Api.Answer otherRequest(int number) {
    return switch (number % 4) {
      case 0 -> api.transfer(account, other, 1);
      case 1 -> api.get("/v1/accounts/" + account);
      case 2 -> api.transfer(other, account, 1);
      default -> api.get("/v1/transfers?limit=10");
    };
  }

  private Traffic otherTraffic() {
    return new Traffic(OTHER_REQUESTS, this::otherRequest);
  }

  private Traffic payIns() {
    return new Traffic(PAY_INS, _ -> api.payIn(account, 100, "tok_ok"));
  }

  private Traffic readiness() {
    return new Traffic(2, _ -> api.get("/actuator/health/readiness"));
  }

  /** Until everything has been compiled, and what waited for that has been answered. */
  private static void warmUp(Traffic traffic) {
    await().atMost(Duration.ofMinutes(5)).until(() -> traffic.during(A_WHILE).millis(0.99) < 100);
  }

  private double read(String expression) throws SQLException {
    try (Connection connection = database.asOwner();
        Statement statement = connection.createStatement();
        ResultSet result = statement.executeQuery("select " + expression)) {
      result.next();
      return result.getDouble(1);
    }
  }

  private long unfinished() throws SQLException {
    return (long) read("count(*) from payments.payment where final_at is null");
  }

  private static void report(String line, Object... values) {
    System.out.println("drill: " + line.formatted(values));
  }

  @Test
  void whileTheProviderHangsTheRestAnswersAsBefore() throws Exception {
    try (Traffic rest = otherTraffic();
        Traffic payIns = payIns();
        Traffic readiness = readiness()) {
      warmUp(rest);
      Traffic.Result before = rest.during(WINDOW);
      payIns.during(Duration.ZERO);
      readiness.during(Duration.ZERO);
      simulator.misbehave("hang");
      Traffic.Result meanwhile = rest.during(WINDOW);
      Traffic.Result accepted = payIns.soFar();
      simulator.heal();

      double ratio = meanwhile.millis(0.99) / before.millis(0.99);
      report("before          %s", before);
      report("provider hangs  %s: p99 %.2f times as long", meanwhile, ratio);
      report("pay-ins         %s", accepted);
      assertThat(ratio).isLessThan(2);
      assertThat(before.unexpected()).isEmpty();
      assertThat(meanwhile.unexpected()).as("no pool is exhausted").isEmpty();
      assertThat(accepted.unexpected()).isEmpty();
      assertThat(readiness.soFar().unexpected()).isEmpty();
    }
  }

  @Test
  void onceTheProviderIsBackEverythingIsFinalWithinAMinute() throws Exception {
    try (Traffic rest = otherTraffic();
        Traffic payIns = payIns()) {
      warmUp(rest);
      simulator.misbehave("down");
      Traffic.Result down = rest.during(WINDOW.multipliedBy(2));

      double healed = read("extract(epoch from clock_timestamp())");
      String backlog =
          "from payments.payment where extract(epoch from created_at) < %s and (final_at is null or extract(epoch from final_at) > %s)"
              .formatted(healed, healed);
      double accepted = read("count(*) " + backlog);
      history.clear();
      simulator.heal();
      PeakRate recovery = new PeakRate(provider);
      payIns.during(Duration.ZERO);
      rest.during(Duration.ZERO);
      await().atMost(Duration.ofMinutes(2)).until(() -> breaker.getState() == State.CLOSED);
      double closed = read("extract(epoch from clock_timestamp())") - healed;
      await()
          .atMost(Duration.ofMinutes(2))
          .until(() -> read("count(*) " + backlog + " and final_at is null") == 0);
      String since = " (order by extract(epoch from final_at)) - " + healed + " ";
      double p99 = read("percentile_cont(0.99) within group" + since + backlog);
      double last = read("percentile_cont(1.0) within group" + since + backlog);

      report("down for 60 s   %.0f payments accepted, the rest %s", accepted, down);
      report("breaker closed  after %.1f s", closed);
      report("all final       p99 after %.1f s, the last after %.1f s", p99, last);
      report("the provider    got at most %d requests per second", recovery.end());
      report("meanwhile       the rest %s", rest.soFar());
      report("meanwhile       pay-ins %s", payIns.soFar());
      assertThat(closed).isLessThan(10);
      assertThat(p99).isLessThan(60);
      assertThat(history).as("it stays so").endsWith(State.CLOSED).containsOnlyOnce(State.CLOSED);
      assertThat(down.unexpected()).isEmpty();
      assertThat(rest.soFar().unexpected()).isEmpty();
    }
  }

  /** Each call takes 0.9 s afterwards: four at once would do four payments a second. */
  @Test
  void afterAnOutageASlowProviderIsCaughtUpWithInItsLength() throws Exception {
    List<UUID> accounts = Stream.generate(() -> api.openAccount(0)).limit(100).toList();
    try (Traffic payIns =
        new Traffic(PAY_INS, i -> api.payIn(accounts.get(i % accounts.size()), 100, "tok_ok"))) {
      warmUp(payIns);
      simulator.misbehave("down");
      payIns.during(WINDOW.multipliedBy(2));
      simulator.misbehave(Map.of("mode", "slow", "latencyMs", 900));
      double healed = read("extract(epoch from clock_timestamp())");
      payIns.during(Duration.ZERO);
      String backlog =
          "from payments.payment where extract(epoch from created_at) < %s and (final_at is null or extract(epoch from final_at) > %s)"
              .formatted(healed, healed);
      double accepted = read("count(*) " + backlog);
      await()
          .atMost(Duration.ofMinutes(2))
          .until(() -> read("count(*) " + backlog + " and final_at is null") == 0);
      double last = read("max(extract(epoch from final_at)) - " + healed + " " + backlog);
      double refused =
          read(
              """
              count(*) from payments.payment_step s join payments.payment p on p.id = s.payment
              where s.status = 'PENDING' and extract(epoch from p.created_at) > %s + 10
              """
                  .formatted(healed));

      report("slow provider   %.0f payments of a minute final after %.1f s", accepted, last);
      report("meanwhile       pay-ins %s", payIns.soFar());
      assertThat(last).isLessThan(60);
      assertThat(refused).as("payments for which the provider had no place").isZero();
      assertThat(payIns.soFar().unexpected()).isEmpty();
    }
  }

  @Test
  void tenThousandDeclinesLeaveTheBreakerClosed() throws Exception {
    long start = System.nanoTime();
    try (ExecutorService threads = Executors.newFixedThreadPool(8)) {
      Callable<Api.Answer> payIn = () -> api.payIn(account, 100, "tok_declined");
      List<Future<Api.Answer>> declined = threads.invokeAll(Collections.nCopies(10_000, payIn));
      for (Future<Api.Answer> answer : declined) {
        assertThat(answer.get().at("/status")).isEqualTo("failed");
      }
    }

    report(
        "10,000 declines in %d s, breaker %s",
        (System.nanoTime() - start) / 1_000_000_000, breaker.getState());
    assertThat(history).isEmpty();
    assertThat(breaker.getState()).isEqualTo(State.CLOSED);
  }

  /** How many requests the provider gets per second at most. */
  private static final class PeakRate {

    private final ScheduledExecutorService clock = Executors.newSingleThreadScheduledExecutor();
    private final PaymentProvider provider;
    private volatile long before;
    private volatile long peak;

    PeakRate(PaymentProvider provider) {
      this.provider = provider;
      this.before = provider.received();
      clock.scheduleAtFixedRate(this::look, 1, 1, TimeUnit.SECONDS);
    }

    private void look() {
      long now = provider.received();
      peak = Math.max(peak, now - before);
      before = now;
    }

    long end() {
      clock.close();
      return peak;
    }
  }
}
