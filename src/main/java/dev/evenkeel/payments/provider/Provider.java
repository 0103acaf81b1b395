package dev.evenkeel.payments.provider;

import io.github.resilience4j.bulkhead.Bulkhead;
import io.github.resilience4j.bulkhead.BulkheadRegistry;
import io.github.resilience4j.circuitbreaker.CircuitBreaker;
import io.github.resilience4j.circuitbreaker.CircuitBreakerRegistry;
import io.micrometer.observation.ObservationRegistry;
import java.io.IOException;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The payment provider, behind a bulkhead and, inside of it, a circuit breaker. (The other way
 * around "bulkhead full" would count as a success, and close a half-open breaker while every call
 * hangs.) Only what proves that the provider is alive counts as success: an answer that is no 5xx.
 */
public final class Provider implements AutoCloseable {

  private static final Answer.NotSent.Cause NO_CONNECTION = Answer.NotSent.Cause.NO_CONNECTION;
  private static final Logger log = LoggerFactory.getLogger(Provider.class);

  /** On whose behalf the provider is called: each has its own bulkhead. */
  public enum Purpose {
    REQUESTS,
    RECOVERY
  }

  private final ProviderConnection connection;
  private final ProviderSettings settings;
  private final CircuitBreaker breaker;
  private final Bulkhead requests;
  private final Bulkhead recovery;

  public Provider(
      ProviderSettings settings,
      ObservationRegistry observations,
      CircuitBreakerRegistry breakers,
      BulkheadRegistry bulkheads) {
    this.settings = settings;
    this.connection = new ProviderConnection(settings, observations);
    this.breaker = breakers.circuitBreaker("provider");
    this.requests = bulkheads.bulkhead("provider-requests");
    this.recovery = bulkheads.bulkhead("provider-recovery");
    breaker
        .getEventPublisher()
        .onStateTransition(
            event -> log.warn("The provider's breaker: {}", event.getStateTransition()));
  }

  /** The permission to call the provider, if it can be had at once; to be closed in any case. */
  public Optional<Permit> permit(Purpose purpose) {
    Bulkhead bulkhead = purpose == Purpose.REQUESTS ? requests : recovery;
    if (!bulkhead.tryAcquirePermission()) {
      return Optional.empty();
    }
    if (!breaker.tryAcquirePermission()) {
      bulkhead.releasePermission();
      return Optional.empty();
    }
    return Optional.of(new Permit(bulkhead));
  }

  /** A place in the bulkhead, and the breaker's permission for the first call. */
  public final class Permit implements AutoCloseable {

    private final Bulkhead bulkhead;
    private boolean firstCallPermitted = true;

    private Permit(Bulkhead bulkhead) {
      this.bulkhead = bulkhead;
    }

    /**
     * Sends the charge; once more if there was no connection, since then nothing was sent.
     *
     * @param deadline ends the call and its second try, if it comes before the usual timeouts
     */
    public Answer charge(Charge charge, Duration deadline) {
      long end = System.nanoTime() + deadline.toNanos();
      Exchange exchange = timeout -> connection.charge(charge, timeout);
      Reading reading = (status, body) -> Answers.toCharge(charge, status, body);
      Answer answer = call(exchange, reading, end);
      boolean again = answer instanceof Answer.NotSent(var cause) && cause == NO_CONNECTION;
      return again ? call(exchange, reading, end) : answer;
    }

    /** Asks what became of a charge that may have been sent. */
    public Answer ask(Charge charge, Duration deadline) {
      return call(
          timeout -> connection.ask(charge, timeout),
          (status, body) -> Answers.toQuestion(charge, status, body),
          System.nanoTime() + deadline.toNanos());
    }

    private Answer call(Exchange exchange, Reading reading, long end) {
      Duration left = Duration.ofNanos(end - System.nanoTime());
      if (left.compareTo(settings.connectTimeout()) < 0) {
        return new Answer.NotSent(Answer.NotSent.Cause.NO_TIME);
      }
      if (!firstCallPermitted && !breaker.tryAcquirePermission()) {
        return new Answer.NotSent(Answer.NotSent.Cause.BREAKER_OPEN);
      }
      firstCallPermitted = false;
      boolean shorter = left.compareTo(settings.answerTimeout()) < 0;
      HttpResponse<byte[]> response;
      long start = System.nanoTime();
      try {
        response = exchange.within(shorter ? left : settings.answerTimeout());
      } catch (IOException | RuntimeException failure) {
        breaker.onError(System.nanoTime() - start, TimeUnit.NANOSECONDS, failure);
        return withoutAnswer(failure);
      }
      long took = System.nanoTime() - start;
      if (response.statusCode() >= 500) {
        breaker.onError(took, TimeUnit.NANOSECONDS, new IOException("5xx"));
      } else {
        breaker.onSuccess(took, TimeUnit.NANOSECONDS);
      }
      return reading.of(response.statusCode(), response.body());
    }

    private static Answer withoutAnswer(Exception failure) {
      log.info("No answer from the provider: {}", failure.toString());
      return switch (failure) {
        case ProviderConnection.NotConnectedException _ -> new Answer.NotSent(NO_CONNECTION);
        case IOException _ -> new Answer.Unknown("the provider gave no complete answer", false);
        default -> new Answer.Unknown("calling the provider failed", true);
      };
    }

    @Override
    public void close() {
      if (firstCallPermitted) {
        breaker.releasePermission();
        firstCallPermitted = false;
      }
      bulkhead.releasePermission();
    }
  }

  private interface Exchange {
    HttpResponse<byte[]> within(Duration timeout) throws IOException;
  }

  private interface Reading {
    Answer of(int status, byte[] body);
  }

  @Override
  public void close() {
    connection.close();
  }
}
