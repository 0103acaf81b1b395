package dev.evenkeel.payments.provider;

import java.net.URI;
import org.jspecify.annotations.Nullable;

/**
 * Makes the gateway to one kind of provider. A bean in the package of each; {@code
 * evenkeel.payments.provider.type} names the one that is used.
 */
public interface GatewayFactory {

  /** See {@link Gateway#name}. */
  String name();

  /** The provider's address, unless another one is configured; null if it has none of its own. */
  default @Nullable URI defaultUrl() {
    return null;
  }

  /**
   * @param wire calls the provider at its URL
   * @throws ProviderSettingsException if a setting is missing or wrong
   */
  Gateway create(ProviderSettings settings, Wire wire);
}
