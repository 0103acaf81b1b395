package dev.evenkeel.http.body;

import dev.evenkeel.problems.BusyException;
import jakarta.servlet.ServletRequest;
import java.time.Duration;
import java.util.concurrent.Semaphore;

/**
 * A request's place among the concurrent ones, and its part of the memory for bodies. The request
 * gives its place up while it waits for its body or for the issuer of its token, so that neither
 * takes places from others.
 */
public final class RequestPlace {

  private static final String ATTRIBUTE = RequestPlace.class.getName();

  private final Semaphore places;
  private final Semaphore bodyBytes;
  private int reservedBytes;
  private boolean held;
  private boolean ended;
  private volatile long waitsSince;
  private volatile boolean waits;

  /**
   * @param bodyBytes how many more bytes the bodies of all requests may have
   */
  public RequestPlace(Semaphore places, Semaphore bodyBytes, ServletRequest request) {
    this.places = places;
    this.bodyBytes = bodyBytes;
    request.setAttribute(ATTRIBUTE, this);
  }

  /** Takes a place, unless all are taken. A request that has ended needs none. */
  public boolean take() {
    held = held || !ended && places.tryAcquire();
    return held || ended;
  }

  /** Gives the place up for good: a request that has ended may still be dispatched. */
  public void end() {
    ended = true;
    waits = false;
    giveUp();
    bodyBytes.release(reservedBytes);
    reservedBytes = 0;
  }

  public void giveUp() {
    if (held) {
      held = false;
      places.release();
    }
  }

  /** Gives up the place of a request that waits from now on. */
  public static void giveUp(ServletRequest request) {
    if (request.getAttribute(ATTRIBUTE) instanceof RequestPlace place) {
      place.giveUp();
      place.waitsSince = System.nanoTime();
      place.waits = true;
    }
  }

  /**
   * Takes memory for a part of the body, until the request ends.
   *
   * @throws BusyException if the bodies of other requests have it all
   */
  static void reserve(ServletRequest request, int bytes) {
    if (request.getAttribute(ATTRIBUTE) instanceof RequestPlace place && !place.ended) {
      if (!place.bodyBytes.tryAcquire(bytes)) {
        throw new BusyException("too many bodies are arriving");
      }
      place.reservedBytes += bytes;
    }
  }

  /** Returns whether a request has waited longer than this for its body. */
  public static boolean hasWaited(Duration time, ServletRequest request) {
    return request.getAttribute(ATTRIBUTE) instanceof RequestPlace place
        && place.waits
        && System.nanoTime() - place.waitsSince > time.toNanos();
  }

  /**
   * Takes a place again, now that nothing is waited for.
   *
   * @throws BusyException if all are taken
   */
  public static void take(ServletRequest request) {
    if (request.getAttribute(ATTRIBUTE) instanceof RequestPlace place) {
      place.waits = false;
      if (!place.take()) {
        throw new BusyException("all places were taken meanwhile");
      }
    }
  }
}
