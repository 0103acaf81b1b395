package dev.evenkeel.observability;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.evenkeel.observability.GrafanaFiles.Selector;
import dev.testing.Api;
import dev.testing.WholeApplication;
import java.util.List;
import java.util.Objects;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.boot.availability.AvailabilityChangeEvent;
import org.springframework.boot.availability.LivenessState;
import org.springframework.boot.availability.ReadinessState;
import org.springframework.boot.test.web.server.LocalManagementPort;
import org.springframework.boot.test.web.server.LocalServerPort;
import org.springframework.context.ApplicationContext;
import org.springframework.test.annotation.DirtiesContext;
import org.springframework.test.context.TestPropertySource;

/** Health where the actuator has a port of its own and shows details there, as in compose. */
@WholeApplication
@TestPropertySource(
    properties = {
      "management.server.port=0",
      "management.endpoint.health.show-details=always",
      // Off in tests by default
      "management.prometheus.metrics.export.enabled=true"
    })
@DirtiesContext // no other test needs this application
class PublicHealthTests {

  private static final Pattern EXEMPLAR =
      Pattern.compile(
          "^http_server_requests_seconds_bucket\\{.*method=\"GET\".*uri=\"/v1/accounts\".* # \\{.*trace_id=\"(\\w+)\"");

  @LocalServerPort int port;
  @LocalManagementPort int managementPort;
  @Autowired ApplicationContext application;

  Api everybody;
  Api operators;
  Api owner;

  @BeforeEach
  void connect() {
    everybody = Api.anonymous(port);
    operators = Api.anonymous(managementPort);
    owner = new Api(port, "ada");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"/actuator/health", "/actuator/health/liveness", "/actuator/health/readiness"})
  void everybodySeesTheStatusAlone(String path) {
    Api.Answer answer = everybody.get(path);

    assertThat(answer.status()).as(answer.toString()).isEqualTo(200);
    assertThat(answer.text()).isEqualTo("{\"status\":\"UP\"}");
  }

  @Test
  void thePortOfTheActuatorHasTheDetails() {
    Api.Answer answer = operators.get("/actuator/health");

    assertThat(answer.at("/status")).isEqualTo("UP");
    assertThat(answer.at("/components/db/status")).isEqualTo("UP");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"/actuator/prometheus", "/actuator", "/actuator/health/db", "/actuator/sbom"})
  void theRestIsOnThePortOfTheActuator(String path) {
    assertThat(operators.get(path).status()).isEqualTo(200);
    assertThat(everybody.get(path).status()).isEqualTo(401);
  }

  @Test
  void saysWhenTheInstanceMustBeRestarted() {
    AvailabilityChangeEvent.publish(application, LivenessState.BROKEN);
    try {
      assertThat(everybody.get("/actuator/health/liveness").status()).isEqualTo(503);
    } finally {
      AvailabilityChangeEvent.publish(application, LivenessState.CORRECT);
    }
  }

  static List<Selector> metricsOfGrafana() {
    return GrafanaFiles.queries().stream()
        .map(it -> it.replace("status=~\"5..\"", "status=~\"...\"")) // no request fails here
        .flatMap(it -> GrafanaFiles.selectors(it).stream())
        .distinct()
        .toList();
  }

  @ParameterizedTest
  @MethodSource("metricsOfGrafana")
  void exposesEachMetricOfDashboardsAndAlerts(Selector selector) {
    assertThat(owner.payIn(owner.openAccount(0), 1250, "tok_ok").status()).isEqualTo(201);

    assertThat(GrafanaFiles.isExposed(selector, operators.get("/actuator/prometheus").text()))
        .as(selector.toString())
        .isTrue();
  }

  @Test
  void leadsFromABucketToTheTraceOfARequest() {
    assertThat(new Api(port, "ada").get("/v1/accounts").status()).isEqualTo(200);

    // The request is measured after its response
    String trace = await().until(this::exemplar, Objects::nonNull);
    assertThat(Api.operator(port, "olga").get("/v1/operations/traces/" + trace).text())
        .contains("GET /v1/accounts");
  }

  private @Nullable String exemplar() {
    return openMetrics()
        .map(EXEMPLAR::matcher)
        .filter(Matcher::find)
        .map(bucket -> bucket.group(1))
        .findFirst()
        .orElse(null);
  }

  private Stream<String> openMetrics() {
    return operators
        .send(
            operators
                .request("/actuator/prometheus")
                .header("Accept", "application/openmetrics-text; version=1.0.0")
                .GET())
        .text()
        .lines();
  }

  @ParameterizedTest
  @ValueSource(strings = {"/actuator/health", "/actuator/health/readiness"})
  void sayWhenTheApplicationIsNotReady(String path) {
    AvailabilityChangeEvent.publish(application, ReadinessState.REFUSING_TRAFFIC);
    try {
      assertThat(everybody.get(path).status()).isEqualTo(503);
      assertThat(everybody.get("/actuator/health/liveness").status()).isEqualTo(200);
    } finally {
      AvailabilityChangeEvent.publish(application, ReadinessState.ACCEPTING_TRAFFIC);
    }
  }
}
