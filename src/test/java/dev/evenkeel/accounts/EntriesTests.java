package dev.evenkeel.accounts;

import static dev.testing.Refusals.assertRefused;
import static org.assertj.core.api.Assertions.assertThat;

import dev.testing.Api;
import dev.testing.WholeApplication;
import java.util.List;
import java.util.UUID;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.springframework.boot.test.web.server.LocalServerPort;
import tools.jackson.databind.JsonNode;

/** The entries of an account, page by page. */
@WholeApplication
class EntriesTests {

  @LocalServerPort int port;

  Api ada;
  UUID main;
  UUID savings;
  String path;

  @BeforeEach
  void openAccounts() {
    ada = new Api(port, "ada-" + UUID.randomUUID());
    main = ada.openAccount(10_000);
    savings = ada.openAccount(10_000);
    path = "/v1/accounts/" + savings + "/entries";
  }

  @Test
  void answersWithEntries() {
    assertThat(ada.get(path).body()).isEqualTo(Api.json("{\"data\": [], \"nextCursor\": null}"));
    Api.Answer transfer = ada.transfer(main, savings, 250);

    Api.Answer entries = ada.get(path);

    assertThat(entries.status()).isEqualTo(200);
    assertThat(entries.body())
        .isEqualTo(
            Api.json(
                """
                {"data": [{"id": "%s", "sequence": 1, "transferId": "%s", "amount": 250,
                           "balanceAfter": 250, "postedAt": "%s"}],
                 "nextCursor": null}
                """
                    .formatted(entries.at("/data/0/id"), transfer.id(), transfer.at("/postedAt"))));
  }

  @Test
  void numbersEntriesWithoutGaps() {
    ada.transfer(main, savings, 250);
    ada.transfer(savings, main, 100);
    ada.transfer(savings, main, 10_151);
    ada.transfer(main, savings, 5);

    JsonNode entries = ada.get(path).body();

    assertThat(numbers(entries, "sequence")).containsExactly(3L, 2L, 1L);
    assertThat(numbers(entries, "amount")).containsExactly(5L, -100L, 250L);
    assertThat(numbers(entries, "balanceAfter")).containsExactly(155L, 150L, 250L);
  }

  @Test
  void keepsPagesStable() {
    post(5);
    JsonNode first = ada.get(path + "?limit=2").body();
    post(1);
    JsonNode second = ada.get(path + "?limit=2&cursor=" + next(first)).body();
    JsonNode third = ada.get(path + "?limit=1&cursor=" + next(second)).body();

    assertThat(numbers(first, "sequence")).containsExactly(5L, 4L);
    assertThat(numbers(second, "sequence")).containsExactly(3L, 2L);
    assertThat(numbers(third, "sequence")).containsExactly(1L);
    assertThat(third.path("nextCursor").isNull()).isTrue();
  }

  @Test
  void returnsTwentyEntriesUnlessAsked() {
    post(21);

    assertThat(ada.get(path).body().at("/data")).hasSize(20);
  }

  @Test
  void includesFromAndExcludesTo() {
    post(3);
    JsonNode all = ada.get(path).body();
    String first = all.at("/data/2/postedAt").asString();
    String second = all.at("/data/1/postedAt").asString();
    String last = all.at("/data/0/postedAt").asString();

    assertThat(numbers(ada.get(path + "?from=" + first + "&to=" + last).body(), "sequence"))
        .containsExactly(2L, 1L);
    assertThat(numbers(ada.get(path + "?from=" + second).body(), "sequence"))
        .containsExactly(3L, 2L);
  }

  @Test
  void rejectsForeignCursors() {
    post(3);
    String from = "?limit=1&from=2020-01-01T00:00:00Z";
    String cursor = next(ada.get(path + from).body());

    assertThat(numbers(ada.get(path + from + "&cursor=" + cursor).body(), "sequence"))
        .containsExactly(2L);
    for (String other :
        List.of(
            path + "?limit=1",
            path + "?limit=1&from=2021-01-01T00:00:00Z",
            "/v1/accounts/" + main + "/entries" + from)) {
      Api.Answer answer = ada.get(other + "&cursor=" + cursor);
      assertRefused(answer, 400, "invalid-request");
      assertThat(answer.at("/errors/0/field")).isEqualTo("cursor");
    }
  }

  @Test
  void acceptsCursorsOfEqualFilters() {
    post(3);
    String cursor = next(ada.get(path + "?limit=1&from=2020-01-01T00:00:00Z").body());

    String equal = path + "?limit=1&from=2020-01-01T01:00:00.0000%2B01:00&cursor=";
    assertThat(numbers(ada.get(equal + cursor).body(), "sequence")).containsExactly(2L);
  }

  private void post(int count) {
    for (int i = 0; i < count; i++) {
      assertThat(ada.transfer(main, savings, 1).status()).isEqualTo(201);
    }
  }

  private static String next(JsonNode page) {
    return page.path("nextCursor").stringValue();
  }

  private static List<Long> numbers(JsonNode page, String field) {
    return page.at("/data").valueStream().map(entry -> entry.path(field).longValue()).toList();
  }
}
