package dev.evenkeel.console.browser;

import static com.microsoft.playwright.assertions.PlaywrightAssertions.assertThat;

import com.microsoft.playwright.Locator;
import com.microsoft.playwright.Locator.FilterOptions;
import com.microsoft.playwright.Page;
import com.microsoft.playwright.assertions.LocatorAssertions.IsVisibleOptions;
import com.microsoft.playwright.options.AriaRole;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

class TourBrowserTests extends BrowserTest {

  private static final Pattern FOUR_SECONDS = Pattern.compile("\\b4\\.\\d s");

  /** The breaker opens, and all payments become final, within this time. */
  private static final IsVisibleOptions SOON = new IsVisibleOptions().setTimeout(60_000);

  @Test
  void theTourEndsWithAllPromisesKept() {
    Person demo = person("demo");
    Page page = demo.open("/console/break-it");
    Locator promises =
        page.getByRole(AriaRole.REGION, new Page.GetByRoleOptions().setName("Promises"));

    demo.button("Start the load").click();
    demo.button("Hang it").click();
    Locator heal = page.locator("#tour-heal");
    assertThat(heal).isVisible(SOON);
    assertThat(promises.locator(".bad")).hasCount(0);
    Locator waitsForSeconds =
        page.locator(".bars li").filter(new FilterOptions().setHasText(FOUR_SECONDS));
    assertThat(waitsForSeconds.locator("rect.waiting").first()).isVisible(SOON);
    Screenshots.take(page, "break-it");
    heal.click();

    assertThat(page.getByText("All promises kept")).isVisible(SOON);
    assertThat(promises.locator(".bad")).hasCount(0);
    assertThat(promises.locator(".good")).not().hasCount(0);
    page.getByLabel("Payments a second").fill("0");
    assertThat(page.getByText("No load runs.")).isVisible();
  }
}
