package dev.evenkeel.console;

import dev.evenkeel.http.Caller;
import dev.evenkeel.http.LongRequests;
import dev.evenkeel.problems.BusyException;
import io.micrometer.core.instrument.MeterRegistry;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import jakarta.servlet.http.HttpSession;
import java.time.Instant;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.springframework.stereotype.Component;
import org.springframework.web.servlet.mvc.method.annotation.SseEmitter;

/** The pages that are open and live on this instance. */
@ConsolePart
@Component
public class LiveStreams extends LongRequests {

  /** On one instance. With more, each would be silent for too long ({@link PartRenderer#REST}). */
  static final int MAX_STREAMS = 100;

  /** For operators, however many pages others have open. */
  static final int RESERVED = 20;

  private static final int MAX_STREAMS_PER_PERSON = 20;

  private final PartRenderer renderer;
  private final Set<LiveStream> open = ConcurrentHashMap.newKeySet();

  LiveStreams(PartRenderer renderer, MeterRegistry meters) {
    this.renderer = renderer;
    meters.gauge("evenkeel.console.streams.open", open, Set::size);
  }

  /**
   * Opens a stream of a page's parts. It begins with all of them, so a browser that comes back
   * catches up. It ends with the session, or when the caller's token expires.
   *
   * @throws BusyException if too many pages are open
   */
  public SseEmitter open(
      LivePage page, Caller caller, HttpServletRequest request, HttpServletResponse response) {
    // A proxy must pass each event on at once (nginx reads this header)
    response.setHeader("X-Accel-Buffering", "no");
    HttpSession session = Objects.requireNonNull(request.getSession(false));
    SseEmitter emitter =
        new SseEmitter(Math.max(1, Instant.now().until(caller.until()).toMillis()));
    LiveStream stream =
        new LiveStream(
            page, renderer, emitter, caller.owner(), LoginSession.login(session), System::nanoTime);
    emitter.onCompletion(() -> forget(stream));
    emitter.onError(_ -> forget(stream));
    emitter.onTimeout(emitter::complete);
    admit(stream, caller.isOperator() ? MAX_STREAMS : MAX_STREAMS - RESERVED);
    stream.start(() -> forget(stream));
    if (!isRunning()) {
      end(stream);
    }
    return emitter;
  }

  private synchronized void admit(LiveStream stream, int places) {
    long ofPerson = open.stream().filter(it -> it.person().equals(stream.person())).count();
    if (open.size() >= places || ofPerson >= MAX_STREAMS_PER_PERSON) {
      throw new BusyException("too many live pages");
    }
    open.add(stream);
  }

  private void forget(LiveStream stream) {
    open.remove(stream);
    stream.stop();
  }

  private void end(LiveStream stream) {
    if (open.remove(stream)) {
      stream.end();
    }
  }

  int count() {
    return open.size();
  }

  @Override
  protected void endAll() {
    open.forEach(this::end);
  }
}
