package dev.evenkeel.events;

import java.time.Clock;
import java.time.Duration;
import java.util.Collection;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.Predicate;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.context.annotation.Primary;
import org.springframework.modulith.events.EventPublication;
import org.springframework.modulith.events.ResubmissionOptions;
import org.springframework.modulith.events.core.EventPublicationRegistry;
import org.springframework.modulith.events.core.EventPublicationRepository;
import org.springframework.modulith.events.core.PublicationTargetIdentifier;
import org.springframework.modulith.events.core.Staleness;
import org.springframework.modulith.events.core.TargetEventPublication;
import org.springframework.stereotype.Component;

/**
 * A Spring Modulith registry that only stores events, in the transaction that publishes them.
 * {@link EventBacklog} processes and deletes them. Therefore the registry's states are not used:
 * all other methods do nothing.
 */
@Component
@Primary
@EnableConfigurationProperties(EventSettings.class)
class StoredEvents implements EventPublicationRegistry {

  private final EventPublicationRepository table;

  StoredEvents(EventPublicationRepository table) {
    this.table = table;
  }

  @Override
  public Collection<TargetEventPublication> store(
      Object event, Stream<PublicationTargetIdentifier> listeners) {
    return listeners
        .map(listener -> TargetEventPublication.of(event, listener, Clock.systemUTC().instant()))
        .map(table::create)
        .toList();
  }

  @Override
  public void markProcessing(Object event, PublicationTargetIdentifier listener) {}

  @Override
  public void markCompleted(Object event, PublicationTargetIdentifier listener) {}

  @Override
  public void markFailed(Object event, PublicationTargetIdentifier listener) {}

  @Override
  public void markStalePublicationsFailed(Staleness staleness) {}

  @Override
  public Collection<TargetEventPublication> findIncompletePublications() {
    return List.of();
  }

  @Override
  public Collection<TargetEventPublication> findIncompletePublicationsOlderThan(Duration age) {
    return List.of();
  }

  @Override
  public void deleteCompletedPublicationsOlderThan(Duration age) {}

  @Override
  public void processIncompletePublications(
      Predicate<EventPublication> filter,
      Consumer<TargetEventPublication> consumer,
      @Nullable Duration age) {}

  @Override
  public void processFailedPublications(
      ResubmissionOptions options, Consumer<TargetEventPublication> consumer) {}
}
