package dev.evenkeel.console.browser;

import static com.microsoft.playwright.assertions.PlaywrightAssertions.assertThat;
import static org.assertj.core.api.Assertions.assertThat;

import com.microsoft.playwright.Locator;
import com.microsoft.playwright.Locator.FilterOptions;
import com.microsoft.playwright.Page;
import com.microsoft.playwright.assertions.LocatorAssertions.IsVisibleOptions;
import java.util.List;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class TourBrowserTests extends BrowserTest {

  private static final String PAGE = "/console/break-it";
  private static final Pattern FOUR_SECONDS = Pattern.compile("\\b4\\.\\d s");

  /** The breaker opens, and all payments become final, within this time. */
  private static final IsVisibleOptions SOON = new IsVisibleOptions().setTimeout(60_000);

  /** Collects each promise that is broken, even for a moment. */
  private static final String COLLECT_BROKEN_PROMISES =
      """
      () => {
        window.broken = [];
        const collect = () => document.querySelectorAll('.promises .bad')
          .forEach(it => broken.push(it.closest('li').innerText));
        collect();
        new MutationObserver(collect)
          .observe(document.body, {subtree: true, childList: true, attributes: true});
      }
      """;

  private Person demo;
  private Page page;

  @BeforeEach
  void open() {
    demo = person("demo");
    page = demo.open(PAGE);
  }

  @AfterEach
  void heal() {
    application().simulator().heal();
    demo.open(PAGE);
    page.getByLabel("Payments a second").fill("0");
    assertThat(page.getByText("No load runs.")).isVisible();
  }

  @Test
  void theTourEndsWithAllPromisesKept() {
    page.evaluate(COLLECT_BROKEN_PROMISES);

    demo.button("Start the load").click();
    demo.button("Hang it").click();
    Locator heal = page.locator("#tour-heal");
    assertThat(heal).isVisible(SOON);
    Locator waitsForSeconds =
        page.locator(".bars li").filter(new FilterOptions().setHasText(FOUR_SECONDS));
    assertThat(waitsForSeconds.locator("rect.waiting").first()).isVisible(SOON);
    Screenshots.take(page, "break-it");
    heal.click();

    assertThat(page.getByText("All promises kept")).isVisible(SOON);
    assertThat(page.locator(".promises .good")).not().hasCount(0);
    assertThat(page.evaluate("broken")).isEqualTo(List.of());
  }
}
