package dev.evenkeel.payments.provider;

import jakarta.validation.constraints.NotNull;
import java.net.URI;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.context.properties.bind.DefaultValue;

/**
 * Settings of the connection to the provider.
 *
 * @param type the kind of provider: the name of a {@link GatewayFactory}
 * @param url its address; null for the one that its {@link GatewayFactory} knows
 * @param apiKey the credential with which we call the provider; null if it needs none
 * @param connectTimeout for a connection; if connecting fails, nothing was sent
 * @param answerTimeout for the whole answer, to its last byte
 * @param reportTimeout for one page of the settlement report
 * @param keyRetention how long the provider remembers an idempotency key. Sending again later would
 *     charge twice, see {@link #keyMemory}
 * @param webhookSecrets the secrets that may sign the provider's webhooks, in the provider's form;
 *     several during a rotation
 * @param returnUrl where customers come back to after they have acted at the provider; null if the
 *     provider needs none
 */
public record ProviderSettings(
    @NotNull @DefaultValue("simulator") String type,
    @Nullable URI url,
    @Nullable String apiKey,
    @NotNull Duration connectTimeout,
    @NotNull Duration answerTimeout,
    @NotNull @DefaultValue("30s") Duration reportTimeout,
    @NotNull @DefaultValue("24h") Duration keyRetention,
    @NotNull @DefaultValue List<String> webhookSecrets,
    @Nullable URI returnUrl) {

  /** Leaves out the secrets. */
  @Override
  public String toString() {
    return type + " at " + url;
  }

  private static final Duration MARGIN = Duration.ofHours(1);

  /**
   * How long the provider certainly remembers a key: nothing is sent again in the last hour of the
   * retention, or in the second half of a retention of less than an hour.
   */
  public Duration keyMemory() {
    return keyRetention.compareTo(MARGIN) > 0
        ? keyRetention.minus(MARGIN)
        : keyRetention.dividedBy(2);
  }
}
