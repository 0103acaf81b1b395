package dev.evenkeel.notifications;

import dev.evenkeel.accounts.AccountFrozen;
import dev.evenkeel.accounts.TransfersPosted;
import dev.evenkeel.events.EventBacklog;
import dev.evenkeel.observability.TracePropagation;
import dev.evenkeel.payments.PaymentEvent;
import java.util.List;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.scheduling.annotation.Scheduled;
import org.springframework.stereotype.Component;

/**
 * Makes events entries of feeds: many in one transaction, as they come. It renders nothing and
 * calls nobody, so nothing in it is slow. Every instance does this, each with one thread and one
 * connection.
 */
@Component
class NotificationWorker implements AutoCloseable {

  private static final Logger log = LoggerFactory.getLogger(NotificationWorker.class);

  /** Events, each of 100 transfers at most. */
  private static final int AT_ONCE = 50;

  /** Nobody minds, and what comes meanwhile shares the transaction. */
  private static final long A_MOMENT = 50;

  private final EventBacklog backlog;
  private final Feed feed;
  private final TracePropagation later;
  private final ScheduledExecutorService worker =
      Executors.newSingleThreadScheduledExecutor(Thread.ofVirtual().name("intake").factory());
  private final AtomicBoolean asked = new AtomicBoolean();

  NotificationWorker(EventBacklog backlog, Feed feed, TracePropagation later) {
    this.backlog = backlog;
    this.feed = feed;
    this.later = later;
  }

  /** Also for what another instance left behind, and for what is due again. */
  @Scheduled(fixedRate = 500)
  void wake() {
    if (!worker.isShutdown() && asked.compareAndSet(false, true)) {
      worker.schedule(this::takeAll, A_MOMENT, TimeUnit.MILLISECONDS);
    }
  }

  private void takeAll() {
    asked.set(false);
    try {
      boolean more = true;
      while (more && !worker.isShutdown()) {
        more = backlog.take(NotificationsListener.ID, AT_ONCE, this::tell);
      }
    } catch (RuntimeException failure) {
      log.warn("Events wait: {}", failure.toString());
    }
  }

  private void tell(List<Object> events) {
    if (events.size() == 1) {
      Object event = events.getFirst();
      inTraceOf(event, () -> feed.append(NotificationData.of(event)));
    } else {
      feed.append(events.stream().flatMap(event -> NotificationData.of(event).stream()).toList());
      // They share their statements, which are in no one's trace.
      events.forEach(event -> inTraceOf(event, () -> {}));
    }
  }

  private void inTraceOf(Object event, Runnable work) {
    later.run("notifications.append", traceparent(event), work);
  }

  private static @Nullable String traceparent(Object event) {
    return switch (event) {
      case TransfersPosted posted -> posted.traceparent();
      case PaymentEvent payment -> payment.traceparent();
      case AccountFrozen frozen -> frozen.traceparent();
      default -> null;
    };
  }

  @Override
  public void close() {
    worker.close();
  }
}
