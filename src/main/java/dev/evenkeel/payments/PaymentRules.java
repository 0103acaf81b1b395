package dev.evenkeel.payments;

import static dev.evenkeel.payments.PaymentStatus.CANCELED;
import static dev.evenkeel.payments.PaymentStatus.FAILED;
import static dev.evenkeel.payments.PaymentStatus.PENDING;
import static dev.evenkeel.payments.PaymentStatus.PROCESSING;
import static dev.evenkeel.payments.PaymentStatus.RETURNED;
import static dev.evenkeel.payments.PaymentStatus.SUCCEEDED;

import dev.evenkeel.payments.provider.ProviderResponse;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * The life of a payment, a pay-out or a refund alike: where it stands and what happened in, the
 * next step out. Plain Java; whoever asks holds the payment's lock.
 *
 * <pre>
 *   pending ── sent ──> processing ── approved ──> succeeded ── taken back ──> returned
 *    │   ^                │  │
 *    │   └─ surely not ───┘  └─ declined ──> failed
 *    │      sent
 *    ├─ canceled by its owner ──> canceled
 *    └─ a pay-in that waited too long ──> failed
 * </pre>
 */
final class PaymentRules {

  /** So old a pay-in is not sent any more: nobody is charged for yesterday's click. */
  static final Duration PATIENCE = Duration.ofHours(1);

  /**
   * @param attempts the number of the latest attempt
   * @param sends how many attempts, the latest included, may have reached the provider
   * @param keyKnown whether the provider surely still knows the key, so that to send it again is no
   *     second charge
   * @param operation the provider's, by which it succeeded; null also where a person said so
   */
  record Standing(
      PaymentStatus status,
      int attempts,
      int sends,
      boolean keyKnown,
      @Nullable Attention attention,
      @Nullable String operation) {

    /** Once the provider does not know it: whether the same key and body may be sent again. */
    boolean mayBeSentAgain() {
      return !status.isFinal() && keyKnown && attention == null;
    }
  }

  /** What happens to the payment; what happens to the ledger follows from its new status. */
  sealed interface Step {

    /**
     * Another status, for good.
     *
     * @param operation the provider's that made it so
     * @param askAgain whether there is more to be heard at once
     */
    record End(
        PaymentStatus status,
        String note,
        @Nullable Failure failure,
        @Nullable String operation,
        boolean askAgain)
        implements Step {}

    /** Nothing was ever sent: as if this attempt had not been. */
    record BackToPending(String reason) implements Step {}

    /**
     * The outcome stays unknown, and the provider will be asked again.
     *
     * @param sent whether this attempt may have reached the provider
     * @param alert whether somebody has to look, since the provider refuses what we do
     * @param notBefore how long the provider wants to be left alone
     */
    record Wait(String reason, boolean sent, boolean alert, Duration notBefore) implements Step {}

    /** A person has to look; neither status nor ledger changes. */
    record Attend(Attention why, String note) implements Step {}

    /** What is final stays so, and there is nothing more to ask. */
    record Rest() implements Step {}

    /** As if nothing had been heard: a newer attempt is under way. */
    record Ignore() implements Step {}
  }

  /** What a payment's new status does to the ledger, in the same transaction. */
  enum LedgerStep {
    NOTHING,
    /** Provider clearing to customer. */
    COLLECT,
    /** The hold is captured: customer to provider clearing. */
    PAY_OUT,
    RELEASE,
    /** Customer to provider clearing. */
    TAKE_BACK,
    /** Provider clearing to customer. */
    BRING_BACK
  }

  private PaymentRules() {}

  static LedgerStep ledgerStep(PaymentKind kind, PaymentStatus status) {
    boolean in = kind == PaymentKind.PAY_IN;
    return switch (status) {
      case SUCCEEDED -> in ? LedgerStep.COLLECT : LedgerStep.PAY_OUT;
      case FAILED, CANCELED -> in ? LedgerStep.NOTHING : LedgerStep.RELEASE;
      case RETURNED -> in ? LedgerStep.TAKE_BACK : LedgerStep.BRING_BACK;
      case PENDING, PROCESSING, REFUSED -> LedgerStep.NOTHING;
    };
  }

  /**
   * After an answer of the provider.
   *
   * @param attempt the attempt that got it: an earlier one may have woken up late
   */
  static Step next(Standing standing, int attempt, ProviderResponse answer) {
    boolean latest = attempt == standing.attempts();
    return standing.status().isFinal()
        ? whenFinal(standing, latest, answer)
        : whenOpen(standing, latest, answer);
  }

  private static Step whenFinal(Standing standing, boolean latest, ProviderResponse answer) {
    boolean succeeded = standing.status().hasSucceeded();
    return switch (answer) {
      // Also a second operation under our key: that is the second charge which must not be.
      case ProviderResponse.Approved(String operation, _)
          when !succeeded || isOther(operation, standing) ->
          new Step.Attend(
              Attention.CONTRADICTION,
              "The provider contradicts: approved, by operation " + operation);
      case ProviderResponse.Approved(_, boolean returned)
          when returned && standing.status() == SUCCEEDED ->
          end(RETURNED, "Taken back by the provider");
      case ProviderResponse.Declined _ when succeeded ->
          new Step.Attend(Attention.CONTRADICTION, "The provider contradicts: declined");
      case ProviderResponse.Mismatch(String found) ->
          new Step.Attend(Attention.CONTRADICTION, "The provider contradicts: " + found);
      case ProviderResponse _ when !latest -> new Step.Ignore();
      case ProviderResponse.Unknown(String reason, boolean ourFault, Duration notBefore) ->
          new Step.Wait(reason, true, ourFault, notBefore);
      case ProviderResponse.NotSent(var cause) ->
          new Step.Wait(explained(cause), true, false, Duration.ZERO);
      case ProviderResponse _ -> new Step.Rest();
    };
  }

  private static boolean isOther(String operation, Standing standing) {
    return standing.operation() != null && !standing.operation().equals(operation);
  }

  private static Step whenOpen(Standing standing, boolean latest, ProviderResponse answer) {
    // What the provider decided is true whoever hears it; anything else concerns the latest
    // attempt.
    boolean only = latest && standing.sends() == 1;
    return switch (answer) {
      case ProviderResponse.Approved(String operation, boolean returned) ->
          new Step.End(SUCCEEDED, "Approved by the provider", null, operation, returned);
      case ProviderResponse.Declined(String code) -> failed(declined(code));
      case ProviderResponse.Mismatch(String found) ->
          new Step.Attend(Attention.AMOUNT_MISMATCH, "The provider says it was " + found);
      case ProviderResponse.Rejected(String reason) when only ->
          failed(new Failure("provider_rejected", "The provider rejected it: " + reason));
      case ProviderResponse.NotSent(var cause) when only ->
          new Step.BackToPending(explained(cause));
      case ProviderResponse _ when !latest -> new Step.Ignore();
      case ProviderResponse.NotSent(var cause) ->
          new Step.Wait(explained(cause), false, false, Duration.ZERO);
      case ProviderResponse.Rejected(String reason) ->
          new Step.Wait(reason, true, true, Duration.ZERO);
      case ProviderResponse.Undecided() ->
          new Step.Wait("The provider has not decided yet", true, false, Duration.ZERO);
      case ProviderResponse.NeverSeen() when !standing.keyKnown() ->
          new Step.Attend(Attention.EXPIRED_KEY, "The provider does not know it any more");
      case ProviderResponse.NeverSeen() ->
          new Step.Wait("The provider has not seen it yet", true, false, Duration.ZERO);
      case ProviderResponse.Unknown(String reason, boolean ourFault, Duration notBefore) ->
          new Step.Wait("Outcome unknown: " + reason, true, ourFault, notBefore);
    };
  }

  /** What its owner wants. To cancel again changes nothing; empty where it is too late. */
  static @Nullable Step cancel(PaymentStatus status) {
    return switch (status) {
      case PENDING -> end(CANCELED, "Canceled before anything was sent");
      case CANCELED -> new Step.Ignore();
      case PROCESSING, SUCCEEDED, FAILED, RETURNED, REFUSED -> null;
    };
  }

  /** A pay-in that was never sent; a pay-out does not expire. */
  static Step expire(PaymentKind kind, PaymentStatus status, Duration age) {
    boolean expired =
        kind == PaymentKind.PAY_IN && status == PENDING && age.compareTo(PATIENCE) >= 0;
    return expired
        ? failed(new Failure("expired", "The provider could not be reached within an hour."))
        : new Step.Ignore();
  }

  /** A person's decision under attention: on what is final it only acknowledges what is so. */
  static @Nullable Step decide(PaymentStatus status, boolean succeeded, String note) {
    if (status.isFinal()) {
      return status.hasSucceeded() == succeeded ? new Step.Rest() : null;
    }
    return succeeded
        ? end(SUCCEEDED, note)
        : new Step.End(FAILED, note, new Failure("provider_rejected", note), null, false);
  }

  private static Step end(PaymentStatus status, String note) {
    return new Step.End(status, note, null, null, false);
  }

  private static Step failed(Failure failure) {
    return new Step.End(FAILED, failure.message(), failure, null, false);
  }

  private static String explained(ProviderResponse.NotSent.Cause cause) {
    return switch (cause) {
      case NO_CONNECTION -> "Not sent: no connection to the provider";
      case BREAKER_OPEN -> "Not sent: the provider is not available at the moment";
      case NO_TIME -> "Not sent: too little time was left";
    };
  }

  private static Failure declined(String code) {
    return code.equals("insufficient_funds")
        ? new Failure(code, "The provider declined it for insufficient funds.")
        : new Failure("card_declined", "The provider declined it.");
  }
}
