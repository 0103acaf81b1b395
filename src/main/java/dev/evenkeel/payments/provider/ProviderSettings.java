package dev.evenkeel.payments.provider;

import jakarta.validation.constraints.NotNull;
import java.net.URI;
import java.time.Duration;
import java.util.List;
import org.springframework.boot.context.properties.bind.DefaultValue;

/**
 * Settings of the provider's API.
 *
 * @param connectTimeout for a connection; what fails here was never sent
 * @param answerTimeout for the whole answer, to its last byte
 * @param reportTimeout for the whole list of what it did, which may be long
 * @param keyRetention how long the provider knows an idempotency key: a request that is repeated
 *     later is a second charge, so nothing is sent again in its last hour
 * @param webhookSecrets with which the provider may sign its webhooks: {@code whsec_} and the key
 *     in base 64; several while one replaces another
 */
public record ProviderSettings(
    @NotNull URI url,
    @NotNull Duration connectTimeout,
    @NotNull Duration answerTimeout,
    @NotNull @DefaultValue("30s") Duration reportTimeout,
    @NotNull @DefaultValue("24h") Duration keyRetention,
    @NotNull @DefaultValue List<String> webhookSecrets) {}
