package dev.evenkeel.observability;

import org.jspecify.annotations.Nullable;
import org.springframework.boot.actuate.autoconfigure.web.server.ConditionalOnManagementPort;
import org.springframework.boot.actuate.autoconfigure.web.server.ManagementPortType;
import org.springframework.boot.health.actuate.endpoint.HealthDescriptor;
import org.springframework.boot.health.actuate.endpoint.HealthEndpoint;
import org.springframework.boot.health.actuate.endpoint.HttpCodeStatusMapper;
import org.springframework.boot.health.contributor.Status;
import org.springframework.http.ResponseEntity;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.RestController;

/** Serves health, without details, on the public port too if the actuator has its own port. */
@RestController
@ConditionalOnManagementPort(ManagementPortType.DIFFERENT)
class PublicHealth {

  private final HealthEndpoint health;
  private final HttpCodeStatusMapper codes;

  PublicHealth(HealthEndpoint health, HttpCodeStatusMapper codes) {
    this.health = health;
    this.codes = codes;
  }

  record Answer(String status) {}

  @GetMapping("/actuator/health")
  ResponseEntity<Answer> all() {
    return answer(health.health());
  }

  @GetMapping("/actuator/health/{probe:liveness|readiness}")
  ResponseEntity<Answer> probe(@PathVariable String probe) {
    return answer(health.healthForPath(probe));
  }

  private ResponseEntity<Answer> answer(@Nullable HealthDescriptor health) {
    Status status = health == null ? Status.UNKNOWN : health.getStatus();
    return ResponseEntity.status(codes.getStatusCode(status)).body(new Answer(status.getCode()));
  }
}
