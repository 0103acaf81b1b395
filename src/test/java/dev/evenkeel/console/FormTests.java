package dev.evenkeel.console;

import static org.assertj.core.api.Assertions.assertThat;

import dev.testing.Api;
import java.net.URLEncoder;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.apache.catalina.Context;
import org.apache.catalina.Session;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.boot.tomcat.TomcatWebServer;
import org.springframework.boot.web.server.servlet.context.ServletWebServerApplicationContext;
import org.springframework.security.core.Authentication;
import org.springframework.security.core.context.SecurityContext;

/** Forms that move money: once, or not at all. */
class FormTests extends PageTest {

  @Autowired PartRenderer renderer;
  @Autowired ServletWebServerApplicationContext application;

  private UUID main;
  private UUID savings;

  @BeforeEach
  void openAccounts() {
    main = api.openAccount(5000);
    savings = api.openAccount(0);
    browser.login(owner);
  }

  private HttpResponse<String> form() {
    return browser.get(TransferForm.PAGE + "?from=" + main);
  }

  /** The fields of a form as a browser sends them. */
  private Map<String, String> filled(HttpResponse<String> form, String amount) {
    Map<String, String> fields = new LinkedHashMap<>();
    fields.put("_csrf", Browser.csrf(form));
    fields.put("key", Browser.value(form, "key"));
    fields.put("person", Browser.value(form, "person"));
    fields.put("from", main.toString());
    fields.put("to", savings.toString());
    fields.put("amount", amount);
    fields.put("description", "Rent");
    return fields;
  }

  private static String encoded(Map<String, String> fields) {
    return fields.entrySet().stream()
        .map(it -> it.getKey() + "=" + URLEncoder.encode(it.getValue(), StandardCharsets.UTF_8))
        .collect(Collectors.joining("&"));
  }

  private HttpResponse<String> send(Map<String, String> fields) {
    return browser.post(TransferForm.PAGE, encoded(fields));
  }

  private static Map<String, String> with(Map<String, String> fields, String name, String value) {
    Map<String, String> changed = new LinkedHashMap<>(fields);
    changed.put(name, value);
    return changed;
  }

  @Test
  void leadsToTheTransfer() {
    HttpResponse<String> sent = send(filled(form(), "12,50"));

    assertThat(sent.statusCode()).isEqualTo(303);
    assertThat(browser.get(Browser.location(sent)).body())
        .contains("Transfer of €12.50", "Rent", "/console/accounts/" + savings);
    assertThat(api.posted(savings)).isEqualTo(1250);
  }

  @Test
  void movesMoneyOnceForADoubleClick() {
    String fields = encoded(filled(form(), "12.50"));

    var first = CompletableFuture.supplyAsync(() -> browser.post(TransferForm.PAGE, fields));
    var second = CompletableFuture.supplyAsync(() -> browser.post(TransferForm.PAGE, fields));

    assertThat(Browser.location(first.join()))
        .startsWith("/console/transfers/")
        .isEqualTo(Browser.location(second.join()));
    assertThat(api.posted(savings)).isEqualTo(1250);
  }

  @Test
  void movesMoneyOnceWhenSentAgain() {
    Map<String, String> fields = filled(form(), "12.50");

    String transfer = Browser.location(send(fields));

    assertThat(browser.get(transfer).body()).doesNotContain("sent before");
    assertThat(Browser.location(send(with(fields, "amount", "12.5")))).isEqualTo(transfer);
    assertThat(browser.get(transfer).body()).contains("This form was sent before");
    assertThat(api.posted(savings)).isEqualTo(1250);
  }

  @Test
  void letsBrowsersGoBackToTheSameForm() {
    assertThat(form().headers().firstValue("Cache-Control"))
        .hasValueSatisfying(cache -> assertThat(cache).doesNotContain("no-store"));
  }

  @Test
  void asksBeforeItSendsOtherContentUnderTheSameKey() {
    Map<String, String> fields = filled(form(), "12.50");
    String transfer = Browser.location(send(fields));

    HttpResponse<String> refused = send(with(fields, "amount", "20"));

    assertThat(refused.statusCode()).isEqualTo(422);
    assertThat(refused.body()).contains("sent already", transfer, "value=\"20\"");
    assertThat(Browser.value(refused, "key")).isEqualTo(fields.get("key"));
    assertThat(api.posted(savings)).isEqualTo(1250);

    Map<String, String> again =
        with(with(fields, "amount", "20"), "newKey", Browser.value(refused, "newKey"));
    assertThat(send(again).statusCode()).isEqualTo(303);
    assertThat(send(again).statusCode()).isEqualTo(303);
    assertThat(api.posted(savings)).isEqualTo(3250);
  }

  @Test
  void takesANewKeyAfterARefusal() {
    Map<String, String> fields = filled(form(), "99");

    HttpResponse<String> refused = send(fields);

    assertThat(refused.statusCode()).isEqualTo(422);
    assertThat(refused.body()).contains("€50.00 available", "value=\"99\"", "Nothing was moved");
    assertThat(Browser.value(refused, "key")).isNotEqualTo(fields.get("key"));
    assertThat(send(with(fields, "amount", "1")).body()).contains("It was refused");
    assertThat(send(filled(refused, "1")).statusCode()).isEqualTo(303);
    assertThat(send(with(fields, "amount", "1")).body())
        .as("the key of the refusal")
        .contains("It was refused");
  }

  @Test
  void showsProblemsAtTheirFields() {
    Map<String, String> fields = with(filled(form(), "1e3"), "to", "x");

    HttpResponse<String> refused = send(fields);

    assertThat(refused.statusCode()).isEqualTo(400);
    assertThat(refused.body())
        .containsPattern("name=\"amount\" value=\"1e3\"[^>]*aria-invalid=\"true\"")
        .containsPattern("aria-describedby=\"amount-note\"")
        .containsPattern("id=\"amount-note\" class=\"error\">Must be a number such as 12.50")
        .contains("Must be the id of an account", "value=\"Rent\"");
    assertThat(Browser.value(refused, "key")).isEqualTo(fields.get("key"));
  }

  @ParameterizedTest
  @ValueSource(strings = {"from", "to"})
  void showsTheProblemsOfTheLedgerAtTheirFields(String field) {
    HttpResponse<String> refused =
        send(with(filled(form(), "1"), field, UUID.randomUUID().toString()));

    assertThat(refused.statusCode()).isEqualTo(422);
    assertThat(refused.body())
        .contains("id=\"" + field + "-note\" class=\"error\">Is not an account");
  }

  @Test
  void takesNoAmountFromALink() {
    HttpResponse<String> form = browser.get(TransferForm.PAGE + "?from=" + main + "&amount=99");

    assertThat(Browser.value(form, "amount")).isEmpty();
    assertThat(form.body()).contains("<option value=\"" + main + "\" selected");
  }

  @Test
  void movesNothingWithoutTheTokenOfTheSession() {
    Map<String, String> fields = with(filled(form(), "12.50"), "_csrf", "forged");

    assertThat(send(fields).statusCode()).isEqualTo(403);
    assertThat(api.posted(savings)).isZero();
  }

  @Test
  void needsTheScopeToWrite() {
    Browser reader = new Browser(port).login("reader-" + UUID.randomUUID());
    HttpResponse<String> page = reader.get("/console/accounts");

    HttpResponse<String> refused =
        reader.post(AccountForm.PAGE, "key=k&name=Main&currency=EUR&_csrf=" + Browser.csrf(page));

    assertThat(refused.statusCode()).isEqualTo(403);
    assertThat(reader.get("/console/accounts").body()).contains("There are no accounts yet");
    assertThat(page.body()).doesNotContain(AccountForm.PAGE);
    for (String form : new String[] {AccountForm.PAGE, TransferForm.PAGE, PaymentForms.PAY_IN}) {
      assertThat(reader.get(form).statusCode()).as(form).isEqualTo(403);
      assertThat(reader.post(form, "key=k&_csrf=" + Browser.csrf(page)).statusCode())
          .as(form)
          .isEqualTo(403);
    }
  }

  @Test
  void needsTheScopeToReadTheAccountsItOffers() {
    Browser payer = new Browser(port).login("payer-" + UUID.randomUUID());

    assertThat(payer.get(PaymentForms.PAY_IN).statusCode()).isEqualTo(403);
  }

  @Test
  void offersNoAccountOfAnotherOwner() {
    UUID his = new Api(port, "bob-" + UUID.randomUUID()).openAccount(0);

    assertThat(browser.get(TransferForm.PAGE + "?from=" + his).body())
        .doesNotContain("<option value=\"" + his);
    HttpResponse<String> refused = send(with(filled(form(), "1"), "from", his.toString()));
    assertThat(refused.body())
        .contains("id=\"from-note\" class=\"error\">Is not an account")
        .doesNotContain("<option value=\"" + his);
  }

  @Test
  void returnsToTheFormWhenItsSessionHasEnded() {
    Map<String, String> fields = filled(form(), "12.50");
    browser.post("/console/logout", "_csrf=" + fields.get("_csrf"));

    HttpResponse<String> sent = browser.postFrom("same-origin", TransferForm.PAGE, encoded(fields));

    assertThat(sent.statusCode()).isEqualTo(303);
    HttpResponse<String> ended = browser.get(Browser.location(sent));
    assertThat(ended.body()).contains("Your session has ended, nothing was sent", "?kept");
    assertThat(browser.get(TransferForm.PAGE + "?kept=").statusCode()).isEqualTo(302);
    assertThat(browser.pageAfterLogin(owner)).contains(TransferForm.PAGE + "?kept=");
    HttpResponse<String> form = browser.get(TransferForm.PAGE + "?kept=");
    assertThat(form.body()).contains("Your session had ended", "value=\"Rent\"");
    assertThat(Browser.value(form, "key")).isEqualTo(fields.get("key"));
    assertThat(api.posted(savings)).isZero();

    send(with(fields, "_csrf", Browser.csrf(form)));
    send(with(fields, "_csrf", Browser.csrf(form)));
    assertThat(api.posted(savings)).isEqualTo(1250);
  }

  @Test
  void returnsToTheFormWhenOnlyItsLoginHasEnded() {
    Map<String, String> fields = filled(form(), "12.50");
    endLogin();

    HttpResponse<String> sent = send(fields);

    assertThat(Browser.location(sent)).isEqualTo(EndedSession.PAGE);
    browser.login(owner);
    assertThat(browser.get(TransferForm.PAGE + "?kept=").body()).contains("value=\"Rent\"");
    assertThat(api.posted(savings)).isZero();
  }

  /** Ends the login as its token's expiry does, so that the session goes on. */
  private void endLogin() {
    TomcatWebServer server = Objects.requireNonNull((TomcatWebServer) application.getWebServer());
    Context context = (Context) server.getTomcat().getHost().findChildren()[0];
    Stream.of(context.getManager().findSessions())
        .map(Session::getSession)
        .filter(session ->
            session.getAttribute("CONSOLE_LOGIN") instanceof SecurityContext login
                && login.getAuthentication() instanceof Authentication person
                && person.getName().equals(owner))
        .forEach(session -> session.removeAttribute("CONSOLE_LOGIN"));
  }

  @Test
  void showsAKeptFormToNobodyElse() {
    Map<String, String> fields = filled(form(), "12.50");
    Browser shared = new Browser(port);
    shared.postFrom("same-origin", TransferForm.PAGE, encoded(fields));

    Api bob = new Api(port, "bob-" + UUID.randomUUID());
    bob.openAccount(0);
    shared.login(bob.caller());

    HttpResponse<String> form = shared.get(TransferForm.PAGE + "?kept=");
    assertThat(form.body())
        .contains("Send the money")
        .doesNotContain("Rent", fields.get("key"), "12.50\"");
  }

  @ParameterizedTest
  @ValueSource(strings = {"cross-site", "same-site", "none"})
  void keepsNothingOfAFormFromAnotherSite(String site) {
    Browser victim = new Browser(port);

    HttpResponse<String> refused =
        victim.postFrom(site, TransferForm.PAGE, encoded(filled(form(), "12.50")));

    assertThat(refused.statusCode()).isEqualTo(403);
    assertThat(refused.headers().firstValue("Set-Cookie")).isEmpty();
    assertThat(victim.login(owner).get(TransferForm.PAGE + "?kept=").body()).doesNotContain("Rent");
    assertThat(api.posted(savings)).isZero();
  }

  @Test
  void opensAnAccountOnce() {
    HttpResponse<String> form = browser.get(AccountForm.PAGE);
    String fields =
        "name=Holidays&currency=jpy&key=%s&_csrf=%s"
            .formatted(Browser.value(form, "key"), Browser.csrf(form));

    String opened = Browser.location(browser.post(AccountForm.PAGE, fields));

    assertThat(browser.get(opened).body()).contains("Holidays", "¥0");
    assertThat(Browser.location(browser.post(AccountForm.PAGE, fields))).isEqualTo(opened);
    assertThat(browser.get(opened).body()).contains("This form was sent before");
    assertThat(browser.post(AccountForm.PAGE, fields.replace("jpy", "eur")).body())
        .contains("sent already", "Look at the list")
        .doesNotContain("It was refused");
  }

  @Test
  void paysInOnce() {
    String fields = payment(PaymentForms.PAY_IN, "tok_ok");

    String paid = Browser.location(browser.post(PaymentForms.PAY_IN, fields));

    assertThat(paid).startsWith("/console/payments/");
    assertThat(Browser.location(browser.post(PaymentForms.PAY_IN, fields))).isEqualTo(paid);
    assertThat(browser.get(paid).body()).contains("This form was sent before");
    assertThat(api.posted(savings)).isEqualTo(700);
    assertThat(browser.post(PaymentForms.PAY_IN, fields.replace("amount=7", "amount=8")).body())
        .contains("sent already", paid);
  }

  @Test
  void paysOutWhatIsThere() {
    HttpResponse<String> refused =
        browser.post(PaymentForms.PAY_OUT, payment(PaymentForms.PAY_OUT, "tok_ok"));

    assertThat(refused.statusCode()).isEqualTo(422);
    assertThat(refused.body()).contains("€0.00 available");
    api.payIn(savings, 700, "tok_ok");
    browser.post(PaymentForms.PAY_OUT, payment(PaymentForms.PAY_OUT, "tok_ok"));
    assertThat(api.posted(savings)).isZero();
  }

  @Test
  void offersTokensOfTheSimulatorOnly() {
    assertThat(browser.get(PaymentForms.PAY_IN).body())
        .contains("such as tok_ok;", "<option value=\"tok_declined\">");
    LivePage form =
        new LivePage(
            "payment-form",
            List.of("instrument"),
            () -> Map.of("form", Form.empty(Map.of()), "tokens", PaymentForms.tokens("stripe")));

    assertThat(renderer.render(form).get("instrument"))
        .contains("The provider’s token; never a card number")
        .doesNotContain("tok_");
  }

  @ParameterizedTest
  @ValueSource(strings = {TransferForm.PAGE, PaymentForms.PAY_IN, PaymentForms.PAY_OUT})
  void belongsToTheAccounts(String page) {
    assertThat(browser.get(page).body()).contains("aria-current=\"page\">Accounts<");
  }

  @Test
  void repeatsNoCardNumber() {
    HttpResponse<String> refused =
        browser.post(PaymentForms.PAY_IN, payment(PaymentForms.PAY_IN, "4111111111111111"));

    assertThat(refused.statusCode()).isEqualTo(400);
    assertThat(refused.body()).contains("never a card number").doesNotContain("4111");
  }

  private String payment(String page, String instrument) {
    HttpResponse<String> form = browser.get(page + "?account=" + savings);
    return "account=%s&amount=7&instrument=%s&key=%s&_csrf=%s"
        .formatted(savings, instrument, Browser.value(form, "key"), Browser.csrf(form));
  }
}
