package dev.evenkeel.notifications.webhooks;

import dev.evenkeel.notifications.webhooks.AttemptResult.NoResponse;
import dev.evenkeel.notifications.webhooks.AttemptResult.NotSent;
import dev.evenkeel.notifications.webhooks.AttemptResult.Response;
import dev.evenkeel.notifications.webhooks.DeliveryRepository.Attempt;
import dev.evenkeel.notifications.webhooks.WebhookSecrets.UnreadableSecretException;
import dev.evenkeel.observability.TracePropagation;
import io.opentelemetry.api.trace.Span;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.Callable;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.Semaphore;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.locks.Lock;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.scheduling.annotation.Scheduled;
import org.springframework.stereotype.Component;

/**
 * Adds deliveries and sends them, on every instance. Each endpoint that is behind its owner's feed
 * or has due deliveries gets a worker of its own, so a slow or dead endpoint delays no other. No
 * database connection is held while waiting for a response.
 */
@Component
class WebhookSender implements AutoCloseable {

  private static final Logger log = LoggerFactory.getLogger(WebhookSender.class);

  /** Concurrent attempts at one endpoint; one that is failing gets a single attempt at a time. */
  private static final int BATCH_SIZE = 8;

  /** However many endpoints there are, the sender uses two connections of the pool. */
  private static final int MAX_CONNECTIONS = 2;

  private final FanOut fanOut;
  private final DeliveryRepository deliveries;
  private final WebhookClient client;
  private final WebhookSecrets secrets;
  private final TracePropagation traces;
  private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
  private final Lock polling = new ReentrantLock();
  private final Set<UUID> busy = ConcurrentHashMap.newKeySet();
  private final Set<UUID> failing = ConcurrentHashMap.newKeySet();

  /** Fair, so that endpoints take turns, however large the backlog of some is. */
  private final Semaphore connections = new Semaphore(MAX_CONNECTIONS, true);

  WebhookSender(
      FanOut fanOut,
      DeliveryRepository deliveries,
      WebhookClient client,
      WebhookSecrets secrets,
      TracePropagation traces) {
    this.fanOut = fanOut;
    this.deliveries = deliveries;
    this.client = client;
    this.secrets = secrets;
    this.traces = traces;
  }

  // fixedRate, because tasks with a fixedDelay wait for each other
  @Scheduled(fixedRate = 500)
  void poll() {
    if (polling.tryLock()) {
      try {
        withConnection(fanOut::findRecentlyBehind).forEach(this::start);
        withConnection(() -> deliveries.findDueEndpoints(secrets.keyIds())).forEach(this::start);
      } finally {
        polling.unlock();
      }
    }
  }

  @Scheduled(fixedRate = 10_000)
  void pollAll() {
    withConnection(fanOut::findBehind).forEach(this::start);
  }

  private void start(UUID endpoint) {
    if (!threads.isShutdown() && busy.add(endpoint)) {
      threads.execute(() -> work(endpoint));
    }
  }

  /**
   * Adds deliveries and sends them, until the endpoint is not behind or nothing can be sent for
   * now.
   */
  private void work(UUID endpoint) {
    try {
      boolean more = true;
      while (more && !threads.isShutdown()) {
        boolean wasBehind = addDeliveries(endpoint);
        more = sendDue(endpoint) && wasBehind;
      }
    } catch (RuntimeException failure) {
      log.warn("Deliveries to endpoint {} are delayed: {}", endpoint, failure.toString());
    } catch (InterruptedException shutdown) {
      Thread.currentThread().interrupt();
    } finally {
      busy.remove(endpoint);
    }
  }

  /** If this fails, what was added before is sent all the same. */
  private boolean addDeliveries(UUID endpoint) {
    try {
      return withConnection(() -> fanOut.addSome(endpoint));
    } catch (RuntimeException failure) {
      log.warn("New deliveries to endpoint {} are delayed: {}", endpoint, failure.toString());
      return false;
    }
  }

  /**
   * @return false if the endpoint has to wait or this instance stops
   */
  private boolean sendDue(UUID endpoint) throws InterruptedException {
    while (!threads.isShutdown()) {
      int limit = failing.contains(endpoint) ? 1 : BATCH_SIZE;
      List<ClaimedDelivery> claimed =
          withConnection(() -> deliveries.claim(endpoint, secrets.keyIds(), limit));
      if (!claimed.isEmpty() && !send(endpoint, claimed)) {
        return false;
      }
      if (claimed.size() < limit) {
        return true;
      }
    }
    return false;
  }

  /**
   * @return false if the endpoint has to wait
   */
  private boolean send(UUID endpoint, List<ClaimedDelivery> claimed) throws InterruptedException {
    List<Callable<Attempt>> calls =
        claimed.stream().<Callable<Attempt>>map(delivery -> () -> attempt(delivery)).toList();
    List<Attempt> attempts;
    // not the workers' threads, which take nothing more once a shutdown has begun
    try (ExecutorService calling = Executors.newVirtualThreadPerTaskExecutor()) {
      attempts = calling.invokeAll(calls).stream().map(Future::resultNow).toList();
    }
    if (attempts.stream().anyMatch(a -> a.decision() instanceof DeliveryDecision.Delivered)) {
      failing.remove(endpoint);
    } else {
      failing.add(endpoint);
    }
    withConnection(() -> {
      deliveries.save(attempts);
      return attempts;
    });
    return attempts.stream().noneMatch(a -> a.decision() instanceof DeliveryDecision.Postpone);
  }

  /** However late it is, the attempt belongs to the trace of the request that caused it. */
  private Attempt attempt(ClaimedDelivery delivery) {
    return traces.call(
        "webhooks.attempt",
        delivery.traceparent(),
        () -> {
          AttemptResult result = send(delivery);
          Span.current()
              .setAttribute("attempt", delivery.attempt())
              .setAttribute("status", status(result));
          return new Attempt(delivery, decide(delivery, result));
        });
  }

  private static DeliveryDecision decide(ClaimedDelivery delivery, AttemptResult result) {
    double random = ThreadLocalRandom.current().nextDouble();
    DeliveryDecision decision = DeliveryRules.decide(result, delivery.attempt(), random);
    if (decision instanceof DeliveryDecision.GiveUp(String error, _)) {
      log.warn("Delivery {} to endpoint {} is dead: {}", delivery.id(), delivery.endpoint(), error);
    }
    return decision;
  }

  private static String status(AttemptResult result) {
    return switch (result) {
      case Response(int status, _) -> String.valueOf(status);
      case NoResponse _ -> "no response";
      case NotSent _ -> "not sent";
    };
  }

  private AttemptResult send(ClaimedDelivery delivery) {
    try {
      return client.send(delivery);
    } catch (UnreadableSecretException unreadable) {
      if (failing.add(delivery.endpoint())) {
        log.error("{}: its deliveries wait", unreadable.getMessage());
      }
      return new NotSent("the endpoint's secret cannot be decrypted");
    } catch (RuntimeException failure) {
      log.error("Delivery {} could not be sent", delivery.id(), failure);
      return new NoResponse("the request could not be sent");
    }
  }

  private <T> T withConnection(Supplier<T> work) {
    connections.acquireUninterruptibly();
    try {
      return work.get();
    } finally {
      connections.release();
    }
  }

  @Override
  public void close() {
    threads.close();
  }
}
