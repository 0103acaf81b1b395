package dev.evenkeel.payments.provider;

import jakarta.validation.constraints.NotNull;
import java.net.URI;
import java.time.Duration;

/**
 * Settings of the provider's API.
 *
 * @param connectTimeout for a connection; what fails here was never sent
 * @param answerTimeout for the whole answer, to its last byte
 */
public record ProviderSettings(
    @NotNull URI url, @NotNull Duration connectTimeout, @NotNull Duration answerTimeout) {}
