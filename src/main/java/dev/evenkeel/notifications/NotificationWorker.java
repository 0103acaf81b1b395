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
 * Turns stored events into notifications, many in one transaction. It renders no text and calls no
 * other system, so that nothing in it is slow. Every instance has one, with one thread and one
 * database connection.
 */
@Component
class NotificationWorker implements AutoCloseable {

  private static final Logger log = LoggerFactory.getLogger(NotificationWorker.class);

  /** Events in one transaction; an event has at most 100 transfers. */
  private static final int BATCH_SIZE = 50;

  /** Debounces, so that events arriving together share a transaction. */
  private static final long DEBOUNCE_MILLIS = 50;

  private final EventBacklog backlog;
  private final Feed feed;
  private final TracePropagation traces;
  private final ScheduledExecutorService thread =
      Executors.newSingleThreadScheduledExecutor(
          Thread.ofVirtual().name("notification-worker").factory());
  private final AtomicBoolean scheduled = new AtomicBoolean();

  NotificationWorker(EventBacklog backlog, Feed feed, TracePropagation traces) {
    this.backlog = backlog;
    this.feed = feed;
    this.traces = traces;
  }

  /**
   * Wakes the worker. The listener calls this for new events; the schedule covers retries and
   * events that another instance has left behind.
   */
  @Scheduled(fixedRate = 500)
  void wake() {
    if (!thread.isShutdown() && scheduled.compareAndSet(false, true)) {
      thread.schedule(this::processAll, DEBOUNCE_MILLIS, TimeUnit.MILLISECONDS);
    }
  }

  private void processAll() {
    scheduled.set(false);
    try {
      boolean more = true;
      while (more && !thread.isShutdown()) {
        more = backlog.process(NotificationsListener.ID_PREFIX, BATCH_SIZE, this::append);
      }
    } catch (RuntimeException failure) {
      log.warn("Events are delayed: {}", failure.toString());
    }
  }

  private void append(List<Object> events) {
    if (events.size() == 1) {
      Object event = events.getFirst();
      inTraceOf(event, () -> feed.append(NotificationData.of(event)));
    } else {
      feed.append(events.stream().flatMap(event -> NotificationData.of(event).stream()).toList());
      // The events share SQL statements, which belong to none of their traces. Each gets a span.
      events.forEach(event -> inTraceOf(event, () -> {}));
    }
  }

  private void inTraceOf(Object event, Runnable work) {
    traces.run("notifications.append", traceparent(event), work);
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
    thread.close();
  }
}
