package dev.evenkeel.events;

import io.micrometer.core.instrument.MeterRegistry;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.beans.factory.SmartInitializingSingleton;
import org.springframework.scheduling.annotation.Scheduled;
import org.springframework.stereotype.Component;

/** This instance's workers, one for each consumer. */
@Component
class EventWorkers implements SmartInitializingSingleton, AutoCloseable {

  private final EventBacklog backlog;
  private final ObjectProvider<EventConsumer> consumers;
  private final MeterRegistry meters;

  /** Made late, because a consumer may itself need what publishes events. */
  private volatile @Nullable List<EventWorker> workers;

  EventWorkers(
      EventBacklog backlog, ObjectProvider<EventConsumer> consumers, MeterRegistry meters) {
    this.backlog = backlog;
    this.consumers = consumers;
    this.meters = meters;
  }

  /**
   * @throws IllegalStateException if two consumers have the same name
   */
  @Override
  public void afterSingletonsInstantiated() {
    workers();
  }

  private List<EventWorker> workers() {
    List<EventWorker> made = workers;
    return made == null ? make() : made;
  }

  private synchronized List<EventWorker> make() {
    if (workers == null) {
      List<EventConsumer> all = consumers.stream().toList();
      if (all.stream().map(EventConsumer::name).distinct().count() < all.size()) {
        throw new IllegalStateException("two consumers of events have the same name: " + all);
      }
      workers = all.stream().map(it -> new EventWorker(backlog, it, meters)).toList();
    }
    return workers;
  }

  /** The workers whose consumers take events of this class. */
  List<EventWorker> of(Class<?> event) {
    return workers().stream().filter(it -> it.consumer().types().contains(event)).toList();
  }

  /** The names of the consumers that this release has. */
  Set<String> consumers() {
    return workers().stream().map(it -> it.consumer().name()).collect(Collectors.toSet());
  }

  /** For events that are retried, and those that another instance has left behind. */
  @Scheduled(fixedRate = 500)
  void wakeAll() {
    workers().forEach(EventWorker::wake);
  }

  @Override
  public void close() {
    List<EventWorker> made = workers;
    if (made != null) {
      made.forEach(EventWorker::close);
    }
  }
}
