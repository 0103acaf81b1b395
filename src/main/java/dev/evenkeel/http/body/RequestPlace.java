package dev.evenkeel.http.body;

import dev.evenkeel.problems.BusyException;
import jakarta.servlet.ServletRequest;
import java.util.concurrent.Semaphore;

/**
 * A request's place among the concurrent ones. The request gives it up while it waits for its body,
 * so that slow clients take no places from others.
 */
public final class RequestPlace {

  private static final String ATTRIBUTE = RequestPlace.class.getName();

  private final Semaphore places;
  private boolean held;
  private boolean ended;

  public RequestPlace(Semaphore places, ServletRequest request) {
    this.places = places;
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
    giveUp();
  }

  public void giveUp() {
    if (held) {
      held = false;
      places.release();
    }
  }

  /** Gives up the place of a request whose body is read next. */
  public static void giveUp(ServletRequest request) {
    if (request.getAttribute(ATTRIBUTE) instanceof RequestPlace place) {
      place.giveUp();
    }
  }

  /**
   * Takes a place again, now that the body is complete.
   *
   * @throws BusyException if all are taken
   */
  public static void take(ServletRequest request) {
    if (request.getAttribute(ATTRIBUTE) instanceof RequestPlace place && !place.take()) {
      throw new BusyException("all places were taken while the body arrived");
    }
  }
}
