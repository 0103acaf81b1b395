package dev.evenkeel.console.browser;

import static com.microsoft.playwright.assertions.PlaywrightAssertions.assertThat;
import static org.assertj.core.api.Assertions.assertThat;

import com.deque.html.axecore.playwright.AxeBuilder;
import com.deque.html.axecore.results.Rule;
import com.microsoft.playwright.Page;
import com.microsoft.playwright.Page.EmulateMediaOptions;
import com.microsoft.playwright.options.ColorScheme;
import dev.testing.Api;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Each page on a phone and on a desk, by day and by night. */
class PageVisitTests extends BrowserTest {

  private static final List<String> ALL_RULES = List.of();
  private static final List<String> RULES_OF_COLOURS = List.of("color-contrast");

  private static final EmulateMediaOptions LIGHT =
      new EmulateMediaOptions().setColorScheme(ColorScheme.LIGHT);
  private static final EmulateMediaOptions DARK =
      new EmulateMediaOptions().setColorScheme(ColorScheme.DARK);

  /** What {@code {account}} and so on in a path stand for. */
  private static final Map<String, String> IDS = new HashMap<>();

  /** The pages, with the name of a picture where there is to be one. */
  private static final Map<String, String> PAGES = new LinkedHashMap<>();

  static {
    PAGES.put("/console/break-it", "");
    PAGES.put("/console/payments", "");
    PAGES.put("/console/payments/{payment}", "payment");
    PAGES.put("/console/pay-in/new", "");
    PAGES.put("/console/pay-out/new", "");
    PAGES.put("/console/accounts", "");
    PAGES.put("/console/accounts/{account}", "account");
    PAGES.put("/console/accounts/{account}/freeze", "");
    PAGES.put("/console/accounts/new", "");
    PAGES.put("/console/transfers/new?from={account}", "form");
    PAGES.put("/console/transfers/{transfer}", "");
    PAGES.put("/console/notifications", ""); // part of notifications
    PAGES.put("/console/requests", "requests");
    PAGES.put("/console/requests/{trace}", "");
    PAGES.put("/console/operations", "operations");
    PAGES.put("/console/operations/payments", "");
    PAGES.put("/console/operations/adjustments", "");
    PAGES.put("/console/operations/adjustments/new", "");
    PAGES.put("/console/operations/adjustments/{adjustment}/approve", "");
    PAGES.put("/console/operations/events", "");
    PAGES.put("/console/operations/reconciliation", "");
    PAGES.put("/console/operations/ledger", "");
    PAGES.put("/console/logged-out", "");
  }

  static Set<String> pages() {
    return PAGES.keySet();
  }

  /** Makes something to see on each page. */
  @BeforeAll
  static void moveMoney() {
    Api api = application().api("operator");
    UUID account = api.openAccount(0);
    UUID payment = api.payIn(account, 125_000, "tok_slow").id();
    api.payIn(account, 4_200, "tok_declined");
    Awaitility.await()
        .until(() -> api.get("/v1/payments/" + payment).at("/status").equals("succeeded"));
    UUID transfer = api.transfer(account, api.openAccount(0), 17_950).id();
    UUID adjustment =
        application()
            .api("approver")
            .post(
                "/v1/operations/adjustments",
                UUID.randomUUID().toString(),
                Map.of(
                    "from", "bank",
                    "to", account,
                    "amount", 4_200,
                    "currency", "EUR",
                    "reason", "A fee that was charged twice"))
            .id();
    IDS.put("{adjustment}", adjustment.toString());
    IDS.put("{account}", account.toString());
    IDS.put("{payment}", payment.toString());
    IDS.put("{transfer}", transfer.toString());
    IDS.put("{trace}", api.get("/v1/operations/requests").at("/data/0/traceId"));
  }

  @ParameterizedTest
  @MethodSource("pages")
  void canBeReadByEverybody(String path) {
    Person operator = person("operator");
    String url = path;
    for (Map.Entry<String, String> id : IDS.entrySet()) {
      url = url.replace(id.getKey(), id.getValue());
    }

    for (int width : new int[] {1280, 360}) {
      operator.page.setViewportSize(width, 800);
      Page page = operator.open(url);
      assertThat(page.locator("h1")).isVisible();
      assertThat(page.locator("#connection")).isHidden();
      assertThat(page.evaluate("document.documentElement.scrollWidth")).isEqualTo(width);

      assertThat(violations(page, ALL_RULES)).as("%d px, light", width).isEmpty();
      if (width == 1280) {
        Screenshots.take(page, PAGES.getOrDefault(path, ""));
      }
      page.emulateMedia(DARK);
      assertThat(violations(page, RULES_OF_COLOURS)).as("%d px, dark", width).isEmpty();
      page.emulateMedia(LIGHT);
    }
  }

  private static List<String> violations(Page page, List<String> rules) {
    AxeBuilder axe = new AxeBuilder(page).setLegacyMode(true); // the pages have no frames
    return (rules.isEmpty() ? axe : axe.withRules(rules))
        .analyze().getViolations().stream().map(PageVisitTests::describe).toList();
  }

  private static String describe(Rule rule) {
    List<String> elements = rule.getNodes().stream().map(node -> node.getHtml()).toList();
    return rule.getId() + ": " + rule.getHelp() + " " + elements;
  }
}
