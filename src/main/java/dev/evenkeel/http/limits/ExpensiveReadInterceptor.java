package dev.evenkeel.http.limits;

import dev.evenkeel.http.ExpensiveRead;
import dev.evenkeel.http.body.RequestPlace;
import dev.evenkeel.problems.BusyException;
import io.github.resilience4j.bulkhead.Bulkhead;
import io.github.resilience4j.bulkhead.BulkheadConfig;
import io.github.resilience4j.bulkhead.BulkheadRegistry;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.springframework.util.ConcurrentLruCache;
import org.springframework.web.method.HandlerMethod;
import org.springframework.web.servlet.HandlerInterceptor;

/**
 * Gives expensive reads a place of their kind, and refuses them when all are taken for a while. One
 * owner gets at most half of the places. A place stays taken for a while after the read, so that
 * reads without a pause leave most of the processors to others.
 */
final class ExpensiveReadInterceptor implements HandlerInterceptor {

  /** Longer than a place cools down. A waiting request holds neither a connection nor a place. */
  private static final Duration MAX_WAIT = Duration.ofSeconds(2);

  /** A place is used for a twentieth of the time, unless the read takes longer than 50 ms. */
  private static final int COOLING_FACTOR = 19;

  private static final Duration MAX_COOLING = Duration.ofMillis(950);

  private static final int MAX_OWNERS = 10_000;
  private static final String PLACES = ExpensiveReadInterceptor.class.getName() + ".places";

  private final Map<String, Kind> kinds = new HashMap<>();
  private final List<ExpensiveRead.Exemption> exemptions;

  /** The places of a kind, and of each owner that was seen lately. */
  private record Kind(Bulkhead all, ConcurrentLruCache<String, Bulkhead> owners) {

    Bulkhead of(String owner) {
      // Reads twice, because concurrent first readers get different instances.
      owners.get(owner);
      return owners.get(owner);
    }
  }

  private record Taken(List<Bulkhead> places, long since) {

    void giveBackLater() {
      long cooling = Math.min(COOLING_FACTOR * (System.nanoTime() - since), MAX_COOLING.toNanos());
      CompletableFuture.delayedExecutor(cooling, TimeUnit.NANOSECONDS)
          .execute(() -> places.forEach(Bulkhead::onComplete));
    }
  }

  ExpensiveReadInterceptor(
      Map<String, Integer> limits,
      List<ExpensiveRead.Exemption> exemptions,
      BulkheadRegistry bulkheads) {
    this.exemptions = exemptions;
    limits.forEach((kind, limit) -> {
      String name = "read-" + kind;
      BulkheadConfig ofOwner = places(Math.max(1, limit / 2));
      kinds.put(
          kind,
          new Kind(
              bulkheads.bulkhead(name, places(limit)),
              new ConcurrentLruCache<>(MAX_OWNERS, _ -> Bulkhead.of(name, ofOwner))));
    });
  }

  private static BulkheadConfig places(int count) {
    return BulkheadConfig.custom().maxConcurrentCalls(count).maxWaitDuration(MAX_WAIT).build();
  }

  @Override
  public boolean preHandle(
      HttpServletRequest request, HttpServletResponse response, Object handler) {
    ExpensiveRead read =
        handler instanceof HandlerMethod method
            ? method.getMethodAnnotation(ExpensiveRead.class)
            : null;
    if (read != null && exemptions.stream().noneMatch(it -> isCheap(it, read, request))) {
      Kind kind =
          Objects.requireNonNull(
              kinds.get(read.value()), "no limit for expensive reads of kind " + read.value());
      Bulkhead ofOwner = kind.of(String.valueOf(request.getRemoteUser()));
      if (!isFree(ofOwner) || !isFree(kind.all())) {
        RequestPlace.giveUp(request);
      }
      List<Bulkhead> taken = new ArrayList<>();
      try {
        for (Bulkhead places : List.of(ofOwner, kind.all())) {
          take(places);
          taken.add(places);
        }
        RequestPlace.take(request);
      } catch (BusyException full) {
        taken.forEach(Bulkhead::onComplete);
        throw full;
      }
      request.setAttribute(PLACES, new Taken(taken, System.nanoTime()));
    }
    return true;
  }

  private static boolean isCheap(
      ExpensiveRead.Exemption exemption, ExpensiveRead read, HttpServletRequest request) {
    return exemption.kind().equals(read.value()) && exemption.isCheap(request);
  }

  private static boolean isFree(Bulkhead places) {
    return places.getMetrics().getAvailableConcurrentCalls() > 0;
  }

  private static void take(Bulkhead places) {
    if (!places.tryAcquirePermission()) {
      throw new BusyException("all places of " + places.getName() + " are taken");
    }
  }

  @Override
  public void afterCompletion(
      HttpServletRequest request,
      HttpServletResponse response,
      Object handler,
      @Nullable Exception failure) {
    if (request.getAttribute(PLACES) instanceof Taken taken) {
      request.removeAttribute(PLACES);
      taken.giveBackLater();
    }
  }
}
