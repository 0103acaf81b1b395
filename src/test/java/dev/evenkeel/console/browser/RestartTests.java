package dev.evenkeel.console.browser;

import static com.microsoft.playwright.assertions.PlaywrightAssertions.assertThat;
import static org.assertj.core.api.Assertions.assertThat;

import com.microsoft.playwright.Locator;
import com.microsoft.playwright.Page;
import com.microsoft.playwright.Response;
import com.microsoft.playwright.assertions.LocatorAssertions;
import dev.testing.Api;
import java.time.Duration;
import java.util.List;
import java.util.UUID;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class RestartTests extends BrowserTest {

  private static final Duration RECONNECTED = Duration.ofSeconds(20);
  private static final Duration RECOVERED = Duration.ofSeconds(60);

  /** What the browser says of a server that has gone, and of a session that went with it. */
  private static final List<String> CONNECTION_LOST =
      List.of("net::ERR_", "[object Event]", "status of 401");

  @AfterEach
  void heal() {
    application().simulator().heal();
  }

  /** All sessions and the key of all tokens are new; the person does nothing. */
  @Test
  void pagesComeBackAfterAKill() throws Exception {
    Api api = application().api("demo");
    UUID account = api.openAccount(0);
    Person demo = person("demo");
    Page page = demo.open("/console/break-it");
    Locator notice = page.locator("#connection");
    application().simulator().misbehave("hang");
    Api.Answer accepted = api.payIn(account, 4321, "tok_ok");
    assertThat(accepted.status()).as("the outcome is unknown").isEqualTo(202);
    Page other = demo.openInNewTab("/console/break-it");
    Page payment = demo.openInNewTab("/console/payments/" + accepted.id());

    application().kill();
    assertThat(notice).containsText("The connection to the server is lost.");
    assertThat(notice).containsText("This page shows what was known at");
    application().restart();
    application().simulator().heal();

    assertThat(notice)
        .isHidden(new LocatorAssertions.IsHiddenOptions().setTimeout(RECONNECTED.toMillis()));
    assertThat(page).hasURL(Pattern.compile("/console/break-it"));
    assertThat(payment.locator("main .state").first())
        .hasText(
            "succeeded", new LocatorAssertions.HasTextOptions().setTimeout(RECOVERED.toMillis()));
    application().api("demo").payIn(account, 1234, "tok_ok");
    assertThat(page.getByText("€12.34").first()).isVisible();
    for (Page tab : List.of(page, other)) {
      Response pressed =
          tab.waitForResponse(
              "**/console/break-it/fault", () -> tab.locator("#switch-none").click());
      assertThat(pressed.status()).as("buttons work").isEqualTo(204);
    }
    CONNECTION_LOST.forEach(demo::expectComplaints);
  }
}
