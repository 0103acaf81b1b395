package dev.evenkeel.payments.provider;

import jakarta.validation.constraints.NotNull;
import java.net.URI;
import java.time.Duration;
import java.util.List;
import org.springframework.boot.context.properties.bind.DefaultValue;

/**
 * Settings of the connection to the provider.
 *
 * @param connectTimeout for a connection; if connecting fails, nothing was sent
 * @param answerTimeout for the whole answer, to its last byte
 * @param reportTimeout for the whole settlement report, which may be long
 * @param keyRetention how long the provider remembers an idempotency key. Sending again later would
 *     charge twice, so nothing is sent again in the last hour
 * @param webhookSecrets the secrets that may sign the provider's webhooks: {@code whsec_} and the
 *     key in base 64; several during a rotation
 */
public record ProviderSettings(
    @NotNull URI url,
    @NotNull Duration connectTimeout,
    @NotNull Duration answerTimeout,
    @NotNull @DefaultValue("30s") Duration reportTimeout,
    @NotNull @DefaultValue("24h") Duration keyRetention,
    @NotNull @DefaultValue List<String> webhookSecrets) {}
