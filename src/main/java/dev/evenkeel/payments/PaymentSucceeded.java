package dev.evenkeel.payments;

import java.time.Instant;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * A payment has moved its money.
 *
 * @param id makes two otherwise equal events two events
 * @param amount minor units
 * @param traceparent the trace of the request that caused it
 */
public record PaymentSucceeded(
    UUID id,
    UUID payment,
    PaymentKind kind,
    UUID account,
    String accountName,
    String owner,
    long amount,
    String currency,
    Instant at,
    @Nullable String traceparent) {}
