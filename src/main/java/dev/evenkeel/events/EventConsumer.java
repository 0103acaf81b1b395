package dev.evenkeel.events;

import java.util.List;
import java.util.Set;

/**
 * Acts on events of other modules: later, in no order, and once. Every bean of this type gets the
 * events of its types that are published in the {@link Outbox}, on whichever instance.
 */
public interface EventConsumer {

  /** Identifies the consumer. It is stored with its events, so it must not change. */
  String name();

  /** The classes of the events that are stored for this consumer. */
  Set<Class<?>> types();

  /**
   * Acts on events. This runs in the transaction that removes them, so what it writes to the
   * database is written once. It should be quick: the transaction times out after five seconds, and
   * other systems would be called again after a failure.
   *
   * @param events up to 50 that were due at the same time, oldest first. If this fails, each half
   *     of them comes again by itself, and so on, until the event at fault is alone.
   */
  void consume(List<Object> events);
}
