package dev.evenkeel.events;

/**
 * Tells other modules what happened, by events: records with ids and values, never entities. See
 * {@link EventConsumer} for the other end.
 */
@FunctionalInterface
public interface Outbox {

  /**
   * Stores the event for each consumer that takes its type, and nothing if there is none. It is
   * committed or rolled back with the caller's transaction, which must exist.
   */
  void publish(Object event);
}
