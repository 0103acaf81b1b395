package dev.evenkeel.http.errors;

import dev.evenkeel.idempotency.IdempotentOperation;
import dev.evenkeel.problems.Problem;
import io.micrometer.tracing.Span;
import io.micrometer.tracing.Tracer;
import jakarta.servlet.RequestDispatcher;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.UUID;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.beans.factory.annotation.Qualifier;
import org.springframework.http.HttpHeaders;
import org.springframework.http.HttpMethod;
import org.springframework.http.MediaType;
import org.springframework.http.ResponseEntity;
import org.springframework.http.server.PathContainer;
import org.springframework.stereotype.Component;
import org.springframework.util.function.SingletonSupplier;
import org.springframework.web.servlet.mvc.method.annotation.RequestMappingHandlerMapping;
import org.springframework.web.util.pattern.PathPattern;
import org.springframework.web.util.pattern.PathPatternParser;
import tools.jackson.databind.json.JsonMapper;

/** Turns a problem into the response to a request (RFC 9457). */
@Component
public class ProblemRenderer {

  private final Tracer tracer;
  private final Supplier<List<PathPattern>> idempotentOperations;

  public ProblemRenderer(
      Tracer tracer,
      @Qualifier("requestMappingHandlerMapping") ObjectProvider<RequestMappingHandlerMapping> mappings) {
    this.tracer = tracer;
    this.idempotentOperations =
        SingletonSupplier.of(
            () -> mappings.stream().flatMap(ProblemRenderer::idempotentOperations).toList());
  }

  private static Stream<PathPattern> idempotentOperations(RequestMappingHandlerMapping mapping) {
    return mapping.getHandlerMethods().entrySet().stream()
        .filter(entry -> entry.getValue().hasMethodAnnotation(IdempotentOperation.class))
        .flatMap(entry -> entry.getKey().getPatternValues().stream())
        .map(PathPatternParser.defaultInstance::parse);
  }

  public ResponseEntity<Map<String, Object>> response(Problem problem, HttpServletRequest request) {
    return response(problem, request, new HttpHeaders());
  }

  public ResponseEntity<Map<String, Object>> response(
      Problem problem, HttpServletRequest request, HttpHeaders headers) {
    if (problem.type().retryAfterSeconds() > 0) {
      headers.set(HttpHeaders.RETRY_AFTER, String.valueOf(problem.type().retryAfterSeconds()));
    }
    if (problem.properties().get(Problem.SCOPE) instanceof String scope) {
      headers.set(
          HttpHeaders.WWW_AUTHENTICATE,
          "Bearer error=\"insufficient_scope\", scope=\"" + scope + "\"");
    }
    return ResponseEntity.status(problem.type().status())
        .headers(headers)
        .contentType(MediaType.APPLICATION_PROBLEM_JSON)
        .body(body(problem, request));
  }

  /** Answers a request outside Spring MVC. */
  public void write(Problem problem, HttpServletRequest request, HttpServletResponse response)
      throws IOException {
    ResponseEntity<?> refusal = response(problem, request);
    response.setStatus(refusal.getStatusCode().value());
    refusal.getHeaders().forEach((name, values) -> response.setHeader(name, values.getFirst()));
    response.getOutputStream().write(JsonMapper.shared().writeValueAsBytes(refusal.getBody()));
  }

  private Map<String, Object> body(Problem problem, HttpServletRequest request) {
    String path = path(request);
    Map<String, Object> body = problem.members();
    if (path != null) {
      body.put("instance", path);
    }
    body.put("traceId", traceId());
    if (path != null && isIdempotentOperation(method(request), path)) {
      body.put("effect", word(problem.type().effect()));
      body.put("retry", word(problem.type().retry()));
    }
    return body;
  }

  /** A request that is refused before its trace begins gets an id all the same. */
  private String traceId() {
    Span span = tracer.currentSpan();
    return span == null ? UUID.randomUUID().toString().replace("-", "") : span.context().traceId();
  }

  private boolean isIdempotentOperation(@Nullable String method, String path) {
    if (method == null
        || method.equals(HttpMethod.GET.name())
        || method.equals(HttpMethod.HEAD.name())) {
      return false;
    }
    try {
      PathContainer parsed = PathContainer.parsePath(path);
      return idempotentOperations.get().stream().anyMatch(pattern -> pattern.matches(parsed));
    } catch (IllegalArgumentException malformed) {
      return false;
    }
  }

  /** The caller's method, also during an error dispatch; null if it could not be read. */
  private static @Nullable String method(HttpServletRequest request) {
    Object original = request.getAttribute(RequestDispatcher.ERROR_METHOD);
    return original == null ? request.getMethod() : original.toString();
  }

  /** The caller's path, also during an error dispatch; null if it could not be read. */
  private static @Nullable String path(HttpServletRequest request) {
    Object original = request.getAttribute(RequestDispatcher.ERROR_REQUEST_URI);
    return original == null ? request.getRequestURI() : original.toString();
  }

  private static String word(Enum<?> constant) {
    return constant.name().toLowerCase(Locale.ROOT).replace('_', '-');
  }
}
