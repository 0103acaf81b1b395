package dev.evenkeel.notifications.webhooks;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import java.util.UUID;
import org.junit.jupiter.api.Test;

/** Secrets are encrypted for one endpoint, with replaceable keys. */
class WebhookSecretsTests {

  private static final String OLD = "old:VGhpcnR5LXR3byBieXRlcyBmb3IgYWxsIHRlc3RzISE=";
  private static final String NEW = "new:QW5vdGhlciAzMiBieXRlcyBmb3IgYWxsIHRlc3RzISE=";

  private final UUID endpoint = UUID.randomUUID();
  private final WebhookSecrets secrets = secrets(OLD);
  private final byte[] secret = secrets.generate();
  private final String stored = secrets.encrypt(endpoint, secret);

  private static WebhookSecrets secrets(String... keys) {
    return new WebhookSecrets(new WebhookSettings(false, List.of(keys)));
  }

  @Test
  void olderKeyStillDecrypts() {
    assertThat(secrets(NEW, OLD).decrypt(endpoint, stored)).isEqualTo(secret);
    assertThat(secrets(NEW, OLD).encrypt(endpoint, secret)).startsWith("new:");
  }

  @Test
  void secretIsBoundToItsEndpoint() {
    assertThatThrownBy(() -> secrets.decrypt(UUID.randomUUID(), stored))
        .isInstanceOf(WebhookSecrets.UnreadableSecretException.class);
  }

  @Test
  void rejectsTwoKeysWithOneId() {
    assertThatThrownBy(() -> secrets(OLD, NEW.replace("new:", "old:")))
        .isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void rejectsShortKeyWithoutShowingIt() {
    assertThatThrownBy(() -> secrets("short:c2hvcnQ="))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageNotContaining("c2hvcnQ=");
  }
}
