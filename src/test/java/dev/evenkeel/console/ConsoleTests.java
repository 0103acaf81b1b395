package dev.evenkeel.console;

import static dev.testing.Refusals.assertRefused;
import static org.assertj.core.api.Assertions.assertThat;

import dev.testing.Api;
import java.net.http.HttpResponse;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Who gets in to the console, and what a page shows to whom. */
class ConsoleTests extends PageTest {

  @ParameterizedTest
  @ValueSource(strings = {"/console", "/console/accounts", "/console/no-such-page"})
  void asksForALogin(String page) {
    HttpResponse<String> answer = browser.get(page);

    assertThat(answer.statusCode()).isEqualTo(302);
    assertThat(Browser.location(answer)).endsWith("/oauth2/authorization/console");
    assertThat(Browser.location(browser.get("/oauth2/authorization/console")))
        .contains("/authorize?response_type=code", "code_challenge=");
  }

  @Test
  void returnsToThePageAskedFor() {
    assertThat(new Browser(port).pageAfterLogin(owner)).endsWith("/console");

    browser.get("/console/accounts?after=" + UUID.randomUUID());
    assertThat(browser.pageAfterLogin(owner)).contains("/console/accounts?after=");
  }

  /** A stream that followed a redirect would begin a login with each attempt to reconnect. */
  @Test
  void tellsAStreamThatItsSessionHasEnded() {
    HttpResponse<?> answer = browser.open("/console/break-it/live");

    assertThat(answer.statusCode()).isEqualTo(401);
    assertThat(answer.headers().firstValue("Set-Cookie")).as("no session").isEmpty();
  }

  @Test
  void showsAccountsAndTheirEntries() {
    UUID account = api.openAccount(0);
    api.payIn(account, 1250, "tok_ok");

    browser.login(owner);

    assertThat(browser.get("/console/accounts").body())
        .contains("/console/accounts/" + account, "€12.50");
    assertThat(browser.get("/console/accounts/" + account).body()).contains("+€12.50");
  }

  @Test
  void showsEntriesPageByPage() {
    UUID account = api.openAccount(0);
    for (int i = 0; i < 21; i++) {
      api.payIn(account, 100 + i, "tok_ok");
    }
    browser.login(owner);
    String page = "/console/accounts/" + account;

    assertThat(browser.get(page).body())
        .contains("+€1.01", "+€1.20", "before=2")
        .doesNotContain("+€1.00");
    assertThat(browser.get(page + "?before=2").body()).contains("+€1.00").doesNotContain("+€1.01");
  }

  @Test
  void hidesAccountsOfOthersExceptFromOperators() {
    UUID account = api.openAccount(0);

    assertThat(other().get("/console/accounts/" + account).statusCode()).isEqualTo(404);
    assertThat(other().get("/console/accounts?owner=" + owner).statusCode()).isEqualTo(403);
    Browser operator = new Browser(port).login("operator-" + UUID.randomUUID());
    assertThat(operator.get("/console/accounts/" + account).statusCode()).isEqualTo(200);
    assertThat(operator.get("/console/accounts?owner=" + owner).body())
        .contains(account.toString());
  }

  @Test
  void needsTheScopeOfTheApi() {
    Browser limited = new Browser(port).login("noscope-" + UUID.randomUUID());

    assertThat(limited.get("/console/accounts").statusCode()).isEqualTo(403);
    assertThat(limited.get("/console/accounts/" + UUID.randomUUID()).statusCode()).isEqualTo(403);
  }

  private Browser other() {
    return new Browser(port).login("bob-" + UUID.randomUUID());
  }

  @Test
  void answersAMalformedIdLikeAnUnknownOne() {
    browser.login(owner);

    for (String id : new String[] {"x", UUID.randomUUID().toString()}) {
      HttpResponse<String> page = browser.get("/console/accounts/" + id);
      assertThat(page.statusCode()).isEqualTo(404);
      assertThat(page.headers().firstValue("Content-Type"))
          .hasValueSatisfying(type -> assertThat(type).startsWith("text/html"));
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "acounts", "accounts/of/somebody", "break-it/", "operations/eventz"})
  void answersAMistypedAddressWithAPage(String address) {
    HttpResponse<String> page = browser.login(owner).get("/console/" + address);

    assertThat(page.statusCode()).isEqualTo(404);
    assertThat(page.body()).contains("There is no such page.");
  }

  @Test
  void allowsNothingInlineAndNoFrames() {
    HttpResponse<String> page = browser.login(owner).get("/console/accounts");

    assertThat(page.headers().firstValue("Content-Security-Policy"))
        .hasValueSatisfying(policy ->
            assertThat(policy)
                .startsWith("default-src 'none'; script-src 'self'; style-src 'self';")
                .contains("frame-ancestors 'none'")
                .doesNotContain("unsafe"));
    assertThat(page.headers().firstValue("Cache-Control"))
        .hasValueSatisfying(cache -> assertThat(cache).contains("no-store"));
    assertThat(page.body()).doesNotContain("<style", "style=", " on");
    assertThat(browser.get("/console/assets/console.css").statusCode()).isEqualTo(200);
  }

  @Test
  void hidesTheSessionFromScriptsAndOtherSites() {
    HttpResponse<String> start = browser.get("/oauth2/authorization/console");

    assertThat(start.headers().firstValue("Set-Cookie"))
        .hasValueSatisfying(cookie -> assertThat(cookie).contains("HttpOnly", "SameSite=Lax"));
  }

  @Test
  void rejectsAFormWithoutItsToken() {
    browser.login(owner);

    assertThat(browser.post("/console/logout", "").statusCode()).isEqualTo(403);
    assertThat(browser.get("/console/accounts").statusCode()).isEqualTo(200);
  }

  @Test
  void logsOut() {
    HttpResponse<String> page = browser.login(owner).get("/console/accounts");

    HttpResponse<String> out = browser.post("/console/logout", "_csrf=" + Browser.csrf(page));

    assertThat(Browser.location(out)).endsWith(LoginSession.OUT);
    assertThat(browser.get(LoginSession.OUT).body()).contains("You are logged out");
    assertThat(browser.get("/console/accounts").statusCode()).isEqualTo(302);
  }

  @Test
  void rejectsALoginThatItDidNotBegin() {
    HttpResponse<String> unknown = browser.get(LoginSession.CALLBACK + "?code=ada&state=forged");
    assertThat(unknown.headers().firstValue("Set-Cookie")).as("no session").isEmpty();
    browser.get("/oauth2/authorization/console");

    HttpResponse<String> back = browser.get(LoginSession.CALLBACK + "?code=ada&state=forged");

    assertThat(Browser.location(back)).endsWith(LoginSession.FAILED);
    assertThat(browser.get(LoginSession.FAILED).statusCode()).isEqualTo(403);
  }

  @Test
  void theApiTakesNoSession() {
    HttpResponse<String> answer = browser.login(owner).get("/v1/accounts");

    assertThat(answer.statusCode()).isEqualTo(401);
    assertThat(answer.headers().firstValue("Set-Cookie")).isEmpty();
    assertRefused(Api.anonymous(port).get("/v1/accounts"), 401, "unauthorized");
  }

  @Test
  void theConsoleTakesNoBearerToken() {
    assertThat(api.get("/console/accounts").status()).isEqualTo(401);
  }
}
