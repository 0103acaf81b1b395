package dev.testing;

import static org.awaitility.Awaitility.await;

import dev.evenkeel.events.EventConsumer;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Predicate;

/** A consumer that keeps the events of one type. */
public final class ConsumedEvents<E> implements EventConsumer {

  private final String name;
  private final Class<E> type;
  private final List<E> events = new CopyOnWriteArrayList<>();

  public ConsumedEvents(Class<E> type) {
    this("test", type);
  }

  public ConsumedEvents(String name, Class<E> type) {
    this.name = name;
    this.type = type;
  }

  @Override
  public String name() {
    return name;
  }

  @Override
  public Set<Class<?>> types() {
    return Set.of(type);
  }

  @Override
  public void consume(List<Object> consumed) {
    consumed.forEach(event -> events.add(type.cast(event)));
  }

  /** Waits for the event. */
  public E first(Predicate<E> wanted) {
    return await()
        .until(() -> events.stream().filter(wanted).findFirst(), Optional::isPresent)
        .orElseThrow();
  }
}
