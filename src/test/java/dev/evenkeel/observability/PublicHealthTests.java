package dev.evenkeel.observability;

import static org.assertj.core.api.Assertions.assertThat;
import static org.springframework.test.web.servlet.request.MockMvcRequestBuilders.get;
import static org.springframework.test.web.servlet.result.MockMvcResultMatchers.content;
import static org.springframework.test.web.servlet.result.MockMvcResultMatchers.status;

import dev.testing.WholeApplication;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.boot.availability.AvailabilityChangeEvent;
import org.springframework.boot.availability.ReadinessState;
import org.springframework.boot.health.actuate.endpoint.HealthEndpoint;
import org.springframework.boot.health.actuate.endpoint.HttpCodeStatusMapper;
import org.springframework.context.ApplicationContext;
import org.springframework.test.web.servlet.MockMvc;
import org.springframework.test.web.servlet.setup.MockMvcBuilders;

/** Public health where the actuator has a port of its own. */
@WholeApplication
class PublicHealthTests {

  @Autowired HealthEndpoint health;
  @Autowired HttpCodeStatusMapper codes;
  @Autowired ApplicationContext application;

  MockMvc http;

  @BeforeEach
  void serve() {
    http = MockMvcBuilders.standaloneSetup(new PublicHealth(health, codes)).build();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"/actuator/health", "/actuator/health/liveness", "/actuator/health/readiness"})
  void showsHealthWithoutDetails(String path) throws Exception {
    http.perform(get(path))
        .andExpect(status().isOk())
        .andExpect(content().string("{\"status\":\"UP\"}"));
  }

  @ParameterizedTest
  @ValueSource(strings = {"/actuator/prometheus", "/actuator", "/actuator/health/db"})
  void keepsTheRestOnTheManagementPort(String path) throws Exception {
    http.perform(get(path)).andExpect(status().isNotFound());
  }

  @ParameterizedTest
  @ValueSource(strings = {"/actuator/health", "/actuator/health/readiness"})
  void reportsAnInstanceThatIsNotReady(String path) throws Exception {
    AvailabilityChangeEvent.publish(application, ReadinessState.REFUSING_TRAFFIC);
    try {
      http.perform(get(path)).andExpect(status().isServiceUnavailable());
    } finally {
      AvailabilityChangeEvent.publish(application, ReadinessState.ACCEPTING_TRAFFIC);
    }
  }

  @Test
  void onTheSamePortTheActuatorSpeaksForItself() {
    assertThat(application.getBeansOfType(PublicHealth.class)).isEmpty();
  }
}
