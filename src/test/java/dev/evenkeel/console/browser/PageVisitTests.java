package dev.evenkeel.console.browser;

import static com.microsoft.playwright.assertions.PlaywrightAssertions.assertThat;
import static org.assertj.core.api.Assertions.assertThat;

import com.deque.html.axecore.playwright.AxeBuilder;
import com.deque.html.axecore.results.Rule;
import com.microsoft.playwright.Page;
import com.microsoft.playwright.Page.EmulateMediaOptions;
import com.microsoft.playwright.options.ColorScheme;
import dev.testing.Api;
import dev.testing.StoredEvent;
import java.io.IOException;
import java.time.Duration;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.stream.Stream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Each page on a phone and on a desk, by day and by night. */
class PageVisitTests extends BrowserTest {

  private static final List<String> ALL_RULES = List.of();
  private static final List<String> RULES_OF_COLOURS = List.of("color-contrast");

  private static final EmulateMediaOptions LIGHT =
      new EmulateMediaOptions().setColorScheme(ColorScheme.LIGHT);
  private static final EmulateMediaOptions DARK =
      new EmulateMediaOptions().setColorScheme(ColorScheme.DARK);

  private static final String EVENT_TYPE = "dev.evenkeel.payments.PaymentSucceeded";

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
    PAGES.put("/console/operations/payments/{undecided}", "");
    PAGES.put("/console/operations/payments/{undecided}/ask", "");
    PAGES.put("/console/operations/adjustments", "");
    PAGES.put("/console/operations/adjustments/new", "");
    PAGES.put("/console/operations/adjustments/{adjustment}/approve", "");
    PAGES.put("/console/operations/events", "");
    PAGES.put("/console/operations/events?type=" + EVENT_TYPE, "");
    PAGES.put("/console/operations/events/{event}/retry", "");
    PAGES.put("/console/operations/events/retry?type=" + EVENT_TYPE, "");
    PAGES.put("/console/operations/events/{event}/abandon", "");
    PAGES.put("/console/operations/reconciliation", "");
    PAGES.put("/console/operations/reconciliation/run?day=2026-11-29", "");
    PAGES.put("/console/operations/ledger", "");
    PAGES.put("/console/operations/ledger/run", "");
    PAGES.put("/console/logged-out", "");
    PAGES.put("/console/session-ended", "");
  }

  static Set<String> pages() {
    return PAGES.keySet();
  }

  /** Makes something to see on each page. */
  @BeforeAll
  static void moveMoney() throws IOException {
    Api api = application().api("operator");
    UUID account = api.openAccount(0);
    UUID payment = api.payIn(account, 125_000, "tok_slow").id();
    api.payIn(account, 4_200, "tok_declined");
    Awaitility.await()
        .atMost(Duration.ofSeconds(30))
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
    application().simulator().misbehave("amount_mismatch");
    UUID undecided = api.payIn(account, 7_700, "tok_ok").id();
    application().simulator().heal();
    UUID event =
        StoredEvent.dead(
            application().jdbc(), EVENT_TYPE, "java.lang.IllegalStateException: the feed is full");
    IDS.put("{undecided}", undecided.toString());
    IDS.put("{event}", event.toString());
    IDS.put("{adjustment}", adjustment.toString());
    IDS.put("{account}", account.toString());
    IDS.put("{payment}", payment.toString());
    IDS.put("{transfer}", transfer.toString());
    IDS.put("{trace}", api.get("/v1/operations/requests").at("/data/0/traceId"));
  }

  /** What differs from the provider or waits for operators would be seen by other tests. */
  @AfterAll
  static void decideAll() {
    Api api = application().api("operator");
    String resolve = "/v1/operations/payments/" + IDS.get("{undecided}") + "/resolve";
    assertThat(api.post(resolve).at("/status")).isEqualTo("succeeded");
    Map<String, String> decision = Map.of("outcome", "succeeded", "reason", "The test has ended");
    assertThat(api.post(resolve, decision).status()).isEqualTo(200);
    assertThat(api.post("/v1/operations/events/" + IDS.get("{event}") + "/abandon").status())
        .isEqualTo(204);
  }

  private static String withIds(String path) {
    String url = path;
    for (Map.Entry<String, String> id : IDS.entrySet()) {
      url = url.replace(id.getKey(), id.getValue());
    }
    return url;
  }

  @ParameterizedTest
  @MethodSource("pages")
  void canBeReadByEverybody(String path) {
    Page page = person("operator").open(withIds(path));

    assertReadable(page, PAGES.getOrDefault(path, ""));
  }

  @ParameterizedTest
  @ValueSource(strings = {"payments", "adjustments", "events"})
  void showsWhatWaitsForOperators(String section) {
    Page page = person("operator").open("/console/operations/" + section);

    assertThat(page.locator("tbody tr").first()).isVisible();
  }

  @ParameterizedTest
  @CsvSource({
    "/console/login-failed,     You are not logged in, 403",
    "/console/accounts/unknown, Not found,             404"
  })
  void problemCanBeReadByEverybody(String path, String title, String status) {
    Person operator = person("operator");
    Page page = operator.open(path);
    assertThat(operator.heading()).hasText(title);

    assertReadable(page, "");
    operator.expectComplaints("status of " + status);
  }

  @Test
  void formWithErrorsCanBeReadByEverybody() {
    Person operator = person("operator");
    Page page = operator.open(withIds("/console/transfers/new?from={account}"));
    page.getByLabel("To", new Page.GetByLabelOptions().setExact(true)).fill("nobody");
    page.getByLabel("Amount").fill("12,505");
    operator.button("Send the money").click();
    assertThat(page.locator("[aria-invalid=true]")).hasCount(2);

    assertReadable(page, "");
    operator.expectComplaints("status of 400");
  }

  @Test
  void decisionWithErrorsCanBeReadByEverybody() {
    Person operator = person("operator");
    Page page = operator.open(withIds("/console/operations/payments/{undecided}"));
    page.getByLabel("No money has moved: failed").check();
    page.getByLabel("Amount that really moved").fill("12.50");
    page.getByLabel("Reason").fill("Seen");
    operator.button("Check and decide").click();
    assertThat(page.locator("[aria-invalid=true]")).hasCount(1);

    assertReadable(page, "");
    operator.expectComplaints("status of 400");
  }

  @Test
  void paymentsOfBreakItCanBeReadByEverybody() {
    Api api = application().api("operator");
    UUID account = api.openAccount(0);
    List<UUID> payments =
        Stream.of("tok_ok", "tok_declined", "tok_action")
            .map(instrument -> api.payIn(account, 1250, instrument).id())
            .toList();
    Page page = person("operator").open("/console/break-it");
    payments.forEach(it -> assertThat(page.locator("#bar-" + it)).isVisible());

    assertReadable(page, "");
    api.cancel(payments.getLast());
  }

  private static void assertReadable(Page page, String picture) {
    for (int width : new int[] {1280, 360}) {
      page.setViewportSize(width, 800);
      assertThat(page.locator("h1")).isVisible();
      assertThat(page.locator("#connection")).isHidden();
      assertThat(page.evaluate("document.documentElement.scrollWidth")).isEqualTo(width);

      assertThat(violations(page, ALL_RULES)).as("%d px, light", width).isEmpty();
      if (width == 1280) {
        Screenshots.take(page, picture);
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
