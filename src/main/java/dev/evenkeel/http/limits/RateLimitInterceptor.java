package dev.evenkeel.http.limits;

import dev.evenkeel.problems.CommonProblem;
import dev.evenkeel.problems.ProblemException;
import io.github.resilience4j.ratelimiter.RateLimiter;
import io.github.resilience4j.ratelimiter.RateLimiterConfig;
import jakarta.servlet.DispatcherType;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.time.Duration;
import org.springframework.util.ConcurrentLruCache;
import org.springframework.web.servlet.HandlerInterceptor;

/**
 * Refuses an owner's requests beyond a number in each second. It remembers the owners that were
 * seen last; one that is forgotten starts over.
 */
final class RateLimitInterceptor implements HandlerInterceptor {

  static final int MAX_OWNERS = 10_000;

  private final int perSecond;
  private final ConcurrentLruCache<String, RateLimiter> owners;

  RateLimitInterceptor(int perSecond) {
    this.perSecond = perSecond;
    RateLimiterConfig config =
        RateLimiterConfig.custom()
            .limitForPeriod(perSecond)
            .limitRefreshPeriod(Duration.ofSeconds(1))
            .timeoutDuration(Duration.ZERO)
            .build();
    this.owners = new ConcurrentLruCache<>(MAX_OWNERS, owner -> RateLimiter.of(owner, config));
  }

  @Override
  public boolean preHandle(
      HttpServletRequest request, HttpServletResponse response, Object handler) {
    // The end of a stream is dispatched too, and is no request.
    if (request.getDispatcherType() == DispatcherType.REQUEST
        && !ofOwner(String.valueOf(request.getRemoteUser())).acquirePermission()) {
      throw new ProblemException(
          CommonProblem.TOO_MANY_REQUESTS,
          "At most " + perSecond + " requests per second and owner are answered.");
    }
    return true;
  }

  RateLimiter ofOwner(String owner) {
    // Reads twice, because concurrent first readers get different instances.
    owners.get(owner);
    return owners.get(owner);
  }

  int rememberedOwners() {
    return owners.size();
  }
}
