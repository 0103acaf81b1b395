package dev.evenkeel.http;

import static org.assertj.core.api.Assertions.assertThat;

import dev.evenkeel.http.BadInput.Operation;
import dev.testing.Api;
import dev.testing.TestDatabase;
import dev.testing.WholeApplication;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.util.UUID;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.boot.test.web.server.LocalServerPort;

/** Headers and methods that cannot be, and which refusal comes first. */
@WholeApplication
class BadRequestTests {

  private static final String TOO_LARGE = "x".repeat(64 * 1024 + 1);

  @LocalServerPort int port;
  @Autowired TestDatabase database;

  BadInput input;

  @BeforeEach
  void connect() {
    input = new BadInput(port, database);
  }

  @ParameterizedTest
  @EnumSource(names = "ACCOUNT", mode = EnumSource.Mode.EXCLUDE)
  void withoutAKeyNothingMoves(Operation operation) {
    input.refusedWithKey(() -> input.api.send(json(operation)), 400, "idempotency-key-missing");
  }

  static Stream<Arguments> keys() {
    return Stream.of(Operation.values())
        .flatMap(operation ->
            Stream.of("k".repeat(256), "two words", "", "\"\"")
                .map(key -> Arguments.of(operation, key)));
  }

  @ParameterizedTest
  @MethodSource("keys")
  void whatIsNoKeyIsRefused(Operation operation, String key) {
    Api.Answer answer =
        input.refusedWithKey(
            () -> input.api.send(json(operation).header("Idempotency-Key", key)),
            400,
            "invalid-request");

    assertThat(answer.at("/errors/0/field")).isEqualTo("Idempotency-Key");
  }

  @Test
  void twoKeysAreNone() {
    input.refusedWithKey(
        () ->
            input.api.send(
                json(Operation.TRANSFER)
                    .header("Idempotency-Key", "a")
                    .header("Idempotency-Key", "b")),
        400,
        "invalid-request");
  }

  @ParameterizedTest
  @EnumSource
  void anotherMediaTypeIsRefused(Operation operation) {
    for (String type :
        new String[] {
          "text/plain",
          "application/xml",
          "json",
          "application/json;charset=latin1",
          "application/x-www-form-urlencoded",
          "multipart/form-data"
        }) {
      input.refusedWithKey(
          () -> input.api.send(valid(operation).header("Content-Type", type)),
          415,
          "unsupported-media-type");
    }
  }

  @ParameterizedTest
  @EnumSource
  void noMediaTypeIsRefused(Operation operation) {
    input.refusedWithKey(() -> input.api.send(valid(operation)), 415, "unsupported-media-type");
  }

  @ParameterizedTest
  @EnumSource
  void whatCannotBeAnsweredIsNotDone(Operation operation) {
    input.refusedWithKey(
        () ->
            input.api.send(
                valid(operation)
                    .header("Content-Type", "application/json")
                    .header("Accept", "image/png")),
        406,
        "not-acceptable");
  }

  @Test
  void whatIsDoneIsAnsweredInJsonWhateverTheCharset() {
    Api.Answer answer =
        input.api.send(
            json(Operation.TRANSFER)
                .header("Idempotency-Key", UUID.randomUUID().toString())
                .header("Accept", "application/json;charset=iso-8859-1"));

    assertThat(answer.status()).as(answer.toString()).isEqualTo(201);
    assertThat(answer.header("Content-Type")).contains("application/json");
  }

  @ParameterizedTest(name = "Accept {0}, body too large {1}, type {2}: {3}")
  @CsvSource({
    "image/png, true, text/plain, 406",
    "application/json, true, text/plain, 413",
    "application/json, false, text/plain, 415",
    "application/json, false, application/json, 400"
  })
  void theFirstThatAppliesWins(String accept, boolean large, String type, int status) {
    Api.Answer answer =
        input.leavesNothing(() ->
            input.api.send(
                input
                    .api
                    .request("/v1/transfers")
                    .header("Accept", accept)
                    .header("Content-Type", type)
                    .POST(BodyPublishers.ofString(large ? TOO_LARGE : "no json"))));

    assertThat(answer.status()).as(answer.toString()).isEqualTo(status);
  }

  @ParameterizedTest(name = "{0} {1} allows {2}")
  @CsvSource({
    "DELETE, /v1/transfers, POST",
    "PUT, /v1/payments, POST",
    "POST, /v1/notifications, GET",
    "DELETE, /v1/accounts/%s, GET",
    "POST, /v1/transfers/%s, GET",
    "PUT, /v1/transfers/batch, POST",
    "POST, /v1/transfers/batch/%s, GET",
    "GET, /v1/transfers/%s/reversal, POST",
    "DELETE, /v1/holds, POST",
    "DELETE, /v1/holds/%s, GET",
    "GET, /v1/holds/%s/capture, POST",
    "GET, /v1/holds/%s/release, POST",
    "GET, /v1/accounts/%s/freeze, POST",
    "PUT, /v1/accounts/%s/close, POST",
    "POST, /v1/accounts/%s/balance, GET",
    "POST, /v1/operations/ledger, GET"
  })
  void anotherMethodIsRefused(String method, String path, String allowed) {
    Api.Answer answer =
        input.refused(
            () ->
                input.api.send(
                    input
                        .api
                        .request(path.formatted(input.account))
                        .method(method, BodyPublishers.noBody())),
            405,
            "method-not-allowed");

    assertThat(answer.header("Allow").orElse("")).contains(allowed).doesNotContain(method);
  }

  @ParameterizedTest
  @CsvSource({
    "POST, /v1/nothing, multipart/form-data, 404",
    "PUT, /v1/accounts, multipart/form-data, 405",
    "PUT, /v1/accounts, application/x-www-form-urlencoded, 405",
    "DELETE, /v1/accounts, application/x-www-form-urlencoded, 405"
  })
  void noFormIsReadBeforeItIsKnownWhoseItIs(String method, String path, String type, int status) {
    Api.Answer answer =
        input.leavesNothing(() ->
            input.api.send(
                input
                    .api
                    .request(path)
                    .header("Content-Type", type)
                    .method(method, BodyPublishers.ofString("a=%zz"))));

    assertThat(answer.status()).as(answer.toString()).isEqualTo(status);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "/v1/accounts/{account}/freeze",
        "/v1/accounts/{account}/unfreeze",
        "/v1/accounts/{account}/close",
        "/v1/holds/{hold}/release"
      })
  void whatTakesNoBodyTakesNothingElse(String path) {
    input.refused(() -> noBody(path, "application/json", "{\"a\":1}"), 400, "invalid-request");
    input.refused(() -> noBody(path, "text/plain", "{}"), 415, "unsupported-media-type");
    input.refused(() -> noBody(path, "text/plain", TOO_LARGE), 413, "payload-too-large");

    assertThat(noBody("/v1/accounts/{account}/freeze", "application/json", "{}").status())
        .isEqualTo(200);
  }

  private Api.Answer noBody(String path, String type, String body) {
    return input.api.send(
        input
            .api
            .request(input.path(path))
            .header("Content-Type", type)
            .POST(BodyPublishers.ofString(body)));
  }

  @Test
  void problemsSpeakOneLanguage() {
    HttpRequest.Builder request =
        input
            .api
            .request("/v1/accounts")
            .header("Content-Type", "application/json")
            .header("Accept-Language", "de")
            .POST(BodyPublishers.ofString("{\"name\":\"Main\"}"));

    Api.Answer answer = input.refused(() -> input.api.send(request), 400, "invalid-request");

    assertThat(answer.at("/detail")).isEqualTo("currency must not be null");
  }

  private HttpRequest.Builder valid(Operation operation) {
    return input
        .api
        .request(input.path(operation))
        .POST(BodyPublishers.ofString(input.json(operation)));
  }

  private HttpRequest.Builder json(Operation operation) {
    return valid(operation).header("Content-Type", "application/json");
  }
}
