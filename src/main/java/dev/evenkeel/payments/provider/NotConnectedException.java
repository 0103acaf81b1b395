package dev.evenkeel.payments.provider;

import java.io.IOException;

/** There was no connection to the provider, so nothing was sent. */
public final class NotConnectedException extends IOException {

  public NotConnectedException(Throwable cause) {
    super(cause.getMessage() == null ? "no connection" : cause.getMessage(), cause);
  }
}
