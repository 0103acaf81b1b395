package dev.testing;

import java.time.Duration;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.extension.BeforeAllCallback;
import org.junit.jupiter.api.extension.ExtensionContext;

/** Makes Awaitility poll at once and often, as most conditions hold soon. */
final class FastPolling implements BeforeAllCallback {

  @Override
  public void beforeAll(ExtensionContext test) {
    Awaitility.setDefaultPollDelay(Duration.ZERO);
    Awaitility.setDefaultPollInterval(Duration.ofMillis(20));
  }
}
