package dev.evenkeel.notifications.webhooks;

import dev.evenkeel.notifications.webhooks.DeliveryRules.Answer;
import dev.evenkeel.notifications.webhooks.DeliveryRules.Step;
import dev.evenkeel.notifications.webhooks.WebhookDeliveries.Claimed;
import dev.evenkeel.notifications.webhooks.WebhookDeliveries.Tried;
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
 * Sends what is due, on every instance. Each endpoint has a worker of its own while there is
 * something for it: one that is slow or dead keeps nobody waiting but itself. Nobody holds a
 * connection to the database while it waits for an answer.
 */
@Component
class WebhookSender implements AutoCloseable {

  private static final Logger log = LoggerFactory.getLogger(WebhookSender.class);

  /** To one endpoint; to one whose last attempts failed, a single one. */
  private static final int AT_ONCE = 8;

  private final WebhookDeliveries deliveries;
  private final WebhookClient client;
  private final WebhookSecrets secrets;
  private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
  private final Lock sweeping = new ReentrantLock();
  private final Set<UUID> busy = ConcurrentHashMap.newKeySet();
  private final Set<UUID> failing = ConcurrentHashMap.newKeySet();

  /** However many endpoints there are, they take two of the pool's connections. */
  private final Semaphore connections = new Semaphore(2);

  WebhookSender(WebhookDeliveries deliveries, WebhookClient client, WebhookSecrets secrets) {
    this.deliveries = deliveries;
    this.client = client;
    this.secrets = secrets;
  }

  // At a rate: what has a delay waits for all else that has one
  @Scheduled(fixedRate = 500)
  void sweep() {
    if (sweeping.tryLock()) {
      try {
        connected(() -> deliveries.endpointsDue(secrets.keyIds())).forEach(this::begin);
      } finally {
        sweeping.unlock();
      }
    }
  }

  private void begin(UUID endpoint) {
    if (!threads.isShutdown() && busy.add(endpoint)) {
      threads.execute(() -> work(endpoint));
    }
  }

  /** Until nothing is due. */
  private void work(UUID endpoint) {
    try {
      boolean more = true;
      while (more && !threads.isShutdown()) {
        int atOnce = failing.contains(endpoint) ? 1 : AT_ONCE;
        List<Claimed> claimed =
            connected(() -> deliveries.claim(endpoint, secrets.keyIds(), atOnce));
        send(endpoint, claimed);
        more = claimed.size() == atOnce;
      }
    } catch (RuntimeException failure) {
      log.warn("Deliveries to {} wait: {}", endpoint, failure.toString());
    } catch (InterruptedException shutdown) {
      Thread.currentThread().interrupt();
    } finally {
      busy.remove(endpoint);
    }
  }

  private void send(UUID endpoint, List<Claimed> claimed) throws InterruptedException {
    if (claimed.isEmpty()) {
      return;
    }
    List<Callable<Tried>> attempts =
        claimed.stream().<Callable<Tried>>map(one -> () -> attempt(one)).toList();
    List<Tried> tried = threads.invokeAll(attempts).stream().map(Future::resultNow).toList();
    if (tried.stream().anyMatch(one -> one.step() instanceof Step.Delivered)) {
      failing.remove(endpoint);
    } else {
      failing.add(endpoint);
    }
    connected(() -> {
      deliveries.apply(tried);
      return tried;
    });
  }

  private Tried attempt(Claimed claimed) {
    Answer answer;
    try {
      answer = client.send(claimed);
    } catch (RuntimeException ours) {
      log.error("Delivery {} could not be sent", claimed.id(), ours);
      answer = new Answer.None("it could not be sent");
    }
    double chance = ThreadLocalRandom.current().nextDouble();
    return new Tried(claimed, DeliveryRules.next(answer, claimed.attempts(), chance));
  }

  private <T> T connected(Supplier<T> work) {
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
