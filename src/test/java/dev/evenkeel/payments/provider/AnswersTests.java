package dev.evenkeel.payments.provider;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Approved or declined is only what is well-formed and about our charge. */
class AnswersTests {

  private static final UUID REFERENCE = UUID.fromString("0190a5c6-0000-7000-8000-000000000001");
  private static final ProviderRequest ORDER =
      new ProviderRequest(ProviderRequest.Kind.CHARGE, REFERENCE, 1250, "EUR", "tok_ok", null);

  private static final String AT = "\"at\": \"2026-01-01T00:00:00Z\"";

  private static String operation(String status) {
    return """
    {"id": "op_1", "reference": "%s", "amount": 1250, "currency": "EUR", "status": "%s"}
    """
        .formatted(REFERENCE, status);
  }

  private static ProviderResponse toOrder(int status, String body) {
    return ResponseParser.ofRequest(ORDER, status, body.getBytes(UTF_8), Duration.ZERO);
  }

  private static ProviderResponse toQuestion(int status, String body) {
    return ResponseParser.ofQuery(ORDER, status, body.getBytes(UTF_8), Duration.ZERO);
  }

  private static void assertUnknown(ProviderResponse answer) {
    assertThat(answer).isInstanceOf(ProviderResponse.Unknown.class);
  }

  private static void assertUnknown(ProviderResponse answer, boolean ourFault) {
    assertThat(answer)
        .isInstanceOfSatisfying(
            ProviderResponse.Unknown.class,
            unknown -> assertThat(unknown.ourFault()).isEqualTo(ourFault));
  }

  @Test
  void readsADecision() {
    assertThat(toOrder(201, operation("approved")))
        .isEqualTo(new ProviderResponse.Approved("op_1", false));
    assertThat(toQuestion(200, operation("approved")))
        .isEqualTo(new ProviderResponse.Approved("op_1", false));
    assertThat(toOrder(202, operation("pending"))).isEqualTo(new ProviderResponse.Pending());
    assertThat(toOrder(201, operation("declined").replace("}", ", \"code\": \"stolen\"}")))
        .isEqualTo(new ProviderResponse.Declined("stolen"));
    assertThat(toOrder(201, operation("declined"))).isInstanceOf(ProviderResponse.Declined.class);
  }

  @Test
  void toleratesWhatIsNew() {
    assertThat(toOrder(201, operation("approved").replace("}", ", \"fee\": {\"rate\": 1}}")))
        .isEqualTo(new ProviderResponse.Approved("op_1", false));
  }

  @Test
  void believesNothingAboutAnotherReference() {
    String other = operation("approved").replace(REFERENCE.toString(), "another");

    assertUnknown(toOrder(201, other), true);
    assertUnknown(toQuestion(200, other.replace("approved", "declined")), true);
  }

  @Test
  void anotherAmountOrCurrencyIsNeitherApprovedNorUnknown() {
    assertThat(toOrder(201, operation("approved").replace("1250", "1251")))
        .isEqualTo(new ProviderResponse.Mismatch("1251 EUR"));
    assertThat(toQuestion(200, operation("declined").replace("1250", "-1250")))
        .isEqualTo(new ProviderResponse.Mismatch("-1250 EUR"));
    assertThat(toOrder(201, operation("approved").replace("EUR", "USD")))
        .isEqualTo(new ProviderResponse.Mismatch("1250 USD"));
    assertThat(toOrder(201, operation("approved").replace("EUR", "eur")))
        .isEqualTo(new ProviderResponse.Mismatch("1250 eur"));
  }

  @Test
  void anAmountThatIsNoWholeNumberIsGarbage() {
    assertUnknown(toOrder(201, operation("approved").replace("1250", "1250.9")));
    assertUnknown(toOrder(201, operation("approved").replace("1250", "\"1250\"")));
  }

  @Test
  void readsWhatWasTakenBack() {
    String returned = returned("{\"id\": \"op_2\", \"amount\": 1250, " + AT + "}");

    assertThat(toQuestion(200, returned)).isEqualTo(new ProviderResponse.Approved("op_1", true));
    assertThat(toOrder(201, returned)).isEqualTo(new ProviderResponse.Approved("op_1", true));
    assertThat(toQuestion(200, returned("null")))
        .isEqualTo(new ProviderResponse.Approved("op_1", false));
  }

  @ParameterizedTest
  @ValueSource(longs = {300, 1251, 0, -1250})
  void anotherAmountThatWasTakenBackIsNoReturnOfOurs(long amount) {
    String returned = returned("{\"id\": \"op_2\", \"amount\": " + amount + ", " + AT + "}");

    assertThat(toQuestion(200, returned))
        .isEqualTo(new ProviderResponse.Mismatch(amount + " EUR returned"));
    assertThat(toOrder(201, returned))
        .isEqualTo(new ProviderResponse.Mismatch(amount + " EUR returned"));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "false",
        "true",
        "{}",
        "[]",
        "\"op_2\"",
        "{\"amount\": 1250, \"at\": \"2026-01-01T00:00:00Z\"}",
        "{\"id\": \"op_2\", \"at\": \"2026-01-01T00:00:00Z\"}",
        "{\"id\": \"op_2\", \"amount\": 1250}",
        "{\"id\": \"op_2\", \"amount\": 1250, \"at\": \"yesterday\"}",
        "{\"id\": \"op_2\", \"amount\": 1250.5, \"at\": \"2026-01-01T00:00:00Z\"}",
        "{\"id\": \"op_2\", \"amount\": \"1250\", \"at\": \"2026-01-01T00:00:00Z\"}"
      })
  void believesNoReturnThatIsIncomplete(String returned) {
    assertUnknown(toQuestion(200, returned(returned)), false);
    assertUnknown(toOrder(201, returned(returned)), false);
  }

  private static String returned(String returned) {
    return operation("approved").replace("}", ", \"returned\": " + returned + "}");
  }

  @Test
  void keepsHowLongTheProviderWantsToBeLeftAlone() {
    Duration pause = Duration.ofSeconds(7);

    assertThat(ResponseParser.ofRequest(ORDER, 429, new byte[0], pause))
        .isEqualTo(new ProviderResponse.Unknown("the provider answered 429", false, pause));
    assertThat(ResponseParser.ofQuery(ORDER, 503, new byte[0], pause))
        .isEqualTo(new ProviderResponse.Unknown("the provider answered 503", false, pause));
  }

  @ParameterizedTest
  @ValueSource(strings = {"id", "reference", "amount", "currency", "status"})
  void believesNothingThatIsIncomplete(String field) {
    assertUnknown(
        toOrder(201, operation("approved").replace("\"" + field + "\"", "\"x-" + field + "\"")));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"", "null", "[]", "\"approved\"", "{}", "{\"id\"", "<html>It works!</html>", "\0"})
  void believesNoGarbage(String body) {
    assertUnknown(toOrder(201, body), false);
    assertUnknown(toQuestion(200, body), false);
  }

  @Test
  void believesNoTruncatedAnswer() {
    String whole = operation("approved").strip();
    for (int length = 0; length < whole.length(); length++) {
      assertUnknown(toOrder(201, whole.substring(0, length)));
    }
  }

  @Test
  void believesNothingThatIsFollowedByMore() {
    assertUnknown(toOrder(201, operation("approved") + operation("declined")));
  }

  @Test
  void doesNotGuessAtAnUnknownStatus() {
    assertUnknown(toOrder(201, operation("APPROVED")), true);
    assertUnknown(toOrder(201, operation("authorized")), true);
  }

  @Test
  void readsNoDecisionFromAnErrorsBody() {
    for (int status : new int[] {301, 401, 404, 408, 409, 429, 500, 503}) {
      assertUnknown(toOrder(status, operation("approved")));
    }
    for (int status : new int[] {201, 301, 400, 401, 408, 409, 422, 429, 500, 503}) {
      assertUnknown(toQuestion(status, operation("declined")));
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {400, 422})
  void aRequestThatItUnderstoodAndRefusedIsRejected(int status) {
    assertThat(toOrder(status, "{}")).isInstanceOf(ProviderResponse.Rejected.class);
  }

  @Test
  void onlyAQuestionCanFindThatItWasNeverSeen() {
    assertThat(toQuestion(404, "")).isEqualTo(new ProviderResponse.NotFound());
    assertUnknown(toOrder(404, ""), true);
  }

  @ParameterizedTest
  @ValueSource(ints = {300, 302, 307, 401, 402, 403, 405, 406, 410, 415})
  void whatItRefusesWhoeverPaysIsOurFault(int status) {
    assertUnknown(toOrder(status, ""), true);
    assertUnknown(toQuestion(status, ""), true);
  }

  @ParameterizedTest
  @ValueSource(ints = {408, 425, 429, 500, 502, 503, 504})
  void whatPassesIsNobodysFault(int status) {
    assertUnknown(toOrder(status, ""), false);
    assertUnknown(toQuestion(status, ""), false);
  }

  @Test
  void oneInFlightIsNobodysFault() {
    assertUnknown(toOrder(409, "{\"error\": \"key-reused\"}"), true);
    assertUnknown(toOrder(409, "{\"error\": \"in-progress\"}"), false);
  }
}
