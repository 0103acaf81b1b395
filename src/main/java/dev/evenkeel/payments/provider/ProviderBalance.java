package dev.evenkeel.payments.provider;

/**
 * What the provider says that it owes us in a currency.
 *
 * @param amount minor units; negative if we owe it
 */
public record ProviderBalance(String currency, long amount) {}
