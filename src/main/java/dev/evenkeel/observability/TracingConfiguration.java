package dev.evenkeel.observability;

import io.micrometer.observation.Observation;
import io.micrometer.observation.ObservationPredicate;
import io.micrometer.observation.ObservationRegistry;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

@Configuration(proxyBeanMethods = false)
class TracingConfiguration {

  /** Records SQL spans only within a trace, so that polling does not begin a trace each time. */
  @Bean
  ObservationPredicate sqlSpansWithinTraces(ObjectProvider<ObservationRegistry> registry) {
    return (name, _) -> !name.startsWith("jdbc.") || isTraced(registry.getObject());
  }

  /** A disabled observation, such as a scheduled task's, is current but records nothing. */
  private static boolean isTraced(ObservationRegistry registry) {
    Observation current = registry.getCurrentObservation();
    return current != null && !current.isNoop();
  }
}
