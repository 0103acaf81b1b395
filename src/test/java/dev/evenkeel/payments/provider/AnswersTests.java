package dev.evenkeel.payments.provider;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Approved or declined is only what is well-formed and about our charge. */
class AnswersTests {

  private static final UUID REFERENCE = UUID.fromString("0190a5c6-0000-7000-8000-000000000001");
  private static final Charge CHARGE = new Charge(REFERENCE, 1250, "EUR", "tok_ok");

  private static String operation(String status) {
    return """
    {"id": "op_1", "reference": "%s", "amount": 1250, "currency": "EUR", "status": "%s"}
    """
        .formatted(REFERENCE, status);
  }

  private static Answer toCharge(int status, String body) {
    return Answers.toCharge(CHARGE, status, body.getBytes(UTF_8));
  }

  private static Answer toQuestion(int status, String body) {
    return Answers.toQuestion(CHARGE, status, body.getBytes(UTF_8));
  }

  private static void assertUnknown(Answer answer) {
    assertThat(answer).isInstanceOf(Answer.Unknown.class);
  }

  private static void assertUnknown(Answer answer, boolean ourFault) {
    assertThat(answer)
        .isInstanceOfSatisfying(
            Answer.Unknown.class, unknown -> assertThat(unknown.ourFault()).isEqualTo(ourFault));
  }

  @Test
  void readsADecision() {
    assertThat(toCharge(201, operation("approved"))).isEqualTo(new Answer.Approved("op_1"));
    assertThat(toQuestion(200, operation("approved"))).isEqualTo(new Answer.Approved("op_1"));
    assertThat(toCharge(202, operation("pending"))).isEqualTo(new Answer.Undecided());
    assertThat(toCharge(201, operation("declined").replace("}", ", \"code\": \"stolen\"}")))
        .isEqualTo(new Answer.Declined("op_1", "stolen"));
    assertThat(toCharge(201, operation("declined"))).isInstanceOf(Answer.Declined.class);
  }

  @Test
  void toleratesWhatIsNew() {
    assertThat(toCharge(201, operation("approved").replace("}", ", \"fee\": {\"rate\": 1}}")))
        .isEqualTo(new Answer.Approved("op_1"));
  }

  @Test
  void believesNothingAboutAnotherReference() {
    String other = operation("approved").replace(REFERENCE.toString(), "another");

    assertUnknown(toCharge(201, other), true);
    assertUnknown(toQuestion(200, other.replace("approved", "declined")), true);
  }

  @Test
  void believesNothingAboutAnotherAmountOrCurrency() {
    assertUnknown(toCharge(201, operation("approved").replace("1250", "1251")), true);
    assertUnknown(toCharge(201, operation("approved").replace("1250", "-1250")), true);
    assertUnknown(toCharge(201, operation("approved").replace("1250", "1250.9")));
    assertUnknown(toCharge(201, operation("approved").replace("1250", "\"1250\"")));
    assertUnknown(toCharge(201, operation("approved").replace("EUR", "USD")), true);
    assertUnknown(toCharge(201, operation("approved").replace("EUR", "eur")), true);
  }

  @ParameterizedTest
  @ValueSource(strings = {"id", "reference", "amount", "currency", "status"})
  void believesNothingThatIsIncomplete(String field) {
    assertUnknown(
        toCharge(201, operation("approved").replace("\"" + field + "\"", "\"x-" + field + "\"")));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"", "null", "[]", "\"approved\"", "{}", "{\"id\"", "<html>It works!</html>", "\0"})
  void believesNoGarbage(String body) {
    assertUnknown(toCharge(201, body), false);
    assertUnknown(toQuestion(200, body), false);
  }

  @Test
  void believesNoTruncatedAnswer() {
    String whole = operation("approved").strip();
    for (int length = 0; length < whole.length(); length++) {
      assertUnknown(toCharge(201, whole.substring(0, length)));
    }
  }

  @Test
  void believesNothingThatIsFollowedByMore() {
    assertUnknown(toCharge(201, operation("approved") + operation("declined")));
  }

  @Test
  void doesNotGuessAtAnUnknownStatus() {
    assertUnknown(toCharge(201, operation("APPROVED")), true);
    assertUnknown(toCharge(201, operation("authorized")), true);
  }

  @Test
  void readsNoDecisionFromAnErrorsBody() {
    for (int status : new int[] {301, 401, 404, 408, 409, 429, 500, 503}) {
      assertUnknown(toCharge(status, operation("approved")));
    }
    for (int status : new int[] {201, 301, 400, 401, 408, 409, 422, 429, 500, 503}) {
      assertUnknown(toQuestion(status, operation("declined")));
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {400, 422})
  void aRequestThatItUnderstoodAndRefusedIsRejected(int status) {
    assertThat(toCharge(status, "{}")).isInstanceOf(Answer.Rejected.class);
  }

  @Test
  void onlyAQuestionCanFindThatItWasNeverSeen() {
    assertThat(toQuestion(404, "")).isEqualTo(new Answer.NeverSeen());
    assertUnknown(toCharge(404, ""), true);
  }

  @ParameterizedTest
  @ValueSource(ints = {300, 302, 307, 401, 402, 403, 405, 406, 410, 415})
  void whatItRefusesWhoeverPaysIsOurFault(int status) {
    assertUnknown(toCharge(status, ""), true);
    assertUnknown(toQuestion(status, ""), true);
  }

  @ParameterizedTest
  @ValueSource(ints = {408, 425, 429, 500, 502, 503, 504})
  void whatPassesIsNobodysFault(int status) {
    assertUnknown(toCharge(status, ""), false);
    assertUnknown(toQuestion(status, ""), false);
  }

  @Test
  void oneInFlightIsNobodysFault() {
    assertUnknown(toCharge(409, "{\"error\": \"key-reused\"}"), true);
    assertUnknown(toCharge(409, "{\"error\": \"in-progress\"}"), false);
  }
}
