package dev.evenkeel.console.browser;

import static com.microsoft.playwright.assertions.PlaywrightAssertions.assertThat;

import com.microsoft.playwright.Locator;
import com.microsoft.playwright.Page;
import org.junit.jupiter.api.Test;

class BreakItBrowserTests extends BrowserTest {

  /** Sets a rate that the slider itself does not allow. */
  private static final String SET_RATE =
      "(slider, rate) => { slider.max = 99; slider.value = rate;"
          + " slider.dispatchEvent(new Event('change', { bubbles: true })); }";

  @Test
  void aRefusalIsShownUntilTheNextSuccess() {
    Person demo = person("demo");
    Page page = demo.open("/console/break-it");
    Locator failure = page.locator("#failure");
    Locator slider = page.getByLabel("Payments a second");
    assertThat(failure).isHidden();

    slider.evaluate(SET_RATE, 99);
    assertThat(failure).isVisible();
    assertThat(failure).hasText("rate must be 0 to 50");
    slider.evaluate(SET_RATE, 0);
    assertThat(failure).isHidden();

    page.route("**/fault", route -> route.abort());
    page.locator("#switch-none").click();
    assertThat(failure).isVisible();
    assertThat(failure).containsText("The server does not answer");
    demo.complaints.clear(); // of what was refused and aborted
  }
}
