package dev.evenkeel.payments.rules;

import static org.assertj.core.api.Assertions.assertThat;

import dev.evenkeel.accounts.LedgerProblem;
import dev.evenkeel.idempotency.Outcome;
import dev.evenkeel.payments.Attention;
import dev.evenkeel.payments.PaymentKind;
import dev.evenkeel.payments.PaymentStatus;
import dev.evenkeel.payments.provider.FollowUp;
import dev.evenkeel.payments.provider.ProviderOperation;
import dev.evenkeel.payments.provider.ProviderResponse;
import dev.evenkeel.payments.rules.PaymentRules.Attempt;
import dev.evenkeel.problems.Problem;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** A payment that waits at the provider for its customer, its capture, or what it was asked. */
class WaitingPaymentRulesTests {

  private static final int ATTEMPTS = 3;

  private static final Problem FROZEN = Problem.of(LedgerProblem.ACCOUNT_FROZEN, "frozen");

  private record Wait(
      PaymentStatus status,
      @Nullable FollowUp followUp,
      boolean expired,
      @Nullable Attention attention,
      boolean manualCapture) {

    static Wait of(PaymentStatus status) {
      return new Wait(status, null, false, null, true);
    }

    static Wait asked(FollowUp followUp) {
      return new Wait(PaymentStatus.PROCESSING, followUp, false, null, true);
    }

    Wait tooLong() {
      return new Wait(status, followUp, true, attention, manualCapture);
    }

    Wait underAttention() {
      return new Wait(status, followUp, expired, Attention.REJECTED, manualCapture);
    }

    Wait automatic() {
      return new Wait(status, followUp, expired, attention, false);
    }

    private @Nullable Duration asked() {
      return followUp == null ? null : expired ? PaymentRules.FOLLOW_UP_TIME : Duration.ZERO;
    }

    /** Of 1000, days after its key was forgotten. */
    PaymentSnapshot snapshot() {
      Long capture = followUp == FollowUp.CAPTURE ? 600L : null;
      return new PaymentSnapshot(
          PaymentKind.PAY_IN,
          status,
          ATTEMPTS,
          1,
          Duration.ofDays(3),
          Duration.ofSeconds(10),
          false,
          null,
          attention,
          manualCapture,
          new PaymentSnapshot.Waiting(expired, followUp, asked(), capture),
          "op_1",
          new MovedMoney(1000, 1000, 0, 0, 0, List.of()));
    }
  }

  private static ProviderOperation operation(String status) {
    return operation(status, 1000);
  }

  private static ProviderOperation operation(String status, long amount) {
    return new ProviderOperation(
        "op_1", null, "reference", "charge", amount, "EUR", status, null, List.of(), false, null);
  }

  private static ProviderResponse response(String name) {
    return switch (name) {
      case "approved" -> new ProviderResponse.Approved(operation(name));
      case "captured" -> new ProviderResponse.Approved(operation("approved", 600));
      case "authorized" -> new ProviderResponse.Authorized(operation(name));
      case "declined" -> new ProviderResponse.Declined(operation(name), "card_declined");
      case "canceled" -> new ProviderResponse.Canceled(operation(name));
      case "action" ->
          new ProviderResponse.ActionRequired(operation("pending"), "https://bank.test/");
      case "pending" -> new ProviderResponse.Pending();
      case "rejected" -> new ProviderResponse.Rejected("422");
      case "not found" -> new ProviderResponse.NotFound();
      case "unknown" -> new ProviderResponse.Unknown("500", false);
      case "not sent" -> new ProviderResponse.NotSent(ProviderResponse.NotSent.Cause.NO_CONNECTION);
      default -> throw new IllegalArgumentException(name);
    };
  }

  private static String describe(Transition transition) {
    return switch (transition) {
      case Transition.End end -> end.status() + (end.amount() == null ? "" : " " + end.amount());
      case Transition.RequireAction _ -> "requires action";
      case Transition.Authorize _ -> "authorized";
      case Transition.AwaitDecision() -> "undecided";
      case Transition.Wait wait -> wait.alert() ? "waits, with an alert" : "waits";
      case Transition.RaiseAttention raised -> "" + raised.attention();
      case Transition.AskFor ask -> "asks for " + ask.followUp();
      case Transition.Ignore() -> "ignored";
      case Transition other -> throw new AssertionError(other);
    };
  }

  private static String next(Wait wait, Attempt attempt, String response) {
    return describe(PaymentRules.next(wait.snapshot(), attempt, response(response)));
  }

  private static String next(Wait wait, String response) {
    return next(wait, new Attempt(ATTEMPTS, false), response);
  }

  @ParameterizedTest
  @CsvSource({
    "action, requires action",
    "pending, undecided",
    "authorized, authorized",
    "approved, SUCCEEDED",
    "declined, FAILED",
    "canceled, FAILED",
    "not found, EXPIRED_KEY",
    "unknown, waits",
    "not sent, waits"
  })
  void whileItsCustomerHasToAct(String response, String transition) {
    assertThat(next(Wait.of(PaymentStatus.REQUIRES_ACTION), response)).isEqualTo(transition);
  }

  @ParameterizedTest
  @CsvSource({
    "authorized, authorized",
    "pending, waits",
    "approved, SUCCEEDED",
    "declined, FAILED",
    "canceled, FAILED",
    "not found, EXPIRED_KEY",
    "unknown, waits"
  })
  void whileItIsAuthorized(String response, String transition) {
    assertThat(next(Wait.of(PaymentStatus.AUTHORIZED), response)).isEqualTo(transition);
  }

  @ParameterizedTest
  @CsvSource({
    "CAPTURE, authorized, waits",
    "CAPTURE, captured, SUCCEEDED 600",
    "CAPTURE, canceled, FAILED",
    "CAPTURE, declined, FAILED",
    "CAPTURE, rejected, REJECTED",
    "CAPTURE, unknown, waits",
    "CAPTURE, not sent, waits",
    "CAPTURE, not found, EXPIRED_KEY",
    "CAPTURE, pending, waits",
    "CANCEL, authorized, waits",
    "CANCEL, action, waits",
    "CANCEL, canceled, CANCELED",
    "CANCEL, approved, SUCCEEDED",
    "CANCEL, declined, FAILED",
    "CANCEL, unknown, waits",
    "EXPIRE, authorized, waits",
    "EXPIRE, canceled, FAILED",
    "EXPIRE, approved, SUCCEEDED"
  })
  void onceTheProviderIsTold(FollowUp followUp, String response, String transition) {
    assertThat(next(Wait.asked(followUp), response)).isEqualTo(transition);
  }

  @ParameterizedTest
  @CsvSource({
    "unknown, EXPIRED_KEY",
    "authorized, EXPIRED_KEY",
    "captured, SUCCEEDED 600",
    "canceled, FAILED"
  })
  void operatorDecidesWhatIsNotDoneForLong(String response, String transition) {
    Wait asked = Wait.asked(FollowUp.CAPTURE).tooLong();

    assertThat(next(asked, response)).isEqualTo(transition);
    assertThat(describe(PaymentRules.expire(asked.snapshot()))).isEqualTo("EXPIRED_KEY");
    assertThat(next(asked.underAttention(), "unknown")).isEqualTo("waits");
    assertThat(describe(PaymentRules.expire(asked.underAttention().snapshot())))
        .isEqualTo("ignored");
  }

  @ParameterizedTest
  @CsvSource({
    "authorized, ignored",
    "action, ignored",
    "unknown, ignored",
    "approved, SUCCEEDED",
    "canceled, FAILED"
  })
  void earlierAttemptOnlyDecides(String response, String transition) {
    Wait wait = Wait.of(PaymentStatus.AUTHORIZED);

    assertThat(next(wait, new Attempt(1, true), response)).isEqualTo(transition);
  }

  /** Its query was made before the capture was known. */
  @Test
  void staleAttemptMayHearOfTheCapture() {
    var mismatch = new ProviderResponse.Mismatch(operation("approved", 600), 600L);

    Transition transition =
        PaymentRules.next(Wait.asked(FollowUp.CAPTURE).snapshot(), new Attempt(1, false), mismatch);

    assertThat(describe(transition)).isEqualTo("SUCCEEDED 600");
    assertThat(
            describe(
                PaymentRules.next(
                    Wait.of(PaymentStatus.AUTHORIZED).snapshot(), new Attempt(1, false), mismatch)))
        .isEqualTo("AMOUNT_MISMATCH");
  }

  /** It was captured there in whole while we asked for a part. */
  @Test
  void anotherCapturedAmountNeedsADecision() {
    assertThat(next(Wait.asked(FollowUp.CAPTURE), new Attempt(1, false), "approved"))
        .isEqualTo("AMOUNT_MISMATCH");
    var less = new ProviderResponse.Mismatch(operation("approved", 500), 500L);
    assertThat(
            describe(
                PaymentRules.next(
                    Wait.asked(FollowUp.CAPTURE).snapshot(), new Attempt(1, false), less)))
        .isEqualTo("AMOUNT_MISMATCH");
  }

  @Test
  void authorizationThatNobodyAskedForIsAnAlert() {
    assertThat(next(Wait.of(PaymentStatus.REQUIRES_ACTION).automatic(), "authorized"))
        .isEqualTo("waits, with an alert");
  }

  @ParameterizedTest
  @EnumSource(
      value = PaymentStatus.class,
      names = {"REQUIRES_ACTION", "AUTHORIZED"})
  void isNeverOrderedAgain(PaymentStatus status) {
    assertThat(Wait.of(status).snapshot().maySend()).isFalse();
  }

  /** Such as one whose customer has acted, and whose bank has not answered. */
  @ParameterizedTest
  @EnumSource(
      value = PaymentStatus.class,
      names = {"REQUIRES_ACTION", "AUTHORIZED", "PROCESSING"})
  void endsWhenItHasWaitedTooLong(PaymentStatus status) {
    Wait wait = Wait.of(status);

    assertThat(describe(PaymentRules.expire(wait.snapshot()))).isEqualTo("ignored");
    assertThat(describe(PaymentRules.expire(wait.tooLong().snapshot())))
        .isEqualTo("asks for EXPIRE");
    assertThat(describe(PaymentRules.expire(wait.tooLong().underAttention().snapshot())))
        .isEqualTo("asks for EXPIRE");
  }

  @ParameterizedTest
  @EnumSource(
      value = PaymentStatus.class,
      names = {"REQUIRES_ACTION", "AUTHORIZED"})
  void ownerCancels(PaymentStatus status) {
    assertThat(cancel(Wait.of(status))).isEqualTo("asks for CANCEL");
    assertThat(cancel(Wait.of(status).underAttention())).isEqualTo("asks for CANCEL");
  }

  @Test
  void cancelingTwiceChangesNothing() {
    assertThat(cancel(Wait.asked(FollowUp.CANCEL))).isEqualTo("ignored");
    assertThat(cancel(Wait.asked(FollowUp.CAPTURE))).isNull();
    assertThat(cancel(Wait.asked(FollowUp.EXPIRE))).isNull();
  }

  private static @Nullable String cancel(Wait wait) {
    Transition transition = PaymentRules.cancel(wait.snapshot());
    return transition == null ? null : describe(transition);
  }

  @ParameterizedTest
  @CsvSource({", 1000", "1, 1", "1000, 1000"})
  void ownerCaptures(@Nullable Long amount, long captured) {
    var outcome =
        PaymentRules.capture(
            Wait.of(PaymentStatus.AUTHORIZED).underAttention().snapshot(), amount, null);

    assertThat(outcome)
        .isInstanceOfSatisfying(
            Outcome.Done.class,
            done ->
                assertThat(done.result())
                    .isInstanceOfSatisfying(
                        Transition.AskFor.class,
                        ask -> {
                          assertThat(ask.followUp()).isEqualTo(FollowUp.CAPTURE);
                          assertThat(ask.capture()).isEqualTo(captured);
                        }));
  }

  @Test
  void capturesAtMostWhatIsAuthorized() {
    PaymentSnapshot authorized = Wait.of(PaymentStatus.AUTHORIZED).snapshot();

    assertThat(refusal(PaymentRules.capture(authorized, 1001L, null)))
        .isEqualTo("capture-exceeds-authorization");
    assertThat(refusal(PaymentRules.capture(authorized, 1001L, FROZEN)))
        .isEqualTo("account-frozen");
  }

  @Test
  void capturesOnlyWhatIsAuthorized() {
    for (Wait wait :
        List.of(
            Wait.of(PaymentStatus.REQUIRES_ACTION),
            Wait.of(PaymentStatus.AUTHORIZED).tooLong(),
            Wait.asked(FollowUp.CAPTURE),
            Wait.asked(FollowUp.CANCEL))) {
      assertThat(refusal(PaymentRules.capture(wait.snapshot(), 1001L, FROZEN)))
          .as("%s", wait)
          .isEqualTo("not-capturable");
    }
  }

  private static String refusal(Outcome<Transition> outcome) {
    return switch (outcome) {
      case Outcome.Refused<Transition>(var problem, _) -> problem.type().slug();
      case Outcome<Transition> other -> throw new AssertionError(other);
    };
  }

  @ParameterizedTest
  @CsvSource({
    "CAPTURE, authorized, true",
    "CAPTURE, action, false",
    "CAPTURE, pending, false",
    "CAPTURE, unknown, false",
    "CANCEL, authorized, true",
    "CANCEL, action, true",
    "CANCEL, pending, true",
    "CANCEL, not found, false",
    "CANCEL, approved, false",
    "EXPIRE, authorized, true"
  })
  void tellsTheProviderOnlyWhileItWaits(FollowUp followUp, String response, boolean tells) {
    Wait asked = Wait.asked(followUp);

    assertThat(PaymentRules.followUp(asked.snapshot(), response(response)))
        .isEqualTo(tells ? followUp : null);
    assertThat(PaymentRules.followUp(asked.underAttention().snapshot(), response(response)))
        .isEqualTo(tells ? followUp : null);
  }

  @ParameterizedTest
  @ValueSource(strings = {"authorized", "action", "pending"})
  void tellsNothingThatNobodyWants(String response) {
    PaymentSnapshot payment = Wait.of(PaymentStatus.AUTHORIZED).snapshot();

    assertThat(PaymentRules.followUp(payment, response(response))).isNull();
  }
}
