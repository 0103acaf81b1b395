package dev.evenkeel.console;

import java.io.IOException;
import java.time.Duration;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import java.util.function.LongSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.web.servlet.mvc.method.annotation.ResponseBodyEmitter.DataWithMediaType;
import org.springframework.web.servlet.mvc.method.annotation.SseEmitter;

/**
 * One open page. A thread has its parts rendered and sends those that have changed. The event
 * {@code beat} says that what the page shows is current, {@code stale} that it cannot be read.
 */
final class LiveStream {

  private static final Logger log = LoggerFactory.getLogger(LiveStream.class);

  /** At most two updates a second. */
  static final Duration PERIOD = Duration.ofMillis(500);

  /**
   * A page that is expensive to render is updated less often, so that pages leave room for work.
   */
  private static final int PAUSE_PER_RENDERING = 3;

  /** The page says that it has lost the server when it hears nothing for three times as long. */
  static final Duration BEAT = Duration.ofSeconds(5);

  private static final Duration RECONNECT = Duration.ofSeconds(1);

  private final LivePage page;
  private final PartRenderer renderer;
  private final SseEmitter emitter;
  private final String person;
  private final BooleanSupplier loggedIn;
  private final LongSupplier nanoTime;
  private final Map<String, String> shown = new HashMap<>();
  private volatile boolean ended;
  private boolean stale;
  private long wroteAt;

  LiveStream(
      LivePage page,
      PartRenderer renderer,
      SseEmitter emitter,
      String person,
      BooleanSupplier loggedIn,
      LongSupplier nanoTime) {
    this.page = page;
    this.renderer = renderer;
    this.emitter = emitter;
    this.person = person;
    this.loggedIn = loggedIn;
    this.nanoTime = nanoTime;
  }

  String person() {
    return person;
  }

  /**
   * Begins to send.
   *
   * @param onEnd called when it sends no more
   */
  void start(Runnable onEnd) {
    Thread.ofVirtual().name("live-page").start(() -> run(onEnd));
  }

  private void run(Runnable onEnd) {
    try {
      emitter.send(SseEmitter.event().reconnectTime(RECONNECT.toMillis()));
      while (!ended && loggedIn.getAsBoolean()) {
        long began = nanoTime.getAsLong();
        update();
        long took = nanoTime.getAsLong() - began;
        long pause = Math.min(PAUSE_PER_RENDERING * took, BEAT.toNanos());
        LockSupport.parkNanos(Math.max(PERIOD.toNanos(), pause));
      }
      if (!ended) {
        emitter.complete();
      }
    } catch (IOException | IllegalStateException gone) {
      log.debug("A page is gone: {}", gone.toString());
    } finally {
      onEnd.run();
    }
  }

  private void update() throws IOException {
    Set<DataWithMediaType> events = new LinkedHashSet<>();
    try {
      renderer
          .render(page)
          .forEach((part, html) -> {
            if (!html.equals(shown.put(part, html))) {
              events.addAll(SseEmitter.event().name(part).data(html).build());
            }
          });
      if (stale || nanoTime.getAsLong() - wroteAt > BEAT.toNanos()) {
        events.addAll(SseEmitter.event().name("beat").data("").build());
      }
      stale = false;
    } catch (RuntimeException unreadable) {
      if (!stale) {
        log.warn("A page of the console cannot be updated: {}", unreadable.toString());
      }
      stale = true;
      events.addAll(SseEmitter.event().name("stale").data("").build());
      LockSupport.parkNanos(TimeUnit.SECONDS.toNanos(1));
    }
    if (!events.isEmpty()) {
      wroteAt = nanoTime.getAsLong();
      emitter.send(events);
    }
  }

  /**
   * Sends no more, as nobody listens. The web server ends the request of a browser that is gone.
   */
  void stop() {
    ended = true;
  }

  /** Ends the stream on a thread of its own, which waits for a write in progress. */
  void end() {
    ended = true;
    Thread.ofVirtual()
        .name("live-page")
        .start(() -> {
          try {
            emitter.complete();
          } catch (IllegalStateException gone) {
            log.debug("A page is gone: {}", gone.toString());
          }
        });
  }
}
