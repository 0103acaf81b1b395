package dev.evenkeel.http.limits;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.evenkeel.problems.ProblemException;
import io.github.resilience4j.ratelimiter.RateLimiter;
import jakarta.servlet.DispatcherType;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.springframework.mock.web.MockHttpServletRequest;
import org.springframework.mock.web.MockHttpServletResponse;

class RateLimitTests {

  final RateLimitInterceptor limit = new RateLimitInterceptor(1);

  @Test
  void rejectsRequestsBeyondTheRateOfTheirOwner() {
    assertThatThrownBy(
            () -> {
              for (int i = 0; i < 1000; i++) {
                send("ada");
              }
            })
        .isInstanceOf(ProblemException.class)
        .hasMessageContaining("1 requests per second");
    send("bob");
  }

  /** Two threads go through many owners side by side. */
  @Test
  void anOwnersFirstRequestsShareALimiter() throws Exception {
    AtomicInteger arrived = new AtomicInteger();
    Callable<List<RateLimiter>> requests =
        () ->
            IntStream.range(0, 5000)
                .mapToObj(i -> {
                  arrived.incrementAndGet();
                  while (arrived.get() < 2 * (i + 1)) {
                    Thread.onSpinWait();
                  }
                  return limit.ofOwner("owner-" + i);
                })
                .toList();
    try (ExecutorService threads = Executors.newFixedThreadPool(2)) {
      Future<List<RateLimiter>> one = threads.submit(requests);
      Future<List<RateLimiter>> other = threads.submit(requests);

      assertThat(one.get().equals(other.get())).isTrue();
    }
  }

  @Test
  void doesNotCountTheEndOfAStream() {
    for (int i = 0; i < 1000; i++) {
      MockHttpServletRequest end = request("ada");
      end.setDispatcherType(DispatcherType.ASYNC);
      limit.preHandle(end, new MockHttpServletResponse(), this);
    }
  }

  @Test
  void remembersALimitedNumberOfOwners() {
    for (int i = 0; i < 2 * RateLimitInterceptor.MAX_OWNERS; i++) {
      send("owner-" + i);
    }

    assertThat(limit.rememberedOwners()).isLessThanOrEqualTo(RateLimitInterceptor.MAX_OWNERS);
  }

  private void send(String owner) {
    limit.preHandle(request(owner), new MockHttpServletResponse(), this);
  }

  private static MockHttpServletRequest request(String owner) {
    MockHttpServletRequest request = new MockHttpServletRequest("GET", "/v1/accounts");
    request.setRemoteUser(owner);
    return request;
  }
}
