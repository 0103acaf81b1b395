package dev.evenkeel.notifications.web;

import static java.util.stream.Collectors.toSet;

import dev.evenkeel.http.LongRequests;
import dev.evenkeel.notifications.Notification;
import dev.evenkeel.notifications.Notifications;
import dev.evenkeel.notifications.Notifications.Place;
import dev.evenkeel.problems.BusyException;
import dev.evenkeel.problems.CommonProblem;
import dev.evenkeel.problems.ProblemException;
import io.micrometer.core.instrument.MeterRegistry;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Semaphore;
import java.util.concurrent.locks.Lock;
import java.util.concurrent.locks.ReentrantLock;
import java.util.stream.Gatherers;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.scheduling.annotation.Scheduled;
import org.springframework.stereotype.Component;
import org.springframework.web.servlet.mvc.method.annotation.SseEmitter;

/**
 * The open streams of this instance. Each is a position in a feed; a poll finds the news of 200 of
 * them in one query. Notifications enter streams in no other way, so none comes twice or out of
 * order, whichever instance wrote it. An idle stream uses neither a thread nor a connection.
 */
@Component
class Streams extends LongRequests {

  private static final Logger log = LoggerFactory.getLogger(Streams.class);

  /** Notifications in one step. A stream with more to come takes the next step at once. */
  private static final int BATCH_SIZE = 100;

  private static final int STREAMS_PER_QUERY = 200;

  private static final int MAX_STREAMS = 5000;
  private static final int MAX_STREAMS_PER_OWNER = 100;

  private final Notifications notifications;
  private final Set<Stream> open = ConcurrentHashMap.newKeySet();
  private final Map<String, Integer> openPerOwner = new HashMap<>();
  private final Lock polling = new ReentrantLock();

  /** Streams that are behind take turns, so that all of them use one connection of the pool. */
  private final Semaphore turns = new Semaphore(1, true);

  Streams(Notifications notifications, MeterRegistry meters) {
    this.notifications = notifications;
    meters.gauge("evenkeel.notifications.streams.open", open, Set::size);
  }

  /**
   * Opens a stream.
   *
   * @param until when it ends
   * @throws ProblemException if the owner has too many streams on this instance
   * @throws BusyException if the instance has too many
   */
  SseEmitter open(Place place, Instant until) {
    SseEmitter emitter = new SseEmitter(Math.max(1, Instant.now().until(until).toMillis()));
    Stream stream = new Stream(emitter, place, this::remove);
    emitter.onCompletion(() -> remove(stream));
    emitter.onError(_ -> remove(stream));
    emitter.onTimeout(emitter::complete);
    stream.write(List.of());
    admit(stream);
    if (!isRunning()) {
      emitter.complete();
    }
    return emitter;
  }

  private synchronized void admit(Stream stream) {
    if (open.size() >= MAX_STREAMS) {
      throw new BusyException("too many streams");
    }
    String owner = stream.place().owner();
    if (count(owner) >= MAX_STREAMS_PER_OWNER) {
      throw new ProblemException(
          CommonProblem.TOO_MANY_REQUESTS,
          "At most " + MAX_STREAMS_PER_OWNER + " streams per owner and instance can be open.");
    }
    open.add(stream);
    openPerOwner.merge(owner, 1, Integer::sum);
  }

  private synchronized void remove(Stream stream) {
    if (open.remove(stream)) {
      openPerOwner.computeIfPresent(
          stream.place().owner(), (_, count) -> count == 1 ? null : count - 1);
    }
  }

  // At a fixed rate: tasks with a fixed delay share one thread and wait for each other.
  @Scheduled(fixedRate = 500)
  void poll() {
    if (polling.tryLock()) {
      try {
        open.stream()
            .filter(Stream::isIdle)
            .gather(Gatherers.windowFixed(STREAMS_PER_QUERY))
            .forEach(this::continueWithNews);
      } finally {
        polling.unlock();
      }
    }
  }

  private void continueWithNews(List<Stream> idle) {
    var news =
        notifications.following(idle.stream().map(Stream::place).collect(toSet()), BATCH_SIZE);
    for (Stream stream : idle) {
      List<Notification> next = news.get(stream.place());
      if (next != null) {
        stream.start(() -> catchUp(stream, next));
      }
    }
  }

  private void catchUp(Stream stream, List<Notification> news) {
    try {
      List<Notification> next = news;
      while (stream.write(next) && next.size() == BATCH_SIZE) {
        next = following(stream.place());
      }
    } catch (RuntimeException failure) {
      log.warn("A stream waits for the next poll: {}", failure.toString());
    }
  }

  private List<Notification> following(Place place) {
    turns.acquireUninterruptibly();
    try {
      return notifications.following(Set.of(place), BATCH_SIZE).getOrDefault(place, List.of());
    } finally {
      turns.release();
    }
  }

  /** Pings wait neither for the database nor for streams with news. */
  @Scheduled(fixedRate = 1000)
  void ping() {
    open.forEach(Stream::pingIfSilent);
  }

  int count() {
    return open.size();
  }

  synchronized int count(String owner) {
    return openPerOwner.getOrDefault(owner, 0);
  }

  @Override
  protected void endAll() {
    open.forEach(Stream::end);
  }
}
