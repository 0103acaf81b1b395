package dev.evenkeel.console;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.springframework.context.support.StaticApplicationContext;
import org.thymeleaf.spring6.SpringTemplateEngine;

/** How many pages are rendered at the same time, see ADR 35. */
class PartRendererTests {

  private static final int PAGES = PartRenderer.MAX_RENDERINGS + 3;

  private final PartRenderer renderer =
      new PartRenderer(new SpringTemplateEngine(), new StaticApplicationContext());

  private final AtomicInteger reading = new AtomicInteger();
  private final AtomicInteger rendered = new AtomicInteger();
  private final CountDownLatch readable = new CountDownLatch(1);

  @AfterEach
  void letAllRead() {
    readable.countDown();
    renderer.destroy();
  }

  @Test
  void leavesProcessorsToRequests() {
    LivePage page = new LivePage("page", List.of(), this::model);

    List<Thread> pages =
        Stream.generate(() -> Thread.ofPlatform().daemon().start(() -> render(page)))
            .limit(PAGES)
            .toList();

    await().until(() -> pages.stream().allMatch(it -> it.getState() == Thread.State.WAITING));
    assertThat(reading).hasValue(PartRenderer.MAX_RENDERINGS);
    readable.countDown();
    await().until(() -> rendered.get() == PAGES);
  }

  @Test
  void rendersOnPlatformThreads() {
    AtomicBoolean virtual = new AtomicBoolean(true);

    renderer.render(
        new LivePage(
            "page",
            List.of(),
            () -> {
              virtual.set(Thread.currentThread().isVirtual());
              return Map.of();
            }));

    assertThat(virtual).isFalse();
  }

  @Test
  void restsBetweenRenderings() {
    List<Long> began = new CopyOnWriteArrayList<>();
    LivePage page =
        new LivePage(
            "page",
            List.of(),
            () -> {
              began.add(System.nanoTime());
              return Map.of();
            });

    for (int i = 0; i <= PartRenderer.MAX_RENDERINGS; i++) {
      renderer.render(page);
    }

    assertThat(Duration.ofNanos(began.getLast() - began.getFirst()))
        .isGreaterThanOrEqualTo(PartRenderer.REST);
  }

  @ParameterizedTest
  @CsvSource({"1, 1", "2, 1", "4, 2", "32, 4"})
  void rendersOnHalfOfTheProcessorsAndFewConnections(int processors, int renderings) {
    assertThat(PartRenderer.maxRenderings(processors)).isEqualTo(renderings);
  }

  private void render(LivePage page) {
    renderer.render(page);
    rendered.incrementAndGet();
  }

  private Map<String, Object> model() {
    reading.incrementAndGet();
    try {
      readable.await();
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
    return Map.of();
  }
}
