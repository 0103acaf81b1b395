package dev.evenkeel.notifications.webhooks;

import java.util.List;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;

/**
 * The settings of outgoing webhooks.
 *
 * @param allowPrivateAddresses whether endpoints may have addresses that are not public; meant for
 *     development
 * @param encryptionKeys the keys that encrypt the endpoints' secrets, each as {@code id:key} with a
 *     key of 32 bytes in Base64. The first one encrypts, all of them decrypt. Without a key no
 *     endpoint can be created
 */
@ConfigurationProperties("evenkeel.notifications.webhooks")
record WebhookSettings(
    @DefaultValue("false") boolean allowPrivateAddresses,
    @DefaultValue List<String> encryptionKeys) {}
