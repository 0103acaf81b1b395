package dev.evenkeel.platform;

import static org.assertj.core.api.Assertions.assertThat;

import dev.evenkeel.platform.BadInput.Operation;
import dev.testing.Api;
import dev.testing.TestDatabase;
import dev.testing.WholeApplication;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;
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
        new String[] {"text/plain", "application/xml", "json", "application/json;charset=latin1"}) {
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
