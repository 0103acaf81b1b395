package dev.evenkeel.payments.provider;

import io.github.resilience4j.bulkhead.Bulkhead;
import io.github.resilience4j.bulkhead.BulkheadRegistry;
import io.github.resilience4j.circuitbreaker.CircuitBreaker;
import io.github.resilience4j.circuitbreaker.CircuitBreakerRegistry;
import io.micrometer.observation.ObservationRegistry;
import java.io.IOException;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The payment provider, behind a bulkhead and, inside of it, a circuit breaker. (The other way
 * around "bulkhead full" would count as a success, and close a half-open breaker while every call
 * hangs.) Only what proves that the provider is alive counts as success: an answer that is no 5xx.
 */
public final class PaymentGateway implements AutoCloseable {

  private static final Duration LONGEST_PAUSE = Duration.ofMinutes(1);
  private static final ProviderResponse.NotSent.Cause NO_CONNECTION =
      ProviderResponse.NotSent.Cause.NO_CONNECTION;
  private static final Logger log = LoggerFactory.getLogger(PaymentGateway.class);

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

  /** By {@link System#nanoTime}: the provider asked not to be called before. */
  private volatile long leftAloneUntil = System.nanoTime();

  public PaymentGateway(
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
    if (System.nanoTime() - leftAloneUntil < 0) {
      return Optional.empty();
    }
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

  /** Too many requests concern all of ours, not this one alone. */
  private void leaveAlone(Duration pause) {
    long until = System.nanoTime() + pause.toNanos();
    if (until - leftAloneUntil > 0) {
      leftAloneUntil = until;
    }
  }

  /** What it asks for, up to a minute: no money stays held for an hour since it was busy once. */
  private static Duration retryAfter(HttpResponse<?> response) {
    return response
        .headers()
        .firstValue("Retry-After")
        .filter(value -> value.matches("[0-9]{1,6}"))
        .map(value -> Math.min(Long.parseLong(value), LONGEST_PAUSE.toSeconds()))
        .map(Duration::ofSeconds)
        .orElse(Duration.ZERO);
  }

  /** A place in the bulkhead, and the breaker's permission for the first call. */
  public final class Permit implements AutoCloseable {

    private final Bulkhead bulkhead;
    private boolean firstCallPermitted = true;

    private Permit(Bulkhead bulkhead) {
      this.bulkhead = bulkhead;
    }

    /**
     * Sends the order; once more if there was no connection, since then nothing was sent.
     *
     * @param deadline ends the call and its second try, if it comes before the usual timeouts
     */
    public ProviderResponse send(ProviderRequest order, Duration deadline) {
      long end = System.nanoTime() + deadline.toNanos();
      Exchange exchange = timeout -> connection.order(order, timeout);
      Reading reading = (status, body, after) -> ResponseParser.toOrder(order, status, body, after);
      ProviderResponse answer = call(exchange, reading, end);
      boolean again =
          answer instanceof ProviderResponse.NotSent(var cause) && cause == NO_CONNECTION;
      return again ? call(exchange, reading, end) : answer;
    }

    /** Asks what became of an order that may have been sent. */
    public ProviderResponse ask(ProviderRequest order, Duration deadline) {
      return call(
          timeout -> connection.ask(order, timeout),
          (status, body, after) -> ResponseParser.toQuestion(order, status, body, after),
          System.nanoTime() + deadline.toNanos());
    }

    private ProviderResponse call(Exchange exchange, Reading reading, long end) {
      Duration left = Duration.ofNanos(end - System.nanoTime());
      if (left.compareTo(settings.connectTimeout()) < 0) {
        return new ProviderResponse.NotSent(ProviderResponse.NotSent.Cause.NO_TIME);
      }
      if (!firstCallPermitted && !breaker.tryAcquirePermission()) {
        return new ProviderResponse.NotSent(ProviderResponse.NotSent.Cause.BREAKER_OPEN);
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
      Duration retryAfter = retryAfter(response);
      if (response.statusCode() == 429) {
        leaveAlone(retryAfter);
      }
      return reading.of(response.statusCode(), response.body(), retryAfter);
    }

    private static ProviderResponse withoutAnswer(Exception failure) {
      log.info("No answer from the provider: {}", failure.toString());
      return switch (failure) {
        case ProviderConnection.NotConnectedException _ ->
            new ProviderResponse.NotSent(NO_CONNECTION);
        case IOException _ ->
            new ProviderResponse.Unknown("the provider gave no complete answer", false);
        default -> new ProviderResponse.Unknown("calling the provider failed", true);
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

  /**
   * Everything that it did from this time on and before the other, in order: its settlement report.
   * Asked for by people, so neither bulkhead nor breaker stands before it.
   *
   * @throws IOException without a complete and well-formed answer
   */
  public List<ProviderOperation> operations(Instant from, Instant to) throws IOException {
    String path = "/operations?from=" + from + "&to=" + to;
    HttpResponse<byte[]> answer = connection.get("report", path, settings.reportTimeout());
    if (answer.statusCode() != 200) {
      throw new IOException("the provider answered " + answer.statusCode());
    }
    return ProviderOperation.report(answer.body());
  }

  private interface Exchange {
    HttpResponse<byte[]> within(Duration timeout) throws IOException;
  }

  private interface Reading {
    ProviderResponse of(int status, byte[] body, Duration retryAfter);
  }

  @Override
  public void close() {
    connection.close();
  }
}
