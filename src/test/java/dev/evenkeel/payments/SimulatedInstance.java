package dev.evenkeel.payments;

import dev.evenkeel.accounts.LedgerProblem;
import dev.evenkeel.database.RetryingTransactions;
import dev.evenkeel.idempotency.InFlightRequests;
import dev.evenkeel.observability.TracePropagation;
import dev.evenkeel.payments.provider.Gateway;
import dev.evenkeel.payments.provider.GuardedGateway;
import dev.evenkeel.payments.provider.SimulatedWire;
import dev.evenkeel.payments.provider.World;
import dev.evenkeel.problems.ProblemCatalog;
import dev.evenkeel.problems.StoredProblems;
import dev.testing.simulation.ActorExecutor;
import dev.testing.simulation.Actors;
import dev.testing.simulation.SimulatedWorld;
import io.github.resilience4j.bulkhead.BulkheadConfig;
import io.github.resilience4j.bulkhead.BulkheadRegistry;
import io.github.resilience4j.circuitbreaker.CircuitBreakerConfig;
import io.github.resilience4j.circuitbreaker.CircuitBreakerRegistry;
import io.micrometer.observation.ObservationRegistry;
import io.micrometer.tracing.Tracer;
import java.lang.reflect.Constructor;
import java.net.URI;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import java.util.stream.Stream;
import org.springframework.beans.BeanUtils;
import tools.jackson.databind.json.JsonMapper;

/** A process of Evenkeel: the classes of production, on simulated ports. */
final class SimulatedInstance implements AutoCloseable {

  static final PaymentsSettings SETTINGS =
      new PaymentsSettings(
          Duration.ofSeconds(2),
          Duration.ofSeconds(10),
          Duration.ofSeconds(1),
          Duration.ofMinutes(10),
          Duration.ofMinutes(15),
          Duration.ofMinutes(30),
          Duration.ofDays(7),
          SimulatedWire.settings(
              URI.create("http://provider.test"),
              Duration.ofMillis(500),
              Duration.ofSeconds(2),
              Duration.ofSeconds(30),
              Duration.ofHours(24)));

  private static final StoredProblems PROBLEMS =
      make(
          StoredProblems.class,
          List.of(
              ProblemCatalog.of(PaymentProblem.values()),
              ProblemCatalog.of(LedgerProblem.values())),
          JsonMapper.shared());

  final String name;
  final PaymentIntake intake;
  final PaymentRecovery recovery;
  final Payments payments;
  final PaymentOperations operations;
  final ProviderWebhooks webhooks;
  final RetryingTransactions transactions;

  /**
   * @param ports the store, the books, the events and the database's transactions
   */
  SimulatedInstance(
      String name,
      SimulatedWorld world,
      Actors actors,
      Function<World, Gateway> gateways,
      Object... ports) {
    this.name = name;
    World own = new OwnThreads(world, actors);
    List<Object> parts = new ArrayList<>(List.of(ports));
    parts.addAll(List.of(SETTINGS, own, PROBLEMS, new InFlightRequests()));
    parts.add(make(TracePropagation.class, Tracer.NOOP, ObservationRegistry.NOOP));
    Gateway gateway = gateways.apply(own);
    parts.add(gateway);
    parts.add(guarded(world, gateway));
    this.transactions = add(parts, RetryingTransactions.class);
    add(parts, PaymentTransitions.class);
    add(parts, PaymentAttempts.class);
    this.intake = add(parts, PaymentIntake.class);
    this.recovery = add(parts, PaymentRecovery.class);
    add(parts, PaymentFollowUps.class);
    this.payments = add(parts, Payments.class);
    this.operations = add(parts, PaymentOperations.class);
    this.webhooks = add(parts, ProviderWebhooks.class);
  }

  /** The world, in which the threads of this instance are actors. */
  private final class OwnThreads implements World {

    private final SimulatedWorld world;
    private final Actors actors;

    OwnThreads(SimulatedWorld world, Actors actors) {
      this.world = world;
      this.actors = actors;
    }

    @Override
    public long nanoTime() {
      return world.nanoTime();
    }

    @Override
    public double random() {
      return world.random();
    }

    @Override
    public ExecutorService newExecutor() {
      return new ActorExecutor(work -> actors.start(name, SimulatedInstance.this, work));
    }
  }

  /** As in production, except that few calls move the breaker and no thread of its own does. */
  private static GuardedGateway guarded(SimulatedWorld world, Gateway gateway) {
    CircuitBreakerConfig breaker =
        CircuitBreakerConfig.custom()
            .slidingWindow(30, 3, CircuitBreakerConfig.SlidingWindowType.TIME_BASED)
            .slowCallDurationThreshold(Duration.ofSeconds(1))
            .slowCallRateThreshold(50)
            .waitDurationInOpenState(Duration.ofSeconds(5))
            .permittedNumberOfCallsInHalfOpenState(2)
            .clock(world.clock())
            .currentTimestampFunction(
                clock -> clock.instant().toEpochMilli(), TimeUnit.MILLISECONDS)
            .build();
    BulkheadConfig places =
        BulkheadConfig.custom().maxConcurrentCalls(3).maxWaitDuration(Duration.ZERO).build();
    return new GuardedGateway(
        SETTINGS.provider(),
        gateway,
        CircuitBreakerRegistry.of(breaker),
        BulkheadRegistry.of(places),
        world);
  }

  private static <T> T add(List<Object> parts, Class<T> type) {
    T made = make(type, parts.toArray());
    parts.add(made);
    return made;
  }

  /** Calls the constructor, whose parameters are found by type as Spring does. */
  private static <T> T make(Class<T> type, Object... parts) {
    @SuppressWarnings("unchecked")
    Constructor<T> constructor = (Constructor<T>) type.getDeclaredConstructors()[0];
    Object[] arguments =
        Stream.of(constructor.getParameterTypes())
            .map(parameter ->
                Stream.of(parts)
                    .filter(parameter::isInstance)
                    .findFirst()
                    .orElseThrow(() -> new IllegalStateException(type + " needs " + parameter)))
            .toArray();
    return BeanUtils.instantiateClass(constructor, arguments);
  }

  @Override
  public void close() {
    recovery.close();
  }

  @Override
  public String toString() {
    return name;
  }
}
