package dev.evenkeel.http;

import static org.assertj.core.api.Assertions.assertThat;

import dev.evenkeel.http.BadInput.Operation;
import dev.testing.Api;
import dev.testing.TestDatabase;
import dev.testing.WholeApplication;
import java.io.ByteArrayOutputStream;
import java.net.http.HttpRequest.BodyPublishers;
import java.nio.charset.StandardCharsets;
import java.util.UUID;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.boot.test.web.server.LocalServerPort;

/** Bodies that are no request. */
@WholeApplication
class BadInputTests {

  @LocalServerPort int port;
  @Autowired TestDatabase database;

  BadInput input;

  @BeforeEach
  void connect() {
    input = new BadInput(port, database);
  }

  @ParameterizedTest
  @EnumSource
  void whatIsValidIsTaken(Operation operation) {
    Api.Answer answer = input.post(operation, input.json(operation));

    assertThat(answer.status()).as(answer.toString()).isIn(200, 201, 202);
  }

  static Stream<Arguments> bodies() {
    return Stream.of(Operation.values())
        .flatMap(operation ->
            Stream.of(
                    "",
                    " ",
                    "null",
                    "7",
                    "\"text\"",
                    "[]",
                    "[{}]",
                    "{",
                    "{\"name\"",
                    "{'name': 'Main'}",
                    "{\"name\": tok}",
                    "not json",
                    "/* comment */ {}",
                    "[".repeat(30_000),
                    "{\"a\":".repeat(2_000) + "1" + "}".repeat(2_000),
                    "{\"" + "n".repeat(60_000) + "\": 1}")
                .filter(body -> !body.isEmpty() || !mayBeEmpty(operation))
                .map(body -> Arguments.of(operation, body)));
  }

  private static boolean mayBeEmpty(Operation operation) {
    return operation == Operation.REVERSAL || operation == Operation.CAPTURE;
  }

  @ParameterizedTest
  @MethodSource("bodies")
  void whatIsNoJsonObjectIsRefused(Operation operation, String body) {
    input.refusedWithKey(() -> input.post(operation, body), 400, "invalid-request");
  }

  @ParameterizedTest
  @EnumSource
  void whatFollowsTheObjectIsRefused(Operation operation) {
    String valid = input.json(operation);

    for (String garbage : new String[] {" x", "{}", "]", ",", "\0"}) {
      input.refusedWithKey(() -> input.post(operation, valid + garbage), 400, "invalid-request");
    }
  }

  @ParameterizedTest
  @EnumSource(names = "REVERSAL", mode = EnumSource.Mode.EXCLUDE)
  void aFieldNamedTwiceIsRefused(Operation operation) {
    String amount = "\"" + operation.amountField + "\":";
    String twice = input.json(operation).replace(amount, amount + "10," + amount);

    input.refusedWithKey(() -> input.post(operation, twice), 400, "invalid-request");
  }

  @ParameterizedTest
  @EnumSource(names = {"TRANSFER", "BATCH", "PAYMENT"})
  void aKeyNamedTwiceInMetadataIsRefused(Operation operation) {
    String body = input.with(operation, "metadata", "{\"a\":\"1\",\"a\":\"2\"}");

    input.refusedWithKey(() -> input.post(operation, body), 400, "invalid-request");
  }

  @ParameterizedTest
  @EnumSource
  void bytesThatAreNoUtf8AreRefused(Operation operation) {
    byte[] valid = input.json(operation).getBytes(StandardCharsets.UTF_8);
    ByteArrayOutputStream body = new ByteArrayOutputStream();
    body.writeBytes("{\"description\":\"".getBytes(StandardCharsets.UTF_8));
    body.write(0xff);
    body.writeBytes("\",".getBytes(StandardCharsets.UTF_8));
    body.write(valid, 1, valid.length - 1);

    input.refusedWithKey(
        () -> input.api.send(input.post(operation, BodyPublishers.ofByteArray(body.toByteArray()))),
        400,
        "invalid-request");
  }

  @ParameterizedTest
  @EnumSource(names = "REVERSAL", mode = EnumSource.Mode.EXCLUDE)
  void aNumberOfThousandsOfDigitsIsRefused(Operation operation) {
    String body = input.with(operation, operation.amountField, "9".repeat(5_000));

    input.refusedWithKey(() -> input.post(operation, body), 400, "invalid-request");
  }

  @ParameterizedTest
  @EnumSource
  void theLargestBodyIsTakenAndAByteMoreIsNot(Operation operation) {
    String valid = input.json(operation);
    String largest = valid + " ".repeat(operation.largestBody() - valid.length());

    assertThat(input.post(operation, largest).status()).isIn(200, 201, 202);
    input.refusedWithKey(() -> input.post(operation, largest + " "), 413, "payload-too-large");
  }

  @Test
  void aLargeBodyOfUnknownLengthIsTooLargeToo() {
    byte[] large = new byte[200_000];
    var body = BodyPublishers.fromPublisher(BodyPublishers.ofByteArray(large));

    input.refusedWithKey(
        () -> input.api.send(input.post(Operation.TRANSFER, body)), 413, "payload-too-large");
  }

  @Test
  void aCardNumberIsNotRepeatedWhereTheBodyIsMalformed() {
    String body = input.with(Operation.PAYMENT, "instrument", "a4111111111111111");

    Api.Answer answer =
        input.refusedWithKey(() -> input.post(Operation.PAYMENT, body), 400, "invalid-request");

    assertThat(answer.text()).doesNotContain("4111111111111111");
  }

  @Test
  void anAccountNeedsNoKeyAndNoLimit() {
    Api.Answer answer =
        input.api.send(
            input
                .api
                .request("/v1/accounts")
                .header("Content-Type", "application/json")
                .POST(BodyPublishers.ofString(input.without(Operation.ACCOUNT, "overdraftLimit"))));

    assertThat(answer.status()).as(answer.toString()).isEqualTo(201);
    assertThat(answer.body().at("/overdraftLimit").asLong(-1)).isZero();
  }

  @Test
  void anAccountUnderAKeyIsOpenedOnce() {
    String key = UUID.randomUUID().toString();
    String body = input.json(Operation.ACCOUNT);
    Api.Answer first = input.api.post("/v1/accounts", key, body);

    Api.Answer second = input.leavesNothing(() -> input.api.post("/v1/accounts", key, body));

    assertThat(second.status()).isEqualTo(200);
    assertThat(second.isReplay()).isTrue();
    assertThat(second.body()).isEqualTo(first.body());
  }
}
