package dev.evenkeel.payments.rules;

import static dev.evenkeel.payments.Operations.approved;
import static dev.evenkeel.payments.Operations.charge;
import static dev.evenkeel.payments.PaymentStatus.PENDING;
import static dev.evenkeel.payments.PaymentStatus.PROCESSING;
import static java.util.stream.Collectors.joining;
import static org.assertj.core.api.Assertions.assertThat;

import dev.evenkeel.accounts.PostingRequest.Settlement;
import dev.evenkeel.idempotency.Outcome;
import dev.evenkeel.payments.Attention;
import dev.evenkeel.payments.Failure;
import dev.evenkeel.payments.Finding;
import dev.evenkeel.payments.Movement;
import dev.evenkeel.payments.Movement.Kind;
import dev.evenkeel.payments.PaymentKind;
import dev.evenkeel.payments.PaymentStatus;
import dev.evenkeel.payments.provider.ProviderOperation.Return;
import dev.evenkeel.payments.provider.ProviderResponse;
import dev.evenkeel.payments.provider.ProviderResponse.NotSent.Cause;
import dev.evenkeel.payments.rules.PaymentRules.Attempt;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.aggregator.ArgumentsAccessor;
import org.junit.jupiter.params.provider.CsvSource;

/** The rules as tables: each response of the provider in each state of a payment. */
class PaymentRulesTests {

  private static ProviderResponse response(String name) {
    return switch (name) {
      case "approved" -> new ProviderResponse.Approved(approved("op_1"));
      case "approved again" -> new ProviderResponse.Approved(approved("op_2"));
      case "returned" -> returned(new Return("op_r", 1000, false));
      case "in part" -> returned(new Return("op_p", 400, false));
      case "the rest too" ->
          returned(new Return("op_p", 400, false), new Return("op_q", 600, false));
      case "reinstated" -> returned(new Return("op_r", 1000, true));
      case "declined" -> declined("of_tomorrow");
      case "no funds" -> declined("insufficient_funds");
      case "less, in part" ->
          new ProviderResponse.Mismatch(
              charge("op_1", "approved", 900, new Return("op_p", 400, false)), 900L);
      case "more, all of it" ->
          new ProviderResponse.Mismatch(
              charge("op_1", "approved", 1500, new Return("op_r", 1200, false)), 1500L);
      case "authorized" -> new ProviderResponse.Authorized(charge("op_1", "authorized", 1000));
      case "canceled" -> new ProviderResponse.Canceled(charge("op_1", "canceled", 1000));
      case "mismatch" -> new ProviderResponse.Mismatch(charge("op_1", "approved", 1251), 1251L);
      case "rejected" -> new ProviderResponse.Rejected("the provider answered 422");
      case "not sent" -> new ProviderResponse.NotSent(Cause.NO_CONNECTION);
      case "pending" -> new ProviderResponse.Pending();
      case "not found" -> new ProviderResponse.NotFound();
      case "unknown" -> new ProviderResponse.Unknown("timeout", false);
      case "our fault" -> new ProviderResponse.Unknown("401", true);
      default -> throw new IllegalArgumentException(name);
    };
  }

  private static ProviderResponse declined(String code) {
    return new ProviderResponse.Declined(charge("op_1", "declined", 1000), code);
  }

  private static ProviderResponse returned(Return... returns) {
    return new ProviderResponse.Approved(approved("op_1", returns));
  }

  /** The state in which a payment is when this attempt gets a response. */
  private enum State {
    ONLY_ATTEMPT(PROCESSING, 1, 1, null, 1),
    FIRST_SENT(PROCESSING, 3, 1, null, 3),
    LATER_ATTEMPT(PROCESSING, 3, 3, null, 3),
    EXPIRED_KEY(PROCESSING, 3, 3, null, 3),
    LATE_ATTEMPT(PROCESSING, 2, 1, null, 1),
    BACK_TO_PENDING(PENDING, 2, 0, null, 1),
    QUERY(PROCESSING, 3, 1, null, 3),
    OLD_QUERY(PROCESSING, 3, 1, null, 3),
    LAST_QUERY(PROCESSING, 3, 1, null, 3),
    SUCCEEDED(PaymentStatus.SUCCEEDED, 1, 1, "op_1", 1),
    BY_OPERATOR(PaymentStatus.SUCCEEDED, 1, 1, null, 1),
    RETURNED(PaymentStatus.RETURNED, 1, 1, "op_1", 1),
    FAILED(PaymentStatus.FAILED, 1, 1, null, 1),
    CANCELED(PaymentStatus.CANCELED, 1, 1, null, 1),
    LATE_QUERY(PaymentStatus.SUCCEEDED, 2, 1, "op_1", 1);

    private final PaymentSnapshot payment;
    private final Attempt attempt;

    State(PaymentStatus status, int attempts, int sends, @Nullable String operation, int attempt) {
      Duration age =
          switch (name()) {
            case "OLD_QUERY" -> Duration.ofHours(1).plusSeconds(9);
            case "LAST_QUERY" -> Duration.ofHours(1).plusSeconds(10);
            default -> Duration.ofMinutes(59);
          };
      boolean keyKnown = !name().equals("EXPIRED_KEY");
      this.payment = snapshot(status, attempts, sends, age, keyKnown, operation);
      this.attempt = new Attempt(attempt, !name().endsWith("QUERY"));
    }

    Transition next(ProviderResponse response) {
      return PaymentRules.next(payment, attempt, response);
    }
  }

  private static PaymentSnapshot snapshot(
      PaymentStatus status,
      int attempts,
      int sends,
      Duration age,
      boolean keyKnown,
      @Nullable String operation) {
    return snapshot(PaymentKind.PAY_IN, status, attempts, sends, age, keyKnown, operation);
  }

  private static PaymentSnapshot snapshot(
      PaymentKind kind,
      PaymentStatus status,
      int attempts,
      int sends,
      Duration age,
      boolean keyKnown,
      @Nullable String operation) {
    return new PaymentSnapshot(
        kind,
        status,
        attempts,
        sends,
        age,
        Duration.ofSeconds(10),
        keyKnown,
        null,
        null,
        false,
        null,
        operation,
        money(status));
  }

  /** A payment of 1000 that the provider took back if it is returned. */
  private static MovedMoney money(PaymentStatus status) {
    return switch (status) {
      case SUCCEEDED -> new MovedMoney(1000, 1000, 1000, 0, 0, List.of());
      case RETURNED ->
          new MovedMoney(
              1000, 1000, 1000, 1000, 0, List.of(new Movement(Kind.RETURNED, "op_r", -1000)));
      case PENDING,
          PROCESSING,
          REQUIRES_ACTION,
          AUTHORIZED,
          FAILED,
          CANCELED,
          REFUSED,
          UNREADABLE ->
          new MovedMoney(1000, 1000, 0, 0, 0, List.of());
    };
  }

  private static void assertRow(State first, ArgumentsAccessor row) {
    ProviderResponse response = response(Objects.requireNonNull(row.getString(0)));
    for (int i = 1; i < row.size(); i++) {
      State state = State.values()[first.ordinal() + i - 1];
      assertThat(describe(state.next(response))).as("%s", state).isEqualTo(row.getString(i));
    }
  }

  /** A transition in a few words, without its note. */
  private static String describe(@Nullable Transition transition) {
    return switch (transition) {
      case Transition.End end ->
          join(
              end.status().name().toLowerCase(Locale.ROOT),
              end.failure() == null ? null : end.failure().code(),
              end.operation(),
              end.amount() == null ? null : end.amount().toString(),
              end.askAgain() ? "ask" : null);
      case Transition.Book book ->
          join(
                  book.status().name().toLowerCase(Locale.ROOT),
                  book.failure() == null ? null : book.failure().code(),
                  book.agreed() == null ? "ask" : null)
              + book.movements().stream()
                  .map(it -> "; %s %d %s".formatted(it.kind(), it.amount(), it.source()))
                  .collect(joining())
                  .toLowerCase(Locale.ROOT);
      case Transition.BackToPending _ -> "pending";
      case Transition.Wait wait ->
          join("wait", wait.sent() ? null : "unsent", wait.alert() ? "alert" : null);
      case Transition.AwaitDecision _ -> "undecided";
      case Transition.RequireAction _ -> "requires action";
      case Transition.Authorize _ -> "authorized";
      case Transition.AskFor ask -> "ask for " + ask.followUp();
      case Transition.RaiseAttention raised ->
          raised.attention().name().toLowerCase(Locale.ROOT).replace('_', ' ');
      case Transition.StopAsking _ -> "stop";
      case Transition.Ignore _ -> "ignore";
      case null -> "refused";
    };
  }

  private static String join(@Nullable String... parts) {
    return String.join(" ", Arrays.stream(parts).filter(Objects::nonNull).toList());
  }

  @ParameterizedTest(name = "{0}")
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          # response | ONLY_ATTEMPT              | FIRST_SENT                | LATER_ATTEMPT             | EXPIRED_KEY               | LATE_ATTEMPT              | BACK_TO_PENDING
          approved   | succeeded op_1            | succeeded op_1            | succeeded op_1            | succeeded op_1            | succeeded op_1            | succeeded op_1
          returned   | succeeded op_1 ask        | succeeded op_1 ask        | succeeded op_1 ask        | succeeded op_1 ask        | succeeded op_1 ask        | succeeded op_1 ask
          declined   | failed card_declined op_1 | failed card_declined op_1 | failed card_declined op_1 | failed card_declined op_1 | failed card_declined op_1 | failed card_declined op_1
          no funds   | failed insufficient_funds op_1 | failed insufficient_funds op_1 | failed insufficient_funds op_1 | failed insufficient_funds op_1 | failed insufficient_funds op_1 | failed insufficient_funds op_1
          mismatch   | amount mismatch           | amount mismatch           | amount mismatch           | amount mismatch           | amount mismatch           | amount mismatch
          rejected   | failed provider_rejected  | failed provider_rejected  | rejected                  | rejected                  | ignore                    | ignore
          not sent   | pending                   | pending                   | wait unsent               | expired key               | ignore                    | ignore
          pending    | undecided                 | undecided                 | undecided                 | expired key               | ignore                    | ignore
          not found  | wait                      | wait                      | wait                      | expired key               | ignore                    | ignore
          unknown    | wait                      | wait                      | wait                      | expired key               | ignore                    | ignore
          our fault  | wait alert                | wait alert                | wait alert                | expired key               | ignore                    | ignore
          """)
  void appliesResponseToOpenPayment(ArgumentsAccessor row) {
    assertRow(State.ONLY_ATTEMPT, row);
  }

  @ParameterizedTest(name = "{0}")
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          # response | QUERY                | OLD_QUERY            | LAST_QUERY
          approved   | succeeded op_1       | succeeded op_1       | succeeded op_1
          declined   | failed card_declined op_1 | failed card_declined op_1 | failed card_declined op_1
          not sent   | wait                 | wait                 | wait
          pending    | undecided            | undecided            | undecided
          not found  | wait                 | wait                 | failed expired ask
          unknown    | wait                 | wait                 | wait
          """)
  void appliesQueryToOpenPayIn(ArgumentsAccessor row) {
    assertRow(State.QUERY, row);
  }

  @ParameterizedTest(name = "{0}")
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          # response     | SUCCEEDED                                            | BY_OPERATOR                                          | RETURNED                        | FAILED        | CANCELED      | LATE_QUERY
          approved       | stop                                                 | stop                                                 | contradiction                   | contradiction | contradiction | ignore
          approved again | contradiction                                        | stop                                                 | contradiction                   | contradiction | contradiction | contradiction
          returned       | returned; returned -1000 op_r                        | returned; returned -1000 op_r                        | stop                            | contradiction | contradiction | returned; returned -1000 op_r
          in part        | succeeded; returned -400 op_p                        | succeeded; returned -400 op_p                        | contradiction                   | contradiction | contradiction | succeeded; returned -400 op_p
          the rest too   | returned; returned -400 op_p; returned -600 op_q     | returned; returned -400 op_p; returned -600 op_q     | contradiction                   | contradiction | contradiction | returned; returned -400 op_p; returned -600 op_q
          reinstated     | succeeded; returned -1000 op_r; reinstated 1000 op_r | succeeded; returned -1000 op_r; reinstated 1000 op_r | succeeded; reinstated 1000 op_r | contradiction | contradiction | succeeded; returned -1000 op_r; reinstated 1000 op_r
          declined       | contradiction                                        | contradiction                                        | contradiction                   | stop          | stop          | contradiction
          canceled       | contradiction                                        | contradiction                                        | contradiction                   | stop          | stop          | contradiction
          authorized     | contradiction                                        | contradiction                                        | contradiction                   | contradiction | contradiction | ignore
          mismatch       | contradiction                                        | contradiction                                        | contradiction                   | contradiction | contradiction | contradiction
          less, in part  | succeeded ask; returned -400 op_p                    | contradiction                                        | contradiction                   | contradiction | contradiction | succeeded ask; returned -400 op_p
          more, all of it| contradiction                                        | contradiction                                        | contradiction                   | contradiction | contradiction | contradiction
          rejected       | stop                                                 | stop                                                 | stop                            | stop          | stop          | ignore
          not sent       | wait                                                 | wait                                                 | wait                            | wait          | wait          | ignore
          pending        | stop                                                 | stop                                                 | stop                            | wait          | wait          | ignore
          not found      | stop                                                 | stop                                                 | stop                            | stop          | stop          | ignore
          unknown        | wait                                                 | wait                                                 | wait                            | wait          | wait          | ignore
          our fault      | wait alert                                           | wait alert                                           | wait alert                      | wait alert    | wait alert    | ignore
          """)
  void appliesResponseToFinalPayment(ArgumentsAccessor row) {
    assertRow(State.SUCCEEDED, row);
  }

  /** The report was fetched before the return that is booked. */
  @Test
  void ignoresAnotherAmountThatIsOlderThanWhatIsBooked() {
    Transition late = PaymentRules.next(State.RETURNED.payment, Attempt.LATE, response("mismatch"));

    assertThat(late).isEqualTo(new Transition.Ignore());
  }

  @Test
  void explainsTransitions() {
    Duration pause = Duration.ofSeconds(7);
    ProviderResponse tooMany = new ProviderResponse.Unknown("429", false, pause);
    String declined = "The provider declined the payment: insufficient funds.";

    assertThat(State.ONLY_ATTEMPT.next(tooMany))
        .isEqualTo(new Transition.Wait("Outcome unknown: 429", true, false, pause));
    assertThat(State.SUCCEEDED.next(tooMany))
        .isEqualTo(new Transition.Wait("429", true, false, pause));
    assertThat(State.ONLY_ATTEMPT.next(response("not sent")))
        .isEqualTo(new Transition.BackToPending("Not sent: no connection to the provider"));
    assertThat(State.ONLY_ATTEMPT.next(response("no funds")))
        .isEqualTo(
            new Transition.End(
                PaymentStatus.FAILED,
                declined,
                new Failure("insufficient_funds", declined, "insufficient_funds"),
                "op_1",
                null,
                false));
    assertThat(State.SUCCEEDED.next(response("approved again")))
        .isEqualTo(
            new Transition.RaiseAttention(
                Attention.CONTRADICTION,
                "The provider contradicts: approved 1000 EUR, by operation op_2",
                new Finding("op_2", "approved 1000 EUR"),
                null));
    assertThat(State.ONLY_ATTEMPT.next(response("mismatch")))
        .isEqualTo(
            new Transition.RaiseAttention(
                Attention.AMOUNT_MISMATCH,
                "The provider reports another amount: approved 1251 EUR",
                new Finding("op_1", "approved 1251 EUR"),
                1251L));
    assertThat(State.SUCCEEDED.next(response("more, all of it")))
        .isEqualTo(
            new Transition.RaiseAttention(
                Attention.CONTRADICTION,
                "The provider reports another amount: approved 1500 EUR, 1200 returned",
                new Finding("op_1", "approved 1500 EUR, 1200 returned"),
                1500L));
    assertThat(State.RETURNED.next(response("approved")))
        .isEqualTo(
            new Transition.RaiseAttention(
                Attention.CONTRADICTION,
                "The provider contradicts: approved 1000 EUR, 0 returned, by operation op_1",
                new Finding("op_1", "approved 1000 EUR, 0 returned"),
                null));
  }

  @ParameterizedTest
  @CsvSource({
    "PENDING, true, , true",
    "PROCESSING, true, , true",
    "PROCESSING, false, , false",
    "PROCESSING, true, AMOUNT_MISMATCH, false",
    "SUCCEEDED, true, , false",
    "FAILED, true, , false",
    "CANCELED, true, , false",
    "RETURNED, true, , false",
    "REFUSED, true, , false"
  })
  void sendsOnlyWhileKeyIsKnown(
      PaymentStatus status, boolean keyKnown, @Nullable Attention attention, boolean again) {
    PaymentSnapshot payment =
        new PaymentSnapshot(
            PaymentKind.PAY_OUT,
            status,
            3,
            3,
            Duration.ofHours(2),
            Duration.ofSeconds(10),
            keyKnown,
            null,
            attention,
            false,
            null,
            null,
            money(status));
    assertThat(payment.maySend()).isEqualTo(again);
  }

  /** Only a pay-in has a customer who can act at the provider. */
  @Test
  void payOutWaitsForNoCustomer() {
    PaymentSnapshot payOut =
        snapshot(PaymentKind.PAY_OUT, PROCESSING, 1, 1, Duration.ZERO, true, null);
    var action =
        new ProviderResponse.ActionRequired(charge("op_1", "pending", 1000), "https://bank.test/");

    assertThat(PaymentRules.next(payOut, new Attempt(1, true), action))
        .isEqualTo(new Transition.AwaitDecision());
  }

  @ParameterizedTest
  @CsvSource({"PAY_IN, PT59M59S, true", "PAY_IN, PT1H, false", "PAY_OUT, PT1H, true"})
  void sendsNoOldPayIn(PaymentKind kind, Duration age, boolean again) {
    assertThat(aged(kind, PROCESSING, age, true, null).maySend()).isEqualTo(again);
  }

  @Test
  void sendsNoRefundOfReturnedPayment() {
    PaymentSnapshot refund =
        aged(PaymentKind.REFUND, PROCESSING, Duration.ofMinutes(1), true, Duration.ZERO);
    assertThat(refund.maySend()).isFalse();
  }

  @ParameterizedTest
  @CsvSource({
    "PT9.9S, true, not found, wait",
    "PT10S, true, not found, failed payment_returned ask",
    "PT10S, false, not found, expired key",
    "PT10S, true, unknown, wait",
    "PT10S, true, pending, undecided",
    "PT10S, true, approved, succeeded op_1"
  })
  void endsUnseenRefundOfReturnedPayment(
      Duration returnedFor, boolean keyKnown, String response, String transition) {
    PaymentSnapshot refund =
        aged(PaymentKind.REFUND, PROCESSING, Duration.ofMinutes(1), keyKnown, returnedFor);

    Transition next = PaymentRules.next(refund, new Attempt(1, false), response(response));

    assertThat(describe(next)).isEqualTo(transition);
  }

  private static PaymentSnapshot aged(
      PaymentKind kind,
      PaymentStatus status,
      Duration age,
      boolean keyKnown,
      @Nullable Duration returnedFor) {
    Duration call = Duration.ofSeconds(10);
    return new PaymentSnapshot(
        kind,
        status,
        1,
        1,
        age,
        call,
        keyKnown,
        returnedFor,
        null,
        false,
        null,
        null,
        money(status));
  }

  @ParameterizedTest
  @CsvSource({
    "PENDING, canceled",
    "CANCELED, ignore",
    "PROCESSING, refused",
    "SUCCEEDED, refused",
    "FAILED, refused",
    "RETURNED, refused",
    "REFUSED, refused"
  })
  void cancelsOnlyWhatWasNeverSent(PaymentStatus status, String transition) {
    assertThat(
            describe(
                PaymentRules.cancel(aged(PaymentKind.PAY_IN, status, Duration.ZERO, true, null))))
        .isEqualTo(transition);
  }

  @ParameterizedTest
  @CsvSource({
    "PAY_IN, PENDING, PT1H, true, , failed expired",
    "PAY_IN, PENDING, PT59M59S, true, , ignore",
    "PAY_IN, PENDING, PT25H, false, , failed expired",
    "PAY_IN, PROCESSING, PT2H, true, , ignore",
    "PAY_IN, PROCESSING, PT25H, false, , expired key",
    "PAY_OUT, PENDING, PT2H, true, , ignore",
    "PAY_OUT, PENDING, PT25H, false, , expired key",
    "REFUND, PENDING, PT1M, true, PT0S, failed payment_returned",
    "REFUND, PENDING, PT2H, true, , ignore",
    "REFUND, PROCESSING, PT2H, true, PT0S, ignore",
    "REFUND, PROCESSING, PT25H, false, PT0S, expired key",
    "PAY_IN, SUCCEEDED, PT25H, false, , ignore",
    "PAY_IN, CANCELED, PT25H, false, , ignore"
  })
  void timeEndsPayments(
      PaymentKind kind,
      PaymentStatus status,
      Duration age,
      boolean keyKnown,
      @Nullable Duration returnedFor,
      String transition) {
    PaymentSnapshot payment = aged(kind, status, age, keyKnown, returnedFor);
    assertThat(describe(PaymentRules.expire(payment))).isEqualTo(transition);
  }

  private static String decide(
      PaymentStatus status, MovedMoney money, boolean succeeded, @Nullable Long amount) {
    PaymentSnapshot payment =
        new PaymentSnapshot(
            PaymentKind.PAY_IN,
            status,
            1,
            1,
            Duration.ofHours(2),
            Duration.ofSeconds(10),
            true,
            null,
            Attention.CONTRADICTION,
            false,
            null,
            null,
            money);
    return switch (DecisionRules.decide(payment, money.refunded(), succeeded, amount, "seen")) {
      case Outcome.Done<Transition>(Transition transition) -> describe(transition);
      case Outcome.Refused<Transition>(var problem, _) -> problem.type().slug();
      case Outcome.Replayed<Transition> _ -> throw new AssertionError();
    };
  }

  @ParameterizedTest
  @CsvSource({
    "PROCESSING, true, , succeeded",
    "PROCESSING, true, 900, succeeded 900",
    "PROCESSING, false, , failed provider_rejected",
    "SUCCEEDED, true, , stop",
    "SUCCEEDED, true, 1000, stop",
    "SUCCEEDED, true, 999, succeeded ask; decided -1 1",
    "SUCCEEDED, true, 1001, decision-out-of-range",
    "SUCCEEDED, false, , failed provider_rejected ask; decided -1000 1",
    "RETURNED, true, , stop",
    "RETURNED, true, 999, decision-out-of-range",
    "RETURNED, false, , decision-out-of-range",
    "FAILED, false, , stop",
    "FAILED, true, , succeeded ask; decided 1000 1",
    "FAILED, true, 1000, succeeded ask; decided 1000 1",
    "CANCELED, false, , stop",
    "CANCELED, true, , succeeded ask; decided 1000 1",
    "CANCELED, true, 1, succeeded ask; decided 1 1"
  })
  void operatorDecides(
      PaymentStatus status, boolean succeeded, @Nullable Long amount, String transition) {
    assertThat(decide(status, money(status), succeeded, amount)).isEqualTo(transition);
  }

  /** Of 1000, 1250 were reported, 300 returned and 200 refunded; two decisions were made before. */
  @ParameterizedTest
  @CsvSource({
    "499, decision-out-of-range",
    "500, returned ask; decided -500 3",
    "501, succeeded ask; decided -499 3",
    "1250, succeeded ask; decided 250 3",
    "1251, decision-out-of-range"
  })
  void decidesWithinWhatIsKnown(long amount, String transition) {
    List<Movement> before =
        List.of(
            new Movement(Kind.DECIDED, "1", -100),
            new Movement(Kind.RETURNED, "op_p", -300),
            new Movement(Kind.DECIDED, "2", 100));
    MovedMoney money = new MovedMoney(1000, 1250, 1000, 300, 200, before);

    assertThat(decide(PaymentStatus.SUCCEEDED, money, true, amount)).isEqualTo(transition);
  }

  @ParameterizedTest
  @CsvSource({"700, 299, SUCCEEDED", "700, 300, RETURNED", "0, 1000, SUCCEEDED"})
  void isReturnedOnceNothingIsLeft(long returned, long refunded, PaymentStatus status) {
    assertThat(new MovedMoney(1000, 1000, 1000, returned, refunded, List.of()).status())
        .isEqualTo(status);
  }

  @ParameterizedTest
  @CsvSource({
    "PAY_IN, SUCCEEDED, COLLECT",
    "PAY_IN, FAILED, NONE",
    "PAY_IN, CANCELED, NONE",
    "PAY_IN, RETURNED, NONE",
    "PAY_IN, PENDING, NONE",
    "PAY_OUT, SUCCEEDED, PAY_OUT",
    "PAY_OUT, FAILED, RELEASE_HOLD",
    "PAY_OUT, CANCELED, RELEASE_HOLD",
    "PAY_OUT, PROCESSING, NONE",
    "PAY_OUT, REFUSED, NONE",
    "REFUND, SUCCEEDED, PAY_OUT",
    "REFUND, FAILED, RELEASE_HOLD"
  })
  void derivesLedgerEffect(PaymentKind kind, PaymentStatus status, String effect) {
    assertThat(
            switch (PaymentRules.ledgerEffect(kind, status)) {
              case LedgerEffect.Settle settle -> settle.kind().name();
              case LedgerEffect.ReleaseHold _ -> "RELEASE_HOLD";
              case LedgerEffect.None _ -> "NONE";
            })
        .isEqualTo(effect);
  }

  @ParameterizedTest
  @CsvSource({
    "PAY_IN, COLLECT, TAKE_BACK",
    "PAY_OUT, TAKE_BACK, BRING_BACK",
    "REFUND, TAKE_BACK, BRING_BACK"
  })
  void postsMovements(PaymentKind kind, Settlement.Kind more, Settlement.Kind less) {
    assertThat(PaymentRules.settlement(kind, true)).isEqualTo(more);
    assertThat(PaymentRules.settlement(kind, false)).isEqualTo(less);
  }
}
