package dev.evenkeel.accounts;

import static dev.testing.Refusals.assertRefused;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.testing.Api;
import dev.testing.TestDatabase;
import dev.testing.WholeApplication;
import java.sql.Connection;
import java.sql.Statement;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.regex.Pattern;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.boot.test.web.server.LocalServerPort;
import tools.jackson.databind.JsonNode;

/** Statements as CSV. */
@WholeApplication
class CsvStatementTests {

  private static final String HEADER =
      "kind,sequence,posted_at,amount,balance_after,currency,transfer_id,description\r\n";

  @LocalServerPort int port;
  @Autowired TestDatabase database;

  Api ada;
  UUID main;
  UUID savings;

  @BeforeEach
  void openAccounts() {
    ada = new Api(port, "ada-" + UUID.randomUUID());
    main = ada.openAccount(10_000);
    savings = ada.openAccount(0);
  }

  @Test
  void listsEntriesOldestFirst() {
    Api.Answer first = transfer(main, savings, 250, "Rent");
    Api.Answer second = ada.transfer(savings, main, 100);

    Api.Answer statement = csv("");

    assertThat(statement.status()).isEqualTo(200);
    assertThat(statement.header("Content-Type").orElse(""))
        .isEqualToIgnoringCase("text/csv;charset=utf-8");
    assertThat(statement.text())
        .isEqualTo(
            HEADER
                + "opening,0,,,0,EUR,,\r\n"
                + "entry,1,%s,250,250,EUR,%s,Rent\r\n".formatted(first.at("/postedAt"), first.id())
                + "entry,2,%s,-100,150,EUR,%s,\r\n".formatted(second.at("/postedAt"), second.id())
                + "closing,2,,,150,EUR,,\r\n");
  }

  @Test
  void includesFromAndExcludesTo() {
    for (int i = 0; i < 4; i++) {
      ada.transfer(main, savings, 10);
    }
    List<JsonNode> newestFirst =
        ada.get("/v1/accounts/" + savings + "/entries").body().at("/data").valueStream().toList();
    JsonNode second = newestFirst.get(2);
    JsonNode third = newestFirst.get(1);
    String from = second.path("postedAt").asString();
    String to = newestFirst.get(0).path("postedAt").asString();

    assertThat(csv("?from=" + from + "&to=" + to).text())
        .isEqualTo(
            HEADER
                + "opening,1,%s,,10,EUR,,\r\n".formatted(from)
                + "entry,2,%s,10,20,EUR,%s,\r\n"
                    .formatted(from, second.path("transferId").asString())
                + "entry,3,%s,10,30,EUR,%s,\r\n"
                    .formatted(
                        third.path("postedAt").asString(), third.path("transferId").asString())
                + "closing,3,%s,,30,EUR,,\r\n".formatted(to));
  }

  @ParameterizedTest
  @CsvSource({
    "?from=2000-01-01T00:00:00Z&to=2000-02-01T00:00:00Z, 0",
    "?to=0000-01-01T00:00:00Z, 0",
    "?to=2000-01-01T00:00:00Z, 0",
    "?from=2100-01-01T00:00:00Z, 10",
    "?from=2100-01-01T00:00:00Z&to=2000-01-01T00:00:00Z, 10"
  })
  void opensAndClosesPeriodsWithoutEntries(String period, long balance) {
    ada.transfer(main, savings, 10);

    assertThat(rows(csv(period)))
        .extracting(row -> row[0] + row[4])
        .containsExactly("opening" + balance, "closing" + balance);
  }

  @Test
  void answersFailuresWithAProblem() throws Exception {
    try (Connection owner = database.asOwner();
        Statement sql = owner.createStatement()) {
      sql.execute("revoke select on accounts.entry from evenkeel");
      try {
        assertThatThrownBy(() -> csv(""))
            .as("a defect, which the API's document does not describe")
            .hasMessageContaining("500 {\"type\":\"/problems/internal-error\"");
      } finally {
        sql.execute("grant select on accounts.entry to evenkeel");
      }
    }
  }

  @Test
  void quotesDescriptions() {
    transfer(main, savings, 1, "Rent, \"warm\"");
    transfer(main, savings, 2, "two\nlines");
    transfer(main, savings, 3, "two\r\nlines");
    transfer(main, savings, 4, "Grüße 💶; it's due");

    assertThat(csv("").text())
        .contains(",\"Rent, \"\"warm\"\"\"\r\n")
        .contains(",\"two\nlines\"\r\n")
        .contains(",\"two\r\nlines\"\r\n")
        .contains(",Grüße 💶; it's due\r\n");
  }

  @Test
  void keepsTextsFromBecomingFormulas() {
    List<String> formulas =
        List.of("=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "\n=1", "\u001b=1");
    formulas.forEach(text -> transfer(main, savings, 1, text));
    transfer(savings, main, 5, "1-1=0");

    String csv = csv("").text();
    assertThat(formulas)
        .allSatisfy(text -> assertThat(csv).containsPattern(",\"?'" + Pattern.quote(text)));
    assertThat(csv).contains(",-5,").contains(",1-1=0\r\n");
  }

  private void transfers(int times) {
    Map<String, Object> one = Map.of("from", main, "to", savings, "amount", 1, "currency", "EUR");
    Api.Answer batch =
        ada.post(
            "/v1/transfers/batch",
            Map.of("transfers", Collections.nCopies(times, one), "atomic", true));
    assertThat(batch.status()).isEqualTo(200);
  }

  @Test
  void streamsLongStatements() {
    for (int i = 0; i < 3; i++) {
      transfers(700);
    }

    List<String[]> rows = rows(csv(""));

    assertThat(rows).hasSize(2102);
    for (int i = 1; i <= 2100; i++) {
      assertThat(rows.get(i)[0]).isEqualTo("entry");
      assertThat(rows.get(i)[1]).isEqualTo("" + i);
      assertThat(rows.get(i)[4]).isEqualTo("" + i);
    }
    assertThat(rows.getLast()[0] + rows.getLast()[4]).isEqualTo("closing2100");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "text/csv                                     | text/csv",
        "TEXT/CSV                                     | text/csv",
        "text/*                                       | text/csv",
        "text/csv, application/json                   | text/csv",
        "text/csv, */*;q=0.1                          | text/csv",
        "text/csv;q=0.9, application/json;q=0.8       | text/csv",
        "application/json;q=0.1, text/csv;q=0.2       | text/csv",
        "application/json;q=0.1, */*                  | application/json",
        "image/png, text/csv;q=0.1                    | text/csv",
        "*/*                                          | application/json",
        "application/json                             | application/json",
        "application/*                                | application/json",
        "application/json, text/csv;q=0.9             | application/json",
        "text/csv;q=0.1, */*                          | application/json",
        "text/csv;q=0, */*                            | application/json",
        "text/html, application/json;q=0.2            | application/json",
        "image/png                                    | application/problem+json",
        "text/html                                    | application/problem+json",
        "text/csv;q=0                                 | application/problem+json",
        "application/json;q=0, text/csv;q=0, */*;q=0  | application/problem+json",
        "nonsense                                     | application/problem+json"
      })
  void negotiatesTheContentType(String accept, String contentType) {
    Api.Answer answer =
        ada.send(
            ada.request("/v1/accounts/" + savings + "/entries").header("Accept", accept).GET());

    assertThat(answer.header("Content-Type").orElse("")).startsWith(contentType);
    assertThat(answer.status()).isEqualTo(contentType.contains("problem") ? 406 : 200);
  }

  @Test
  void answersProblemsInJson() {
    Api.Answer answer = csv("?from=yesterday");

    assertRefused(answer, 400, "invalid-request");
    assertThat(answer.at("/errors/0/field")).isEqualTo("from");
    assertRefused(
        ada.send(
            ada.request("/v1/accounts/" + UUID.randomUUID() + "/entries")
                .header("Accept", "text/csv")
                .GET()),
        404,
        "not-found");
  }

  private Api.Answer transfer(UUID from, UUID to, long amount, String description) {
    return ada.post(
        "/v1/transfers",
        Map.of(
            "from",
            from,
            "to",
            to,
            "amount",
            amount,
            "currency",
            "EUR",
            "description",
            description));
  }

  private Api.Answer csv(String query) {
    return ada.send(
        ada.request("/v1/accounts/" + savings + "/entries" + query)
            .header("Accept", "text/csv")
            .GET());
  }

  /** The lines after the header. */
  private static List<String[]> rows(Api.Answer statement) {
    assertThat(statement.status()).as(statement.toString()).isEqualTo(200);
    assertThat(statement.text()).startsWith(HEADER);
    return statement.text().lines().skip(1).map(line -> line.split(",", -1)).toList();
  }
}
