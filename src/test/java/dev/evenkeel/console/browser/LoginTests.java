package dev.evenkeel.console.browser;

import static com.microsoft.playwright.assertions.PlaywrightAssertions.assertThat;

import com.microsoft.playwright.Page;
import com.microsoft.playwright.options.AriaRole;
import java.util.UUID;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

class LoginTests extends BrowserTest {

  private static final Pattern LOGIN = Pattern.compile("/login$");

  @Test
  void leadsToThePageAskedFor() {
    Person stranger = BROWSER.stranger();

    stranger.open("/console/accounts");
    assertThat(stranger.page).hasURL(LOGIN);
    stranger.logInAs("demo");

    assertThat(stranger.page).hasURL(Pattern.compile("/console/accounts"));
    assertThat(stranger.heading()).hasText("Accounts");
    assertThat(stranger.page.getByRole(AriaRole.BANNER)).containsText("demo");
  }

  @Test
  void refusesAWrongSecret() {
    Person stranger = BROWSER.stranger();

    stranger.open("/console/accounts");
    stranger.page.getByLabel("Username").fill("demo");
    stranger.page.getByLabel("Password").fill("guessed");
    stranger.button("Sign in").click();

    assertThat(stranger.page.getByRole(AriaRole.ALERT)).containsText("Invalid credentials");
  }

  @Test
  void asksAgainAfterLoggingOut() {
    Person person = BROWSER.stranger();
    person.open("/console/accounts");
    person.logInAs("demo");

    person.button("Log out").click();

    assertThat(person.heading()).hasText("You are logged out");
    person.open("/console/accounts");
    assertThat(person.page).hasURL(LOGIN);
  }

  /** The other tab's stream ends, and its page leads back to the login by itself. */
  @Test
  void loggingOutInOneTabEndsTheOther() {
    Person person = BROWSER.stranger();
    person.open("/console/accounts");
    person.logInAs("demo");
    Page other = person.openInNewTab("/console/break-it");

    person.button("Log out").click();

    assertThat(other).hasURL(LOGIN);
    person.expectComplaints("401");
    person.expectComplaints("[object Event]"); // of htmx, whose stream has ended
  }

  @Test
  void leadsBackWhenTheSessionHasEnded() {
    Person person = person("demo");
    person.open("/console/accounts");
    person.loseCookies();

    person.link("Payments").click();
    person.logInAs("demo");

    assertThat(person.page).hasURL(Pattern.compile("/console/payments"));
    assertThat(person.heading()).hasText("Payments");
  }

  @Test
  void showsNoPaymentOfAnother() {
    UUID account = application().api("demo").openAccount(0);
    UUID payment = application().api("demo").payIn(account, 1250, "tok_ok").id();
    Person other = person("other");

    for (String path :
        new String[] {"/console/payments/" + payment, "/console/accounts/" + account}) {
      other.open(path);
      assertThat(other.heading()).hasText("Not found");
      assertThat(other.page.getByRole(AriaRole.MAIN)).not().containsText("€12.50");
    }
    other.expectComplaints("404");
  }
}
