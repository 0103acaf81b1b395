package dev.evenkeel.accounts;

import static dev.testing.Refusals.assertRefused;
import static org.assertj.core.api.Assertions.assertThat;

import dev.testing.Api;
import dev.testing.WholeApplication;
import java.util.Map;
import java.util.UUID;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.springframework.boot.test.web.server.LocalServerPort;

/** Transfers over HTTP. The rules are tested in PostingRulesTests. */
@WholeApplication
class TransferTests {

  private static final UUID CLEARING = UUID.fromString("00000000-0000-8000-8000-000001455552");

  @LocalServerPort int port;

  Api ada;
  Api bob;
  UUID from;
  UUID to;

  @BeforeEach
  void openAccounts() {
    ada = new Api(port, "ada-" + UUID.randomUUID());
    bob = new Api(port, "bob-" + UUID.randomUUID());
    from = ada.openAccount(1000);
    to = bob.openAccount(0);
  }

  @Test
  void answersTheSender() {
    Api.Answer answer = payRent();

    assertThat(answer.status()).as(answer.toString()).isEqualTo(201);
    assertThat(answer.header("Location")).contains("/v1/transfers/" + answer.id());
    assertThat(answer.id().version()).isEqualTo(7);
    assertThat(answer.at("/postedAt"))
        .matches("\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\d\\.\\d{6}Z");
    assertThat(answer.body())
        .isEqualTo(
            Api.json(
                """
                {"id": "%s", "from": "%s", "to": "%s", "amount": 400, "currency": "EUR",
                 "description": "Rent", "reference": "2026-01", "metadata": {"flat": "7"},
                 "postedAt": "%s",
                 "entries": [{"account": "%2$s", "amount": -400, "sequence": 1, "balanceAfter": -400}]}
                """
                    .formatted(answer.id(), from, to, answer.at("/postedAt"))));
  }

  @Test
  void hidesSenderDataFromTheReceiver() {
    Api.Answer sent = payRent();

    assertThat(bob.get("/v1/transfers/" + sent.id()).body())
        .isEqualTo(
            Api.json(
                """
                {"id": "%s", "from": "%s", "to": "%s", "amount": 400, "currency": "EUR",
                 "description": "Rent", "postedAt": "%s",
                 "entries": [{"account": "%3$s", "amount": 400, "sequence": 1, "balanceAfter": 400}]}
                """
                    .formatted(sent.id(), from, to, sent.at("/postedAt"))));
  }

  @Test
  void showsBothEntriesToTheOwnerOfBoth() {
    UUID savings = ada.openAccount(0);

    Api.Answer answer = ada.transfer(from, savings, 1000);

    assertThat(answer.body().at("/entries"))
        .isEqualTo(
            Api.json(
                """
                [{"account": "%s", "amount": -1000, "sequence": 1, "balanceAfter": -1000},
                 {"account": "%s", "amount": 1000, "sequence": 1, "balanceAfter": 1000}]
                """
                    .formatted(from, savings)));
  }

  @Test
  void changesBothBalances() {
    ada.transfer(from, to, 400);

    assertThat(ada.balance(from))
        .isEqualTo(Api.json("{\"posted\": -400, \"held\": 0, \"available\": 600}"));
    assertThat(bob.balance(to))
        .isEqualTo(Api.json("{\"posted\": 400, \"held\": 0, \"available\": 400}"));
  }

  @Test
  void rejectsSystemAccounts() {
    Api.Answer answer = ada.transfer(from, CLEARING, 10);

    assertRefused(answer, 422, "account-not-found", "no");
    assertThat(answer.at("/errors/0/field")).isEqualTo("to");
  }

  private Api.Answer payRent() {
    Map<String, Object> rent =
        Map.of(
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
    return ada.post("/v1/transfers", rent);
  }
}
