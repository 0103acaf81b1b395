package dev.evenkeel.observability;

import static org.assertj.core.api.Assertions.assertThat;

import dev.testing.Api;
import dev.testing.WholeApplication;
import org.junit.jupiter.api.Test;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.boot.test.web.server.LocalServerPort;

/** Health where the actuator shares the application's port: it answers itself. */
@WholeApplication
class SharedPortTests {

  @LocalServerPort int port;
  @Autowired ObjectProvider<PublicHealth> publicHealth;

  @Test
  void theActuatorAnswersItself() {
    Api everybody = new Api(port, "nobody");

    assertThat(publicHealth.stream()).isEmpty();
    assertThat(everybody.get("/actuator/health").at("/groups/0")).isEqualTo("liveness");
    assertThat(everybody.get("/actuator").status()).isEqualTo(200);
  }
}
