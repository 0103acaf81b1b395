package dev.evenkeel.payments.provider;

import io.github.resilience4j.bulkhead.Bulkhead;
import io.github.resilience4j.bulkhead.BulkheadRegistry;
import io.github.resilience4j.circuitbreaker.CircuitBreaker;
import io.github.resilience4j.circuitbreaker.CircuitBreakerRegistry;
import java.io.IOException;
import java.time.Duration;
import java.util.HashSet;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Calls the payment provider through a bulkhead and, inside it, a circuit breaker. (With the
 * breaker outside, "bulkhead full" would count as a success and close a half-open breaker while
 * every call hangs.) Orders and queries have a breaker each: a provider that answers queries may
 * still hang on orders.
 */
public final class GuardedGateway {

  /** Request places that recovery leaves free when it borrows others: a burst comes at any time. */
  private static final int PLACES_FOR_REQUESTS = 16;

  private static final ProviderResponse NO_CONNECTION =
      new ProviderResponse.NotSent(ProviderResponse.NotSent.Cause.NO_CONNECTION);

  /** How long nothing is called after the provider has refused our credentials. */
  private static final Duration CREDENTIALS_PAUSE = Duration.ofMinutes(1);

  private static final Logger log = LoggerFactory.getLogger(GuardedGateway.class);

  /**
   * The purpose of a call. Each has its own bulkhead, so a backlog never starves customers;
   * recovery may also take idle places of requests, but never the last ones.
   */
  public enum Purpose {
    REQUESTS,
    RECOVERY
  }

  private enum Call {
    SEND,
    FOLLOW_UP,
    QUERY
  }

  private final Gateway gateway;
  private final ProviderSettings settings;
  private final CircuitBreaker orders;
  private final CircuitBreaker queries;
  private final Bulkhead requests;
  private final Bulkhead recovery;
  private final World world;

  /** The end of the pause that the provider asked for, by {@link World#nanoTime}. */
  private volatile long pausedUntil;

  public GuardedGateway(
      ProviderSettings settings,
      Gateway gateway,
      CircuitBreakerRegistry breakers,
      BulkheadRegistry bulkheads,
      World world) {
    this.settings = settings;
    this.gateway = gateway;
    this.world = world;
    this.pausedUntil = world.nanoTime();
    this.orders = breakers.circuitBreaker("provider");
    this.queries = breakers.circuitBreaker("provider-queries");
    this.requests = bulkheads.bulkhead("provider-requests");
    this.recovery = bulkheads.bulkhead("provider-recovery");
    Stream.of(orders, queries)
        .forEach(breaker ->
            breaker
                .getEventPublisher()
                .onStateTransition(event ->
                    log.warn(
                        "Circuit breaker {}: {}", breaker.getName(), event.getStateTransition())));
  }

  /** See {@link Gateway#name}. */
  public String name() {
    return gateway.name();
  }

  /**
   * Returns a permit to call the provider, if one is free now. For a request it permits an order;
   * for recovery an order, a query or both. The caller must close it.
   */
  public Optional<Permit> permit(Purpose purpose) {
    if (world.nanoTime() - pausedUntil < 0) {
      return Optional.empty();
    }
    Bulkhead bulkhead = purpose == Purpose.REQUESTS ? takePlace(requests) : placeForRecovery();
    if (bulkhead == null) {
      return Optional.empty();
    }
    boolean order = orders.tryAcquirePermission();
    boolean query = purpose == Purpose.RECOVERY && queries.tryAcquirePermission();
    if (!order && !query) {
      bulkhead.releasePermission();
      return Optional.empty();
    }
    return Optional.of(new Permit(bulkhead, order, query));
  }

  private static @Nullable Bulkhead takePlace(Bulkhead bulkhead) {
    return bulkhead.tryAcquirePermission() ? bulkhead : null;
  }

  /** Is synchronized, so that two workers do not borrow the same place. */
  private synchronized @Nullable Bulkhead placeForRecovery() {
    boolean idle = requests.getMetrics().getAvailableConcurrentCalls() > PLACES_FOR_REQUESTS;
    Bulkhead own = takePlace(recovery);
    return own == null && idle ? takePlace(requests) : own;
  }

  /** Pauses all calls: "too many requests" concerns all of ours, not only this one. */
  private synchronized void pause(Duration wanted) {
    Duration pause = wanted.compareTo(RetryAfter.MAX) < 0 ? wanted : RetryAfter.MAX;
    long until = world.nanoTime() + pause.toNanos();
    if (until - pausedUntil > 0) {
      pausedUntil = until;
    }
  }

  /** A place in the bulkhead and the breakers' permissions for the first order and query. */
  public final class Permit implements AutoCloseable {

    private final Bulkhead bulkhead;
    private final Set<CircuitBreaker> permissions = new HashSet<>();

    private Permit(Bulkhead bulkhead, boolean order, boolean query) {
      this.bulkhead = bulkhead;
      if (order) {
        permissions.add(orders);
      }
      if (query) {
        permissions.add(queries);
      }
    }

    public boolean maySend() {
      return permissions.contains(orders);
    }

    public boolean mayQuery() {
      return permissions.contains(queries);
    }

    /**
     * Sends the request, and once more if there was no connection, since nothing was sent then.
     *
     * @param deadline caps both tries together, beside the usual timeouts
     */
    public ProviderResponse send(ProviderRequest request, Duration deadline) {
      long end = world.nanoTime() + deadline.toNanos();
      ProviderResponse response = call(request, Call.SEND, end);
      return response.equals(NO_CONNECTION) ? call(request, Call.SEND, end) : response;
    }

    /** Captures or cancels the operation that the provider has. */
    public ProviderResponse followUp(ProviderRequest request, Duration deadline) {
      return call(request, Call.FOLLOW_UP, world.nanoTime() + deadline.toNanos());
    }

    /** Queries what became of a request that may have been sent. */
    public ProviderResponse query(ProviderRequest request, Duration deadline) {
      return call(request, Call.QUERY, world.nanoTime() + deadline.toNanos());
    }

    private ProviderResponse call(ProviderRequest request, Call call, long end) {
      Duration left = Duration.ofNanos(end - world.nanoTime());
      if (left.compareTo(settings.connectTimeout()) < 0) {
        return new ProviderResponse.NotSent(ProviderResponse.NotSent.Cause.NO_TIME);
      }
      CircuitBreaker breaker = call == Call.QUERY ? queries : orders;
      if (!permissions.contains(breaker) && !breaker.tryAcquirePermission()) {
        return new ProviderResponse.NotSent(ProviderResponse.NotSent.Cause.BREAKER_OPEN);
      }
      permissions.add(breaker); // until the breaker knows the outcome
      boolean shorter = left.compareTo(settings.answerTimeout()) < 0;
      Duration timeout = shorter ? left : settings.answerTimeout();
      long start = world.nanoTime();
      Answer answer;
      try {
        answer =
            switch (call) {
              case SEND -> gateway.send(request, timeout);
              case FOLLOW_UP -> gateway.followUp(request, timeout);
              case QUERY -> gateway.query(request, timeout);
            };
      } catch (IOException failure) {
        permissions.remove(breaker);
        breaker.onError(world.nanoTime() - start, TimeUnit.NANOSECONDS, failure);
        return withoutAnswer(failure);
      } catch (RuntimeException ourOwn) {
        log.error("The gateway failed for payment {}", request.order().reference(), ourOwn);
        return new ProviderResponse.Unknown("calling the provider failed", true);
      }
      permissions.remove(breaker);
      long took = world.nanoTime() - start;
      if (answer.alive()) {
        breaker.onSuccess(took, TimeUnit.NANOSECONDS);
      } else {
        breaker.onError(took, TimeUnit.NANOSECONDS, new IOException("the provider is in trouble"));
      }
      boolean refused = answer.response() instanceof ProviderResponse.CredentialsRefused;
      if (refused) {
        log.error(
            "The provider refuses our credentials: all payments wait for {}", CREDENTIALS_PAUSE);
      }
      pause(refused ? CREDENTIALS_PAUSE : answer.pause());
      return answer.response();
    }

    private static ProviderResponse withoutAnswer(IOException failure) {
      log.info("No answer from the provider: {}", failure.toString());
      return failure instanceof NotConnectedException
          ? NO_CONNECTION
          : new ProviderResponse.Unknown("the provider gave no complete answer", false);
    }

    @Override
    public void close() {
      permissions.forEach(CircuitBreaker::releasePermission);
      bulkhead.releasePermission();
    }
  }
}
