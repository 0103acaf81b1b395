package dev.evenkeel.observability;

import static dev.testing.Refusals.assertRefused;
import static org.assertj.core.api.Assertions.assertThat;

import dev.testing.Api;
import dev.testing.WholeApplication;
import java.util.List;
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
    assertThat(publicHealth.stream()).isEmpty();
    assertThat(Api.operator(port, "olga").get("/actuator/health").at("/groups/0"))
        .isEqualTo("liveness");
  }

  @Test
  void showsDetailsToOperatorsOnly() {
    Api operator = Api.operator(port, "olga");

    assertThat(operator.get("/actuator/health").at("/components/db/status")).isEqualTo("UP");
    assertThat(operator.get("/actuator").status()).isEqualTo(200);
    for (Api other : List.of(Api.anonymous(port), new Api(port, "ada"))) {
      assertThat(other.get("/actuator/health").text()).isEqualTo("{\"status\":\"UP\"}");
    }
    assertRefused(Api.anonymous(port).get("/actuator/prometheus"), 401, "unauthorized");
    assertRefused(new Api(port, "ada").get("/actuator/prometheus"), 403, "forbidden");
  }
}
