package dev.evenkeel.console.breakit;

import io.github.resilience4j.bulkhead.BulkheadRegistry;
import io.github.resilience4j.circuitbreaker.CircuitBreaker;
import io.github.resilience4j.circuitbreaker.CircuitBreaker.State;
import io.github.resilience4j.circuitbreaker.CircuitBreakerRegistry;
import org.springframework.stereotype.Component;

/** The breakers and bulkheads in front of the provider, as they are now. */
@BreakItPart
@Component
public class ProviderGuards {

  private final CircuitBreakerRegistry breakers;
  private final BulkheadRegistry bulkheads;

  ProviderGuards(CircuitBreakerRegistry breakers, BulkheadRegistry bulkheads) {
    this.breakers = breakers;
    this.bulkheads = bulkheads;
  }

  /**
   * A breaker's state in words.
   *
   * @param colour of the state, see the console's styles
   */
  public record Breaker(String word, String colour, String detail) {}

  public record Bulkhead(int calls, int places) {}

  public Breaker orders() {
    return breaker("provider");
  }

  public Breaker queries() {
    return breaker("provider-queries");
  }

  private Breaker breaker(String name) {
    CircuitBreaker breaker = breakers.circuitBreaker(name);
    return switch (breaker.getState()) {
      case CLOSED, DISABLED, METRICS_ONLY -> new Breaker("closed", "good", "calls go through");
      case HALF_OPEN -> new Breaker("half open", "waiting", "a few calls try");
      case OPEN, FORCED_OPEN -> new Breaker("open", "bad", "no call is made");
    };
  }

  /** Whether the breaker of orders holds calls back: all of them, or all but a few that try. */
  public boolean isOpen() {
    return breakers.circuitBreaker("provider").getState() != State.CLOSED;
  }

  public Bulkhead requests() {
    return bulkhead("provider-requests");
  }

  public Bulkhead recovery() {
    return bulkhead("provider-recovery");
  }

  private Bulkhead bulkhead(String name) {
    var metrics = bulkheads.bulkhead(name).getMetrics();
    int places = metrics.getMaxAllowedConcurrentCalls();
    return new Bulkhead(places - metrics.getAvailableConcurrentCalls(), places);
  }
}
