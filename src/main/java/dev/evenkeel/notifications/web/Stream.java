package dev.evenkeel.notifications.web;

import dev.evenkeel.notifications.Notification;
import dev.evenkeel.notifications.Notifications.Place;
import java.io.IOException;
import java.time.Duration;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import org.springframework.http.MediaType;
import org.springframework.web.servlet.mvc.method.annotation.ResponseBodyEmitter.DataWithMediaType;
import org.springframework.web.servlet.mvc.method.annotation.SseEmitter;

/**
 * One that listens. Whoever polls hands over what is new; a thread of its own, for as long as it
 * takes, writes it. Who does not read is ended by the server's timeout for writing.
 */
final class Stream {

  /** So that both ends notice when the other is gone. */
  private static final Duration LONGEST_SILENCE = Duration.ofSeconds(15);

  private final SseEmitter emitter;
  private Place place;
  private long wroteAt = System.nanoTime();
  private volatile boolean busy;

  Stream(SseEmitter emitter, Place place) {
    this.emitter = emitter;
    this.place = place;
  }

  boolean isIdle() {
    return !busy;
  }

  /** Where it is: after the last notification that was handed over. */
  Place place() {
    return place;
  }

  /** By the poller only, and only while idle. */
  void continueWith(List<Notification> news) {
    boolean silent = System.nanoTime() - wroteAt > LONGEST_SILENCE.toNanos();
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

  /** All at once; where there is nothing, a comment. */
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
    } catch (IOException | IllegalStateException gone) {
      // The server ends it; until then it is busy, so that nothing more is handed over.
    }
  }

  /** Not on the caller's thread: what is being written is written first. */
  void end() {
    Thread.ofVirtual().name("stream").start(emitter::complete);
  }
}
