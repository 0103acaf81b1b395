package dev.evenkeel.notifications.web;

import dev.evenkeel.http.Caller;
import dev.evenkeel.http.RequiresScope;
import dev.evenkeel.notifications.Notifications;
import dev.evenkeel.notifications.Notifications.Place;
import dev.evenkeel.problems.ProblemException;
import jakarta.servlet.http.HttpServletResponse;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.springframework.http.HttpMethod;
import org.springframework.http.MediaType;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.RequestHeader;
import org.springframework.web.bind.annotation.RestController;
import org.springframework.web.servlet.mvc.method.annotation.SseEmitter;

/** Streams the caller's feed as server-sent events. */
@RestController
@RequiresScope(read = "notifications:read", write = "notifications:write")
class StreamController {

  private static final String LAST_EVENT_ID = "Last-Event-ID";
  private static final Pattern SEQUENCE = Pattern.compile("[0-9]{1,18}");

  private final Notifications notifications;
  private final Streams streams;

  StreamController(Notifications notifications, Streams streams) {
    this.notifications = notifications;
    this.streams = streams;
  }

  /**
   * Opens a stream, which ends when the caller's token expires.
   *
   * @param lastEventId the sequence after which it begins; absent for new notifications only
   * @return null for a HEAD request, which opens nothing
   */
  @GetMapping(path = "/v1/notifications/stream", produces = MediaType.TEXT_EVENT_STREAM_VALUE)
  @Nullable SseEmitter stream(
      Caller caller,
      HttpMethod method,
      HttpServletResponse response,
      @RequestHeader(name = LAST_EVENT_ID, required = false) @Nullable String lastEventId) {
    if (lastEventId != null && !SEQUENCE.matcher(lastEventId).matches()) {
      throw ProblemException.invalid(LAST_EVENT_ID, "must be a notification's sequence");
    }
    // A proxy must pass each event on at once (nginx reads this header)
    response.setHeader("X-Accel-Buffering", "no");
    if (method.equals(HttpMethod.HEAD)) {
      response.setContentType(MediaType.TEXT_EVENT_STREAM_VALUE);
      return null;
    }
    Place end = notifications.end(caller.owner());
    // A stream never begins beyond the end of the feed.
    long after =
        lastEventId == null ? end.after() : Math.min(Long.parseLong(lastEventId), end.after());
    return streams.open(new Place(caller.owner(), after), caller.until());
  }
}
