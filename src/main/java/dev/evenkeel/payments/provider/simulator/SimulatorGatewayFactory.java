package dev.evenkeel.payments.provider.simulator;

import dev.evenkeel.payments.provider.Gateway;
import dev.evenkeel.payments.provider.GatewayFactory;
import dev.evenkeel.payments.provider.ProviderSettings;
import dev.evenkeel.payments.provider.Wire;
import org.springframework.stereotype.Component;

@Component
class SimulatorGatewayFactory implements GatewayFactory {

  @Override
  public String name() {
    return SimulatorGateway.NAME;
  }

  @Override
  public Gateway create(ProviderSettings settings, Wire wire) {
    return new SimulatorGateway(wire, settings.webhookSecrets());
  }
}
