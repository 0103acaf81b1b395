package dev.evenkeel.payments;

import static dev.evenkeel.payments.PaymentStatus.CANCELED;
import static dev.evenkeel.payments.PaymentStatus.FAILED;
import static dev.evenkeel.payments.PaymentStatus.PENDING;
import static dev.evenkeel.payments.PaymentStatus.SUCCEEDED;

import dev.evenkeel.accounts.PostingRequest.Settlement;
import dev.evenkeel.idempotency.Outcome;
import dev.evenkeel.payments.provider.ProviderOperation;
import dev.evenkeel.payments.provider.ProviderResponse;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * The state machine of pay-ins, pay-outs and refunds: decides the next transition of a payment from
 * its current state and what has happened. Plain Java; the caller holds the lock on the payment's
 * row.
 *
 * <pre>
 *   pending ── sent ──> processing ── approved ──> succeeded ── returned ───> returned
 *    │   ^                │  │                         ^ └────── reinstated ────┘
 *    │   └─ surely not ───┘  └─ declined ──> failed
 *    │      sent
 *    ├─ canceled by its owner ──> canceled
 *    └─ a pay-in that the provider has not seen for an hour,
 *       a refund that it has not seen, of a payment that it took back ──> failed
 * </pre>
 *
 * A payment that is not final once the provider may have forgotten its key needs an operator's
 * decision, whatever the provider answers, and also if it never answers.
 */
final class PaymentRules {

  /** A pay-in is not sent after this time: nobody is charged for an old click. */
  static final Duration PAY_IN_EXPIRY = Duration.ofHours(1);

  private static final Failure EXPIRED =
      new Failure("expired", "The provider could not be reached within an hour.");

  private static final Failure PAYMENT_RETURNED =
      new Failure("payment_returned", "The provider has taken the payment back.");

  /**
   * An attempt on a payment, which queries the provider, sends the request, or does both.
   *
   * @param number counts from 1
   * @param ordered whether it sent the request, or tried to
   * @param requested whether an operator wanted it now
   */
  record Attempt(int number, boolean ordered, boolean requested) {

    /** For an answer that may be old: it counts only where it is news. */
    static final Attempt LATE = new Attempt(0, false);

    Attempt(int number, boolean ordered) {
      this(number, ordered, false);
    }
  }

  private PaymentRules() {}

  static LedgerEffect ledgerEffect(PaymentKind kind, PaymentStatus status) {
    boolean in = kind == PaymentKind.PAY_IN;
    return switch (status) {
      case SUCCEEDED ->
          new LedgerEffect.Settle(in ? Settlement.Kind.COLLECT : Settlement.Kind.PAY_OUT);
      case FAILED, CANCELED -> in ? new LedgerEffect.None() : new LedgerEffect.ReleaseHold();
      case PENDING, PROCESSING, RETURNED, REFUSED, UNREADABLE -> new LedgerEffect.None();
    };
  }

  /**
   * Decides how a movement is posted.
   *
   * @param more whether it adds to what the payment has moved
   */
  static Settlement.Kind settlement(PaymentKind kind, boolean more) {
    if (kind == PaymentKind.PAY_IN) {
      return more ? Settlement.Kind.COLLECT : Settlement.Kind.TAKE_BACK;
    }
    return more ? Settlement.Kind.TAKE_BACK : Settlement.Kind.BRING_BACK;
  }

  /**
   * Decides what a response of the provider means for a payment.
   *
   * @param attempt the attempt that got the response: an earlier one may have woken up late
   */
  static Transition next(PaymentSnapshot payment, Attempt attempt, ProviderResponse response) {
    boolean latest = attempt.number() == payment.attempts();
    return payment.status().isFinal()
        ? whenFinal(payment, latest, response)
        : whenOpen(payment, latest, attempt.ordered(), response);
  }

  private static Transition whenFinal(
      PaymentSnapshot payment, boolean latest, ProviderResponse response) {
    boolean succeeded = payment.status().hasSucceeded();
    return switch (response) {
      // A second operation under our key counts too: it is the double charge that must not be.
      case ProviderResponse.Approved(String operation, _)
          when !succeeded || isOther(operation, payment) ->
          contradiction("approved, by operation " + operation);
      case ProviderResponse.Approved(_, var returns) when !unbooked(payment, returns).isEmpty() ->
          book(payment, unbooked(payment, returns));
      case ProviderResponse.Declined _ when succeeded -> contradiction("declined");
      case ProviderResponse.Mismatch mismatch -> whenAmountDiffers(payment, mismatch);
      // An earlier answer may be older than what is booked.
      case ProviderResponse.Approved approved
          when latest && approved.returned() != payment.money().returned() ->
          contradiction(approved.returned() + " are returned");
      case ProviderResponse _ when !latest -> new Transition.Ignore();
      case ProviderResponse.Unknown(String reason, boolean ourFault, Duration notBefore) ->
          new Transition.Wait(reason, true, ourFault, notBefore);
      case ProviderResponse.NotSent(var cause) ->
          new Transition.Wait(explain(cause), true, false, Duration.ZERO);
      case ProviderResponse.Pending() when !succeeded ->
          new Transition.Wait("The provider still decides", true, false, Duration.ZERO);
      case ProviderResponse _ -> new Transition.StopAsking();
    };
  }

  private static boolean isOther(String operation, PaymentSnapshot payment) {
    return payment.operation() != null && !payment.operation().equals(operation);
  }

  /** The returns and reinstatements that are not booked yet: each is booked once, by its id. */
  private static List<Movement> unbooked(
      PaymentSnapshot payment, List<ProviderOperation.Return> returns) {
    return returns.stream()
        .flatMap(it ->
            Stream.of(
                new Movement(Movement.Kind.RETURNED, it.id(), -it.amount()),
                new Movement(Movement.Kind.REINSTATED, it.id(), it.reinstated() ? it.amount() : 0)))
        .filter(it -> it.amount() != 0 && !payment.money().has(it.kind(), it.source()))
        .distinct()
        .toList();
  }

  private static Transition book(PaymentSnapshot payment, List<Movement> movements) {
    MovedMoney after = payment.money().after(movements);
    return after.isPossible()
        ? new Transition.Book(after.status(), movements, null)
        : contradiction(after.returned() + " are returned");
  }

  /** Returns are booked even if an operator has decided another amount than the provider's. */
  private static Transition whenAmountDiffers(
      PaymentSnapshot payment, ProviderResponse.Mismatch mismatch) {
    boolean ours =
        payment.status().hasSucceeded() && mismatch.operation().equals(payment.operation());
    List<Movement> news = ours ? unbooked(payment, mismatch.returns()) : List.of();
    return !news.isEmpty() && payment.money().after(news).isPossible()
        ? book(payment, news)
        : mismatch(Attention.CONTRADICTION, mismatch);
  }

  private static Transition contradiction(String found) {
    return new Transition.RaiseAttention(
        Attention.CONTRADICTION, "The provider contradicts: " + found);
  }

  private static Transition mismatch(Attention attention, ProviderResponse.Mismatch mismatch) {
    return new Transition.RaiseAttention(
        attention,
        "The provider reports another amount: " + mismatch.found(),
        mismatch.amount(),
        mismatch.operation());
  }

  private static Transition whenOpen(
      PaymentSnapshot payment, boolean latest, boolean ordered, ProviderResponse response) {
    // A decision of the provider counts whichever attempt hears it; the rest only from the latest.
    boolean onlyOneSent = latest && ordered && payment.sends() == 1;
    return switch (response) {
      case ProviderResponse.Approved(String operation, var returns) ->
          new Transition.End(
              SUCCEEDED, "Approved by the provider", null, operation, null, !returns.isEmpty());
      case ProviderResponse.Declined(String code) -> failed(Failure.declined(code));
      case ProviderResponse.Mismatch mismatch -> mismatch(Attention.AMOUNT_MISMATCH, mismatch);
      case ProviderResponse.Rejected(String reason) when onlyOneSent ->
          failed(new Failure("provider_rejected", "The provider rejected the payment: " + reason));
      case ProviderResponse.NotSent(var cause) when onlyOneSent ->
          new Transition.BackToPending(explain(cause));
      case ProviderResponse _ when !latest -> new Transition.Ignore();
      // An earlier attempt may still be on the wire, so the rejection does not decide.
      case ProviderResponse.Rejected(String reason) ->
          new Transition.RaiseAttention(
              Attention.REJECTED, "The provider rejected a later attempt: " + reason);
      case ProviderResponse _ when !payment.keyKnown() && payment.attention() == null ->
          expiredKey();
      case ProviderResponse.NotSent(var cause) ->
          new Transition.Wait(explain(cause), !ordered, false, Duration.ZERO);
      case ProviderResponse.Pending() -> new Transition.AwaitDecision();
      case ProviderResponse.NotFound() when payment.keyKnown() && payment.allCallsHaveEnded() ->
          // A call may be late even then. Asking again finds what it did.
          failed(overdue(payment.kind()), true);
      case ProviderResponse.NotFound() ->
          new Transition.Wait(
              "The provider has not seen the payment yet", true, false, Duration.ZERO);
      case ProviderResponse.Unknown(String reason, boolean ourFault, Duration notBefore) ->
          new Transition.Wait("Outcome unknown: " + reason, true, ourFault, notBefore);
    };
  }

  private static Transition expiredKey() {
    return new Transition.RaiseAttention(
        Attention.EXPIRED_KEY, "The provider may have forgotten the payment");
  }

  /** Cancels at the owner's request; null if it is too late. Canceling twice changes nothing. */
  static @Nullable Transition cancel(PaymentStatus status) {
    return switch (status) {
      case PENDING -> end(CANCELED, "Canceled before anything was sent");
      case CANCELED -> new Transition.Ignore();
      case PROCESSING, SUCCEEDED, FAILED, RETURNED, REFUSED, UNREADABLE -> null;
    };
  }

  /**
   * Decides whether time alone ends a payment or makes it need a decision: a pay-in that was never
   * sent and is too old, a refund that was never sent and that its payment does not cover any more,
   * and any payment whose key the provider may have forgotten.
   */
  static Transition expire(PaymentSnapshot payment) {
    if (payment.status() == PENDING && payment.overdue() != null) {
      return failed(overdue(payment.kind()));
    }
    boolean open = !payment.status().isFinal() && payment.attention() == null;
    return open && !payment.keyKnown() ? expiredKey() : new Transition.Ignore();
  }

  /**
   * Applies an operator's decision on a payment that needs attention. It says what really happened:
   * what differs from what is known is posted.
   *
   * @param refunds the sum of all refunds that have not failed, those under way included
   * @param amount what has moved; null if it is what is known or, if nothing has moved as far as is
   *     known, what was asked for
   */
  static Outcome<Transition> decide(
      PaymentSnapshot payment,
      long refunds,
      boolean succeeded,
      @Nullable Long amount,
      String note) {
    MovedMoney money = payment.money();
    long known = payment.status().hasSucceeded() ? money.moved() : money.asked();
    long really = succeeded ? Objects.requireNonNullElse(amount, known) : 0;
    if (payment.status().isFinal() && really == money.moved()) {
      return new Outcome.Done<>(new Transition.StopAsking());
    }
    long least = money.returned() + refunds;
    if (really < least || really > money.most()) {
      return Outcome.refused(
          PaymentProblem.DECISION_OUT_OF_RANGE,
          "What has moved is at least what was returned and what refunds take, %d, and at most what was asked for or reported, %d."
              .formatted(least, money.most()));
    }
    return new Outcome.Done<>(
        payment.status().isFinal()
            ? correct(money, really, note)
            : decideOpen(succeeded, amount, note));
  }

  private static Transition decideOpen(boolean succeeded, @Nullable Long amount, String note) {
    return succeeded
        ? new Transition.End(SUCCEEDED, note, null, null, amount, false)
        : new Transition.End(FAILED, note, decidedFailure(note), null, null, false);
  }

  private static Transition correct(MovedMoney money, long really, String note) {
    List<Movement> difference =
        List.of(new Movement(Movement.Kind.DECIDED, money.nextDecision(), really - money.moved()));
    return really == 0
        ? new Transition.Book(FAILED, difference, decidedFailure(note))
        : new Transition.Book(money.after(difference).status(), difference, null);
  }

  private static Failure decidedFailure(String note) {
    return new Failure("provider_rejected", note);
  }

  private static Transition end(PaymentStatus status, String note) {
    return new Transition.End(status, note, null, null, null, false);
  }

  private static Failure overdue(PaymentKind kind) {
    return kind == PaymentKind.PAY_IN ? EXPIRED : PAYMENT_RETURNED;
  }

  private static Transition failed(Failure failure) {
    return failed(failure, false);
  }

  private static Transition failed(Failure failure, boolean askAgain) {
    return new Transition.End(FAILED, failure.message(), failure, null, null, askAgain);
  }

  private static String explain(ProviderResponse.NotSent.Cause cause) {
    return switch (cause) {
      case NO_CONNECTION -> "Not sent: no connection to the provider";
      case BREAKER_OPEN -> "Not sent: the provider is not available at the moment";
      case NO_TIME -> "Not sent: too little time was left";
    };
  }
}
