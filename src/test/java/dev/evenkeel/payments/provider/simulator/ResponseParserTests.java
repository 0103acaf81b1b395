package dev.evenkeel.payments.provider.simulator;

import static java.nio.charset.StandardCharsets.UTF_8;
import static java.util.stream.Collectors.joining;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.evenkeel.payments.provider.Deduction;
import dev.evenkeel.payments.provider.FollowUp;
import dev.evenkeel.payments.provider.ProviderBalance;
import dev.evenkeel.payments.provider.ProviderOperation;
import dev.evenkeel.payments.provider.ProviderRequest;
import dev.evenkeel.payments.provider.ProviderResponse;
import dev.evenkeel.payments.provider.ReportPage;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Only a well-formed answer about our request decides a payment; a report is read as a whole. */
class ResponseParserTests {

  private static final UUID REFERENCE = UUID.fromString("0190a5c6-0000-7000-8000-000000000001");
  private static final ProviderRequest REQUEST =
      new ProviderRequest(
          new ProviderRequest.Order(
              ProviderRequest.Kind.CHARGE, REFERENCE, 1250, "EUR", "tok_ok", null, null, false));
  private static final String APPROVED =
      """
      {"id": "op_1", "reference": "%s", "amount": 1250, "currency": "EUR", "status": "approved"}\
      """
          .formatted(REFERENCE);
  private static final String REINSTATED =
      """
      {"id": "op_3", "amount": 1250, "reinstated": true, "at": "2026-01-01T00:00:00Z"}\
      """;
  private static final String LINE =
      """
      {"id": "op_1", "key": "k", "kind": "charge", "reference": "r", "amount": 1250,
       "currency": "EUR", "status": "approved", "at": "2026-01-01T00:00:00Z"}
      """;

  private static ProviderResponse ofRequest(int status, String body) {
    return ResponseParser.ofRequest(REQUEST, status, bytes(body), Duration.ZERO);
  }

  private static ProviderResponse ofQuery(int status, String body) {
    return ResponseParser.ofQuery(REQUEST, status, bytes(body), Duration.ZERO);
  }

  private static byte[] bytes(String body) {
    return body.getBytes(UTF_8);
  }

  private static String with(String member) {
    return APPROVED.replace("}", ", " + member + "}");
  }

  /** Both read an operation alike. */
  private static void assertBoth(String body, String expected) {
    assertThat(describe(ofRequest(201, body))).isEqualTo(expected);
    assertThat(describe(ofQuery(200, body))).isEqualTo(expected);
  }

  private static String describe(ProviderResponse response) {
    return switch (response) {
      case ProviderResponse.Approved(var it) ->
          it.returns().stream()
              .map(one ->
                  " %s %s %d"
                      .formatted(
                          one.reinstated() ? "reinstated" : "returned", one.id(), one.amount()))
              .collect(joining("", "approved " + it.id(), ""));
      case ProviderResponse.Declined(_, var code) -> "declined " + code;
      case ProviderResponse.Mismatch(var it, var amount) ->
          "mismatch "
              + it.describe()
              + (it.returns().isEmpty() ? "" : it.describeReturns())
              + " "
              + amount;
      case ProviderResponse.Pending() -> "pending";
      case ProviderResponse.ActionRequired(_, var url) -> "action at " + url;
      case ProviderResponse.Authorized(var it) -> "authorized " + it.id();
      case ProviderResponse.Canceled(var it) -> "canceled " + it.id();
      case ProviderResponse.Rejected _ -> "rejected";
      case ProviderResponse.NotFound() -> "not found";
      case ProviderResponse.Unknown unknown -> unknown.ourFault() ? "fault" : "temporary";
      case ProviderResponse.CredentialsRefused() -> "refused";
      case ProviderResponse.NotSent _ -> "not sent";
    };
  }

  private static void assertUnknown(ProviderResponse response, boolean ourFault) {
    assertThat(response)
        .isInstanceOfSatisfying(
            ProviderResponse.Unknown.class,
            unknown -> assertThat(unknown.ourFault()).isEqualTo(ourFault));
  }

  private static void assertUnknown(String body, boolean ourFault) {
    assertUnknown(ofRequest(201, body), ourFault);
    assertUnknown(ofQuery(200, body), ourFault);
  }

  @Test
  void readsDecisions() {
    String declined = APPROVED.replace("approved", "declined");

    assertBoth(APPROVED, "approved op_1");
    assertBoth(declined, "declined declined");
    assertBoth(declined.replace("}", ", \"code\": \"stolen\"}"), "declined stolen");
    assertBoth(declined.replace("}", ", \"code\": \"<b>\\u0000\"}"), "declined declined");
    assertBoth(APPROVED.replace("approved", "pending"), "pending");
    assertBoth(APPROVED.replace("approved", "authorized"), "authorized op_1");
    assertBoth(APPROVED.replace("approved", "canceled"), "canceled op_1");
    assertBoth(with("\"fee\": {\"rate\": 1}"), "approved op_1");
    assertBoth(with("\"returns\": []"), "approved op_1");
    assertBoth(with("\"returns\": null"), "approved op_1");
  }

  @ParameterizedTest
  @CsvSource({
    "'\"https://bank.test/3ds?a=1\"', action at https://bank.test/3ds?a=1",
    "'\"http://localhost:9090/actions/op_1\"', action at http://localhost:9090/actions/op_1",
    "'\"javascript:alert(1)\"', pending",
    "'\"//bank.test/\"', pending",
    "'\"https:///\"', pending",
    "'\"no url\"', pending",
    "7, pending",
    "null, pending"
  })
  void readsTheCustomersPage(String url, String expected) {
    assertBoth(
        with("\"nextAction\": {\"redirectUrl\": " + url + "}").replace("approved", "pending"),
        expected);
  }

  /** What is authorized is the amount of the order; what is approved is what was captured. */
  @ParameterizedTest
  @CsvSource({
    "authorized, 1250, authorized op_1",
    "authorized, 600, mismatch authorized 600 EUR 600",
    "approved, 600, approved op_1",
    "approved, 1250, mismatch approved 1250 EUR 1250",
    "canceled, 1250, canceled op_1"
  })
  void expectsWhatIsCaptured(String status, long amount, String expected) {
    ProviderRequest capture =
        REQUEST.withKnown(new ProviderRequest.Known("op_1", FollowUp.CAPTURE, 600L));
    String body = APPROVED.replace("approved", status).replace("1250", "" + amount);

    assertThat(describe(ResponseParser.ofRequest(capture, 200, bytes(body), Duration.ZERO)))
        .isEqualTo(expected);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "\"at\": \"yesterday\"",
        "\"at\": 7",
        "\"at\": {}",
        "\"key\": 7",
        "\"kind\": []",
        "\"code\": 51",
        "\"of\": {\"id\": 1}",
        "\"surprise\": [{}]"
      })
  void ignoresOddExtras(String member) {
    assertBoth(with(member), "approved op_1");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"", ", \"at\": \"yesterday\"", ", \"reason\": {}", ", \"reinstated\": null"})
  void readsReturns(String extras) {
    String returns = "[{\"id\": \"op_2\", \"amount\": 300%s}, %s]".formatted(extras, REINSTATED);

    assertBoth(
        with("\"returns\": " + returns), "approved op_1 returned op_2 300 reinstated op_3 1250");
  }

  @ParameterizedTest
  @CsvSource({
    "1250, 1251, 1251 EUR, 1251",
    "1250, -1250, -1250 EUR, -1250",
    "EUR, USD, 1250 USD, ",
    "EUR, eur, 1250 eur, "
  })
  void findsAnotherAmountOrCurrency(
      String ours, String theirs, String found, @Nullable Long amount) {
    String other = APPROVED.replace(ours, theirs);

    assertBoth(other, "mismatch approved " + found + " " + amount);
    assertBoth(other.replace("approved", "declined"), "mismatch declined " + found + " " + amount);
  }

  @Test
  void readsReturnsOfAnotherAmount() {
    assertBoth(
        with("\"returns\": [%s]".formatted(REINSTATED)).replace("1250, \"cur", "1251, \"cur"),
        "mismatch approved 1251 EUR, 1250 returned, 1250 reinstated 1251");
  }

  @Test
  void findsMoreReturnedThanMoved() {
    String returns = "[%s, {\"id\": \"op_2\", \"amount\": 1}]";

    assertBoth(
        with("\"returns\": " + returns.formatted(REINSTATED.replace("true", "false"))),
        "mismatch approved 1250 EUR, 1251 returned null");
  }

  @ParameterizedTest
  @CsvSource({
    "'\"%s\"', '\"another\"', true",
    "approved, APPROVED, true",
    "approved, under_review, true",
    "1250, 1250.9, false",
    "1250, '\"1250\"', false",
    "'\"id\"', '\"x-id\"', false",
    "'\"reference\"', '\"x-reference\"', false",
    "'\"amount\"', '\"x-amount\"', false",
    "'\"currency\"', '\"x-currency\"', false",
    "'\"status\"', '\"x-status\"', false"
  })
  void doesNotGuess(String part, String replacement, boolean ourFault) {
    assertUnknown(APPROVED.replace(part.formatted(REFERENCE), replacement), ourFault);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "false",
        "{}",
        "\"op_2\"",
        "[null]",
        "[{}]",
        "[\"op_2\"]",
        "[{\"amount\": 1250}]",
        "[{\"id\": 7, \"amount\": 1250}]",
        "[{\"id\": \"op_2\"}]",
        "[{\"id\": \"op_2\", \"amount\": 1250.5}]",
        "[{\"id\": \"op_2\", \"amount\": \"1250\"}]",
        "[{\"id\": \"op_2\", \"amount\": 0}]",
        "[{\"id\": \"op_2\", \"amount\": 1000000000000001}]",
        "[{\"id\": \"op_2\", \"amount\": 1250, \"reinstated\": \"no\"}]",
        "[{\"id\": \"op_2\", \"amount\": 1250}, 7]"
      })
  void rejectsUnreadableReturns(String returns) {
    assertUnknown(with("\"returns\": " + returns), false);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"", "null", "[]", "\"approved\"", "{}", "{\"id\"", "<html>It works!</html>", "\0"})
  void rejectsGarbage(String body) {
    assertUnknown(body, false);
  }

  /** An id has to fit into an index. */
  @Test
  void rejectsIdsOfMoreThan255Characters() {
    String longest = "i".repeat(255);

    assertBoth(APPROVED.replace("op_1", longest), "approved " + longest);
    assertUnknown(APPROVED.replace("op_1", longest + "i"), false);
  }

  @Test
  void rejectsTruncatedOrTrailingContent() {
    for (int length = 0; length < APPROVED.length(); length++) {
      assertUnknown(APPROVED.substring(0, length), false);
    }
    assertUnknown(APPROVED + APPROVED.replace("approved", "declined"), false);
  }

  /** The body of an error decides nothing, even if it looks like a decision. */
  @ParameterizedTest
  @CsvSource({
    "401, refused, refused",
    "300 301 302 307 402 403 405 406 409 410 415, fault, fault",
    "400 422, rejected, fault",
    "404, fault, not found",
    "408 425 429 500 502 503 504, temporary, temporary"
  })
  void readsErrorsByStatus(String statuses, String request, String query) {
    for (String status : statuses.split(" ")) {
      int code = Integer.parseInt(status);
      assertThat(describe(ofRequest(code, APPROVED))).as(status).isEqualTo(request);
      assertThat(describe(ofQuery(code, APPROVED))).as(status).isEqualTo(query);
    }
  }

  @Test
  void conflictIsOurFaultUnlessInProgress() {
    assertUnknown(ofRequest(409, "{\"error\": \"key-reused\"}"), true);
    assertUnknown(ofRequest(409, "{\"error\": \"in-progress\"}"), false);
    assertUnknown(ofQuery(201, APPROVED), false);
  }

  @Test
  void keepsThePauseThatTheProviderWants() {
    Duration pause = Duration.ofSeconds(7);

    assertThat(ResponseParser.ofRequest(REQUEST, 429, new byte[0], pause))
        .isEqualTo(new ProviderResponse.Unknown("the provider answered 429", false, pause));
    assertThat(ResponseParser.ofQuery(REQUEST, 503, new byte[0], pause))
        .isEqualTo(new ProviderResponse.Unknown("the provider answered 503", false, pause));
  }

  @Test
  void readsReport() throws IOException {
    Instant at = Instant.parse("2026-01-01T00:00:00Z");

    assertThat(ResponseParser.report(bytes("{\"data\": [" + LINE + "]}")).operations())
        .isEqualTo(
            List.of(
                new ProviderOperation(
                    "op_1",
                    "k",
                    "r",
                    "charge",
                    1250,
                    "EUR",
                    "approved",
                    null,
                    List.of(),
                    false,
                    at)));
    assertThat(ResponseParser.report(bytes("{\"data\": []}")))
        .isEqualTo(new ReportPage(List.of(), List.of(), null));
  }

  @Test
  void readsFeesAndPayoutsToOurBank() throws IOException {
    Instant at = Instant.parse("2026-01-01T00:00:00Z");
    String charge = LINE.replace("\"kind\"", "\"fee\": 31, \"kind\"");
    String paid = LINE.replace("op_1", "op_2").replace("charge", "settlement");
    String onItsWay = paid.replace("approved", "pending");
    String strange = LINE.replace("op_1", "op_3").replace("\"kind\"", "\"fee\": \"x\", \"kind\"");

    ReportPage page =
        ResponseParser.report(
            bytes("{\"data\": [%s, %s, %s, %s]}".formatted(charge, paid, onItsWay, strange)));

    assertThat(page.deductions())
        .containsExactly(
            new Deduction("op_1", Deduction.Kind.FEE, 31, "EUR", at),
            new Deduction("op_2", Deduction.Kind.BANK_PAYOUT, 1250, "EUR", at));
    assertThat(page.operations())
        .extracting(ProviderOperation::id)
        .as("a fee that cannot be read hides no operation")
        .containsExactly("op_1", "op_3");
  }

  @Test
  void readsBalances() throws IOException {
    String two =
        "{\"data\": [{\"currency\": \"EUR\", \"amount\": 5}, {\"currency\": \"USD\", \"amount\": -7}]}";
    assertThat(ResponseParser.balances(bytes(two)))
        .containsExactly(new ProviderBalance("EUR", 5), new ProviderBalance("USD", -7));
    for (String body : List.of("", "{\"data\": [{\"currency\": \"EUR\"}]}", "{\"data\": [7]}")) {
      assertThatThrownBy(() -> ResponseParser.balances(bytes(body)))
          .isInstanceOf(IOException.class);
    }
  }

  @Test
  void rejectsMalformedReport() {
    for (String body :
        List.of(
            "", "null", "{}", "[]", "{\"data\": null}", "{\"data\": {}}", "{\"data\": [null]}")) {
      assertMalformedReport(body);
    }
    assertMalformedReport("{\"data\": [" + LINE);
  }

  @ParameterizedTest
  @ValueSource(strings = {"id", "key", "kind", "amount", "currency", "status"})
  void leavesOutOddLinesOfReport(String field) throws IOException {
    String odd = LINE.replace("\"" + field + "\"", "\"x-" + field + "\"");

    String lines = String.join(",", "7", LINE, odd, LINE);
    assertThat(ResponseParser.report(bytes("{\"data\": [" + lines + "]}")).operations()).hasSize(2);
    assertMalformedReport("{\"data\": [" + odd + "]}");
  }

  @Test
  void keepsLinesOfUnknownTime() throws IOException {
    String odd = LINE.replace("2026-01-01", "2026-13-01");

    assertThat(ResponseParser.report(bytes("{\"data\": [" + odd + "]}")).operations())
        .singleElement()
        .satisfies(line -> assertThat(line.at()).isNull())
        .matches(line -> line.mayBeWithin(Instant.EPOCH, Instant.EPOCH));
  }

  @ParameterizedTest
  @ValueSource(strings = {"\\u0000", "\\ud800"})
  void leavesOutTextThatCannotBeStored(String odd) throws IOException {
    String lines = LINE.replace("op_1", odd) + "," + LINE;

    assertThat(ResponseParser.report(bytes("{\"data\": [" + lines + "]}")).operations()).hasSize(1);
  }

  private static void assertMalformedReport(String body) {
    assertThatThrownBy(() -> ResponseParser.report(bytes(body)))
        .as(body)
        .isInstanceOf(IOException.class);
  }
}
