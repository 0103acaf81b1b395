package dev.evenkeel.notifications.web;

import static java.util.stream.Collectors.toSet;

import dev.evenkeel.notifications.Notifications;
import dev.evenkeel.notifications.Notifications.Place;
import dev.evenkeel.problems.BusyException;
import dev.evenkeel.problems.CommonProblem;
import dev.evenkeel.problems.ProblemException;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.locks.Lock;
import java.util.concurrent.locks.ReentrantLock;
import java.util.stream.Gatherers;
import org.springframework.context.SmartLifecycle;
import org.springframework.scheduling.annotation.Scheduled;
import org.springframework.stereotype.Component;
import org.springframework.web.servlet.mvc.method.annotation.SseEmitter;

/**
 * The streams that are open on this instance. Each is a place in a feed; one query finds what
 * follows 200 of them. There is no other way for a notification to get into a stream, so nothing
 * comes twice or out of order, whichever instance wrote it. A stream that has nothing to say takes
 * neither a thread nor a connection to the database.
 */
@Component
class Streams implements SmartLifecycle {

  /** Of one feed at a time: who is far behind catches up in steps. */
  private static final int AT_ONCE = 100;

  /** In one query. */
  private static final int PLACES = 200;

  private static final int MOST = 5000;
  private static final int MOST_OF_AN_OWNER = 100;

  private final Notifications notifications;
  private final Set<Stream> open = ConcurrentHashMap.newKeySet();
  private final Lock polling = new ReentrantLock();
  private volatile boolean running;

  Streams(Notifications notifications) {
    this.notifications = notifications;
  }

  /**
   * @throws ProblemException if the owner has too many already
   * @throws BusyException if this instance has
   */
  SseEmitter open(Place place) {
    SseEmitter emitter = new SseEmitter(0L);
    Stream stream = new Stream(emitter, place);
    emitter.onCompletion(() -> open.remove(stream));
    emitter.onError(_ -> open.remove(stream));
    stream.write(List.of());
    admit(stream);
    if (!running) {
      emitter.complete();
    }
    return emitter;
  }

  private synchronized void admit(Stream stream) {
    if (open.size() >= MOST) {
      throw new BusyException("too many streams");
    }
    String owner = stream.place().owner();
    if (open.stream().filter(other -> other.place().owner().equals(owner)).count()
        >= MOST_OF_AN_OWNER) {
      throw new ProblemException(
          CommonProblem.TOO_MANY_REQUESTS,
          "You have " + MOST_OF_AN_OWNER + " streams on this instance already.");
    }
    open.add(stream);
  }

  // At a rate: what has a delay waits for all else that has one
  @Scheduled(fixedRate = 500)
  void poll() {
    if (polling.tryLock()) {
      try {
        open.stream()
            .filter(Stream::isIdle)
            .gather(Gatherers.windowFixed(PLACES))
            .forEach(this::continueWithNews);
      } finally {
        polling.unlock();
      }
    }
  }

  private void continueWithNews(List<Stream> idle) {
    var news = notifications.following(idle.stream().map(Stream::place).collect(toSet()), AT_ONCE);
    for (Stream stream : idle) {
      stream.continueWith(news.getOrDefault(stream.place(), List.of()));
    }
  }

  int count() {
    return open.size();
  }

  @Override
  public void start() {
    running = true;
  }

  /** Before the web server waits for requests that have not ended. */
  @Override
  public int getPhase() {
    return Integer.MAX_VALUE;
  }

  /** Whoever listens comes back, to another instance. */
  @Override
  public void stop() {
    running = false;
    open.forEach(Stream::end);
  }

  @Override
  public boolean isRunning() {
    return running;
  }
}
