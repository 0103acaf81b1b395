package dev.evenkeel.payments.provider;

import java.io.IOException;
import java.time.Duration;

/** The provider wants to be asked again later. */
public final class TooManyRequestsException extends IOException {

  private final transient Duration pause;

  public TooManyRequestsException(Duration pause) {
    super("the provider answered 429");
    this.pause = pause;
  }

  Duration pause() {
    return pause;
  }
}
