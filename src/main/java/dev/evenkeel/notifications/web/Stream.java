package dev.evenkeel.notifications.web;

import dev.evenkeel.notifications.Notification;
import dev.evenkeel.notifications.Notifications.Place;
import java.io.IOException;
import java.time.Duration;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Consumer;
import org.springframework.http.MediaType;
import org.springframework.web.servlet.mvc.method.annotation.ResponseBodyEmitter.DataWithMediaType;
import org.springframework.web.servlet.mvc.method.annotation.SseEmitter;

/**
 * One open stream. The poller hands over new notifications, and a short-lived virtual thread writes
 * them. A client that does not read is ended by the server's write timeout.
 */
final class Stream {

  /** After this long without news a comment is sent, so that both ends notice a lost connection. */
  private static final Duration PING_INTERVAL = Duration.ofSeconds(15);

  private final SseEmitter emitter;
  private final Consumer<Stream> onGone;
  private Place place;
  private long wroteAt = System.nanoTime();
  private volatile boolean busy;

  /**
   * @param onGone called when the client is found to be gone
   */
  Stream(SseEmitter emitter, Place place, Consumer<Stream> onGone) {
    this.emitter = emitter;
    this.onGone = onGone;
    this.place = place;
  }

  boolean isIdle() {
    return !busy;
  }

  /** Its position in the feed: after the last notification that was handed over. */
  Place place() {
    return place;
  }

  /** Hands over news. Only the poller calls it, and only while the stream is idle. */
  void continueWith(List<Notification> news) {
    boolean silent = System.nanoTime() - wroteAt > PING_INTERVAL.toNanos();
    if (news.isEmpty() && !silent) {
      return;
    }
    if (!news.isEmpty()) {
      place = new Place(place.owner(), news.getLast().sequence());
    }
    wroteAt = System.nanoTime();
    busy = true;
    Thread.ofVirtual().name("stream").start(() -> write(news));
  }

  /** Writes all news at once; without any, a comment. */
  void write(List<Notification> news) {
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
      busy = false;
    } catch (IOException | RuntimeException gone) {
      // The stream stays busy, so that it gets no more news. Tomcat reports most ends of
      // connections
      // too, but not that of one which is reset as soon as its stream is open.
      onGone.accept(this);
    }
  }

  /** Ends the stream on a thread of its own, which waits for a write in progress. */
  void end() {
    Thread.ofVirtual().name("stream").start(emitter::complete);
  }
}
