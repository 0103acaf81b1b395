package dev.evenkeel.http;

import dev.evenkeel.http.body.BodyMemory;
import dev.evenkeel.http.body.RequestPlace;
import dev.evenkeel.http.errors.ProblemRenderer;
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
import org.springframework.stereotype.Component;
import org.springframework.util.unit.DataSize;

/**
 * Limits the number of concurrent requests. Each has a virtual thread, so without a limit any
 * number of them would wait for a processor. Further requests are refused with 503 before any work,
 * even before a trace begins, so refusing is cheap.
 */
@Component
@Order(Ordered.HIGHEST_PRECEDENCE)
class ConcurrencyLimitFilter extends HttpFilter {

  private final transient Semaphore places;
  private final transient BodyMemory bodies;
  private final transient ProblemRenderer renderer;
  private final transient Counter refused;

  ConcurrencyLimitFilter(
      @Value("${evenkeel.max-concurrent-requests}") int maxConcurrent,
      @Value("${evenkeel.max-body-memory}") DataSize maxBodyMemory,
      ProblemRenderer renderer,
      MeterRegistry meters) {
    this.places = new Semaphore(maxConcurrent);
    this.bodies = new BodyMemory(Math.toIntExact(maxBodyMemory.toBytes()));
    this.renderer = renderer;
    this.refused = meters.counter("evenkeel.requests.refused");
  }

  @Override
  protected void doFilter(
      HttpServletRequest request, HttpServletResponse response, FilterChain chain)
      throws IOException, ServletException {
    // A busy instance must still report that it is healthy.
    if (request.getRequestURI().startsWith("/actuator/health")) {
      chain.doFilter(request, response);
      return;
    }
    RequestPlace place = new RequestPlace(places, bodies, request);
    if (place.take()) {
      try {
        chain.doFilter(request, response);
      } finally {
        place.end();
      }
    } else {
      refused.increment();
      renderer.write(
          Problem.of(CommonProblem.BUSY, "Too many concurrent requests."), request, response);
    }
  }
}
