package dev.evenkeel.console.browser;

import static com.microsoft.playwright.assertions.PlaywrightAssertions.assertThat;
import static org.assertj.core.api.Assertions.assertThat;

import com.microsoft.playwright.Locator;
import com.microsoft.playwright.Page;
import com.microsoft.playwright.Route;
import com.microsoft.playwright.options.AriaRole;
import dev.testing.Api;
import java.util.List;
import java.util.UUID;
import java.util.regex.Pattern;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** A form that is sent twice moves money once. */
class FormBrowserTests extends BrowserTest {

  private static final Pattern PAYMENT = Pattern.compile("/console/payments/[0-9a-f-]{36}$");
  private static final Pattern TRANSFER = Pattern.compile("/console/transfers/[0-9a-f-]{36}$");

  private Api api;
  private UUID account;
  private Person demo;

  @BeforeEach
  void openAccount() {
    api = application().api("demo");
    account = api.openAccount(0);
    demo = person("demo");
  }

  @Test
  void aDoubleClickPaysInOnce() {
    Page page = fillInPayIn();

    demo.button("Pay in").dblclick();

    assertThat(page).hasURL(PAYMENT);
    assertThat(page.getByRole(AriaRole.MAIN)).containsText("succeeded");
    assertThat(amounts("payments", account)).containsExactly(1250L);
  }

  @Test
  void theFormIsSentByOneClick() {
    Page page = fillInPayIn();
    // An answer after which the browser stays on the page
    page.route(
        Pattern.compile("/console/pay-in/new"),
        route -> route.fulfill(new Route.FulfillOptions().setStatus(204)));

    demo.button("Pay in").click();

    assertThat(demo.button("Pay in")).isDisabled();
  }

  @Test
  void sendingAgainAfterGoingBackPaysInOnce() {
    Page page = fillInPayIn();
    demo.button("Pay in").click();
    assertThat(page).hasURL(PAYMENT);
    String payment = page.url();

    page.goBack();
    fillIn(page);
    demo.button("Pay in").click();

    assertThat(page).hasURL(payment);
    assertThat(amounts("payments", account)).containsExactly(1250L);
  }

  @Test
  void transfersOnceAndShowsTheTransfer() {
    UUID to = api.openAccount(0);
    api.payIn(account, 5000, "tok_ok");
    Page page = demo.open("/console/transfers/new?from=" + account);
    page.getByLabel("To", exactly()).fill(to.toString());
    page.getByLabel("Amount").fill("12.50");

    demo.button("Send the money").dblclick();

    assertThat(page).hasURL(TRANSFER);
    assertThat(amounts("transfers", to)).containsExactly(1250L);
  }

  /** Reloading such a page sends the form again. */
  @Test
  void showsWhatIsWrongAtTheField() {
    Page page = fillInPayIn();
    Locator amount = page.getByLabel("Amount");
    amount.fill("12,505");

    demo.button("Pay in").click();
    assertThat(amount).hasAttribute("aria-invalid", "true");
    page.reload();

    assertThat(amount).hasAttribute("aria-invalid", "true");
    assertThat(amount).hasValue("12,505");
    assertThat(amounts("payments", account)).isEmpty();
    demo.expectComplaints("400");
  }

  /** The amounts of all payments or transfers of an account. */
  private List<Long> amounts(String list, UUID of) {
    return api.get("/v1/" + list + "?account=" + of)
        .body()
        .at("/data")
        .valueStream()
        .map(it -> it.at("/amount").asLong())
        .toList();
  }

  private Page fillInPayIn() {
    Page page = demo.open("/console/pay-in/new?account=" + account);
    fillIn(page);
    return page;
  }

  private static void fillIn(Page page) {
    page.getByLabel("Amount").fill("12.50");
    page.getByLabel("Card or account").fill("tok_ok");
  }

  private static Page.GetByLabelOptions exactly() {
    return new Page.GetByLabelOptions().setExact(true);
  }
}
