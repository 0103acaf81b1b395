package dev.evenkeel.payments;

import dev.evenkeel.payments.provider.Answer;
import org.jspecify.annotations.Nullable;

/**
 * The rules of a payment: where it stands and what the provider answered in, the next step out.
 * Plain Java; whoever asks holds the payment's lock.
 */
final class PaymentRules {

  /**
   * @param attempts the number of the latest attempt
   * @param sends how many attempts, the latest included, may have reached the provider
   * @param providerOperation the provider's operation by which it succeeded
   */
  record Standing(
      PaymentStatus status, int attempts, int sends, @Nullable String providerOperation) {}

  sealed interface Step {

    /** The provider has moved the money; so does the ledger, in the same transaction. */
    record Succeed(String operation) implements Step {}

    record Fail(Failure failure) implements Step {}

    /** Nothing was ever sent: as if this attempt had not been. */
    record BackToPending(String reason) implements Step {}

    /**
     * The outcome stays unknown, and the provider will be asked.
     *
     * @param sent whether this attempt may have reached the provider
     */
    record StayProcessing(String reason, boolean sent, boolean alert) implements Step {}

    /** It tells nothing that is not known already. */
    record Nothing() implements Step {}

    /** It contradicts what is final. Final states absorb: somebody has to look. */
    record Contradiction(String answer) implements Step {}
  }

  private PaymentRules() {}

  /**
   * @param attempt the attempt that got the answer: an earlier one may have woken up late
   */
  static Step next(Standing standing, int attempt, Answer answer) {
    return standing.status().isFinal()
        ? whenFinal(standing, answer)
        : whenOpen(standing, attempt, answer);
  }

  private static Step whenFinal(Standing standing, Answer answer) {
    return switch (answer) {
      // Also a second operation under our key: that is the second charge which must not be.
      case Answer.Approved(String operation) when !operation.equals(standing.providerOperation()) ->
          new Step.Contradiction("approved, by operation " + operation);
      case Answer.Declined _ when standing.status() != PaymentStatus.FAILED ->
          new Step.Contradiction("declined");
      default -> new Step.Nothing();
    };
  }

  private static Step whenOpen(Standing standing, int attempt, Answer answer) {
    // What the provider decided is true whoever hears it; anything else concerns the latest
    // attempt.
    boolean latest = attempt == standing.attempts();
    boolean only = latest && standing.sends() == 1;
    return switch (answer) {
      case Answer.Approved(String operation) -> new Step.Succeed(operation);
      case Answer.Declined(_, String code) -> new Step.Fail(declined(code));
      case Answer.Rejected(String reason) when only ->
          new Step.Fail(new Failure("provider_rejected", "The provider rejected it: " + reason));
      case Answer.NotSent(var cause) when only -> new Step.BackToPending(explained(cause));
      case Answer _ when !latest -> new Step.Nothing();
      case Answer.NotSent(var cause) -> new Step.StayProcessing(explained(cause), false, false);
      case Answer.Rejected(String reason) -> new Step.StayProcessing(reason, true, true);
      case Answer.Undecided() ->
          new Step.StayProcessing("The provider has not decided yet", true, false);
      case Answer.NeverSeen() ->
          new Step.StayProcessing("The provider has not seen it yet", true, false);
      case Answer.Unknown(String reason, boolean ourFault) ->
          new Step.StayProcessing("Outcome unknown: " + reason, true, ourFault);
    };
  }

  private static String explained(Answer.NotSent.Cause cause) {
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
