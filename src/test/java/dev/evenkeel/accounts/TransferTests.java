package dev.evenkeel.accounts;

import static org.assertj.core.api.Assertions.assertThat;

import dev.testing.Api;
import dev.testing.WholeApplication;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.springframework.boot.test.web.server.LocalServerPort;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** A transfer as its callers see it. */
@WholeApplication
class TransferTests {

  @LocalServerPort int port;

  Api ada;
  Api bob;
  UUID from;
  UUID to;

  @BeforeEach
  void twoOwners() {
    ada = new Api(port, "ada-" + UUID.randomUUID());
    bob = new Api(port, "bob-" + UUID.randomUUID());
    from = ada.openAccount(1000);
    to = bob.openAccount(0);
  }

  @Test
  void answersTheSenderToTheLetter() {
    Api.Answer answer = ada.post("/v1/transfers", rent());

    assertThat(answer.status()).as(answer.toString()).isEqualTo(201);
    assertThat(answer.header("Location")).contains("/v1/transfers/" + answer.id());
    assertThat(answer.id().version()).isEqualTo(7);
    assertThat(answer.at("/postedAt"))
        .matches("\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\d\\.\\d{6}Z");
    assertThat(answer.body())
        .isEqualTo(
            json(
                """
                {"id": "%s", "from": "%s", "to": "%s", "amount": 400, "currency": "EUR",
                 "description": "Rent", "reference": "2026-01", "metadata": {"flat": "7"},
                 "postedAt": "%s",
                 "entries": [{"account": "%2$s", "amount": -400, "sequence": 1, "balanceAfter": -400}]}
                """
                    .formatted(answer.id(), from, to, answer.at("/postedAt"))));
  }

  @Test
  void showsTheReceiverNothingOfTheSendersOwn() {
    Api.Answer sent = ada.post("/v1/transfers", rent());

    assertThat(bob.get("/v1/transfers/" + sent.id()).body())
        .isEqualTo(
            json(
                """
                {"id": "%s", "from": "%s", "to": "%s", "amount": 400, "currency": "EUR",
                 "description": "Rent", "postedAt": "%s",
                 "entries": [{"account": "%3$s", "amount": 400, "sequence": 1, "balanceAfter": 400}]}
                """
                    .formatted(sent.id(), from, to, sent.at("/postedAt"))));
  }

  @Test
  void showsBothSidesToWhoHasBoth() {
    UUID savings = ada.openAccount(0);

    Api.Answer answer = ada.transfer(from, savings, 1000);

    assertThat(answer.body().at("/entries"))
        .containsExactlyInAnyOrder(
            json(
                """
                {"account": "%s", "amount": -1000, "sequence": 1, "balanceAfter": -1000}\
                """
                    .formatted(from)),
            json(
                """
                {"account": "%s", "amount": 1000, "sequence": 1, "balanceAfter": 1000}\
                """
                    .formatted(savings)));
  }

  @Test
  void movesTheBalanceOfBothAccounts() {
    ada.transfer(from, to, 400);

    assertThat(ada.get("/v1/accounts/" + from).body().at("/balance"))
        .isEqualTo(json("{\"posted\": -400, \"held\": 0, \"available\": 600}"));
    assertThat(bob.get("/v1/accounts/" + to).body().at("/balance"))
        .isEqualTo(json("{\"posted\": 400, \"held\": 0, \"available\": 400}"));
  }

  @Test
  void aSystemAccountIsNotFound() {
    UUID clearing = UUID.fromString("00000000-0000-8000-8000-000001455552");

    Api.Answer answer = ada.transfer(from, clearing, 10);

    assertProblem(answer, 422, "account-not-found", "no");
    assertThat(answer.at("/errors/0/field")).isEqualTo("to");
  }

  @Test
  void toItselfIsRefused() {
    assertProblem(ada.transfer(from, from, 10), 422, "same-account", "new-key");
  }

  @Test
  void toAnotherCurrencyIsRefused() {
    UUID dollars = bob.openAccount("USD", 0);

    assertProblem(ada.transfer(from, dollars, 10), 422, "currency-mismatch", "new-key");
  }

  @Test
  void aBalanceBeyondTheLargestIsRefused() {
    long largest = 1_000_000_000_000_000L;
    for (int i = 0; i < 9; i++) {
      UUID rich = ada.openAccount(largest);
      assertThat(ada.transfer(rich, to, largest).status()).isEqualTo(201);
    }

    Api.Answer answer = ada.transfer(from, to, 1);

    assertProblem(answer, 422, "balance-limit-exceeded", "new-key");
    assertThat(bob.posted(to)).isEqualTo(9 * largest);
  }

  private Map<String, Object> rent() {
    return Map.of(
        "from",
        from,
        "to",
        to,
        "amount",
        400,
        "currency",
        "EUR",
        "description",
        "Rent",
        "reference",
        "2026-01",
        "metadata",
        Map.of("flat", "7"));
  }

  private static void assertProblem(Api.Answer answer, int status, String slug, String retry) {
    assertThat(answer.status()).as(answer.toString()).isEqualTo(status);
    assertThat(answer.header("Content-Type")).contains("application/problem+json");
    assertThat(List.of(answer.at("/type"), answer.at("/effect"), answer.at("/retry")))
        .containsExactly("/problems/" + slug, "none", retry);
  }

  private static JsonNode json(String text) {
    return JsonMapper.shared().readTree(text);
  }
}
