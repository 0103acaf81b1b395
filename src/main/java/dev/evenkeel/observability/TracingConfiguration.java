package dev.evenkeel.observability;

import io.micrometer.observation.Observation;
import io.micrometer.observation.ObservationPredicate;
import io.micrometer.observation.ObservationRegistry;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

@Configuration(proxyBeanMethods = false)
class TracingConfiguration {

  /** SQL is a part of something: what polls for work begins no trace of its own each time. */
  @Bean
  ObservationPredicate sqlOnlyWithinATrace(ObjectProvider<ObservationRegistry> registry) {
    return (name, _) -> !name.startsWith("jdbc.") || isPartOfSomething(registry.getObject());
  }

  /** What is switched off, as scheduled tasks are, is current too, but does nothing. */
  private static boolean isPartOfSomething(ObservationRegistry registry) {
    Observation current = registry.getCurrentObservation();
    return current != null && !current.isNoop();
  }
}
