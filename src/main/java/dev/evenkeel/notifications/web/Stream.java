package dev.evenkeel.notifications.web;

import dev.evenkeel.notifications.Notification;
import dev.evenkeel.notifications.Notifications.Place;
import java.io.IOException;
import java.time.Duration;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;
import org.springframework.http.MediaType;
import org.springframework.web.servlet.mvc.method.annotation.ResponseBodyEmitter.DataWithMediaType;
import org.springframework.web.servlet.mvc.method.annotation.SseEmitter;

/**
 * One open stream. A short-lived virtual thread writes to it, and only one at a time. A client that
 * does not read is ended by the server's write timeout.
 */
final class Stream {

  /** After this long without news a comment is sent, so that both ends notice a lost connection. */
  private static final Duration PING_INTERVAL = Duration.ofSeconds(15);

  private final SseEmitter emitter;
  private final Consumer<Stream> onGone;
  private final AtomicBoolean busy = new AtomicBoolean();
  private volatile Place place;
  private volatile long wroteAt = System.nanoTime();

  /**
   * @param onGone called when the client is found to be gone
   */
  Stream(SseEmitter emitter, Place place, Consumer<Stream> onGone) {
    this.emitter = emitter;
    this.onGone = onGone;
    this.place = place;
  }

  boolean isIdle() {
    return !busy.get();
  }

  /** Its position in the feed: after the last notification that was written. */
  Place place() {
    return place;
  }

  /** Starts work that writes to the stream, unless it is busy. */
  void start(Runnable work) {
    if (busy.compareAndSet(false, true)) {
      Thread.ofVirtual()
          .name("stream")
          .start(() -> {
            try {
              work.run();
            } finally {
              busy.set(false);
            }
          });
    }
  }

  void pingIfSilent() {
    if (System.nanoTime() - wroteAt > PING_INTERVAL.toNanos()) {
      start(() -> write(List.of()));
    }
  }

  /**
   * Writes all news at once; without any, a comment.
   *
   * @return whether the client is still there, as far as is known
   */
  boolean write(List<Notification> news) {
    wroteAt = System.nanoTime();
    Set<DataWithMediaType> parts = new LinkedHashSet<>();
    if (news.isEmpty()) {
      parts.addAll(SseEmitter.event().comment("").build());
    }
    for (Notification told : news) {
      parts.addAll(
          SseEmitter.event()
              .id(String.valueOf(told.sequence()))
              .name(told.type())
              .data(told, MediaType.APPLICATION_JSON)
              .build());
    }
    try {
      emitter.send(parts);
    } catch (IOException | RuntimeException gone) {
      // Tomcat reports most ends of connections too, but not that of one which is reset as soon as
      // its stream is open.
      onGone.accept(this);
      return false;
    }
    if (!news.isEmpty()) {
      place = new Place(place.owner(), news.getLast().sequence());
    }
    return true;
  }

  /** Ends the stream on a thread of its own, which waits for a write in progress. */
  void end() {
    Thread.ofVirtual().name("stream").start(emitter::complete);
  }
}
