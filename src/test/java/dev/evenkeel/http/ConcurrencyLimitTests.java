package dev.evenkeel.http;

import static org.assertj.core.api.Assertions.assertThat;

import dev.evenkeel.http.errors.ProblemRenderer;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.micrometer.tracing.Tracer;
import jakarta.servlet.FilterChain;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.beans.factory.support.DefaultListableBeanFactory;
import org.springframework.mock.web.MockHttpServletRequest;
import org.springframework.mock.web.MockHttpServletResponse;
import org.springframework.util.unit.DataSize;
import org.springframework.web.servlet.mvc.method.annotation.RequestMappingHandlerMapping;

class ConcurrencyLimitTests {

  static final FilterChain NOTHING = (_, _) -> {};

  final ConcurrencyLimitFilter admission =
      new ConcurrencyLimitFilter(
          1,
          DataSize.ofBytes(1),
          new ProblemRenderer(
              Tracer.NOOP,
              new DefaultListableBeanFactory().getBeanProvider(RequestMappingHandlerMapping.class)),
          new SimpleMeterRegistry());

  @Test
  void rejectsRequestsBeyondTheLimit() throws Exception {
    MockHttpServletResponse second = new MockHttpServletResponse();
    send("/v1/accounts", (_, _) -> admission.doFilter(request("/v1/accounts"), second, NOTHING));

    assertThat(second.getStatus()).isEqualTo(503);
    assertThat(second.getHeader("Retry-After")).isEqualTo("1");
    assertThat(second.getContentType()).isEqualTo("application/problem+json");
    assertThat(second.getContentAsString()).contains("/problems/busy", "/v1/accounts");
  }

  @Test
  void freesThePlaceWhenARequestEnds() throws Exception {
    assertThat(send("/v1/accounts", NOTHING).getStatus()).isEqualTo(200);
    assertThat(send("/v1/accounts", NOTHING).getStatus()).isEqualTo(200);
  }

  @Test
  void alwaysAnswersHealthChecks() throws Exception {
    MockHttpServletResponse health = new MockHttpServletResponse();
    send(
        "/v1/accounts", (_, _) -> admission.doFilter(request("/actuator/health"), health, NOTHING));

    assertThat(health.getStatus()).isEqualTo(200);
  }

  @ParameterizedTest
  @ValueSource(strings = {"/actuator", "/actuator/prometheus", "/actuator/sbom"})
  void limitsTheRestOfTheActuator(String path) throws Exception {
    MockHttpServletResponse second = new MockHttpServletResponse();
    send("/v1/accounts", (_, _) -> admission.doFilter(request(path), second, NOTHING));

    assertThat(second.getStatus()).isEqualTo(503);
  }

  private MockHttpServletResponse send(String path, FilterChain chain) throws Exception {
    MockHttpServletResponse response = new MockHttpServletResponse();
    admission.doFilter(request(path), response, chain);
    return response;
  }

  private static MockHttpServletRequest request(String path) {
    return new MockHttpServletRequest("GET", path);
  }
}
