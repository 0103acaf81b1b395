package dev.evenkeel.payments.provider;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpServer;
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

/** What the provider asks for with its answers, and what they are to its breaker. */
class ProviderTests {

  private static final Duration LONG = Duration.ofSeconds(10);
  private static final ProviderRequest ORDER =
      new ProviderRequest(
          ProviderRequest.Kind.CHARGE, UUID.randomUUID(), 1250, "EUR", "tok_ok", null);

  private final CircuitBreakerRegistry breakers =
      CircuitBreakerRegistry.of(CircuitBreakerConfig.custom().minimumNumberOfCalls(10).build());

  private HttpServer server;
  private PaymentGateway provider;

  @BeforeEach
  void start() throws IOException {
    server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.start();
    URI url = URI.create("http://127.0.0.1:" + server.getAddress().getPort());
    provider =
        new PaymentGateway(
            new ProviderSettings(url, Duration.ofSeconds(1), LONG, LONG, LONG, List.of()),
            ObservationRegistry.NOOP,
            breakers,
            BulkheadRegistry.ofDefaults());
  }

  @AfterEach
  void stop() {
    provider.close();
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

  private ProviderResponse ask() {
    try (PaymentGateway.Permit permit =
        provider.permit(PaymentGateway.Purpose.RECOVERY).orElseThrow()) {
      return permit.query(ORDER, LONG);
    }
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
  void nothingWaitsForLongerThanAMinute(String retryAfter, long seconds) {
    answer(503, retryAfter);

    assertThat(ask())
        .isEqualTo(
            new ProviderResponse.Unknown(
                "the provider answered 503", false, Duration.ofSeconds(seconds)));
  }

  @Test
  void whatHasTooMuchToDoIsAliveSoItsBreakerStaysClosed() {
    answer(429, "0");
    CircuitBreaker breaker = breakers.circuitBreaker("provider");

    for (int i = 0; i < 10; i++) {
      assertThat(ask())
          .isEqualTo(
              new ProviderResponse.Unknown("the provider answered 429", false, Duration.ZERO));
    }

    assertThat(breaker.getState()).isEqualTo(CircuitBreaker.State.CLOSED);
    assertThat(breaker.getMetrics().getNumberOfSuccessfulCalls()).isEqualTo(10);
  }

  @Test
  void whatFailsOpensIt() {
    answer(503, "0");

    for (int i = 0; i < 10; i++) {
      ask();
    }

    assertThat(breakers.circuitBreaker("provider").getState()).isEqualTo(CircuitBreaker.State.OPEN);
  }
}
