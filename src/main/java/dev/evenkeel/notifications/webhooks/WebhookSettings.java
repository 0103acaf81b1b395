package dev.evenkeel.notifications.webhooks;

import java.util.List;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;

/**
 * Settings of webhooks.
 *
 * @param allowPrivateAddresses whether notifications may be sent to addresses that are not public:
 *     for development
 * @param encryptionKeys that the endpoints' secrets are encrypted with, each as {@code id:key}, the
 *     key 32 bytes in Base64. The first encrypts, all decrypt. Without any, no endpoint is taken
 */
@ConfigurationProperties("evenkeel.notifications.webhooks")
public record WebhookSettings(
    @DefaultValue("false") boolean allowPrivateAddresses,
    @DefaultValue List<String> encryptionKeys) {}
