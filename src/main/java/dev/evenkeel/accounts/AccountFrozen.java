package dev.evenkeel.accounts;

import java.time.Instant;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * Event: an open account was frozen.
 *
 * @param id distinguishes otherwise equal events
 * @param traceparent the trace of the request that caused it
 */
public record AccountFrozen(
    UUID id,
    AccountId account,
    String accountName,
    String owner,
    Instant at,
    @Nullable String traceparent) {}
