package dev.evenkeel.http.limits;

import dev.evenkeel.http.ExpensiveRead;
import dev.evenkeel.problems.BusyException;
import io.github.resilience4j.bulkhead.Bulkhead;
import io.github.resilience4j.bulkhead.BulkheadConfig;
import io.github.resilience4j.bulkhead.BulkheadRegistry;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.springframework.web.method.HandlerMethod;
import org.springframework.web.servlet.HandlerInterceptor;

/** Gives expensive reads a place of their kind, and refuses them when all are taken for a while. */
final class ExpensiveReadInterceptor implements HandlerInterceptor {

  /** Long enough for a burst of quick ones. Who waits holds no connection. */
  private static final Duration MAX_WAIT = Duration.ofMillis(200);

  private final Map<String, Bulkhead> kinds = new HashMap<>();

  ExpensiveReadInterceptor(Map<String, Integer> limits, BulkheadRegistry bulkheads) {
    limits.forEach((kind, limit) ->
        kinds.put(
            kind,
            bulkheads.bulkhead(
                "read-" + kind,
                BulkheadConfig.custom()
                    .maxConcurrentCalls(limit)
                    .maxWaitDuration(MAX_WAIT)
                    .build())));
  }

  @Override
  public boolean preHandle(
      HttpServletRequest request, HttpServletResponse response, Object handler) {
    Bulkhead kind = kindOf(handler);
    if (kind != null && !kind.tryAcquirePermission()) {
      throw new BusyException("all places of " + kind.getName() + " are taken");
    }
    return true;
  }

  @Override
  public void afterCompletion(
      HttpServletRequest request,
      HttpServletResponse response,
      Object handler,
      @Nullable Exception failure) {
    Bulkhead kind = kindOf(handler);
    if (kind != null) {
      kind.onComplete();
    }
  }

  private @Nullable Bulkhead kindOf(Object handler) {
    ExpensiveRead read =
        handler instanceof HandlerMethod method
            ? method.getMethodAnnotation(ExpensiveRead.class)
            : null;
    return read == null
        ? null
        : Objects.requireNonNull(
            kinds.get(read.value()), "no limit for expensive reads of kind " + read.value());
  }
}
