package dev.testing;

import java.time.Duration;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.extension.BeforeAllCallback;
import org.junit.jupiter.api.extension.ExtensionContext;

/** What is awaited is looked for at once and often: most of it is there, or takes no time. */
final class FastPolling implements BeforeAllCallback {

  @Override
  public void beforeAll(ExtensionContext test) {
    Awaitility.setDefaultPollDelay(Duration.ZERO);
    Awaitility.setDefaultPollInterval(Duration.ofMillis(20));
  }
}
