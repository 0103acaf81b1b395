package dev.evenkeel.payments.provider.acme;

import dev.evenkeel.payments.provider.Gateway;
import dev.evenkeel.payments.provider.GatewayFactory;
import dev.evenkeel.payments.provider.ProviderSettings;
import dev.evenkeel.payments.provider.ProviderSettingsException;
import dev.evenkeel.payments.provider.Wire;

/** No component, unlike one in the application: the tests of the application would find it. */
final class AcmeGatewayFactory implements GatewayFactory {

  @Override
  public String name() {
    return AcmeGateway.NAME;
  }

  @Override
  public Gateway create(ProviderSettings settings, Wire wire) {
    String apiKey = settings.apiKey();
    if (apiKey == null) {
      throw new ProviderSettingsException(
          "the payment provider 'acme' needs a key.", "Set evenkeel.payments.provider.api-key.");
    }
    return new AcmeGateway(wire, apiKey, settings.webhookSecrets());
  }
}
