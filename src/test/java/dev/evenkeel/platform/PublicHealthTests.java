package dev.evenkeel.platform;

import static org.assertj.core.api.Assertions.assertThat;

import dev.testing.Api;
import dev.testing.WholeApplication;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.boot.availability.AvailabilityChangeEvent;
import org.springframework.boot.availability.ReadinessState;
import org.springframework.boot.test.web.server.LocalManagementPort;
import org.springframework.boot.test.web.server.LocalServerPort;
import org.springframework.context.ApplicationContext;
import org.springframework.test.annotation.DirtiesContext;
import org.springframework.test.context.TestPropertySource;

/** As in containers, where the actuator has a port of its own. */
@WholeApplication
@TestPropertySource(
    properties = {"management.server.port=0", "management.endpoint.health.show-details=always"})
@DirtiesContext
class PublicHealthTests {

  @LocalServerPort int port;
  @LocalManagementPort int managementPort;
  @Autowired ApplicationContext application;

  @ParameterizedTest
  @ValueSource(
      strings = {"/actuator/health", "/actuator/health/liveness", "/actuator/health/readiness"})
  void everybodySeesItWithoutDetails(String path) {
    Api.Answer answer = new Api(port, "ada").get(path);

    assertThat(answer.status()).isEqualTo(200);
    assertThat(answer.text()).isEqualTo("{\"status\":\"UP\"}");
    assertThat(new Api(managementPort, "ada").get("/actuator/health").text()).contains("provider");
  }

  @ParameterizedTest
  @ValueSource(strings = {"/actuator/prometheus", "/actuator", "/actuator/health/db"})
  void theRestIsOnThePortOfTheActuator(String path) {
    assertThat(new Api(port, "ada").get(path).status()).isEqualTo(404);
  }

  @ParameterizedTest
  @ValueSource(strings = {"/actuator/health", "/actuator/health/readiness"})
  void whoIsNotReadySaysSo(String path) {
    AvailabilityChangeEvent.publish(application, ReadinessState.REFUSING_TRAFFIC);
    try {
      assertThat(new Api(port, "ada").get(path).status()).isEqualTo(503);
    } finally {
      AvailabilityChangeEvent.publish(application, ReadinessState.ACCEPTING_TRAFFIC);
    }
  }
}
