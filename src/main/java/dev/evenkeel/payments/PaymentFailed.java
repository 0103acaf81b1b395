package dev.evenkeel.payments;

import java.time.Instant;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * A payment has failed for good; no money has moved.
 *
 * @param id makes two otherwise equal events two events
 * @param amount minor units
 * @param code see {@link Failure}
 * @param traceparent the trace of the request that caused it
 */
public record PaymentFailed(
    UUID id,
    UUID payment,
    PaymentKind kind,
    UUID account,
    String accountName,
    String owner,
    long amount,
    String currency,
    String code,
    Instant at,
    @Nullable String traceparent) {}
