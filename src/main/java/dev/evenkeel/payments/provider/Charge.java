package dev.evenkeel.payments.provider;

import java.util.UUID;

/**
 * What the provider is asked for; the same key and body at each attempt.
 *
 * @param reference the payment's id: our reference and the provider's idempotency key
 * @param amount minor units
 */
public record Charge(UUID reference, long amount, String currency, String instrument) {}
