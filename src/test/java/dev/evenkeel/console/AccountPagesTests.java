package dev.evenkeel.console;

import static org.assertj.core.api.Assertions.assertThat;

import dev.testing.Api;
import io.github.resilience4j.bulkhead.Bulkhead;
import io.github.resilience4j.bulkhead.BulkheadRegistry;
import java.net.http.HttpResponse;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.UUID;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.springframework.beans.factory.annotation.Autowired;

/** The page of an account: what it shows, and what its owner does there. */
class AccountPagesTests extends PageTest {

  @Autowired BulkheadRegistry bulkheads;

  private UUID main;
  private UUID savings;
  private String page;

  @BeforeEach
  void openAccounts() {
    main = api.openAccount(5000);
    savings = api.openAccount(0);
    page = "/console/accounts/" + main;
    browser.login(owner);
  }

  private String shown() {
    return browser.get(page).body();
  }

  private HttpResponse<String> act(String action) {
    HttpResponse<String> question = browser.get(page + "/" + action);
    assertThat(question.statusCode()).isEqualTo(200);
    return browser.post(page + "/" + action, "_csrf=" + Browser.csrf(question));
  }

  @Test
  void drawsTheBalanceAndSaysIt() {
    api.transfer(main, savings, 1250);

    assertThat(shown())
        .containsPattern("<polyline points=\"0.0,0.0 [^\"]* 600.0,100.0\"")
        .contains("The posted balance was €0.00 on", "and is −€12.50 now; at the 61 moments of");
  }

  @Test
  void leadsFromEntriesToWhatMovedThem() {
    UUID transfer = api.transfer(main, savings, 100).id();
    UUID payment = api.payIn(main, 200, "tok_ok").id();

    assertThat(shown()).contains("/console/transfers/" + transfer, "/console/payments/" + payment);
  }

  @Test
  void showsTheEntriesOfDays() {
    api.transfer(main, savings, 1250);
    LocalDate today = LocalDate.now(ZoneOffset.UTC);

    assertThat(
            browser.get(page + "?from=" + today.minusDays(1) + "&to=" + today.plusDays(1)).body())
        .contains("−€12.50</td>", "statement.csv?from=" + today.minusDays(1));
    assertThat(browser.get(page + "?from=&to=" + today.minusDays(1)).body())
        .contains("Nothing was posted on these days");
    assertThat(browser.get(page + "?from=2026-02-30").statusCode()).isEqualTo(400);
  }

  @Test
  void offersTheStatementOfTheApi() {
    api.transfer(main, savings, 1250);

    HttpResponse<String> statement = browser.get(page + "/statement.csv");

    assertThat(statement.headers().firstValue("Content-Type")).hasValue("text/csv;charset=utf-8");
    assertThat(statement.headers().firstValue("Content-Disposition"))
        .hasValueSatisfying(file -> assertThat(file).startsWith("attachment;"));
    assertThat(statement.body())
        .isEqualTo(
            api.send(api.request("/v1/accounts/" + main + "/entries").header("Accept", "text/csv"))
                .text());
    Browser other = new Browser(port).login("bob-" + UUID.randomUUID());
    assertThat(other.get(page + "/statement.csv").statusCode()).isEqualTo(404);
  }

  @Test
  void statementsTakeThePlacesOfTheApis() {
    Bulkhead places = bulkheads.bulkhead("read-statements");
    int all = places.getBulkheadConfig().getMaxConcurrentCalls();
    int taken = 0;
    try {
      while (taken < all) {
        assertThat(places.tryAcquirePermission()).isTrue();
        taken++;
      }
      assertThat(browser.get(page + "/statement.csv").statusCode()).isEqualTo(503);
    } finally {
      for (int i = 0; i < taken; i++) {
        places.onComplete();
      }
    }
  }

  @Test
  void showsOpenHolds() {
    api.hold(main, savings, 50);

    assertThat(shown()).contains("Open holds", savings.toString(), "€0.50");
    assertThat(browser.get("/console/accounts/" + savings).body()).contains("Open holds");
  }

  @Test
  void saysWhenThereAreMoreHolds() {
    for (int i = 0; i < 20; i++) {
      api.hold(main, savings, 1);
    }
    assertThat(shown()).contains("Open holds").doesNotContain("there are more");

    api.hold(main, savings, 1);

    assertThat(shown()).contains("The newest 20 are shown; there are more.");
  }

  @Test
  void freezesAndOpensAgain() {
    browser.get(page + "/freeze");
    assertThat(shown()).as("only asked").contains("Transfer from here").doesNotContain("Unfreeze");

    assertThat(Browser.location(act("freeze"))).endsWith(page);

    assertThat(shown()).contains("The account is frozen.").doesNotContain("Transfer from here");
    assertThat(shown()).as("said once").doesNotContain("The account is frozen.");
    act("unfreeze");
    assertThat(shown()).contains("The account is open again.", "Transfer from here");
  }

  @Test
  void ownersDoNotUndoTheFreezeOfAnOperator() {
    Browser operator = operator();
    String token = "_csrf=" + Browser.csrf(operator.get("/console/accounts"));
    assertThat(operator.get(page).body())
        .contains(page + "/freeze", page + "/close")
        .doesNotContain("Transfer from here", page + "/unfreeze");
    operator.post(page + "/freeze", token);
    assertThat(operator.get(page).body()).contains(page + "/unfreeze");
    assertThat(shown()).doesNotContain(page + "/unfreeze");

    act("unfreeze");

    assertThat(shown())
        .contains("role=\"alert\"", "An operator froze this account", "frozen</span>")
        .contains("Only an operator can unfreeze it.");
    operator.post(page + "/unfreeze", token);
    assertThat(shown()).contains("open</span>");
  }

  @Test
  void saysWhyItDoesNotClose() {
    api.transfer(main, savings, 1250);

    act("close");

    assertThat(shown()).contains("role=\"alert\"", "The account has a balance", "open</span>");
  }

  @Test
  void closesAnEmptyAccount() {
    browser.get(page + "/close");
    assertThat(shown()).as("only asked").contains("open</span>");

    act("close");

    assertThat(shown()).contains("The account is closed.", "closed</span>");
  }

  @Test
  void othersDoNotAct() {
    Browser other = new Browser(port).login("bob-" + UUID.randomUUID());
    String token = Browser.csrf(other.get("/console/accounts"));

    assertThat(other.get(page + "/freeze").statusCode()).isEqualTo(404);
    assertThat(other.post(page + "/freeze", "_csrf=" + token).statusCode()).isEqualTo(404);
    Browser reader = new Browser(port).login("reader-" + UUID.randomUUID());
    String readersToken = Browser.csrf(reader.get("/console/accounts"));
    assertThat(reader.post(page + "/freeze", "_csrf=" + readersToken).statusCode()).isEqualTo(403);
    assertThat(shown()).contains("open</span>");
  }

  @Test
  void showsTransfersToBothOwners() {
    Api bob = new Api(port, "bob-" + UUID.randomUUID());
    UUID his = bob.openAccount(0);
    UUID transfer = api.transfer(main, his, 100).id();

    String mine = browser.get("/console/transfers/" + transfer).body();
    assertThat(mine).contains(page, his.toString(), "−€1.00").doesNotContain("accounts/" + his);
    String seenByBob =
        new Browser(port).login(bob.caller()).get("/console/transfers/" + transfer).body();
    assertThat(seenByBob).contains("accounts/" + his, "+€1.00").doesNotContain("−€1.00");
    Browser third = new Browser(port).login("eve-" + UUID.randomUUID());
    assertThat(third.get("/console/transfers/" + transfer).statusCode()).isEqualTo(404);
  }

  @Test
  void linksAReversalAndWhatItReverses() {
    UUID transfer = api.transfer(main, savings, 100).id();
    UUID reversal = api.reverse(transfer).id();

    assertThat(browser.get("/console/transfers/" + transfer).body()).contains(reversal.toString());
    assertThat(browser.get("/console/transfers/" + reversal).body())
        .contains("Reverses", transfer.toString());
  }
}
