package dev.evenkeel.http.body;

import dev.evenkeel.problems.BusyException;
import jakarta.servlet.ServletRequest;
import jakarta.servlet.http.HttpServletRequest;
import java.time.Duration;
import java.util.Objects;
import java.util.concurrent.Semaphore;

/**
 * A request's place among the concurrent ones, and its part of the memory for bodies. The request
 * gives its place up while it waits for its body or for the issuer of its token, so that neither
 * takes places from others.
 */
public final class RequestPlace {

  private static final String ATTRIBUTE = RequestPlace.class.getName();

  private final Semaphore places;
  private final BodyMemory bodies;
  private String owner = "";
  private int reservedBytes;
  private boolean held;
  private boolean ended;
  private volatile long waitsSince;
  private volatile boolean waits;

  public RequestPlace(Semaphore places, BodyMemory bodies, ServletRequest request) {
    this.places = places;
    this.bodies = bodies;
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
    bodies.giveBack(owner, reservedBytes);
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
   * @throws BusyException if there is none left for its owner
   */
  static void reserve(HttpServletRequest request, int bytes) {
    if (request.getAttribute(ATTRIBUTE) instanceof RequestPlace place && !place.ended) {
      place.owner = Objects.requireNonNullElse(request.getRemoteUser(), "");
      place.bodies.take(place.owner, bytes);
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
