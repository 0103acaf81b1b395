package dev.evenkeel.events;

import dev.evenkeel.problems.ProblemCatalog;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

/** Registers the package's settings and problems. */
@Configuration(proxyBeanMethods = false)
@EnableConfigurationProperties(EventSettings.class)
class EventsConfiguration {

  @Bean
  ProblemCatalog eventProblems() {
    return ProblemCatalog.of(EventProblem.values());
  }
}
