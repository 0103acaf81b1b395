package dev.evenkeel.http;

import dev.evenkeel.idempotency.IdempotentOperation;
import dev.evenkeel.problems.CommonProblem;
import dev.evenkeel.problems.Problem;
import io.micrometer.tracing.Span;
import io.micrometer.tracing.Tracer;
import jakarta.servlet.http.HttpServletRequest;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.beans.factory.annotation.Qualifier;
import org.springframework.http.HttpHeaders;
import org.springframework.http.MediaType;
import org.springframework.http.ResponseEntity;
import org.springframework.http.server.PathContainer;
import org.springframework.stereotype.Component;
import org.springframework.util.function.SingletonSupplier;
import org.springframework.web.servlet.mvc.method.annotation.RequestMappingHandlerMapping;
import org.springframework.web.util.pattern.PathPattern;
import org.springframework.web.util.pattern.PathPatternParser;

/** Makes a problem the answer to a request (RFC 9457). */
@Component
class ProblemRenderer {

  private static final int RETRY_AFTER_SECONDS = 1;

  private final Tracer tracer;
  private final Supplier<List<PathPattern>> keyedOperations;

  ProblemRenderer(
      Tracer tracer,
      @Qualifier("requestMappingHandlerMapping") ObjectProvider<RequestMappingHandlerMapping> mappings) {
    this.tracer = tracer;
    this.keyedOperations =
        SingletonSupplier.of(() -> mappings.stream().flatMap(ProblemRenderer::keyed).toList());
  }

  private static Stream<PathPattern> keyed(RequestMappingHandlerMapping mapping) {
    return mapping.getHandlerMethods().entrySet().stream()
        .filter(entry -> entry.getValue().hasMethodAnnotation(IdempotentOperation.class))
        .flatMap(entry -> entry.getKey().getPatternValues().stream())
        .map(PathPatternParser.defaultInstance::parse);
  }

  ResponseEntity<Map<String, Object>> answer(Problem problem, HttpServletRequest request) {
    return answer(problem, request, new HttpHeaders());
  }

  ResponseEntity<Map<String, Object>> answer(
      Problem problem, HttpServletRequest request, HttpHeaders headers) {
    int status = problem.type().status();
    if (status == 429 || status == 503 || problem.type() == CommonProblem.REQUEST_IN_PROGRESS) {
      headers.set(HttpHeaders.RETRY_AFTER, String.valueOf(RETRY_AFTER_SECONDS));
    }
    return ResponseEntity.status(status)
        .headers(headers)
        .contentType(MediaType.APPLICATION_PROBLEM_JSON)
        .body(body(problem, request));
  }

  private Map<String, Object> body(Problem problem, HttpServletRequest request) {
    Map<String, Object> body = problem.members();
    body.put("instance", path(request));
    Span span = tracer.currentSpan();
    if (span != null) {
      body.put("traceId", span.context().traceId());
    }
    if (isKeyedOperation(request)) {
      body.put("effect", word(problem.type().effect()));
      body.put("retry", word(problem.type().retry()));
    }
    return body;
  }

  private boolean isKeyedOperation(HttpServletRequest request) {
    if (request.getMethod().equals("GET") || request.getMethod().equals("HEAD")) {
      return false;
    }
    PathContainer path = PathContainer.parsePath(path(request));
    return keyedOperations.get().stream().anyMatch(pattern -> pattern.matches(path));
  }

  /** The path that the caller asked for, also while an error is dispatched. */
  private static String path(HttpServletRequest request) {
    Object original = request.getAttribute("jakarta.servlet.error.request_uri");
    return original == null ? request.getRequestURI() : original.toString();
  }

  private static String word(Enum<?> constant) {
    return constant.name().toLowerCase(Locale.ROOT).replace('_', '-');
  }
}
