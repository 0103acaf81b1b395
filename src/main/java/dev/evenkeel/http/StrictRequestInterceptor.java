package dev.evenkeel.http;

import dev.evenkeel.http.body.RequestBodies;
import dev.evenkeel.http.body.RequestPlace;
import dev.evenkeel.http.body.StrictJson;
import dev.evenkeel.problems.Problem;
import dev.evenkeel.problems.ProblemException;
import jakarta.servlet.DispatcherType;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import jakarta.validation.Valid;
import java.io.IOException;
import java.lang.reflect.Method;
import java.lang.reflect.RecordComponent;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.springframework.core.MethodParameter;
import org.springframework.http.HttpHeaders;
import org.springframework.http.HttpMethod;
import org.springframework.http.MediaType;
import org.springframework.web.bind.annotation.RequestBody;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.method.HandlerMethod;
import org.springframework.web.servlet.HandlerInterceptor;

/**
 * Refuses callers without the scope of a controller method, a body where it takes none, and query
 * parameters that are unknown or repeated.
 */
final class StrictRequestInterceptor implements HandlerInterceptor {

  private static final Set<String> SAFE = Set.of("GET", "HEAD");

  private static final Pattern EMPTY_OBJECT =
      Pattern.compile("[ \\t\\r\\n]*(\\{[ \\t\\r\\n]*}[ \\t\\r\\n]*)?");

  private final Map<Method, Set<String>> declared = new ConcurrentHashMap<>();

  @Override
  public boolean preHandle(HttpServletRequest request, HttpServletResponse response, Object handler)
      throws IOException {
    // A stream that ends is dispatched again, and Spring MVC itself answers OPTIONS.
    boolean checked =
        request.getDispatcherType() == DispatcherType.REQUEST
            && !request.getMethod().equals(HttpMethod.OPTIONS.name());
    if (checked && handler instanceof HandlerMethod method) {
      CallerResolver.of(request).require(scope(request, method));
      if (RequestBodies.takesBody(method)) {
        RequestBodies.requireSize(request.getContentLengthLong(), method);
      } else {
        requireNoBody(request);
      }
      requireDeclaredParameters(request, method);
    }
    return true;
  }

  private static String scope(HttpServletRequest request, HandlerMethod method) {
    RequiresScope scope =
        Objects.requireNonNull(
            method.getBeanType().getAnnotation(RequiresScope.class), "no @RequiresScope");
    return SAFE.contains(request.getMethod()) ? scope.read() : scope.write();
  }

  /** An empty JSON object counts as no body. */
  private static void requireNoBody(HttpServletRequest request) throws IOException {
    if (request.getContentLengthLong() <= 0
        && request.getHeader(HttpHeaders.TRANSFER_ENCODING) == null) {
      return;
    }
    RequestPlace.giveUp(request);
    byte[] body = RequestBodies.read(request, request.getInputStream(), RequestBodies.MAX_SIZE);
    RequestPlace.take(request);
    if (body.length > 0 && !isJson(request.getContentType())) {
      throw RequestBodies.unsupportedMediaType();
    }
    if (!EMPTY_OBJECT.matcher(new String(body, StandardCharsets.UTF_8)).matches()) {
      throw new ProblemException(Problem.invalid("body", "must be empty"));
    }
  }

  private static boolean isJson(@Nullable String contentType) {
    try {
      MediaType type = MediaType.parseMediaType(String.valueOf(contentType));
      RequestBodies.requireUtf8(type);
      return MediaType.APPLICATION_JSON.includes(type);
    } catch (IllegalArgumentException malformed) {
      return false;
    }
  }

  private void requireDeclaredParameters(HttpServletRequest request, HandlerMethod method) {
    Set<String> known =
        declared.computeIfAbsent(method.getMethod(), _ -> declaredParameters(method));
    parameters(request)
        .forEach((name, values) -> {
          if (!known.contains(name)) {
            throw ProblemException.invalid(name, "is not a known parameter");
          }
          if (values.length > 1) {
            throw ProblemException.invalid(name, "must be given once");
          }
          if (!StrictJson.isStorable(values[0])) {
            throw ProblemException.invalid(name, "contains a character that cannot be stored");
          }
        });
  }

  private static Map<String, String[]> parameters(HttpServletRequest request) {
    try {
      return request.getParameterMap();
    } catch (IllegalStateException undecodable) {
      throw ProblemException.invalid("query", "cannot be decoded");
    }
  }

  private static Set<String> declaredParameters(HandlerMethod method) {
    return Stream.of(method.getMethodParameters())
        .flatMap(StrictRequestInterceptor::declaredBy)
        .collect(Collectors.toUnmodifiableSet());
  }

  private static Stream<String> declaredBy(MethodParameter parameter) {
    if (parameter.getParameterType() == CursorRequest.class) {
      return Stream.of(CursorRequest.LIMIT, CursorRequest.CURSOR);
    }
    RequestParam single = parameter.getParameterAnnotation(RequestParam.class);
    if (single != null) {
      return Stream.of(single.name());
    }
    boolean filter =
        parameter.hasParameterAnnotation(Valid.class)
            && !parameter.hasParameterAnnotation(RequestBody.class);
    return filter
        ? Arrays.stream(parameter.getParameterType().getRecordComponents())
            .map(RecordComponent::getName)
        : Stream.empty();
  }
}
