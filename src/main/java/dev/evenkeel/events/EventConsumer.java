package dev.evenkeel.events;

import java.util.List;
import java.util.Set;

/**
 * Acts on events of other modules, once and a moment later, on one instance or another. Every bean
 * of this type gets the events of its types that are published in the {@link Outbox}, oldest first:
 * what happens to one payment or account arrives in that order, except that an event that has
 * failed comes later.
 *
 * <p>The consumer's worker needs a connection: add it to the module's {@link
 * dev.evenkeel.database.ConnectionPools.Share}.
 */
public interface EventConsumer {

  /** Unique among consumers. It is stored with their events, so it must not change. */
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
