package dev.testing.simulation;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Semaphore;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Threads of which exactly one runs at a time. A thread runs until it pauses or ends, and then the
 * scheduler decides which one goes on: what happens depends on nothing else.
 */
public final class Actors {

  /** Ends a thread whose process has died. Nothing may catch it. */
  private static final class Killed extends Error {
    Killed() {
      super("killed", null, false, false);
    }
  }

  /** A thread of a process. */
  public static final class Actor {

    private final String name;
    private final Object process;
    private final Semaphore turn = new Semaphore(0);
    private BooleanSupplier condition = () -> true;
    private Instant wakesAt = Instant.MIN;
    private boolean killed;
    private boolean ended;

    private Actor(String name, Object process) {
      this.name = name;
      this.process = process;
    }

    @Override
    public String toString() {
      return name;
    }
  }

  private final List<Actor> alive = new ArrayList<>();
  private final Semaphore scheduler = new Semaphore(0);
  private final SimulatedWorld world;
  private @Nullable Actor current;
  private @Nullable Throwable failure;

  public Actors(SimulatedWorld world) {
    this.world = world;
  }

  /** Adds a thread, which runs as soon as the scheduler chooses it. */
  public void start(String name, Object process, Runnable work) {
    Actor actor = new Actor(name, process);
    alive.add(actor);
    Thread.ofVirtual()
        .start(() -> {
          actor.turn.acquireUninterruptibly();
          try {
            if (!actor.killed) {
              work.run();
            }
          } catch (Killed dead) {
            // As intended.
          } catch (Throwable unexpected) {
            failure = unexpected;
          } finally {
            actor.ended = true;
            scheduler.release();
          }
        });
  }

  /** Those that can go on now, in the order of their start. */
  public List<Actor> runnable() {
    return alive.stream()
        .filter(it -> !it.wakesAt.isAfter(world.now()) || it.condition.getAsBoolean())
        .toList();
  }

  /** When the first of those that wait for a time wakes up. */
  public @Nullable Instant nextWake() {
    return alive.stream().map(it -> it.wakesAt).min(Instant::compareTo).orElse(null);
  }

  /** Lets a thread go on until it pauses or ends. */
  public void resume(Actor actor) {
    Actor before = current;
    current = actor;
    actor.turn.release();
    scheduler.acquireUninterruptibly();
    current = before;
    if (actor.ended) {
      alive.remove(actor);
    }
    if (failure != null) {
      throw new AssertionError(actor.name + " failed", failure);
    }
  }

  /** Ends all threads of a process where they are. */
  public void kill(Object process) {
    for (Actor actor : alive.stream().filter(it -> it.process == process).toList()) {
      actor.killed = true;
      resume(actor);
    }
  }

  public @Nullable Actor current() {
    return current;
  }

  /** Lets others run. The scheduler itself does not pause. */
  public void pause() {
    await(() -> true, Duration.ZERO);
  }

  /**
   * Pauses until a condition is met, or the time is up.
   *
   * @return whether the condition is met
   */
  public boolean await(BooleanSupplier condition, Duration atMost) {
    Actor actor = current;
    if (actor == null) {
      return condition.getAsBoolean();
    }
    // The dead do nothing more, whatever their code does to clean up.
    if (!actor.killed) {
      actor.condition = condition;
      actor.wakesAt = world.now().plus(atMost);
      scheduler.release();
      actor.turn.acquireUninterruptibly();
    }
    if (actor.killed) {
      throw new Killed();
    }
    return condition.getAsBoolean();
  }
}
