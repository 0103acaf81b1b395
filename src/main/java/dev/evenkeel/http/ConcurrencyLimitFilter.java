package dev.evenkeel.http;

import dev.evenkeel.problems.CommonProblem;
import dev.evenkeel.problems.Problem;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import jakarta.servlet.FilterChain;
import jakarta.servlet.ServletException;
import jakarta.servlet.http.HttpFilter;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.util.concurrent.Semaphore;
import org.springframework.beans.factory.annotation.Value;
import org.springframework.core.Ordered;
import org.springframework.core.annotation.Order;
import org.springframework.http.ResponseEntity;
import org.springframework.stereotype.Component;
import tools.jackson.databind.json.JsonMapper;

/**
 * So many requests at once and no more. A request has a virtual thread, of which there is no end:
 * without this, what is too much would wait for a processor, in no queue that could refuse it. It
 * is refused before anything is done for it, not even a trace, so that refusing costs next to
 * nothing.
 */
@Component
@Order(Ordered.HIGHEST_PRECEDENCE)
class ConcurrencyLimitFilter extends HttpFilter {

  private final transient Semaphore places;
  private final transient ProblemRenderer renderer;
  private final transient Counter refused;

  ConcurrencyLimitFilter(
      @Value("${evenkeel.requests-at-once}") int atOnce,
      ProblemRenderer renderer,
      MeterRegistry meters) {
    this.places = new Semaphore(atOnce);
    this.renderer = renderer;
    this.refused = meters.counter("evenkeel.requests.refused");
  }

  @Override
  protected void doFilter(
      HttpServletRequest request, HttpServletResponse response, FilterChain chain)
      throws IOException, ServletException {
    // Who asks how it is must hear that it is busy, not dead.
    if (request.getRequestURI().startsWith("/actuator/")) {
      chain.doFilter(request, response);
    } else if (places.tryAcquire()) {
      try {
        chain.doFilter(request, response);
      } finally {
        places.release();
      }
    } else {
      refused.increment();
      refuse(request, response);
    }
  }

  private void refuse(HttpServletRequest request, HttpServletResponse response) throws IOException {
    Problem problem = Problem.of(CommonProblem.BUSY, "There are too many requests at once.");
    ResponseEntity<?> answer = renderer.answer(problem, request);
    response.setStatus(answer.getStatusCode().value());
    answer.getHeaders().forEach((name, values) -> response.setHeader(name, values.getFirst()));
    response.getOutputStream().write(JsonMapper.shared().writeValueAsBytes(answer.getBody()));
  }
}
