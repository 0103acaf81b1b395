package dev.evenkeel.console.browser;

import static com.microsoft.playwright.assertions.PlaywrightAssertions.assertThat;

import com.microsoft.playwright.Locator;
import com.microsoft.playwright.Page;
import com.microsoft.playwright.assertions.LocatorAssertions;
import java.time.Duration;
import java.util.UUID;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

class RestartTests extends BrowserTest {

  private static final Duration RECONNECTED = Duration.ofSeconds(20);

  /** All sessions and the key of all tokens are new; the person does nothing. */
  @Test
  void aPageComesBackAfterAKill() throws Exception {
    Person demo = person("demo");
    Page page = demo.open("/console/break-it");
    Locator notice = page.locator("#connection");

    application().kill();
    assertThat(notice).containsText("The connection to the server is lost.");
    assertThat(notice).containsText("This page shows what was known at");
    application().restart();

    assertThat(notice)
        .isHidden(new LocatorAssertions.IsHiddenOptions().setTimeout(RECONNECTED.toMillis()));
    assertThat(page).hasURL(Pattern.compile("/console/break-it"));
    UUID account = application().api("demo").openAccount(0);
    application().api("demo").payIn(account, 4321, "tok_ok");
    assertThat(page.getByText("€43.21").first()).isVisible();
    demo.complaints.clear(); // of the connection that was lost
  }
}
