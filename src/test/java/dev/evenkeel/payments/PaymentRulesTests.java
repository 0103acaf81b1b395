package dev.evenkeel.payments;

import static dev.evenkeel.payments.PaymentStatus.FAILED;
import static dev.evenkeel.payments.PaymentStatus.PENDING;
import static dev.evenkeel.payments.PaymentStatus.PROCESSING;
import static dev.evenkeel.payments.PaymentStatus.SUCCEEDED;
import static org.assertj.core.api.Assertions.assertThat;

import dev.evenkeel.payments.PaymentRules.Standing;
import dev.evenkeel.payments.PaymentRules.Step;
import dev.evenkeel.payments.provider.Answer;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/** Where a payment stands and what the provider answers in, the next step out. */
class PaymentRulesTests {

  private static final Answer APPROVED = new Answer.Approved("op_1");
  private static final Answer DECLINED = new Answer.Declined("op_1", "card_declined");
  private static final Answer REJECTED = new Answer.Rejected("the provider answered 422");
  private static final Answer NOT_SENT = new Answer.NotSent(Answer.NotSent.Cause.NO_CONNECTION);
  private static final Answer UNDECIDED = new Answer.Undecided();
  private static final Answer NEVER_SEEN = new Answer.NeverSeen();
  private static final Answer UNKNOWN = new Answer.Unknown("timeout", false);
  private static final Answer OUR_FAULT = new Answer.Unknown("the provider answered 401", true);

  private static final String NO_CONNECTION = "Not sent: no connection to the provider";

  private static final Standing ONLY_ATTEMPT = new Standing(PROCESSING, 1, 1, null);

  /** One of them, at least, may have reached the provider before. */
  private static final Standing LATER_ATTEMPT = new Standing(PROCESSING, 3, 3, null);

  /** The first two were surely not sent. */
  private static final Standing FIRST_THAT_IS_SENT = new Standing(PROCESSING, 3, 1, null);

  static Stream<Answer> answers() {
    return Stream.of(
        APPROVED, DECLINED, REJECTED, NOT_SENT, UNDECIDED, NEVER_SEEN, UNKNOWN, OUR_FAULT);
  }

  private static Step next(Standing standing, Answer answer) {
    return PaymentRules.next(standing, standing.attempts(), answer);
  }

  @Test
  void whatTheProviderDecidedIsTrueWhoeverHearsItAndHoweverLate() {
    for (Standing standing : List.of(ONLY_ATTEMPT, LATER_ATTEMPT, FIRST_THAT_IS_SENT)) {
      for (int attempt = 1; attempt <= standing.attempts(); attempt++) {
        assertThat(PaymentRules.next(standing, attempt, APPROVED))
            .isEqualTo(new Step.Succeed("op_1"));
        assertThat(PaymentRules.next(standing, attempt, DECLINED)).isInstanceOf(Step.Fail.class);
      }
    }
  }

  @Test
  void aPendingPaymentTakesWhatAnEarlierAttemptHeard() {
    Standing pending = new Standing(PENDING, 2, 0, null);

    assertThat(PaymentRules.next(pending, 1, APPROVED)).isEqualTo(new Step.Succeed("op_1"));
  }

  @Test
  void aDeclineNamesItsReason() {
    assertThat(failure(DECLINED).code()).isEqualTo("card_declined");
    assertThat(failure(new Answer.Declined("op_1", "insufficient_funds")).code())
        .isEqualTo("insufficient_funds");
    assertThat(failure(new Answer.Declined("op_1", "a_code_of_tomorrow")).code())
        .isEqualTo("card_declined");
  }

  private static Failure failure(Answer answer) {
    return ((Step.Fail) next(ONLY_ATTEMPT, answer)).failure();
  }

  @Test
  void aRejectionEndsThePaymentOnTheOnlyAttemptThatWasSent() {
    assertThat(failure(REJECTED).code()).isEqualTo("provider_rejected");
    assertThat(next(FIRST_THAT_IS_SENT, REJECTED)).isInstanceOf(Step.Fail.class);
  }

  @Test
  void aRejectionEndsNothingWhereAnEarlierAttemptMayHaveBeenSent() {
    assertThat(next(LATER_ATTEMPT, REJECTED))
        .isInstanceOfSatisfying(
            Step.StayProcessing.class,
            step -> {
              assertThat(step.sent()).isTrue();
              assertThat(step.alert()).isTrue();
            });
  }

  @Test
  void whatWasNeverSentGoesBackToPending() {
    assertThat(next(ONLY_ATTEMPT, NOT_SENT))
        .isEqualTo(new Step.BackToPending("Not sent: no connection to the provider"));
    assertThat(next(FIRST_THAT_IS_SENT, NOT_SENT))
        .isEqualTo(new Step.BackToPending("Not sent: no connection to the provider"));
  }

  @Test
  void whatWasSentBeforeStaysProcessingWhenThisAttemptWasNot() {
    assertThat(next(LATER_ATTEMPT, NOT_SENT))
        .isEqualTo(
            new Step.StayProcessing("Not sent: no connection to the provider", false, false));
  }

  @Test
  void neverSeenProvesNothing() {
    for (Standing standing : List.of(ONLY_ATTEMPT, LATER_ATTEMPT, FIRST_THAT_IS_SENT)) {
      assertThat(next(standing, NEVER_SEEN))
          .isInstanceOfSatisfying(
              Step.StayProcessing.class, step -> assertThat(step.sent()).isTrue());
    }
  }

  @Test
  void theUnknownStaysProcessingAndCountsAsSent() {
    for (Answer answer : List.of(UNKNOWN, UNDECIDED)) {
      assertThat(next(ONLY_ATTEMPT, answer))
          .isInstanceOfSatisfying(
              Step.StayProcessing.class,
              step -> {
                assertThat(step.sent()).isTrue();
                assertThat(step.alert()).isFalse();
              });
    }
  }

  @Test
  void whatIsOurFaultStaysProcessingAndIsReported() {
    assertThat(next(ONLY_ATTEMPT, OUR_FAULT))
        .isInstanceOfSatisfying(
            Step.StayProcessing.class,
            step -> {
              assertThat(step.sent()).isTrue();
              assertThat(step.alert()).isTrue();
            });
  }

  @ParameterizedTest
  @MethodSource("answers")
  void anAttemptThatWokeUpLateChangesNothingUnlessTheProviderDecided(Answer answer) {
    // Two attempts, and the second alone may have been sent: the first must not undo that.
    Step step = PaymentRules.next(new Standing(PROCESSING, 2, 1, null), 1, answer);

    if (answer instanceof Answer.Approved) {
      assertThat(step).isInstanceOf(Step.Succeed.class);
    } else if (answer instanceof Answer.Declined) {
      assertThat(step).isInstanceOf(Step.Fail.class);
    } else {
      assertThat(step).isEqualTo(new Step.Nothing());
    }
  }

  @ParameterizedTest
  @MethodSource("answers")
  void succeededAbsorbsEverything(Answer answer) {
    Step step = next(new Standing(SUCCEEDED, 1, 1, "op_1"), answer);

    assertThat(step)
        .isEqualTo(
            answer instanceof Answer.Declined
                ? new Step.Contradiction("declined")
                : new Step.Nothing());
  }

  @Test
  void aSecondOperationUnderTheKeyIsNoAgreement() {
    Step step = next(new Standing(SUCCEEDED, 1, 1, "op_1"), new Answer.Approved("op_2"));

    assertThat(step).isEqualTo(new Step.Contradiction("approved, by operation op_2"));
  }

  @ParameterizedTest
  @MethodSource("answers")
  void failedAbsorbsEverything(Answer answer) {
    Step step = next(new Standing(FAILED, 1, 1, null), answer);

    assertThat(step)
        .isEqualTo(
            answer instanceof Answer.Approved
                ? new Step.Contradiction("approved, by operation op_1")
                : new Step.Nothing());
  }

  @ParameterizedTest
  @EnumSource(PaymentStatus.class)
  void noAnswerButADecisionMakesAnythingFinal(PaymentStatus status) {
    for (Answer answer : List.of(NOT_SENT, UNDECIDED, NEVER_SEEN, UNKNOWN, OUR_FAULT)) {
      assertThat(next(new Standing(status, 1, 1, null), answer))
          .isNotInstanceOfAny(Step.Succeed.class, Step.Fail.class);
    }
  }

  @Test
  void aSecondOperationThatSucceedsIsAContradiction() {
    assertThat(next(new Standing(SUCCEEDED, 1, 1, "op_1"), new Answer.Approved("op_2")))
        .isEqualTo(new Step.Contradiction("approved, by operation op_2"));
  }
}
