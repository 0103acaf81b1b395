package dev.evenkeel.payments.provider;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import com.sun.net.httpserver.HttpServer;
import dev.evenkeel.payments.provider.simulator.SimulatorGateway;
import io.github.resilience4j.bulkhead.BulkheadRegistry;
import io.github.resilience4j.circuitbreaker.CircuitBreaker;
import io.github.resilience4j.circuitbreaker.CircuitBreakerConfig;
import io.github.resilience4j.circuitbreaker.CircuitBreakerRegistry;
import io.micrometer.observation.ObservationRegistry;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.time.Duration;
import java.util.List;
import java.util.UUID;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Retry-After is honoured, and the breaker counts only failures against the provider. */
class GuardedGatewayTests {

  private static final Duration LONG = Duration.ofSeconds(10);
  private static final ProviderRequest REQUEST =
      new ProviderRequest(
          new ProviderRequest.Order(
              ProviderRequest.Kind.CHARGE,
              UUID.randomUUID(),
              1250,
              "EUR",
              "tok_ok",
              null,
              null,
              false),
          "{}",
          null);

  private final CircuitBreakerRegistry breakers =
      CircuitBreakerRegistry.of(CircuitBreakerConfig.custom().minimumNumberOfCalls(10).build());

  private HttpServer server;
  private Gateway gateway;
  private GuardedGateway provider;

  @BeforeEach
  void start() throws IOException {
    server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.start();
    URI url = URI.create("http://127.0.0.1:" + server.getAddress().getPort());
    ProviderSettings settings =
        SimulatedWire.settings(url, Duration.ofSeconds(1), LONG, LONG, LONG);
    gateway =
        new SimulatorGateway(
            new ProviderConnection(url, settings, ObservationRegistry.NOOP), List.of());
    provider = guarded(settings, gateway);
  }

  private GuardedGateway guarded(ProviderSettings settings, Gateway gateway) {
    return new GuardedGateway(
        settings, gateway, breakers, BulkheadRegistry.ofDefaults(), new World() {});
  }

  @AfterEach
  void stop() {
    gateway.close();
    server.stop(0);
  }

  private void answer(int status, String retryAfter) {
    server.createContext(
        "/",
        exchange -> {
          exchange.getRequestBody().readAllBytes();
          exchange.getResponseHeaders().set("Retry-After", retryAfter);
          exchange.sendResponseHeaders(status, -1);
          exchange.close();
        });
  }

  private ProviderResponse query() {
    try (GuardedGateway.Permit permit = permit()) {
      return permit.query(REQUEST, LONG);
    }
  }

  private GuardedGateway.Permit permit() {
    return provider.permit(GuardedGateway.Purpose.RECOVERY).orElseThrow();
  }

  @ParameterizedTest
  @CsvSource({
    "0, 0",
    "7, 7",
    "60, 60",
    "61, 60",
    "3600, 60",
    "999999, 60",
    "-1, 0",
    "'Fri, 31 Dec 1999 23:59:59 GMT', 0"
  })
  void capsRetryAfterAtAMinute(String retryAfter, long seconds) {
    answer(503, retryAfter);

    assertThat(query())
        .isEqualTo(
            new ProviderResponse.Unknown(
                "the provider answered 503", false, Duration.ofSeconds(seconds)));
  }

  @Test
  void refusedCredentialsPauseAllCalls() {
    answer(401, "0");

    try (GuardedGateway.Permit permit = permit()) {
      assertThat(permit.send(REQUEST, LONG)).isEqualTo(new ProviderResponse.CredentialsRefused());
    }

    for (GuardedGateway.Purpose purpose : GuardedGateway.Purpose.values()) {
      assertThat(provider.permit(purpose)).isEmpty();
    }
  }

  @ParameterizedTest
  @CsvSource({
    "provider, provider-queries, 429, CLOSED",
    "provider, provider-queries, 503, OPEN",
    "provider-queries, provider, 429, CLOSED",
    "provider-queries, provider, 503, OPEN"
  })
  void eachBreakerCountsItsFailures(
      String counting, String other, int status, CircuitBreaker.State state) {
    answer(status, "0");

    try (GuardedGateway.Permit permit = permit()) {
      for (int i = 0; i < 10; i++) {
        assertThat(
                counting.equals("provider")
                    ? permit.send(REQUEST, LONG)
                    : permit.query(REQUEST, LONG))
            .isEqualTo(
                new ProviderResponse.Unknown(
                    "the provider answered " + status, false, Duration.ZERO));
      }
    }

    assertThat(breakers.circuitBreaker(counting).getState()).isEqualTo(state);
    assertThat(breakers.circuitBreaker(counting).getMetrics().getNumberOfBufferedCalls())
        .isEqualTo(10);
    assertThat(breakers.circuitBreaker(other).getMetrics().getNumberOfBufferedCalls()).isZero();
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "0", "Fri, 31 Dec 1999 23:59:59 GMT"})
  void pausesAfter429WithoutRetryAfter(String retryAfter) {
    answer(429, retryAfter);

    query();

    assertThat(provider.permit(GuardedGateway.Purpose.REQUESTS)).isEmpty();
    assertThat(provider.permit(GuardedGateway.Purpose.RECOVERY)).isEmpty();
    await()
        .atMost(Duration.ofSeconds(2))
        .until(() -> provider.permit(GuardedGateway.Purpose.RECOVERY).isPresent());
  }

  @Test
  void answerThatIsTooLongIsUnknown() {
    server.createContext(
        "/",
        exchange -> {
          exchange.sendResponseHeaders(404, 64 * 1024 + 1);
          exchange.getResponseBody().write(new byte[64 * 1024 + 1]);
          exchange.close();
        });

    assertThat(query())
        .isEqualTo(new ProviderResponse.Unknown("the provider gave no complete answer", false));
  }

  @Test
  void unusedPermissionsOfProbesGoBack() {
    for (String breaker : List.of("provider", "provider-queries")) {
      breakers.circuitBreaker(breaker).transitionToOpenState();
      breakers.circuitBreaker(breaker).transitionToHalfOpenState();
    }

    for (int i = 0; i < 20; i++) {
      try (GuardedGateway.Permit permit = permit()) {
        assertThat(permit.maySend()).isTrue();
        assertThat(permit.mayQuery()).isTrue();
      }
    }
  }

  /** The breaker would wait for the outcome of such a probe for ever. */
  @Test
  void permissionsOfProbesThatCrashGoBack() {
    CircuitBreaker orders = breakers.circuitBreaker("provider");
    orders.transitionToOpenState();
    orders.transitionToHalfOpenState();
    GuardedGateway crashing =
        guarded(
            SimulatedWire.settings(
                URI.create("http://none"), Duration.ofSeconds(1), LONG, LONG, LONG),
            SimulatedWire.gateway((_, _, _, _) -> {
              throw new StackOverflowError();
            }));

    for (int i = 0; i < 20; i++) {
      try (GuardedGateway.Permit permit =
          crashing.permit(GuardedGateway.Purpose.REQUESTS).orElseThrow()) {
        assertThatThrownBy(() -> permit.send(REQUEST, LONG)).isInstanceOf(StackOverflowError.class);
      }
    }
    assertThat(orders.getState()).isEqualTo(CircuitBreaker.State.HALF_OPEN);
  }
}
