package dev.evenkeel.payments;

import dev.evenkeel.accounts.Account;
import dev.evenkeel.accounts.AccountId;
import dev.evenkeel.database.Ids;
import java.time.Instant;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * Tells that a payment or a refund has reached a final status.
 *
 * @param id makes two otherwise equal events two events
 * @param payment the id of the payment or refund
 * @param refundOf the refunded payment; null unless this is a refund
 * @param status succeeded, failed, canceled or returned
 * @param failureCode the code of the {@link Failure}; null unless the payment failed
 * @param amount minor units
 * @param traceparent the trace of the request that caused it
 */
public record PaymentEvent(
    UUID id,
    PaymentId payment,
    PaymentKind kind,
    @Nullable PaymentId refundOf,
    PaymentStatus status,
    @Nullable String failureCode,
    AccountId account,
    String accountName,
    String owner,
    long amount,
    String currency,
    Instant at,
    @Nullable String traceparent) {

  static PaymentEvent of(Payment payment, Account account, Instant now) {
    Failure failure = payment.getFailure();
    return new PaymentEvent(
        Ids.next(),
        payment.getId(),
        payment.getKind(),
        payment.getPayment(),
        payment.getStatus(),
        failure == null ? null : failure.code(),
        account.id(),
        account.name(),
        payment.getOwner(),
        payment.getAmount(),
        payment.getCurrency(),
        now,
        payment.traceparent());
  }
}
