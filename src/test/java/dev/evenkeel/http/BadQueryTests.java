package dev.evenkeel.http;

import static org.assertj.core.api.Assertions.assertThat;

import dev.testing.Api;
import dev.testing.TestDatabase;
import dev.testing.WholeApplication;
import java.util.UUID;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.boot.test.web.server.LocalServerPort;

/** Paths and queries that cannot be. */
@WholeApplication
class BadQueryTests {

  @LocalServerPort int port;
  @Autowired TestDatabase database;

  BadInput input;

  @BeforeEach
  void connect() {
    input = new BadInput(port, database);
  }

  @Test
  void aListIsJsonOrNothing() {
    input.refused(
        () ->
            input.api.send(
                input
                    .api
                    .request("/v1/accounts/" + input.account + "/entries?limit=0")
                    .header("Accept", "image/png")),
        406,
        "not-acceptable");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "/",
        "/v1",
        "/v1/nothing",
        "/v1/accounts/",
        "/v1/accounts/1-1-1-1-1",
        "/v1/accounts/AAAAAAAAAAAAAAAAAAAAAA==",
        "/v1/accounts/1-1-1-1-1/entries",
        "/v1/transfers/abc",
        "/v1/transfers/batch/abc",
        "/v1/holds/1-1-1-1-1",
        "/v1/accounts/abc/balance",
        "/v1/operations",
        "/v1/payments/abc",
        "/v1/payments/%20"
      })
  void aPathThatLeadsNowhereIsNotFound(String path) {
    Api.Answer answer = input.refused(() -> input.api.get(path), 404, "not-found");

    assertThat(answer.at("/instance")).isEqualTo(path);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "/v1/accounts/{account}",
        "/v1/accounts/{account}/balance",
        "/v1/accounts/{account}/entries",
        "/v1/transfers/{transfer}",
        "/v1/holds/{hold}"
      })
  void whatIsNotWantedIsNotSent(String path) {
    for (String accept : new String[] {"image/png", "application/json;q=0", "*/*;q=0"}) {
      input.refused(
          () -> input.api.send(input.api.request(input.path(path)).header("Accept", accept)),
          406,
          "not-acceptable");
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "/v1/accounts/%s",
        "/v1/accounts/%s/entries?limit=0",
        "/v1/accounts/%s/balance?at=yesterday",
        "/v1/transfers/%s",
        "/v1/transfers/batch/%s",
        "/v1/holds/%s",
        "/v1/payments/%s"
      })
  void anUnknownResourceIsNotFoundWhateverElseIsWrong(String path) {
    String unknown = path.formatted(UUID.randomUUID());

    input.refused(
        () -> input.api.send(input.api.request(unknown).header("Accept", "image/png")),
        404,
        "not-found");
  }

  @ParameterizedTest(name = "{0}")
  @CsvSource({
    "limit=0, limit",
    "limit=101, limit",
    "limit=abc, limit",
    "limit=, limit",
    "limit=-1, limit",
    "limit=1.0, limit",
    "limit=99999999999, limit",
    "cursor=abc, cursor",
    "cursor=, cursor",
    "cursor=%00, cursor",
    "cursor=!!!, cursor",
    "cursor=AAAAAAAAAAAAAAAAAAAAAA, cursor"
  })
  void aPageThatIsNoneIsRefused(String query, String field) {
    for (String list :
        new String[] {
          "/v1/notifications",
          "/v1/accounts",
          "/v1/transfers",
          "/v1/holds",
          "/v1/accounts/" + input.account + "/entries"
        }) {
      Api.Answer answer =
          input.refused(() -> input.api.get(list + "?" + query), 400, "invalid-request");

      assertThat(answer.at("/errors/0/field")).isEqualTo(field);
    }
  }

  @ParameterizedTest(name = "{0}={1}")
  @CsvSource({
    "from, yesterday",
    "from, 2026-01-31",
    "from, 2026-02-30T00:00:00Z",
    "to, 2026-01-31T12:00:00",
    "to, ''",
    "to, %2B12026-01-31T12:00:00Z"
  })
  void whatIsNoTimeIsRefused(String field, String value) {
    Api.Answer answer =
        input.refused(
            () ->
                input.api.get("/v1/accounts/" + input.account + "/entries?" + field + "=" + value),
            400,
            "invalid-request");

    assertThat(answer.at("/errors/0/field")).isEqualTo(field);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "0000-01-01T00:00:00Z",
        "9999-12-31T23:59:59.999999999Z",
        "2026-01-01T00:00:00%2B18:00"
      })
  void anyTimeOfFourDigitYearsIsTaken(String time) {
    String entries = "/v1/accounts/" + input.account + "/entries";

    assertThat(input.api.get(entries + "?from=" + time).status()).isEqualTo(200);
    assertThat(input.api.get(entries + "?to=" + time).status()).isEqualTo(200);
  }

  @ParameterizedTest
  @ValueSource(strings = {"1-1-1-1-1", "AAAAAAAAAAAAAAAAAAAAAA==", "abc", ""})
  void whatIsNoIdInTheQueryIsRefused(String id) {
    for (String list : new String[] {"/v1/notifications", "/v1/transfers", "/v1/holds"}) {
      Api.Answer answer =
          input.refused(() -> input.api.get(list + "?account=" + id), 400, "invalid-request");

      assertThat(answer.at("/errors/0/field")).isEqualTo("account");
    }
  }
}
