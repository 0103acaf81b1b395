package dev.evenkeel.events;

import java.util.List;
import org.jspecify.annotations.Nullable;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.scheduling.annotation.Scheduled;
import org.springframework.stereotype.Component;

/** This instance's workers, one for each consumer. */
@Component
class EventWorkers implements AutoCloseable {

  private final EventBacklog backlog;
  private final ObjectProvider<EventConsumer> consumers;

  /** Made when first needed, because a consumer may itself need what publishes events. */
  private @Nullable List<EventWorker> workers;

  EventWorkers(EventBacklog backlog, ObjectProvider<EventConsumer> consumers) {
    this.backlog = backlog;
    this.consumers = consumers;
  }

  private synchronized List<EventWorker> workers() {
    if (workers == null) {
      workers = consumers.stream().map(it -> new EventWorker(backlog, it)).toList();
    }
    return workers;
  }

  /** The workers whose consumers take events of this class. */
  List<EventWorker> of(Class<?> event) {
    return workers().stream().filter(it -> it.consumer().types().contains(event)).toList();
  }

  /** For events that are retried, and those that another instance has left behind. */
  @Scheduled(fixedRate = 500)
  void wakeAll() {
    workers().forEach(EventWorker::wake);
  }

  @Override
  public synchronized void close() {
    if (workers != null) {
      workers.forEach(EventWorker::close);
    }
  }
}
