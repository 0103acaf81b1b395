package dev.evenkeel.payments.rules;

import static dev.evenkeel.payments.PaymentStatus.AUTHORIZED;
import static dev.evenkeel.payments.PaymentStatus.CANCELED;
import static dev.evenkeel.payments.PaymentStatus.FAILED;
import static dev.evenkeel.payments.PaymentStatus.PENDING;
import static dev.evenkeel.payments.PaymentStatus.SUCCEEDED;

import dev.evenkeel.accounts.PostingRequest.Settlement;
import dev.evenkeel.idempotency.Outcome;
import dev.evenkeel.payments.Attention;
import dev.evenkeel.payments.Failure;
import dev.evenkeel.payments.Finding;
import dev.evenkeel.payments.Movement;
import dev.evenkeel.payments.PaymentKind;
import dev.evenkeel.payments.PaymentProblem;
import dev.evenkeel.payments.PaymentStatus;
import dev.evenkeel.payments.provider.FollowUp;
import dev.evenkeel.payments.provider.ProviderOperation;
import dev.evenkeel.payments.provider.ProviderResponse;
import dev.evenkeel.problems.Problem;
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
 *    │   ^                │  │  ^                      ^ └────── reinstated ────┘
 *    │   └─ surely not ───┘  │  ├──> requires_action (until the customer has acted)
 *    │      sent             │  └──> authorized (until it is captured, canceled or expires)
 *    │                       ├─ declined ──> failed
 *    │                       └─ canceled there ──> canceled, if its owner asked for it, or failed
 *    ├─ canceled by its owner ──> canceled
 *    └─ a pay-in that the provider has not seen for an hour,
 *       a refund that it has not seen, of a payment that it took back ──> failed
 * </pre>
 *
 * A payment that is not final once the provider may have forgotten its key needs an operator's
 * decision, whatever the provider answers, and also if it never answers. One that waits for the
 * customer or for a capture is known there by its operation's id. Attention does not keep it from
 * being captured or canceled: the provider does each once, however often it is asked.
 */
public final class PaymentRules {

  /** A pay-in is not sent after this time: nobody is charged for an old click. */
  public static final Duration PAY_IN_EXPIRY = Duration.ofHours(1);

  /** After this time an operator has to look at a capture or a cancellation that is not done. */
  public static final Duration FOLLOW_UP_TIME = Duration.ofDays(1);

  private static final Failure EXPIRED =
      new Failure("expired", "The provider could not be reached within an hour.");

  private static final Failure NOT_COMPLETED =
      new Failure("expired", "The payment was not completed in time.");

  private static final Failure AUTHORIZATION_ENDED =
      new Failure("expired", "The provider has ended the authorization.");

  private static final Failure PAYMENT_RETURNED =
      new Failure("payment_returned", "The provider has taken the payment back.");

  /**
   * An attempt on a payment, which queries the provider, sends the request, or does both.
   *
   * @param number counts from 1
   * @param ordered whether it sent the request, or tried to
   * @param requested whether an operator wanted it now
   */
  public record Attempt(int number, boolean ordered, boolean requested) {

    /** For an answer that may be old: it counts only where it is news. */
    public static final Attempt LATE = new Attempt(0, false);

    public Attempt(int number, boolean ordered) {
      this(number, ordered, false);
    }
  }

  private PaymentRules() {}

  public static LedgerEffect ledgerEffect(PaymentKind kind, PaymentStatus status) {
    boolean in = kind == PaymentKind.PAY_IN;
    return switch (status) {
      case SUCCEEDED ->
          new LedgerEffect.Settle(in ? Settlement.Kind.COLLECT : Settlement.Kind.PAY_OUT);
      case FAILED, CANCELED -> in ? new LedgerEffect.None() : new LedgerEffect.ReleaseHold();
      case PENDING, PROCESSING, REQUIRES_ACTION, AUTHORIZED, RETURNED, REFUSED, UNREADABLE ->
          new LedgerEffect.None();
    };
  }

  /**
   * Decides how a movement is posted.
   *
   * @param more whether it adds to what the payment has moved
   */
  public static Settlement.Kind settlement(PaymentKind kind, boolean more) {
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
  public static Transition next(
      PaymentSnapshot payment, Attempt attempt, ProviderResponse response) {
    boolean latest = attempt.number() == payment.attempts();
    return payment.status().isFinal()
        ? whenFinal(payment, latest, response)
        : whenOpen(payment, latest, attempt.ordered(), knowingTheCapture(payment, response));
  }

  /** An attempt that began before the capture was decided expects another amount. */
  private static ProviderResponse knowingTheCapture(
      PaymentSnapshot payment, ProviderResponse response) {
    Long captured = payment.capture();
    return switch (response) {
      case ProviderResponse.Mismatch(var it, Long amount)
          when it.status().equals("approved")
              && it.id().equals(payment.operation())
              && amount != null
              && amount.equals(captured) ->
          new ProviderResponse.Approved(it);
      case ProviderResponse.Approved(var it) when captured != null && it.amount() != captured ->
          new ProviderResponse.Mismatch(it, it.amount());
      case ProviderResponse other -> other;
    };
  }

  private static Transition whenFinal(
      PaymentSnapshot payment, boolean latest, ProviderResponse response) {
    boolean succeeded = payment.status().hasSucceeded();
    return switch (response) {
      // A second operation under our key counts too: it is the double charge that must not be.
      case ProviderResponse.Approved(var it) when !succeeded || payment.isOther(it) ->
          contradiction(payment, it);
      case ProviderResponse.Approved(var it) when canBook(payment, it) ->
          book(payment, it, it.id());
      case ProviderResponse.Declined(var it, _) when succeeded -> contradiction(payment, it);
      case ProviderResponse.Canceled(var it) when succeeded -> contradiction(payment, it);
      // Money is reserved for a payment that has ended otherwise.
      case ProviderResponse.Authorized(var it) when latest -> contradiction(payment, it);
      // Returns count even if the amount differs, about which the provider is asked again.
      case ProviderResponse.Mismatch(var it, Long amount)
          when amount != null
              && succeeded
              && it.id().equals(payment.operation())
              && canBook(payment, it) ->
          book(payment, it, null);
      case ProviderResponse.Mismatch mismatch
          when latest || !isOlder(payment, mismatch.operation()) ->
          mismatch(payment, Attention.CONTRADICTION, mismatch);
      // Without a return that is new, an earlier answer may be older than what is booked.
      case ProviderResponse.Approved(var it)
          when !unbooked(payment, it).isEmpty()
              || latest && it.returned() != payment.money().returned() ->
          contradiction(payment, it);
      case ProviderResponse _ when !latest -> new Transition.Ignore();
      case ProviderResponse.Approved(var it) -> new Transition.StopAsking(it.id());
      case ProviderResponse.Declined(var it, _) -> new Transition.StopAsking(it.id());
      case ProviderResponse.Canceled(var it) -> new Transition.StopAsking(it.id());
      case ProviderResponse.Unknown(String reason, boolean ourFault, Duration notBefore) ->
          new Transition.Wait(reason, true, ourFault, notBefore);
      case ProviderResponse.CredentialsRefused() -> credentialsRefused();
      case ProviderResponse.NotSent(var cause) ->
          new Transition.Wait(explain(cause), true, false, Duration.ZERO);
      case ProviderResponse.Pending _, ProviderResponse.ActionRequired _
          when !succeeded && payment.keyKnown() ->
          new Transition.Wait("The provider still decides", true, false, Duration.ZERO);
      case ProviderResponse _ -> new Transition.StopAsking(null);
    };
  }

  /** Whether an earlier answer, or a report, may not know yet what is booked. */
  private static boolean isOlder(PaymentSnapshot payment, ProviderOperation it) {
    return unbooked(payment, it).isEmpty() && it.returned() != payment.money().returned();
  }

  /** The returns and reinstatements that are not booked yet: each is booked once, by its id. */
  private static List<Movement> unbooked(PaymentSnapshot payment, ProviderOperation operation) {
    return operation.returns().stream()
        .flatMap(it ->
            Stream.of(
                new Movement(Movement.Kind.RETURNED, it.id(), -it.amount()),
                new Movement(Movement.Kind.REINSTATED, it.id(), it.reinstated() ? it.amount() : 0)))
        .filter(it -> it.amount() != 0 && !payment.money().has(it.kind(), it.source()))
        .distinct()
        .toList();
  }

  private static boolean canBook(PaymentSnapshot payment, ProviderOperation operation) {
    List<Movement> movements = unbooked(payment, operation);
    return !movements.isEmpty() && payment.money().after(movements).isPossible();
  }

  private static Transition book(
      PaymentSnapshot payment, ProviderOperation operation, @Nullable String agreed) {
    List<Movement> movements = unbooked(payment, operation);
    PaymentStatus status = payment.money().after(movements).status();
    return new Transition.Book(status, movements, null, agreed, agreed == null);
  }

  private static Transition contradiction(PaymentSnapshot payment, ProviderOperation operation) {
    Finding finding = payment.finding(operation);
    String note =
        "The provider contradicts: %s, by operation %s".formatted(finding.text(), operation.id());
    return new Transition.RaiseAttention(Attention.CONTRADICTION, note, finding, null);
  }

  private static Transition mismatch(
      PaymentSnapshot payment, Attention attention, ProviderResponse.Mismatch mismatch) {
    Finding finding = payment.finding(mismatch.operation());
    return new Transition.RaiseAttention(
        attention,
        "The provider reports another amount: " + finding.text(),
        finding,
        mismatch.amount());
  }

  private static Transition whenOpen(
      PaymentSnapshot payment, boolean latest, boolean ordered, ProviderResponse response) {
    // A decision of the provider counts whichever attempt hears it; the rest only from the latest.
    boolean onlyOneSent = latest && ordered && payment.sends() == 1;
    return switch (response) {
      case ProviderResponse.Approved(var it) ->
          new Transition.End(
              SUCCEEDED,
              "Approved by the provider",
              null,
              it.id(),
              payment.capture(),
              !it.returns().isEmpty());
      case ProviderResponse.Declined(var it, String code) -> {
        Failure failure = Failure.declined(code);
        yield new Transition.End(FAILED, failure.message(), failure, it.id(), null, false);
      }
      case ProviderResponse.Canceled(var it) when payment.followUp() == FollowUp.CANCEL ->
          new Transition.End(CANCELED, "Canceled", null, it.id(), null, false);
      case ProviderResponse.Canceled(var it) -> {
        Failure failure =
            payment.status() == AUTHORIZED || payment.followUp() == FollowUp.CAPTURE
                ? AUTHORIZATION_ENDED
                : NOT_COMPLETED;
        yield new Transition.End(FAILED, failure.message(), failure, it.id(), null, false);
      }
      case ProviderResponse.Mismatch mismatch ->
          mismatch(payment, Attention.AMOUNT_MISMATCH, mismatch);
      case ProviderResponse.Rejected(String reason) when onlyOneSent ->
          failed(new Failure("provider_rejected", "The provider rejected the payment: " + reason));
      case ProviderResponse.NotSent(var cause) when onlyOneSent ->
          new Transition.BackToPending(explain(cause));
      case ProviderResponse _ when !latest -> new Transition.Ignore();
      case ProviderResponse.Rejected(String reason) when payment.followUp() != null ->
          raise(
              Attention.REJECTED,
              "The provider rejected the capture or the cancellation: " + reason);
      // An earlier attempt may still be on the wire, so the rejection does not decide.
      case ProviderResponse.Rejected(String reason) ->
          raise(Attention.REJECTED, "The provider rejected a later attempt: " + reason);
      case ProviderResponse _ when payment.isNotFollowedUp() && payment.attention() == null ->
          notFollowedUp();
      case ProviderResponse.ActionRequired _,
          ProviderResponse.Authorized _,
          ProviderResponse.Pending _
          when payment.followUp() != null ->
          new Transition.Wait(
              "The provider has not done yet what it was asked for", true, false, Duration.ZERO);
      case ProviderResponse.ActionRequired(var it, String url)
          when payment.kind() == PaymentKind.PAY_IN ->
          new Transition.RequireAction(it.id(), url);
      case ProviderResponse.ActionRequired _ -> new Transition.AwaitDecision();
      case ProviderResponse.Authorized(var it) when payment.manualCapture() ->
          new Transition.Authorize(it.id());
      case ProviderResponse.Authorized _ ->
          new Transition.Wait(
              "The provider waits for a capture that nobody asked for", true, true, Duration.ZERO);
      case ProviderResponse _
          when !payment.keyKnown() && payment.waiting() == null && payment.attention() == null ->
          expiredKey();
      case ProviderResponse.NotSent(var cause) ->
          new Transition.Wait(explain(cause), !ordered, false, Duration.ZERO);
      case ProviderResponse.Pending() when payment.status() == AUTHORIZED ->
          new Transition.Wait(
              "The provider is working on the authorization", true, false, Duration.ZERO);
      case ProviderResponse.Pending() -> new Transition.AwaitDecision();
      case ProviderResponse.NotFound() when payment.waiting() != null ->
          raise(Attention.EXPIRED_KEY, "The provider does not find its operation");
      case ProviderResponse.NotFound() when payment.keyKnown() && payment.queriesFindAllCalls() ->
          // A call may be late even then. Asking again finds what it did.
          failed(overdue(payment.kind()), true);
      case ProviderResponse.NotFound() ->
          new Transition.Wait(
              "The provider has not seen the payment yet", true, false, Duration.ZERO);
      case ProviderResponse.CredentialsRefused() -> credentialsRefused();
      case ProviderResponse.Unknown(String reason, boolean ourFault, Duration notBefore) ->
          new Transition.Wait("Outcome unknown: " + reason, true, ourFault, notBefore);
    };
  }

  /** Operators are alerted once for all payments, by whoever makes the calls. */
  private static Transition credentialsRefused() {
    return new Transition.Wait(
        "Outcome unknown: the provider is not available at the moment", true, false, Duration.ZERO);
  }

  private static Transition notFollowedUp() {
    return raise(
        Attention.EXPIRED_KEY, "The provider has not done for a day what it was asked for");
  }

  private static Transition expiredKey() {
    return raise(Attention.EXPIRED_KEY, "The provider may have forgotten the payment");
  }

  private static Transition raise(Attention attention, String note) {
    return new Transition.RaiseAttention(attention, note, null, null);
  }

  /**
   * Cancels at the owner's request: at once if nothing was sent, else the provider is asked to.
   * Null if it is too late. Canceling twice changes nothing.
   */
  public static @Nullable Transition cancel(PaymentSnapshot payment) {
    return switch (payment.status()) {
      case PENDING -> end(CANCELED, "Canceled before anything was sent");
      case REQUIRES_ACTION, AUTHORIZED -> new Transition.AskFor(FollowUp.CANCEL, null);
      case CANCELED -> new Transition.Ignore();
      case PROCESSING -> payment.followUp() == FollowUp.CANCEL ? new Transition.Ignore() : null;
      case SUCCEEDED, FAILED, RETURNED, REFUSED, UNREADABLE -> null;
    };
  }

  /**
   * Captures an authorized payment at the owner's request.
   *
   * @param amount minor units; null for all that is authorized
   * @param account why the account cannot take the money; null if it can
   */
  public static Outcome<Transition> capture(
      PaymentSnapshot payment, @Nullable Long amount, @Nullable Problem account) {
    if (payment.status() != AUTHORIZED || payment.hasWaitedTooLong()) {
      return Outcome.refused(
          PaymentProblem.NOT_CAPTURABLE,
          "Only a payment that is authorized can be captured, until the authorization expires.");
    }
    if (account != null) {
      return Outcome.refused(account);
    }
    long authorized = payment.money().asked();
    long captured = Objects.requireNonNullElse(amount, authorized);
    return captured > authorized
        ? Outcome.refused(
            PaymentProblem.CAPTURE_EXCEEDS_AUTHORIZATION,
            "Only %d minor units are authorized.".formatted(authorized))
        : new Outcome.Done<>(new Transition.AskFor(FollowUp.CAPTURE, captured));
  }

  /**
   * What the provider is asked to do after a query, whose response says that the operation still
   * waits; null if nothing.
   */
  public static @Nullable FollowUp followUp(PaymentSnapshot payment, ProviderResponse response) {
    return switch (response) {
      case ProviderResponse.Authorized _ -> payment.followUp();
      case ProviderResponse.ActionRequired _, ProviderResponse.Pending _
          when payment.followUp() != FollowUp.CAPTURE ->
          payment.followUp();
      default -> null;
    };
  }

  /**
   * Decides whether time alone ends a payment or makes it need a decision: one that has waited for
   * its customer or its capture for too long, a pay-in that was never sent and is too old, a refund
   * that was never sent and that its payment does not cover any more, and any payment whose key the
   * provider may have forgotten.
   */
  public static Transition expire(PaymentSnapshot payment) {
    if (payment.status() == PENDING && payment.overdue() != null) {
      return failed(overdue(payment.kind()));
    }
    if (payment.hasWaitedTooLong()) {
      return new Transition.AskFor(FollowUp.EXPIRE, null);
    }
    if (payment.status().isFinal() || payment.attention() != null) {
      return new Transition.Ignore();
    }
    if (payment.waiting() != null) {
      return payment.isNotFollowedUp() ? notFollowedUp() : new Transition.Ignore();
    }
    return payment.keyKnown() ? new Transition.Ignore() : expiredKey();
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
