package dev.evenkeel.http;

import static org.assertj.core.api.Assertions.assertThat;

import dev.evenkeel.http.BadInput.Operation;
import dev.testing.Api;
import dev.testing.TestDatabase;
import dev.testing.WholeApplication;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;
import org.springframework.boot.test.web.server.LocalServerPort;

/** Fields with a value that they cannot have: each is named, and nothing is written. */
@WholeApplication
@ExtendWith(OutputCaptureExtension.class)
class BadFieldTests {

  @LocalServerPort int port;
  @Autowired TestDatabase database;

  BadInput input;

  @BeforeEach
  void connect() {
    input = new BadInput(port, database);
  }

  static Stream<Arguments> amounts() {
    return Stream.of(Operation.values())
        .filter(Operation::takesAnAmount)
        .flatMap(operation ->
            Stream.of(
                    "1250.0",
                    "1e3",
                    "\"1250\"",
                    "true",
                    "null",
                    "[]",
                    "{}",
                    "-1",
                    "1000000000000001",
                    "9223372036854775808",
                    "1e400",
                    "1e999999999",
                    "1".repeat(50))
                .map(amount -> Arguments.of(operation, amount)));
  }

  @ParameterizedTest
  @MethodSource("amounts")
  void whatIsNoAmountIsRefused(Operation operation, String amount) {
    assertRefused(operation, operation.amountField, amount);
  }

  @ParameterizedTest
  @EnumSource(
      names = {"ACCOUNT", "REVERSAL"},
      mode = EnumSource.Mode.EXCLUDE)
  void nothingIsNoAmount(Operation operation) {
    assertRefused(operation, "amount", "0");
  }

  static Stream<Arguments> currencies() {
    return Stream.of(Operation.values())
        .filter(Operation::takesACurrency)
        .flatMap(operation ->
            Stream.of(
                    "\"XAU\"",
                    "\"XXX\"",
                    "\"eur\"",
                    "\"EURO\"",
                    "\"\"",
                    "\" EUR\"",
                    "978",
                    "null",
                    "true")
                .map(currency -> Arguments.of(operation, currency)));
  }

  @ParameterizedTest
  @MethodSource("currencies")
  void whatIsNoCurrencyIsRefused(Operation operation, String currency) {
    assertRefused(operation, "currency", currency);
  }

  @ParameterizedTest
  @EnumSource
  void anUnknownFieldIsRefused(Operation operation) {
    assertRefused(operation, "surprise", "1");
  }

  static Stream<Arguments> texts() {
    return Stream.of(
            "\"a\\u0000b\"", "\"a\\ud800b\"", "\"\\udc00\"", "7", "1.5", "true", "{}", "[]")
        .flatMap(text ->
            Stream.of(
                Arguments.of(Operation.ACCOUNT, "name", text),
                Arguments.of(Operation.TRANSFER, "description", text),
                Arguments.of(Operation.TRANSFER, "reference", text),
                Arguments.of(Operation.BATCH, "reference", text),
                Arguments.of(Operation.HOLD, "description", text),
                Arguments.of(Operation.PAYMENT, "instrument", text),
                Arguments.of(Operation.PAYMENT, "description", text),
                Arguments.of(Operation.PAYMENT, "kind", text)));
  }

  @ParameterizedTest
  @MethodSource("texts")
  void whatIsNoTextIsRefused(Operation operation, String field, String value) {
    assertRefused(operation, field, value);
  }

  static Stream<Arguments> lengths() {
    return Stream.of(
        Arguments.of(Operation.ACCOUNT, "name", 0),
        Arguments.of(Operation.ACCOUNT, "name", 101),
        Arguments.of(Operation.TRANSFER, "description", 501),
        Arguments.of(Operation.TRANSFER, "reference", 65),
        Arguments.of(Operation.BATCH, "description", 501),
        Arguments.of(Operation.BATCH, "reference", 65),
        Arguments.of(Operation.HOLD, "description", 501),
        Arguments.of(Operation.PAYMENT, "description", 501),
        Arguments.of(Operation.PAYMENT, "reference", 65),
        Arguments.of(Operation.PAYMENT, "instrument", 0),
        Arguments.of(Operation.PAYMENT, "instrument", 201));
  }

  @ParameterizedTest
  @MethodSource("lengths")
  void aTextOfAnotherLengthIsRefused(Operation operation, String field, int length) {
    assertRefused(operation, field, "\"" + "x".repeat(length) + "\"");
  }

  static Stream<Arguments> longest() {
    return Stream.of(
        Arguments.of(Operation.ACCOUNT, "name", "\"" + "x".repeat(100) + "\""),
        Arguments.of(Operation.ACCOUNT, "name", "\"" + "💶".repeat(100) + "\""),
        Arguments.of(Operation.TRANSFER, "description", "\"" + "x".repeat(500) + "\""),
        Arguments.of(Operation.TRANSFER, "reference", "\"" + "💶".repeat(64) + "\""),
        Arguments.of(Operation.TRANSFER, "reference", "\"" + "x".repeat(64) + "\""),
        Arguments.of(Operation.TRANSFER, "metadata", metadata(20, 40, 500)),
        Arguments.of(Operation.BATCH, "metadata", metadata(20, 40, 500)),
        Arguments.of(Operation.HOLD, "description", "\"" + "💶".repeat(500) + "\""),
        Arguments.of(Operation.PAYMENT, "metadata", metadata(20, 40, 500)),
        Arguments.of(Operation.ACCOUNT, "overdraftLimit", "1000000000000000"));
  }

  @ParameterizedTest
  @MethodSource("longest")
  void theLongestIsTaken(Operation operation, String field, String value) {
    Api.Answer answer = input.post(operation, input.with(operation, field, value));

    assertThat(answer.status()).as(answer.toString()).isIn(200, 201);
  }

  static Stream<Arguments> metadata() {
    return Stream.of(Operation.TRANSFER, Operation.BATCH, Operation.PAYMENT)
        .flatMap(operation ->
            Stream.of(
                    metadata(21, 5, 5),
                    metadata(1, 41, 5),
                    metadata(1, 0, 5),
                    metadata(1, 5, 501),
                    "{\"a\":1}",
                    "{\"a\":null}",
                    "{\"a\":{}}",
                    "{\"a\":\"\\u0000\"}",
                    "[]",
                    "\"a\"")
                .map(value -> Arguments.of(operation, value)));
  }

  @ParameterizedTest
  @MethodSource("metadata")
  void metadataBeyondItsLimitsIsRefused(Operation operation, String value) {
    assertThat(refusal(operation, "metadata", value).at("/errors/0/field"))
        .startsWith(operation.named("metadata"));
  }

  static Stream<Arguments> ids() {
    return Stream.of(
            "\"1-1-1-1-1\"",
            "\"AAAAAAAAAAAAAAAAAAAAAA==\"",
            "\"019a0000-0000-7000-8000-00000000000\"",
            "\"{019a0000-0000-7000-8000-000000000000}\"",
            "\"\"",
            "7",
            "null",
            "[]")
        .flatMap(id ->
            Stream.of(
                Arguments.of(Operation.TRANSFER, "from", id),
                Arguments.of(Operation.TRANSFER, "to", id),
                Arguments.of(Operation.BATCH, "from", id),
                Arguments.of(Operation.HOLD, "from", id),
                Arguments.of(Operation.HOLD, "to", id),
                Arguments.of(Operation.PAYMENT, "account", id)));
  }

  @ParameterizedTest
  @MethodSource("ids")
  void whatIsNoIdIsRefused(Operation operation, String field, String id) {
    assertRefused(operation, field, id);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "4111111111111111",
        "4111-1111-1111-1111",
        "4111_1111_1111_1111",
        "378282246310005"
      })
  void aCardNumberIsRefusedAndRepeatedNowhere(String card, CapturedOutput output) {
    Api.Answer answer = refusal(Operation.PAYMENT, "instrument", "\"" + card + "\"");

    assertThat(answer.at("/errors/0/field")).isEqualTo("instrument");
    assertThat(answer.text()).doesNotContain(card);
    assertThat(output.getAll()).doesNotContain(card);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"currency", "name", "amount", "from", "to", "account", "kind", "instrument"})
  void aFieldThatIsNeededIsMissed(String field) {
    Stream.of(Operation.values())
        .filter(operation -> operation != Operation.CAPTURE)
        .filter(operation -> input.valid(operation).containsKey(field))
        .forEach(operation -> {
          Api.Answer answer =
              input.refusedWithKey(
                  () -> input.post(operation, input.without(operation, field)),
                  400,
                  "invalid-request");
          assertThat(answer.at("/errors/0/field")).isEqualTo(operation.named(field));
        });
  }

  private void assertRefused(Operation operation, String field, String value) {
    Api.Answer answer = refusal(operation, field, value);
    assertThat(answer.at("/errors/0/field"))
        .as(answer.toString())
        .isEqualTo(operation.named(field));
  }

  private Api.Answer refusal(Operation operation, String field, String value) {
    String body = input.with(operation, field, value);
    return input.refusedWithKey(() -> input.post(operation, body), 400, "invalid-request");
  }

  private static String metadata(int entries, int keyLength, int valueLength) {
    return IntStream.range(0, entries)
        .mapToObj(i -> keyLength == 0 ? "" : (char) ('a' + i) + "k".repeat(keyLength - 1))
        .map(key -> "\"" + key + "\":\"" + "v".repeat(valueLength) + "\"")
        .collect(Collectors.joining(",", "{", "}"));
  }
}
