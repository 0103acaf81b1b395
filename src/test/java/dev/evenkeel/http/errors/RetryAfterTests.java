package dev.evenkeel.http.errors;

import static org.assertj.core.api.Assertions.assertThat;

import dev.evenkeel.problems.CommonProblem;
import dev.evenkeel.problems.Problem;
import io.micrometer.tracing.Tracer;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.springframework.beans.factory.support.DefaultListableBeanFactory;
import org.springframework.mock.web.MockHttpServletRequest;
import org.springframework.web.servlet.mvc.method.annotation.RequestMappingHandlerMapping;

/** The pause before a repetition depends on its cause: a full queue moves on, a server is away. */
class RetryAfterTests {

  final ProblemRenderer renderer =
      new ProblemRenderer(
          Tracer.NOOP,
          new DefaultListableBeanFactory().getBeanProvider(RequestMappingHandlerMapping.class));

  @ParameterizedTest
  @CsvSource({
    "BUSY, 1",
    "TOO_MANY_REQUESTS, 1",
    "REQUEST_IN_PROGRESS, 1",
    "DATABASE_UNAVAILABLE, 5",
    "ISSUER_UNAVAILABLE, 5",
    "OUTCOME_UNKNOWN, 5",
    "INTERNAL_ERROR,",
    "NOT_FOUND,"
  })
  void dependsOnTheCause(CommonProblem type, @Nullable String seconds) {
    var response = renderer.response(Problem.of(type, "x"), new MockHttpServletRequest());

    assertThat(response.getHeaders().getFirst("Retry-After")).isEqualTo(seconds);
  }
}
