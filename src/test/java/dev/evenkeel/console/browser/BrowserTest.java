package dev.evenkeel.console.browser;

import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Tests in a browser: they run in the Maven profile {@code browser} only. */
@Tag("browser")
abstract class BrowserTest {

  @RegisterExtension static final TestBrowser BROWSER = new TestBrowser();

  static DevelopmentApplication application() {
    return BROWSER.application();
  }

  static Person person(String name) {
    return BROWSER.person(name);
  }
}
