package dev.evenkeel.payments;

import static dev.evenkeel.payments.PaymentStatus.CANCELED;
import static dev.evenkeel.payments.PaymentStatus.FAILED;
import static dev.evenkeel.payments.PaymentStatus.PENDING;
import static dev.evenkeel.payments.PaymentStatus.PROCESSING;
import static dev.evenkeel.payments.PaymentStatus.REFUSED;
import static dev.evenkeel.payments.PaymentStatus.RETURNED;
import static dev.evenkeel.payments.PaymentStatus.SUCCEEDED;
import static org.assertj.core.api.Assertions.assertThat;

import dev.evenkeel.payments.PaymentRules.LedgerStep;
import dev.evenkeel.payments.PaymentRules.Standing;
import dev.evenkeel.payments.PaymentRules.Step;
import dev.evenkeel.payments.provider.ProviderResponse;
import java.time.Duration;
import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/** Where a payment stands and what happens in, the next step out. */
class PaymentRulesTests {

  private static final ProviderResponse APPROVED = new ProviderResponse.Approved("op_1", false);
  private static final ProviderResponse TAKEN_BACK = new ProviderResponse.Approved("op_1", true);
  private static final ProviderResponse DECLINED = new ProviderResponse.Declined("card_declined");
  private static final ProviderResponse MISMATCH = new ProviderResponse.Mismatch("1251 EUR");
  private static final ProviderResponse REJECTED =
      new ProviderResponse.Rejected("the provider answered 422");
  private static final ProviderResponse NOT_SENT =
      new ProviderResponse.NotSent(ProviderResponse.NotSent.Cause.NO_CONNECTION);
  private static final ProviderResponse UNDECIDED = new ProviderResponse.Undecided();
  private static final ProviderResponse NEVER_SEEN = new ProviderResponse.NeverSeen();
  private static final ProviderResponse UNKNOWN = new ProviderResponse.Unknown("timeout", false);
  private static final ProviderResponse OUR_FAULT =
      new ProviderResponse.Unknown("the provider answered 401", true);

  private static final Standing ONLY_ATTEMPT = open(1, 1);

  /** One of them, at least, may have reached the provider before. */
  private static final Standing LATER_ATTEMPT = open(3, 3);

  /** The first two were surely not sent. */
  private static final Standing FIRST_THAT_IS_SENT = open(3, 1);

  private static final Standing WITH_FORGOTTEN_KEY =
      new Standing(PROCESSING, 3, 3, false, null, null);

  static Stream<ProviderResponse> answers() {
    return Stream.of(
        APPROVED,
        TAKEN_BACK,
        DECLINED,
        MISMATCH,
        REJECTED,
        NOT_SENT,
        UNDECIDED,
        NEVER_SEEN,
        UNKNOWN,
        OUR_FAULT);
  }

  private static Standing open(int attempts, int sends) {
    return new Standing(PROCESSING, attempts, sends, true, null, null);
  }

  private static Standing ended(PaymentStatus status, @Nullable String operation) {
    return new Standing(status, 1, 1, true, null, operation);
  }

  private static Step next(Standing standing, ProviderResponse answer) {
    return PaymentRules.next(standing, standing.attempts(), answer);
  }

  private static Step.End succeeded() {
    return new Step.End(SUCCEEDED, "Approved by the provider", null, "op_1", false);
  }

  private static PaymentStatus end(Step step) {
    assertThat(step).isInstanceOf(Step.End.class);
    return ((Step.End) step).status();
  }

  private static Failure failure(Step step) {
    assertThat(end(step)).isEqualTo(FAILED);
    Failure failure = ((Step.End) step).failure();
    assertThat(failure).isNotNull();
    return failure;
  }

  private static Attention attention(Step step) {
    assertThat(step).isInstanceOf(Step.Attend.class);
    return ((Step.Attend) step).why();
  }

  private static void assertWaits(Step step, boolean sent, boolean alert) {
    assertThat(step)
        .isInstanceOfSatisfying(
            Step.Wait.class,
            wait -> {
              assertThat(wait.sent()).isEqualTo(sent);
              assertThat(wait.alert()).isEqualTo(alert);
            });
  }

  @Test
  void whatTheProviderDecidedIsTrueWhoeverHearsItAndHoweverLate() {
    for (Standing standing : List.of(ONLY_ATTEMPT, LATER_ATTEMPT, FIRST_THAT_IS_SENT)) {
      for (int attempt = 1; attempt <= standing.attempts(); attempt++) {
        assertThat(PaymentRules.next(standing, attempt, APPROVED)).isEqualTo(succeeded());
        assertThat(end(PaymentRules.next(standing, attempt, DECLINED))).isEqualTo(FAILED);
        assertThat(attention(PaymentRules.next(standing, attempt, MISMATCH)))
            .isEqualTo(Attention.AMOUNT_MISMATCH);
      }
    }
  }

  @Test
  void aPendingPaymentTakesWhatAnEarlierAttemptHeard() {
    Standing pending = new Standing(PENDING, 2, 0, true, null, null);

    assertThat(PaymentRules.next(pending, 1, APPROVED)).isEqualTo(succeeded());
  }

  @Test
  void whatWasTakenBackAlreadySucceedsFirstAndIsAskedForAgain() {
    assertThat(next(ONLY_ATTEMPT, TAKEN_BACK))
        .isEqualTo(new Step.End(SUCCEEDED, "Approved by the provider", null, "op_1", true));
  }

  @Test
  void aDeclineNamesItsReason() {
    assertThat(failure(next(ONLY_ATTEMPT, DECLINED)).code()).isEqualTo("card_declined");
    assertThat(
            failure(next(ONLY_ATTEMPT, new ProviderResponse.Declined("insufficient_funds"))).code())
        .isEqualTo("insufficient_funds");
    assertThat(failure(next(ONLY_ATTEMPT, new ProviderResponse.Declined("of_tomorrow"))).code())
        .isEqualTo("card_declined");
  }

  @Test
  void aRejectionEndsThePaymentOnTheOnlyAttemptThatWasSent() {
    assertThat(failure(next(ONLY_ATTEMPT, REJECTED)).code()).isEqualTo("provider_rejected");
    assertThat(failure(next(FIRST_THAT_IS_SENT, REJECTED)).code()).isEqualTo("provider_rejected");
  }

  @Test
  void aRejectionEndsNothingWhereAnEarlierAttemptMayHaveBeenSent() {
    assertWaits(next(LATER_ATTEMPT, REJECTED), true, true);
  }

  @Test
  void whatWasNeverSentGoesBackToPending() {
    Step back = new Step.BackToPending("Not sent: no connection to the provider");

    assertThat(next(ONLY_ATTEMPT, NOT_SENT)).isEqualTo(back);
    assertThat(next(FIRST_THAT_IS_SENT, NOT_SENT)).isEqualTo(back);
  }

  @Test
  void whatWasSentBeforeStaysProcessingWhenThisAttemptWasNot() {
    assertWaits(next(LATER_ATTEMPT, NOT_SENT), false, false);
  }

  @Test
  void neverSeenProvesNothing() {
    for (Standing standing : List.of(ONLY_ATTEMPT, LATER_ATTEMPT, FIRST_THAT_IS_SENT)) {
      assertWaits(next(standing, NEVER_SEEN), true, false);
    }
  }

  @Test
  void neverSeenNeedsAPersonOnceTheProviderMayHaveForgottenTheKey() {
    assertThat(attention(next(WITH_FORGOTTEN_KEY, NEVER_SEEN))).isEqualTo(Attention.EXPIRED_KEY);
    assertThat(PaymentRules.next(WITH_FORGOTTEN_KEY, 1, NEVER_SEEN)).isEqualTo(new Step.Ignore());
  }

  @Test
  void theSameIsSentAgainOnlyWhileItsKeyIsKnownAndNobodyHasToLook() {
    assertThat(LATER_ATTEMPT.mayBeSentAgain()).isTrue();
    assertThat(WITH_FORGOTTEN_KEY.mayBeSentAgain()).isFalse();
    assertThat(
            new Standing(PROCESSING, 3, 3, true, Attention.AMOUNT_MISMATCH, null).mayBeSentAgain())
        .isFalse();
    for (PaymentStatus status : List.of(SUCCEEDED, FAILED, CANCELED, RETURNED, REFUSED)) {
      assertThat(ended(status, null).mayBeSentAgain()).as("%s", status).isFalse();
    }
  }

  @Test
  void theUnknownStaysProcessingAndCountsAsSent() {
    assertWaits(next(ONLY_ATTEMPT, UNKNOWN), true, false);
    assertWaits(next(ONLY_ATTEMPT, UNDECIDED), true, false);
  }

  @Test
  void whatIsOurFaultStaysProcessingAndIsReported() {
    assertWaits(next(ONLY_ATTEMPT, OUR_FAULT), true, true);
  }

  @Test
  void theProviderIsLeftAloneForAsLongAsItWants() {
    Duration pause = Duration.ofSeconds(7);
    ProviderResponse tooMany =
        new ProviderResponse.Unknown("the provider answered 429", false, pause);

    assertThat(next(ONLY_ATTEMPT, tooMany))
        .isEqualTo(new Step.Wait("Outcome unknown: the provider answered 429", true, false, pause));
    assertThat(next(ended(SUCCEEDED, "op_1"), tooMany))
        .isEqualTo(new Step.Wait("the provider answered 429", true, false, pause));
  }

  @ParameterizedTest
  @MethodSource("answers")
  void anAttemptThatWokeUpLateChangesNothingUnlessTheProviderDecided(ProviderResponse answer) {
    // Two attempts, and the second alone may have been sent: the first must not undo that.
    Step step = PaymentRules.next(open(2, 1), 1, answer);

    switch (answer) {
      case ProviderResponse.Approved _, ProviderResponse.Declined _ ->
          assertThat(step).isInstanceOf(Step.End.class);
      case ProviderResponse.Mismatch _ -> assertThat(step).isInstanceOf(Step.Attend.class);
      default -> assertThat(step).isEqualTo(new Step.Ignore());
    }
  }

  @ParameterizedTest
  @MethodSource("answers")
  void anAttemptThatWokeUpLateDoesNotDisturbAQuestionAboutWhatIsFinal(ProviderResponse answer) {
    Step step = PaymentRules.next(new Standing(SUCCEEDED, 2, 1, true, null, "op_1"), 1, answer);

    switch (answer) {
      case ProviderResponse.Approved(_, boolean returned) when returned ->
          assertThat(end(step)).isEqualTo(RETURNED);
      case ProviderResponse.Declined _, ProviderResponse.Mismatch _ ->
          assertThat(attention(step)).isEqualTo(Attention.CONTRADICTION);
      default -> assertThat(step).isEqualTo(new Step.Ignore());
    }
  }

  @ParameterizedTest
  @MethodSource("answers")
  void whatHasSucceededCanOnlyBeTakenBack(ProviderResponse answer) {
    Step step = next(ended(SUCCEEDED, "op_1"), answer);

    switch (answer) {
      case ProviderResponse.Approved(_, boolean returned) when returned ->
          assertThat(step)
              .isEqualTo(new Step.End(RETURNED, "Taken back by the provider", null, null, false));
      case ProviderResponse.Declined _, ProviderResponse.Mismatch _ ->
          assertThat(attention(step)).isEqualTo(Attention.CONTRADICTION);
      case ProviderResponse.Unknown(_, boolean ourFault, _) -> assertWaits(step, true, ourFault);
      case ProviderResponse.NotSent _ -> assertWaits(step, true, false);
      default -> assertThat(step).isEqualTo(new Step.Rest());
    }
  }

  @ParameterizedTest
  @MethodSource("answers")
  void whatWasTakenBackStaysSo(ProviderResponse answer) {
    Step step = next(ended(RETURNED, "op_1"), answer);

    switch (answer) {
      case ProviderResponse.Declined _, ProviderResponse.Mismatch _ ->
          assertThat(attention(step)).isEqualTo(Attention.CONTRADICTION);
      case ProviderResponse.Unknown _, ProviderResponse.NotSent _ ->
          assertThat(step).isInstanceOf(Step.Wait.class);
      default -> assertThat(step).isEqualTo(new Step.Rest());
    }
  }

  @ParameterizedTest
  @EnumSource(names = {"FAILED", "CANCELED"})
  void whatMovedNoMoneyIsContradictedByMoneyThatMoved(PaymentStatus status) {
    for (ProviderResponse answer : List.of(APPROVED, TAKEN_BACK, MISMATCH)) {
      assertThat(attention(next(ended(status, null), answer))).isEqualTo(Attention.CONTRADICTION);
    }
    for (ProviderResponse answer : List.of(DECLINED, UNDECIDED, NEVER_SEEN, REJECTED)) {
      assertThat(next(ended(status, null), answer)).isEqualTo(new Step.Rest());
    }
  }

  @Test
  void aSecondOperationUnderTheKeyIsNoAgreement() {
    assertThat(next(ended(SUCCEEDED, "op_1"), new ProviderResponse.Approved("op_2", false)))
        .isEqualTo(
            new Step.Attend(
                Attention.CONTRADICTION, "The provider contradicts: approved, by operation op_2"));
  }

  @Test
  void whatAPersonCalledSucceededAgreesWithAnyOperation() {
    assertThat(next(ended(SUCCEEDED, null), APPROVED)).isEqualTo(new Step.Rest());
  }

  @ParameterizedTest
  @EnumSource(PaymentStatus.class)
  void noAnswerButADecisionMakesAnythingFinal(PaymentStatus status) {
    for (ProviderResponse answer : List.of(NOT_SENT, UNDECIDED, NEVER_SEEN, UNKNOWN, OUR_FAULT)) {
      assertThat(next(ended(status, null), answer)).isNotInstanceOf(Step.End.class);
    }
  }

  @ParameterizedTest
  @EnumSource(PaymentStatus.class)
  void onlyWhatWasNeverSentIsCanceled(PaymentStatus status) {
    Step step = PaymentRules.cancel(status);

    switch (status) {
      case PENDING -> {
        assertThat(step).isNotNull();
        assertThat(end(step)).isEqualTo(CANCELED);
      }
      case CANCELED -> assertThat(step).isEqualTo(new Step.Ignore());
      default -> assertThat(step).isNull();
    }
  }

  @Test
  void aPayInThatWasNotSentForAnHourExpires() {
    Step step = PaymentRules.expire(PaymentKind.PAY_IN, PENDING, Duration.ofHours(1));

    assertThat(failure(step).code()).isEqualTo("expired");
  }

  @ParameterizedTest
  @CsvSource({
    "PAY_IN, PENDING, PT59M59S",
    "PAY_IN, PROCESSING, PT2H",
    "PAY_OUT, PENDING, PT100H",
    "REFUND, PENDING, PT100H"
  })
  void nothingElseExpires(PaymentKind kind, PaymentStatus status, Duration age) {
    assertThat(PaymentRules.expire(kind, status, age)).isEqualTo(new Step.Ignore());
  }

  @Test
  void aPersonDecidesWhatIsOpen() {
    assertThat(PaymentRules.decide(PROCESSING, true, "seen on the statement"))
        .isEqualTo(new Step.End(SUCCEEDED, "seen on the statement", null, null, false));
    Step failed = PaymentRules.decide(PROCESSING, false, "not on the statement");
    assertThat(failed).isNotNull();
    assertThat(failure(failed)).isEqualTo(new Failure("provider_rejected", "not on the statement"));
  }

  @ParameterizedTest
  @CsvSource({
    "SUCCEEDED, true, true",
    "SUCCEEDED, false, false",
    "RETURNED, true, true",
    "RETURNED, false, false",
    "FAILED, false, true",
    "FAILED, true, false",
    "CANCELED, false, true",
    "CANCELED, true, false"
  })
  void aPersonOnlyAcknowledgesWhatIsFinal(PaymentStatus status, boolean succeeded, boolean agrees) {
    Step step = PaymentRules.decide(status, succeeded, "seen");

    if (agrees) {
      assertThat(step).isEqualTo(new Step.Rest());
    } else {
      assertThat(step).isNull();
    }
  }

  @ParameterizedTest
  @CsvSource({
    "PAY_IN, SUCCEEDED, COLLECT",
    "PAY_IN, FAILED, NOTHING",
    "PAY_IN, CANCELED, NOTHING",
    "PAY_IN, RETURNED, TAKE_BACK",
    "PAY_OUT, SUCCEEDED, PAY_OUT",
    "PAY_OUT, FAILED, RELEASE",
    "PAY_OUT, CANCELED, RELEASE",
    "PAY_OUT, RETURNED, BRING_BACK",
    "REFUND, SUCCEEDED, PAY_OUT",
    "REFUND, FAILED, RELEASE",
    "REFUND, RETURNED, BRING_BACK",
    "PAY_IN, PENDING, NOTHING",
    "PAY_OUT, PROCESSING, NOTHING",
    "PAY_OUT, REFUSED, NOTHING"
  })
  void theLedgerFollowsTheStatus(PaymentKind kind, PaymentStatus status, LedgerStep step) {
    assertThat(PaymentRules.ledgerStep(kind, status)).isEqualTo(step);
  }
}
