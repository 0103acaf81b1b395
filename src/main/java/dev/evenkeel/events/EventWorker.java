package dev.evenkeel.events;

import dev.evenkeel.observability.RegularCheck;
import io.micrometer.core.instrument.MeterRegistry;
import java.time.Duration;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Hands stored events to a consumer, many in one transaction. It has one thread and at most one
 * database connection.
 */
final class EventWorker implements AutoCloseable {

  private static final Logger log = LoggerFactory.getLogger(EventWorker.class);

  private static final int BATCH_SIZE = 50;

  /** Debounces, so that events arriving together share a transaction. */
  private static final long DEBOUNCE_MILLIS = 50;

  private final EventBacklog backlog;
  private final EventConsumer consumer;
  private final RegularCheck check;
  private final ScheduledExecutorService thread;
  private final AtomicBoolean scheduled = new AtomicBoolean();

  EventWorker(EventBacklog backlog, EventConsumer consumer, MeterRegistry meters) {
    this.backlog = backlog;
    this.consumer = consumer;
    this.check = new RegularCheck(meters, "events-" + consumer.name(), Duration.ofSeconds(1));
    this.thread =
        Executors.newSingleThreadScheduledExecutor(
            Thread.ofVirtual().name("events-" + consumer.name()).factory());
  }

  EventConsumer consumer() {
    return consumer;
  }

  void wake() {
    if (scheduled.compareAndSet(false, true)) {
      try {
        thread.schedule(this::processAll, DEBOUNCE_MILLIS, TimeUnit.MILLISECONDS);
      } catch (RejectedExecutionException closed) {
        log.debug("The instance stops; events wait for another one", closed);
      }
    }
  }

  private void processAll() {
    scheduled.set(false);
    try {
      boolean more = true;
      while (more && !thread.isShutdown()) {
        more = backlog.process(consumer, BATCH_SIZE);
        check.ended();
      }
    } catch (RuntimeException failure) {
      log.warn("Events are delayed: {}", failure.toString());
    } catch (Error failure) {
      log.error("Events are delayed", failure);
    }
  }

  @Override
  public void close() {
    thread.close();
  }
}
