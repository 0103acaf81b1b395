package dev.evenkeel.payments.rules;

import dev.evenkeel.payments.Attention;
import dev.evenkeel.payments.Failure;
import dev.evenkeel.payments.Finding;
import dev.evenkeel.payments.Movement;
import dev.evenkeel.payments.PaymentStatus;
import dev.evenkeel.payments.provider.FollowUp;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** A change of a payment. Its effect on the ledger follows from the new status. */
public sealed interface Transition {

  /**
   * Enters a final status.
   *
   * @param operation the provider's operation that decided it; null if none did
   * @param amount what has moved; null if the amount that was asked for
   * @param askAgain whether the provider has or may get more news, so that it is asked again: at
   *     once after a success, a while later after a failure
   */
  record End(
      PaymentStatus status,
      String note,
      @Nullable Failure failure,
      @Nullable String operation,
      @Nullable Long amount,
      boolean askAgain)
      implements Transition {}

  /**
   * Books money that moved after the payment had ended, and enters the status that follows.
   *
   * @param failure why the payment has failed, if that is decided
   * @param agreed the provider's operation that agrees with us now; null if none does
   * @param askAgain whether the provider is asked again at once
   */
  record Book(
      PaymentStatus status,
      List<Movement> movements,
      @Nullable Failure failure,
      @Nullable String agreed,
      boolean askAgain)
      implements Transition {}

  /** Returns to pending as if this attempt had not been made: nothing was ever sent. */
  record BackToPending(String reason) implements Transition {}

  /**
   * Keeps the status, because the outcome is still unknown; the provider is asked again later.
   *
   * @param sent false if this attempt tried to send the request and surely did not
   * @param alert whether the provider refuses our calls as such, which operators must know
   * @param notBefore how long the provider wants to be left alone
   */
  record Wait(String reason, boolean sent, boolean alert, Duration notBefore)
      implements Transition {}

  /**
   * Keeps the status, because the provider has the payment and has not decided. It sends a webhook
   * when it has; it is asked less and less often.
   */
  record AwaitDecision() implements Transition {}

  /**
   * Waits for the customer, who has to act on a page of the provider.
   *
   * @param operation the provider's operation
   */
  record RequireAction(String operation, String redirectUrl) implements Transition {}

  /**
   * Waits for a capture: the provider reserves the amount.
   *
   * @param operation the provider's operation
   */
  record Authorize(String operation) implements Transition {}

  /**
   * Asks the provider to capture or cancel an operation that waits.
   *
   * @param capture what is captured, in minor units; null unless that is the follow-up
   */
  record AskFor(FollowUp followUp, @Nullable Long capture) implements Transition {}

  /**
   * Asks for an operator's decision. Neither status nor ledger changes.
   *
   * @param finding what the provider has; null if it is not about that
   * @param reported another amount than expected, if the provider reported one
   */
  record RaiseAttention(
      Attention attention, String note, @Nullable Finding finding, @Nullable Long reported)
      implements Transition {}

  /**
   * Keeps the final status; the provider is not asked any more.
   *
   * @param agreed the provider's operation that agrees with us; null if none was named
   */
  record StopAsking(@Nullable String agreed) implements Transition {}

  /** Changes nothing. */
  record Ignore() implements Transition {}
}
