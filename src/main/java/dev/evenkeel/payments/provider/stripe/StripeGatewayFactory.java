package dev.evenkeel.payments.provider.stripe;

import dev.evenkeel.payments.provider.Gateway;
import dev.evenkeel.payments.provider.GatewayFactory;
import dev.evenkeel.payments.provider.ProviderSettings;
import dev.evenkeel.payments.provider.ProviderSettingsException;
import dev.evenkeel.payments.provider.Wire;
import dev.evenkeel.payments.provider.World;
import java.net.URI;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Component;

@Component
class StripeGatewayFactory implements GatewayFactory {

  private static final URI API = URI.create("https://api.stripe.com");

  @Override
  public String name() {
    return StripeGateway.NAME;
  }

  @Override
  public URI defaultUrl() {
    return API;
  }

  @Override
  public Gateway create(ProviderSettings settings, Wire wire) {
    String key = settings.apiKey();
    if (key == null || !key.matches("(sk|rk)_(test|live)_\\w+")) {
      throw new ProviderSettingsException(
          "the payment provider 'stripe' needs a secret key.",
          "Set evenkeel.payments.provider.api-key to one that begins with sk_test_, sk_live_,"
              + " rk_test_ or rk_live_.");
    }
    URI returnUrl = settings.returnUrl();
    if (returnUrl == null) {
      throw new ProviderSettingsException(
          "the payment provider 'stripe' needs an address for customers to come back to.",
          "Set evenkeel.payments.provider.return-url.");
    }
    boolean live = key.startsWith("_live_", 2);
    if (live && (isUnprotected(settings.url()) || isUnprotected(returnUrl))) {
      throw new ProviderSettingsException(
          "a live key of Stripe is for https only.",
          "Set evenkeel.payments.provider.url and .return-url to addresses with https.");
    }
    for (String secret : settings.webhookSecrets()) {
      if (!secret.matches("whsec_\\S+")) {
        throw new ProviderSettingsException(
            "a webhook secret of Stripe begins with whsec_.",
            "Set evenkeel.payments.provider.webhook-secrets to those of your endpoint.");
      }
    }
    return new StripeGateway(
        key, returnUrl, new StripeWebhooks(settings.webhookSecrets(), live), wire, new World() {});
  }

  private static boolean isUnprotected(@Nullable URI url) {
    return url != null && !"https".equals(url.getScheme());
  }
}
