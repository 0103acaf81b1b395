package dev.evenkeel.payments.state;

import dev.evenkeel.payments.provider.FollowUp;
import jakarta.persistence.Column;
import jakarta.persistence.Embeddable;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * An operation that the provider has and that waits for the customer or for us.
 *
 * @param expiresAt when the wait ends
 * @param nextAction the page on which the customer acts; null unless the customer has to act
 * @param followUp what the provider is asked to do with it; null if nothing yet
 * @param followUpAt when that was decided; null if nothing was
 * @param capture what is captured, in minor units; null unless that is the follow-up
 */
@Embeddable
public record WaitingOperation(
    Instant expiresAt,
    @Nullable String nextAction,
    @Nullable FollowUp followUp,
    @Nullable Instant followUpAt,
    @Column(name = "capture_amount") @Nullable Long capture) {

  public static WaitingOperation forCustomer(String nextAction, Instant expiresAt) {
    return new WaitingOperation(expiresAt, nextAction, null, null, null);
  }

  public static WaitingOperation forCapture(Instant expiresAt) {
    return new WaitingOperation(expiresAt, null, null, null, null);
  }

  public WaitingOperation with(FollowUp followUp, @Nullable Long capture, Instant now) {
    return new WaitingOperation(expiresAt, null, followUp, now, capture);
  }

  /** The customer has acted. */
  public WaitingOperation withoutAction() {
    return new WaitingOperation(expiresAt, null, followUp, followUpAt, capture);
  }
}
