package dev.evenkeel.payments.provider;

/**
 * Makes the gateway to one kind of provider. A bean in the package of each; {@code
 * evenkeel.payments.provider.type} names the one that is used.
 */
public interface GatewayFactory {

  /** See {@link Gateway#name}. */
  String name();

  /**
   * @param wire calls the provider at its URL
   * @throws ProviderSettingsException if a setting is missing or wrong
   */
  Gateway create(ProviderSettings settings, Wire wire);
}
