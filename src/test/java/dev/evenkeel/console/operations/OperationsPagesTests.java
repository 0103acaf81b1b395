package dev.evenkeel.console.operations;

import static org.assertj.core.api.Assertions.assertThat;

import dev.evenkeel.console.Browser;
import dev.evenkeel.console.PageTest;
import dev.paymentprovider.PaymentProvider;
import dev.testing.Api;
import dev.testing.Simulator;
import dev.testing.StoredEvent;
import dev.testing.TestDatabase;
import io.github.resilience4j.circuitbreaker.CircuitBreakerRegistry;
import java.net.http.HttpResponse;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.Map;
import java.util.UUID;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.util.StringUtils;
import tools.jackson.databind.JsonNode;

/** Operators decide on these pages: each action asks once, and says what it did. */
class OperationsPagesTests extends PageTest {

  private static final String PAGE = "/console/operations";
  private static final String EVENT_TYPE = "dev.evenkeel.Forgotten";

  @Autowired PaymentProvider provider;
  @Autowired TestDatabase database;
  @Autowired JdbcClient jdbc;
  @Autowired CircuitBreakerRegistry breakers;

  Simulator simulator;
  Browser olga;
  Browser olaf;
  UUID account;

  @BeforeEach
  void logIn() {
    simulator = new Simulator(provider);
    olga = operator();
    olaf = operator();
    account = api.openAccount(0);
  }

  /** What a test leaves would wait for operators in the next one. */
  @AfterEach
  void decideAll() {
    simulator.heal();
    Api operator = Api.operator(port, "olivia");
    data(operator, "/v1/operations/payments/unresolved?limit=100")
        .filter(it -> it.has("attention"))
        .forEach(it ->
            operator.post(
                "/v1/operations/payments/" + it.at("/id").asString() + "/resolve",
                Map.of("outcome", "failed", "reason", "The test has ended")));
    data(operator, "/v1/operations/adjustments?status=proposed&limit=100")
        .forEach(it ->
            operator.post("/v1/operations/adjustments/" + it.at("/id").asString() + "/reject"));
    jdbc.sql("delete from shared.outbox where next_attempt_at is null or consumer = 'nobody'")
        .update();
  }

  private static Stream<JsonNode> data(Api operator, String path) {
    return operator.get(path).body().at("/data").valueStream();
  }

  private UUID mismatchedPayIn() {
    simulator.misbehave("amount_mismatch");
    UUID payment = api.payIn(account, 1000, "tok_ok").id();
    simulator.heal();
    return payment;
  }

  /** Fills in the form of a page, and confirms what is asked. */
  private static HttpResponse<String> confirmed(
      Browser person, HttpResponse<String> page, String typed) {
    HttpResponse<String> asked = person.submit(page, typed);
    assertThat(asked.statusCode()).as(asked.body()).isEqualTo(200);
    return person.submit(asked, "");
  }

  private static void assertSays(HttpResponse<String> page, String what) {
    assertThat(page.statusCode()).isEqualTo(200);
    assertThat(page.body()).containsPattern("role=\"status\">[^<]*" + what);
  }

  private static void assertRefuses(HttpResponse<String> page, String why) {
    assertThat(page.body()).containsPattern("(?s)role=\"alert\">.*" + why);
  }

  @Test
  void saysPlainlyWhenNothingWaits() {
    decideAll();
    assertThat(olga.get(PAGE).body()).contains("Nothing is waiting for a decision.");

    storeDeadEvent();

    assertThat(olga.get(PAGE).body()).contains("Dead events", EVENT_TYPE).doesNotContain("Nothing");
  }

  @Test
  void decidesAPaymentOnce() {
    UUID payment = mismatchedPayIn();
    String page = PAGE + "/payments/" + payment;
    assertThat(olga.get(PAGE).body()).contains(page, "amount mismatch");
    assertThat(olga.get(PAGE + "/payments").body()).contains(page, "amount mismatch");

    HttpResponse<String> asked =
        olga.submit(olga.get(page), "outcome=succeeded&amount=9,50&reason=Seen+on+their+statement");

    assertThat(asked.body()).contains("€9.50", "Seen on their statement", "No, go back");
    assertThat(api.posted(account)).as("only asked").isZero();
    assertSays(olga.follow(olga.submit(asked, "")), "Decided: the payment is succeeded");
    assertThat(api.posted(account)).isEqualTo(950);
    HttpResponse<String> again = olga.follow(olga.submit(asked, ""));
    assertRefuses(again, "The payment does not need a decision");
    assertThat(again.body()).doesNotContain("Nothing was moved");
    assertThat(api.posted(account)).isEqualTo(950);
    assertThat(olga.get(page).body()).contains("does not need a decision");
    assertThat(olga.get(PAGE).body()).doesNotContain(page);
  }

  @Test
  void decidesOnlyOnWhatWasShown() {
    UUID payment = mismatchedPayIn();
    HttpResponse<String> asked =
        olga.submit(olga.get(PAGE + "/payments/" + payment), "outcome=failed&reason=Seen");
    jdbc.sql(
            """
            insert into payments.payment_step
            select payment, no + 1, status, at, 'The provider reported another amount'
            from payments.payment_step where payment = ? order by no desc limit 1
            """)
        .param(payment)
        .update();

    HttpResponse<String> refused = olga.submit(asked, "");

    assertThat(refused.statusCode()).isEqualTo(409);
    assertRefuses(refused, "it has changed since it was shown");
    assertThat(refused.body()).contains("another amount", "value=\"Seen\"");
    assertThat(api.get("/v1/payments/" + payment).at("/status")).isEqualTo("processing");
    assertSays(
        olga.follow(confirmed(olga, refused, "outcome=failed&reason=Seen")),
        "Decided: the payment is failed");
  }

  /** The outcome of a form may be unknown; the same key finds it out. */
  @Test
  void showsAProposalAgainWhenItFails() throws SQLException {
    HttpResponse<String> asked =
        olga.submit(olga.get(PAGE + "/adjustments/new"), proposal("bank", account));
    HttpResponse<String> failed;
    asOwner("revoke insert on accounts.adjustment from evenkeel");
    try {
      failed = olga.submit(asked, "");
    } finally {
      asOwner("grant insert on accounts.adjustment to evenkeel");
    }

    assertThat(failed.statusCode()).isGreaterThanOrEqualTo(500);
    assertThat(failed.body()).contains("value=\"Lost\"");
    assertThat(key(failed)).isEqualTo(key(asked));
  }

  private void asOwner(String sql) throws SQLException {
    try (Connection connection = database.asOwner()) {
      connection.createStatement().execute(sql);
    }
  }

  private static String key(HttpResponse<String> page) {
    return page.body().replaceAll("(?s).*name=\"key\" value=\"([^\"]+)\".*", "$1");
  }

  @ParameterizedTest
  @CsvSource({
    "outcome=succeeded&amount=ten&reason=Seen,       must be a number",
    "outcome=succeeded&amount=1.234&reason=Seen,     must have at most 2 decimals",
    "outcome=failed&amount=1&reason=Seen,            is only for what has succeeded",
    "outcome=lost&reason=Seen,                       must be chosen",
    "reason=Seen,                                    must be chosen",
    "outcome=failed&reason=+,                        must have a visible character"
  })
  void showsWhatIsWrongAtItsField(String typed, String error) {
    HttpResponse<String> page = olga.get(PAGE + "/payments/" + mismatchedPayIn());

    HttpResponse<String> again = olga.submit(page, typed);

    assertThat(again.statusCode()).isEqualTo(400);
    assertThat(again.body())
        .containsPattern("class=\"error\"[^>]*>" + StringUtils.capitalize(error));
    if (typed.contains("Seen")) {
      assertThat(again.body()).as("what was typed stays").contains("value=\"Seen\"");
    }
  }

  @Test
  void refusesWhatCannotHaveMoved() {
    HttpResponse<String> page = olga.get(PAGE + "/payments/" + mismatchedPayIn());

    HttpResponse<String> refused =
        confirmed(olga, page, "outcome=succeeded&amount=9999&reason=Seen");

    assertThat(refused.statusCode()).isEqualTo(422);
    assertRefuses(refused, "at most what was asked for");
    assertThat(refused.body()).contains("value=\"9999\"");
    assertThat(api.posted(account)).isZero();
  }

  @Test
  void asksTheProviderNow() {
    UUID payment = mismatchedPayIn();

    HttpResponse<String> asked = olga.get(PAGE + "/payments/" + payment + "/ask");

    assertSays(olga.follow(olga.submit(asked, "")), "The provider was asked");
  }

  @Test
  void saysWhenTheProviderCannotBeAsked() {
    UUID payment = mismatchedPayIn();
    HttpResponse<String> asked = olga.get(PAGE + "/payments/" + payment + "/ask");

    breakers.circuitBreaker("provider").transitionToForcedOpenState();
    breakers.circuitBreaker("provider-queries").transitionToForcedOpenState();
    try {
      assertSays(olga.follow(olga.submit(asked, "")), "The provider could not be asked");
    } finally {
      breakers.circuitBreaker("provider").reset();
      breakers.circuitBreaker("provider-queries").reset();
    }
  }

  private String proposal(Object from, Object to) {
    return "from=%s&to=%s&amount=0.70&currency=eur&reason=Lost".formatted(from, to);
  }

  private String proposed() {
    HttpResponse<String> form = olga.get(PAGE + "/adjustments/new");
    assertSays(
        olga.follow(confirmed(olga, form, proposal("bank", account))),
        "Proposed: €0.70 from bank to " + account);
    return jdbc.sql("select id from accounts.adjustment where to_account = ?")
        .param(account.toString())
        .query(UUID.class)
        .single()
        .toString();
  }

  @Test
  void twoPeopleAdjustTheLedger() {
    String path = PAGE + "/adjustments/" + proposed();
    assertThat(olga.get(PAGE).body()).contains("Lost").doesNotContain(path + "/approve");
    assertRefuses(olga.follow(olga.submit(olga.get(path + "/approve"), "")), "Another person");
    assertThat(api.posted(account)).isZero();
    assertThat(olaf.get(PAGE).body()).contains(path + "/approve");

    HttpResponse<String> asked = olaf.get(path + "/approve");

    assertThat(asked.body()).contains("€0.70", "bank", account.toString(), "Lost");
    assertThat(api.posted(account)).as("only asked").isZero();
    assertSays(olaf.follow(olaf.submit(asked, "")), "Approved and posted: €0.70");
    assertThat(api.posted(account)).isEqualTo(70);
    assertRefuses(olaf.follow(olaf.submit(asked, "")), "is posted");
    assertThat(api.posted(account)).isEqualTo(70);
  }

  @Test
  void rejectsAnAdjustment() {
    String path = PAGE + "/adjustments/" + proposed();

    HttpResponse<String> asked = olga.get(path + "/reject");

    assertSays(olga.follow(olga.submit(asked, "")), "Rejected: €0.70");
    assertRefuses(olaf.follow(olaf.submit(olaf.get(path + "/approve"), "")), "is rejected");
    assertThat(api.posted(account)).isZero();
  }

  @Test
  void formSentTwiceProposesOnce() {
    HttpResponse<String> form = olga.get(PAGE + "/adjustments/new");
    HttpResponse<String> asked = olga.submit(form, proposal("bank", account));

    assertSays(olga.follow(olga.submit(asked, "")), "Proposed: ");
    assertSays(olga.follow(olga.submit(asked, "")), "sent before: .*The adjustment is proposed");

    assertThat(proposals()).isEqualTo(1);
  }

  private long proposals() {
    return jdbc.sql("select count(*) from accounts.adjustment where to_account = ?")
        .param(account.toString())
        .query(Long.class)
        .single();
  }

  @Test
  void proposesSomethingElseAsANewOne() {
    HttpResponse<String> form = olga.get(PAGE + "/adjustments/new");
    String other = proposal("bank", account).replace("0.70", "0.80");
    confirmed(olga, form, proposal("bank", account));

    HttpResponse<String> refused = confirmed(olga, form, other);

    assertThat(refused.statusCode()).isEqualTo(422);
    assertThat(refused.body()).contains("Look at the list").doesNotContain("It was refused");
    assertThat(proposals()).isEqualTo(1);
    String newKey = refused.body().replaceAll("(?s).*name=\"newKey\" value=\"([^\"]+)\".*", "$1");
    assertSays(
        olga.follow(confirmed(olga, refused, other + "&newKey=" + newKey)), "Proposed: €0.80");
    assertThat(proposals()).isEqualTo(2);
  }

  @ParameterizedTest
  @CsvSource({
    "customer, customer,   must be one of the ledger's own accounts",
    "customer, receivable, must not be receivable",
    "nobody,   bank,       is not an account that this request may use",
    "1-1-1-1,  bank,       is not an account that this request may use",
    "short,    bank,       is not an account that this request may use"
  })
  void refusesAProposalAtItsField(String from, String to, String error) {
    HttpResponse<String> form = olga.get(PAGE + "/adjustments/new");

    HttpResponse<String> refused =
        confirmed(
            olga,
            form,
            proposal(
                from.replace("customer", account.toString())
                    .replace("short", account.toString().substring(1)),
                to.replace("customer", api.openAccount(0).toString())));

    assertThat(refused.statusCode()).isIn(400, 404, 422);
    assertThat(refused.body().replace("&#39;", "'"))
        .containsPattern("class=\"error\"[^>]*>" + StringUtils.capitalize(error));
  }

  private UUID storeDeadEvent() {
    return StoredEvent.dead(jdbc, EVENT_TYPE, "poison");
  }

  private boolean isDead(UUID id) {
    return jdbc.sql("select next_attempt_at is null from shared.outbox where id = ?")
        .param(id)
        .query(Boolean.class)
        .single();
  }

  @Test
  void retriesAnEvent() {
    UUID event = storeDeadEvent();
    String path = PAGE + "/events/" + event + "/retry";
    assertThat(olga.get(PAGE + "/events?status=DEAD").body()).contains(path, "poison");

    HttpResponse<String> asked = olga.get(path);

    assertThat(asked.body()).contains(EVENT_TYPE, "poison");
    assertThat(isDead(event)).as("only asked").isTrue();
    assertSays(olga.follow(olga.submit(asked, "")), "The event is attempted again");
    assertThat(isDead(event)).isFalse();
    assertThat(olga.get(PAGE + "/events?status=DEAD").body()).doesNotContain(path);
  }

  @Test
  void retriesAllEventsOfAType() {
    UUID event = storeDeadEvent();
    UUID other = storeDeadEvent();
    String all = PAGE + "/events/retry?type=" + EVENT_TYPE;
    assertThat(olga.get(PAGE + "/events?type=" + EVENT_TYPE).body()).contains(all);

    assertSays(olga.follow(olga.submit(olga.get(all), "")), "[^<]*again: 2");

    assertThat(isDead(event) || isDead(other)).isFalse();
  }

  @Test
  void abandonsOnlyWhatHasFailed() {
    UUID event = storeDeadEvent();
    UUID pending = StoredEvent.store(jdbc, EVENT_TYPE, "clock_timestamp()", "");
    String events = PAGE + "/events/";

    HttpResponse<String> asked = olga.get(events + event + "/abandon");
    assertSays(olga.follow(olga.submit(asked, "")), "The event is abandoned");
    assertThat(olga.get(events + event + "/abandon").statusCode()).isEqualTo(404);
    asked = olga.get(events + pending + "/abandon");
    assertRefuses(olga.follow(olga.submit(asked, "")), "never failed");
  }

  @Test
  void listsEventsPageByPage() {
    for (int i = 0; i < 21; i++) {
      StoredEvent.dead(jdbc, EVENT_TYPE, "poison-" + i + ".");
    }
    String type = PAGE + "/events?type=" + EVENT_TYPE;

    String first = olga.get(type).body();
    assertThat(first).contains("poison-20.", "poison-1.").doesNotContain("poison-0.");
    String older = first.replaceAll("(?s).*rel=\"next\" href=\"([^\"]+)\".*", "$1");
    assertThat(olga.get(older.replace("&amp;", "&")).body())
        .contains("poison-0.")
        .doesNotContain("poison-1.");
  }

  @Test
  void onlyTheButtonReconciles() {
    LocalDate day = LocalDate.of(2021, 3, 4);
    String page = PAGE + "/reconciliation?day=" + day;
    assertThat(olga.get(page).body()).contains("This day was not reconciled yet");

    HttpResponse<String> asked = olga.get(PAGE + "/reconciliation/run?day=" + day);
    assertThat(olga.get(page).body()).as("only asked").contains("not reconciled yet");

    HttpResponse<String> done = olga.follow(olga.submit(asked, ""));
    assertSays(done, "Reconciled 2021-03-04");
    assertThat(done.body()).contains("Both sides agree");
  }

  @Test
  void refusesADayThatHasNotBegun() {
    LocalDate day = LocalDate.now(ZoneOffset.UTC).plusDays(2);

    HttpResponse<String> asked = olga.get(PAGE + "/reconciliation/run?day=" + day);

    assertRefuses(olga.follow(olga.submit(asked, "")), day + " has not begun");
  }

  @Test
  void auditsTheLedger() {
    HttpResponse<String> asked = olga.get(PAGE + "/ledger/run");

    HttpResponse<String> done = olga.follow(olga.submit(asked, ""));

    assertSays(done, "UTC: the ledger balances.");
    assertThat(done.body())
        .containsPattern("Audited on \\d+ \\w+ \\d{4}, \\d\\d:\\d\\d:\\d\\d UTC");
    assertThat(done.body()).contains("The ledger balances.");
    assertThat(olga.get(PAGE).body()).contains("balances");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "/payments",
        "/payments/%s",
        "/payments/%s/ask",
        "/adjustments",
        "/adjustments/new",
        "/adjustments/%s/approve",
        "/adjustments/%s/reject",
        "/events",
        "/events/%s/retry",
        "/events/retry?type=" + EVENT_TYPE,
        "/events/%s/abandon",
        "/reconciliation",
        "/reconciliation/run?day=2021-03-04",
        "/ledger",
        "/ledger/run"
      })
  void showsOwnersNothing(String path) {
    browser.login(owner);

    assertThat(browser.get(withUnknownId(path)).statusCode()).isEqualTo(403);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "/payments/%s/ask",
        "/payments/%s/decide",
        "/adjustments",
        "/adjustments/%s/approve",
        "/adjustments/%s/reject",
        "/events/%s/retry",
        "/events/retry?type=" + EVENT_TYPE,
        "/events/%s/abandon",
        "/reconciliation?day=2021-03-04",
        "/ledger"
      })
  void refusesActionsOfOwners(String path) {
    browser.login(owner);
    String token = "_csrf=" + Browser.csrf(browser.get("/console/accounts"));

    HttpResponse<String> refused = browser.post(withUnknownId(path), token);

    assertThat(refused.statusCode()).isEqualTo(403);
    assertThat(refused.body()).contains("operations");
  }

  private static String withUnknownId(String path) {
    return PAGE + path.formatted(UUID.randomUUID());
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "/payments/%s/ask",
        "/adjustments/%s/approve",
        "/adjustments/%s/reject",
        "/events/%s/retry"
      })
  void answersAnUnknownIdWithNotFound(String path) {
    String unknown = withUnknownId(path);
    String token = "_csrf=" + Browser.csrf(olga.get(PAGE));

    assertThat(olga.get(unknown).statusCode()).isEqualTo(404);
    assertThat(olga.post(unknown, token).statusCode()).isEqualTo(404);
  }

  @Test
  void saysThatAnEventIsNotThereToAbandon() {
    String unknown = withUnknownId("/events/%s/abandon");
    String token = "_csrf=" + Browser.csrf(olga.get(PAGE));

    assertThat(olga.get(unknown).statusCode()).isEqualTo(404);
    assertRefuses(olga.follow(olga.post(unknown, token)), "Not found");
  }

  @Test
  void rejectsAnActionWithoutItsToken() {
    String path = PAGE + "/adjustments/" + proposed() + "/approve";

    assertThat(olaf.post(path, "").statusCode()).isEqualTo(403);
    assertThat(api.posted(account)).isZero();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "/events?before=0000-01-01T00:00:00Z",
        "/events?before=9999-12-31T23:59:59-18:00",
        "/events?before=x",
        "/reconciliation?day=0001-01-01",
        "/reconciliation?day=%2B10000-01-01",
        "/reconciliation/run?day=1969-12-31"
      })
  void refusesATimeThatIsOutOfRange(String path) {
    assertThat(olga.get(PAGE + path).statusCode()).isEqualTo(400);
  }

  @ParameterizedTest
  @ValueSource(strings = {"/reconciliation?day=9999-12-31", "/reconciliation?day=1970-01-01"})
  void takesTheFirstAndTheLastDay(String path) {
    assertThat(olga.get(PAGE + path).statusCode()).isEqualTo(200);
  }

  @ParameterizedTest
  @ValueSource(strings = {"/events?type=%00", "/accounts?owner=%00"})
  void refusesACharacterThatCannotBeStored(String path) {
    String page = path.startsWith("/events") ? PAGE + path : "/console" + path;

    assertThat(olga.get(page).statusCode()).isEqualTo(400);
  }
}
