package dev.evenkeel.http;

import org.springframework.context.SmartLifecycle;

/**
 * Requests that stay open, such as streams. They end before the web server, which waits for them.
 */
public abstract class LongRequests implements SmartLifecycle {

  private volatile boolean running;

  /** Ends all that are open. Their clients come back, to another instance. */
  protected abstract void endAll();

  @Override
  public void start() {
    running = true;
  }

  @Override
  public int getPhase() {
    return Integer.MAX_VALUE;
  }

  @Override
  public void stop() {
    running = false;
    endAll();
  }

  /**
   * Whether requests may open. Check it again after adding one: {@link #stop} may have run
   * meanwhile.
   */
  @Override
  public boolean isRunning() {
    return running;
  }
}
