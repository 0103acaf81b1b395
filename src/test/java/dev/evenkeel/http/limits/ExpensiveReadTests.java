package dev.evenkeel.http.limits;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.evenkeel.http.ExpensiveRead;
import dev.evenkeel.http.body.BodyMemory;
import dev.evenkeel.http.body.RequestPlace;
import io.github.resilience4j.bulkhead.Bulkhead;
import io.github.resilience4j.bulkhead.BulkheadRegistry;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.Semaphore;
import org.junit.jupiter.api.Test;
import org.springframework.mock.web.MockHttpServletRequest;
import org.springframework.mock.web.MockHttpServletResponse;
import org.springframework.web.method.HandlerMethod;

class ExpensiveReadTests {

  @ExpensiveRead("exports")
  public void export() {}

  /** Many that wait would take the places of requests that need not wait. */
  @Test
  void givesUpItsRequestPlaceWhileItWaits() throws Exception {
    var reads =
        new ExpensiveReadInterceptor(
            Map.of("exports", 1), List.of(), BulkheadRegistry.ofDefaults());
    var handler = new HandlerMethod(this, "export");
    var first = new MockHttpServletRequest();
    var response = new MockHttpServletResponse();
    assertThat(reads.preHandle(first, response, handler)).isTrue();
    Semaphore places = new Semaphore(1);
    var second = new MockHttpServletRequest();
    assertThat(new RequestPlace(places, new BodyMemory(1), second).take()).isTrue();

    try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      Future<Boolean> waiting = threads.submit(() -> reads.preHandle(second, response, handler));
      await()
          .pollInterval(Duration.ofMillis(1))
          .until(() -> places.availablePermits() == 1 || waiting.isDone());
      assertThat(waiting).isNotDone();
      reads.afterCompletion(first, response, handler, null);
      assertThat(waiting.get()).isTrue();
    }
    assertThat(places.availablePermits()).isZero();
  }

  @Test
  void placesCoolDown() throws Exception {
    BulkheadRegistry bulkheads = BulkheadRegistry.ofDefaults();
    var reads = new ExpensiveReadInterceptor(Map.of("exports", 2), List.of(), bulkheads);
    Bulkhead.Metrics places = bulkheads.bulkhead("read-exports").getMetrics();
    var handler = new HandlerMethod(this, "export");
    var request = new MockHttpServletRequest();
    var response = new MockHttpServletResponse();
    assertThat(reads.preHandle(request, response, handler)).isTrue();
    long began = System.nanoTime();
    Duration read = Duration.ofMillis(150);
    await().until(() -> System.nanoTime() - began > read.toNanos());

    long ended = System.nanoTime();
    reads.afterCompletion(request, response, handler, null);
    await()
        .pollInterval(Duration.ofMillis(10))
        .until(() -> places.getAvailableConcurrentCalls() == 2);

    assertThat(Duration.ofNanos(System.nanoTime() - ended)).isGreaterThan(Duration.ofMillis(940));
  }
}
