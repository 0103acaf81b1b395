package dev.testing.simulation;

import java.util.List;
import java.util.concurrent.AbstractExecutorService;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;

/** Starts actors as its threads. They end with their process, so nobody waits for them. */
public final class ActorExecutor extends AbstractExecutorService {

  private final Executor actors;
  private boolean shutdown;

  public ActorExecutor(Executor actors) {
    this.actors = actors;
  }

  @Override
  public void execute(Runnable work) {
    actors.execute(work);
  }

  @Override
  public void shutdown() {
    shutdown = true;
  }

  @Override
  public List<Runnable> shutdownNow() {
    shutdown();
    return List.of();
  }

  @Override
  public boolean isShutdown() {
    return shutdown;
  }

  @Override
  public boolean isTerminated() {
    return shutdown;
  }

  @Override
  public boolean awaitTermination(long timeout, TimeUnit unit) {
    return true;
  }
}
