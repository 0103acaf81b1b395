package dev.evenkeel.payments;

import java.time.Instant;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** What has become of a payment, or of one of its refunds, for good. */
public sealed interface PaymentEvent {

  /** Makes two otherwise equal events two events. */
  UUID id();

  Details details();

  /**
   * @param kind of the payment, also where its refund is told of
   * @param amount minor units; a refund's own
   * @param traceparent the trace of the request that caused it
   */
  record Details(
      UUID payment,
      PaymentKind kind,
      UUID account,
      String accountName,
      String owner,
      long amount,
      String currency,
      Instant at,
      @Nullable String traceparent) {}

  /** The money has moved. */
  record PaymentSucceeded(UUID id, Details details) implements PaymentEvent {}

  /**
   * No money has moved.
   *
   * @param code see {@link Failure}
   */
  record PaymentFailed(UUID id, Details details, String code) implements PaymentEvent {}

  /** Its owner took it back before anything was sent. */
  record PaymentCanceled(UUID id, Details details) implements PaymentEvent {}

  /** It had succeeded, and the provider took it back. */
  record PaymentReturned(UUID id, Details details) implements PaymentEvent {}

  /** The money has gone back to where it came from. */
  record RefundSucceeded(UUID id, Details details, UUID refund) implements PaymentEvent {}

  /** No money has gone back, or it came back again. */
  record RefundFailed(UUID id, Details details, UUID refund, String code) implements PaymentEvent {}
}
