package dev.evenkeel.payments;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.evenkeel.payments.provider.Gateway;
import dev.evenkeel.payments.provider.GatewayFactory;
import dev.evenkeel.payments.provider.ProviderSettings;
import dev.evenkeel.payments.provider.ProviderSettingsException;
import dev.evenkeel.payments.provider.Wire;
import dev.evenkeel.payments.provider.simulator.SimulatorGateway;
import io.micrometer.observation.ObservationRegistry;
import java.net.URI;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

class PaymentsConfigurationTests {

  /** Makes the simulator's gateway under any name. */
  private record Factory(String name) implements GatewayFactory {

    @Override
    public Gateway create(ProviderSettings settings, Wire wire) {
      return new SimulatorGateway(wire, List.of());
    }
  }

  private static Gateway gateway(String factory) {
    Duration day = Duration.ofDays(1);
    Duration second = Duration.ofSeconds(1);
    URI url = URI.create("http://provider.test");
    ProviderSettings provider =
        new ProviderSettings(factory, url, null, second, second, second, day, List.of(), null);
    PaymentsSettings settings = new PaymentsSettings(day, day, day, day, day, day, day, provider);
    return new PaymentsConfiguration()
        .gateway(settings, List.of(new Factory(factory)), ObservationRegistry.NOOP);
  }

  @Test
  void usesTheGatewayOfItsFactory() {
    try (Gateway gateway = gateway("simulator")) {
      assertThat(gateway.name()).isEqualTo("simulator");
    }
  }

  @Test
  void rejectsAGatewayOfAnotherName() {
    assertThatThrownBy(() -> gateway("acme"))
        .isInstanceOf(ProviderSettingsException.class)
        .hasMessage("the payment provider 'acme' calls its gateway 'simulator'.");
  }
}
