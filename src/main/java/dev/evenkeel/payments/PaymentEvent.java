package dev.evenkeel.payments;

import dev.evenkeel.accounts.Account;
import dev.evenkeel.accounts.AccountId;
import dev.evenkeel.database.Ids;
import java.time.Instant;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * Event: a payment or a refund has ended, or its money has moved again since.
 *
 * @param id distinguishes otherwise equal events
 * @param payment the id of the payment or refund
 * @param refundOf the refunded payment; null unless this is a refund
 * @param failureCode the code of the {@link Failure} of a failed payment; {@code unplaced} if the
 *     account could not take or give the money; {@code decided} if a later decision of an operator
 *     moved it; else null
 * @param amount what moved or should have moved, in minor units
 * @param traceparent the trace of the request that caused it
 */
public record PaymentEvent(
    UUID id,
    PaymentId payment,
    PaymentKind kind,
    @Nullable PaymentId refundOf,
    Type type,
    @Nullable String failureCode,
    AccountId account,
    String accountName,
    String owner,
    long amount,
    String currency,
    Instant at,
    @Nullable String traceparent) {

  /** What has happened. */
  public enum Type {
    SUCCEEDED,
    FAILED,
    CANCELED,
    /** The provider has taken back the payment, or a part of it. */
    RETURNED,
    /** A return was undone. */
    REINSTATED
  }

  /** The event of a payment that has ended. */
  static PaymentEvent of(Payment payment, Account account, Instant now) {
    Type type =
        switch (payment.getStatus()) {
          case SUCCEEDED -> Type.SUCCEEDED;
          case FAILED -> Type.FAILED;
          case CANCELED -> Type.CANCELED;
          case PENDING, PROCESSING, REQUIRES_ACTION, AUTHORIZED, RETURNED, REFUSED, UNREADABLE ->
              throw new IllegalArgumentException("has not ended: " + payment.getStatus());
        };
    return of(payment, type, payment.moved(), false, account, now);
  }

  static PaymentEvent of(Payment payment, Movement movement, Account account, Instant now) {
    boolean more = movement.amount() > 0;
    Type type =
        switch (movement.kind()) {
          case RETURNED -> Type.RETURNED;
          case REINSTATED -> Type.REINSTATED;
          case DECIDED -> more ? Type.SUCCEEDED : Type.RETURNED;
          case UNREADABLE -> throw new IllegalArgumentException("unreadable");
        };
    boolean decided = movement.kind() == Movement.Kind.DECIDED;
    return of(payment, type, Math.abs(movement.amount()), decided, account, now);
  }

  private static @Nullable String reason(Payment payment, boolean decided) {
    boolean unplaced = payment.attention().contains(Attention.UNPLACED);
    if (decided && !unplaced) {
      return "decided";
    }
    Failure failure = payment.getFailure();
    return failure != null ? failure.code() : unplaced ? "unplaced" : null;
  }

  private static PaymentEvent of(
      Payment payment, Type type, long amount, boolean decided, Account account, Instant now) {
    return new PaymentEvent(
        Ids.next(),
        payment.getId(),
        payment.getKind(),
        payment.getPayment(),
        type,
        reason(payment, decided),
        account.id(),
        account.name(),
        payment.getOwner(),
        amount,
        payment.getCurrency(),
        now,
        payment.traceparent());
  }
}
