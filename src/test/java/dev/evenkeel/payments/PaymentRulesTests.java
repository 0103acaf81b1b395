package dev.evenkeel.payments;

import static dev.evenkeel.payments.PaymentStatus.CANCELED;
import static dev.evenkeel.payments.PaymentStatus.FAILED;
import static dev.evenkeel.payments.PaymentStatus.PENDING;
import static dev.evenkeel.payments.PaymentStatus.PROCESSING;
import static dev.evenkeel.payments.PaymentStatus.REFUSED;
import static dev.evenkeel.payments.PaymentStatus.RETURNED;
import static dev.evenkeel.payments.PaymentStatus.SUCCEEDED;
import static org.assertj.core.api.Assertions.assertThat;

import dev.evenkeel.payments.PaymentRules.LedgerEffect;
import dev.evenkeel.payments.PaymentRules.PaymentSnapshot;
import dev.evenkeel.payments.PaymentRules.Transition;
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
  private static final ProviderResponse UNDECIDED = new ProviderResponse.Pending();
  private static final ProviderResponse NEVER_SEEN = new ProviderResponse.NotFound();
  private static final ProviderResponse UNKNOWN = new ProviderResponse.Unknown("timeout", false);
  private static final ProviderResponse OUR_FAULT =
      new ProviderResponse.Unknown("the provider answered 401", true);

  private static final PaymentSnapshot ONLY_ATTEMPT = open(1, 1);

  /** One of them, at least, may have reached the provider before. */
  private static final PaymentSnapshot LATER_ATTEMPT = open(3, 3);

  /** The first two were surely not sent. */
  private static final PaymentSnapshot FIRST_THAT_IS_SENT = open(3, 1);

  private static final PaymentSnapshot WITH_FORGOTTEN_KEY =
      new PaymentSnapshot(PROCESSING, 3, 3, false, null, null);

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

  private static PaymentSnapshot open(int attempts, int sends) {
    return new PaymentSnapshot(PROCESSING, attempts, sends, true, null, null);
  }

  private static PaymentSnapshot ended(PaymentStatus status, @Nullable String operation) {
    return new PaymentSnapshot(status, 1, 1, true, null, operation);
  }

  private static Transition next(PaymentSnapshot standing, ProviderResponse answer) {
    return PaymentRules.next(standing, standing.attempts(), answer);
  }

  private static Transition.End succeeded() {
    return new Transition.End(SUCCEEDED, "Approved by the provider", null, "op_1", false);
  }

  private static PaymentStatus end(Transition step) {
    assertThat(step).isInstanceOf(Transition.End.class);
    return ((Transition.End) step).status();
  }

  private static Failure failure(Transition step) {
    assertThat(end(step)).isEqualTo(FAILED);
    Failure failure = ((Transition.End) step).failure();
    assertThat(failure).isNotNull();
    return failure;
  }

  private static Attention attention(Transition step) {
    assertThat(step).isInstanceOf(Transition.RaiseAttention.class);
    return ((Transition.RaiseAttention) step).attention();
  }

  private static void assertWaits(Transition step, boolean sent, boolean alert) {
    assertThat(step)
        .isInstanceOfSatisfying(
            Transition.Wait.class,
            wait -> {
              assertThat(wait.sent()).isEqualTo(sent);
              assertThat(wait.alert()).isEqualTo(alert);
            });
  }

  @Test
  void whatTheProviderDecidedIsTrueWhoeverHearsItAndHoweverLate() {
    for (PaymentSnapshot standing : List.of(ONLY_ATTEMPT, LATER_ATTEMPT, FIRST_THAT_IS_SENT)) {
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
    PaymentSnapshot pending = new PaymentSnapshot(PENDING, 2, 0, true, null, null);

    assertThat(PaymentRules.next(pending, 1, APPROVED)).isEqualTo(succeeded());
  }

  @Test
  void whatWasTakenBackAlreadySucceedsFirstAndIsAskedForAgain() {
    assertThat(next(ONLY_ATTEMPT, TAKEN_BACK))
        .isEqualTo(new Transition.End(SUCCEEDED, "Approved by the provider", null, "op_1", true));
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
    Transition back = new Transition.BackToPending("Not sent: no connection to the provider");

    assertThat(next(ONLY_ATTEMPT, NOT_SENT)).isEqualTo(back);
    assertThat(next(FIRST_THAT_IS_SENT, NOT_SENT)).isEqualTo(back);
  }

  @Test
  void whatWasSentBeforeStaysProcessingWhenThisAttemptWasNot() {
    assertWaits(next(LATER_ATTEMPT, NOT_SENT), false, false);
  }

  @Test
  void neverSeenProvesNothing() {
    for (PaymentSnapshot standing : List.of(ONLY_ATTEMPT, LATER_ATTEMPT, FIRST_THAT_IS_SENT)) {
      assertWaits(next(standing, NEVER_SEEN), true, false);
    }
  }

  @Test
  void neverSeenNeedsAPersonOnceTheProviderMayHaveForgottenTheKey() {
    assertThat(attention(next(WITH_FORGOTTEN_KEY, NEVER_SEEN))).isEqualTo(Attention.EXPIRED_KEY);
    assertThat(PaymentRules.next(WITH_FORGOTTEN_KEY, 1, NEVER_SEEN))
        .isEqualTo(new Transition.Ignore());
  }

  @Test
  void theSameIsSentAgainOnlyWhileItsKeyIsKnownAndNobodyHasToLook() {
    assertThat(LATER_ATTEMPT.maySendAgain()).isTrue();
    assertThat(WITH_FORGOTTEN_KEY.maySendAgain()).isFalse();
    assertThat(
            new PaymentSnapshot(PROCESSING, 3, 3, true, Attention.AMOUNT_MISMATCH, null)
                .maySendAgain())
        .isFalse();
    for (PaymentStatus status : List.of(SUCCEEDED, FAILED, CANCELED, RETURNED, REFUSED)) {
      assertThat(ended(status, null).maySendAgain()).as("%s", status).isFalse();
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
        .isEqualTo(
            new Transition.Wait("Outcome unknown: the provider answered 429", true, false, pause));
    assertThat(next(ended(SUCCEEDED, "op_1"), tooMany))
        .isEqualTo(new Transition.Wait("the provider answered 429", true, false, pause));
  }

  @ParameterizedTest
  @MethodSource("answers")
  void anAttemptThatWokeUpLateChangesNothingUnlessTheProviderDecided(ProviderResponse answer) {
    // Two attempts, and the second alone may have been sent: the first must not undo that.
    Transition step = PaymentRules.next(open(2, 1), 1, answer);

    switch (answer) {
      case ProviderResponse.Approved _, ProviderResponse.Declined _ ->
          assertThat(step).isInstanceOf(Transition.End.class);
      case ProviderResponse.Mismatch _ ->
          assertThat(step).isInstanceOf(Transition.RaiseAttention.class);
      default -> assertThat(step).isEqualTo(new Transition.Ignore());
    }
  }

  @ParameterizedTest
  @MethodSource("answers")
  void anAttemptThatWokeUpLateDoesNotDisturbAQuestionAboutWhatIsFinal(ProviderResponse answer) {
    Transition step =
        PaymentRules.next(new PaymentSnapshot(SUCCEEDED, 2, 1, true, null, "op_1"), 1, answer);

    switch (answer) {
      case ProviderResponse.Approved(_, boolean returned) when returned ->
          assertThat(end(step)).isEqualTo(RETURNED);
      case ProviderResponse.Declined _, ProviderResponse.Mismatch _ ->
          assertThat(attention(step)).isEqualTo(Attention.CONTRADICTION);
      default -> assertThat(step).isEqualTo(new Transition.Ignore());
    }
  }

  @ParameterizedTest
  @MethodSource("answers")
  void whatHasSucceededCanOnlyBeTakenBack(ProviderResponse answer) {
    Transition step = next(ended(SUCCEEDED, "op_1"), answer);

    switch (answer) {
      case ProviderResponse.Approved(_, boolean returned) when returned ->
          assertThat(step)
              .isEqualTo(
                  new Transition.End(RETURNED, "Returned by the provider", null, null, false));
      case ProviderResponse.Declined _, ProviderResponse.Mismatch _ ->
          assertThat(attention(step)).isEqualTo(Attention.CONTRADICTION);
      case ProviderResponse.Unknown(_, boolean ourFault, _) -> assertWaits(step, true, ourFault);
      case ProviderResponse.NotSent _ -> assertWaits(step, true, false);
      default -> assertThat(step).isEqualTo(new Transition.StopAsking());
    }
  }

  @ParameterizedTest
  @MethodSource("answers")
  void whatWasTakenBackStaysSo(ProviderResponse answer) {
    Transition step = next(ended(RETURNED, "op_1"), answer);

    switch (answer) {
      case ProviderResponse.Declined _, ProviderResponse.Mismatch _ ->
          assertThat(attention(step)).isEqualTo(Attention.CONTRADICTION);
      case ProviderResponse.Unknown _, ProviderResponse.NotSent _ ->
          assertThat(step).isInstanceOf(Transition.Wait.class);
      default -> assertThat(step).isEqualTo(new Transition.StopAsking());
    }
  }

  @ParameterizedTest
  @EnumSource(names = {"FAILED", "CANCELED"})
  void whatMovedNoMoneyIsContradictedByMoneyThatMoved(PaymentStatus status) {
    for (ProviderResponse answer : List.of(APPROVED, TAKEN_BACK, MISMATCH)) {
      assertThat(attention(next(ended(status, null), answer))).isEqualTo(Attention.CONTRADICTION);
    }
    for (ProviderResponse answer : List.of(DECLINED, UNDECIDED, NEVER_SEEN, REJECTED)) {
      assertThat(next(ended(status, null), answer)).isEqualTo(new Transition.StopAsking());
    }
  }

  @Test
  void aSecondOperationUnderTheKeyIsNoAgreement() {
    assertThat(next(ended(SUCCEEDED, "op_1"), new ProviderResponse.Approved("op_2", false)))
        .isEqualTo(
            new Transition.RaiseAttention(
                Attention.CONTRADICTION, "The provider contradicts: approved, by operation op_2"));
  }

  @Test
  void whatAPersonCalledSucceededAgreesWithAnyOperation() {
    assertThat(next(ended(SUCCEEDED, null), APPROVED)).isEqualTo(new Transition.StopAsking());
  }

  @ParameterizedTest
  @EnumSource(PaymentStatus.class)
  void noAnswerButADecisionMakesAnythingFinal(PaymentStatus status) {
    for (ProviderResponse answer : List.of(NOT_SENT, UNDECIDED, NEVER_SEEN, UNKNOWN, OUR_FAULT)) {
      assertThat(next(ended(status, null), answer)).isNotInstanceOf(Transition.End.class);
    }
  }

  @ParameterizedTest
  @EnumSource(PaymentStatus.class)
  void onlyWhatWasNeverSentIsCanceled(PaymentStatus status) {
    Transition step = PaymentRules.cancel(status);

    switch (status) {
      case PENDING -> {
        assertThat(step).isNotNull();
        assertThat(end(step)).isEqualTo(CANCELED);
      }
      case CANCELED -> assertThat(step).isEqualTo(new Transition.Ignore());
      default -> assertThat(step).isNull();
    }
  }

  @Test
  void aPayInThatWasNotSentForAnHourExpires() {
    Transition step = PaymentRules.expire(PaymentKind.PAY_IN, PENDING, Duration.ofHours(1));

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
    assertThat(PaymentRules.expire(kind, status, age)).isEqualTo(new Transition.Ignore());
  }

  @Test
  void aPersonDecidesWhatIsOpen() {
    assertThat(PaymentRules.decide(PROCESSING, true, "seen on the statement"))
        .isEqualTo(new Transition.End(SUCCEEDED, "seen on the statement", null, null, false));
    Transition failed = PaymentRules.decide(PROCESSING, false, "not on the statement");
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
    Transition step = PaymentRules.decide(status, succeeded, "seen");

    if (agrees) {
      assertThat(step).isEqualTo(new Transition.StopAsking());
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
  void theLedgerFollowsTheStatus(PaymentKind kind, PaymentStatus status, String effect) {
    assertThat(
            switch (PaymentRules.ledgerEffect(kind, status)) {
              case LedgerEffect.Settle settle -> settle.step().name();
              case LedgerEffect.ReleaseHold _ -> "RELEASE";
              case LedgerEffect.None _ -> "NOTHING";
            })
        .isEqualTo(effect);
  }
}
