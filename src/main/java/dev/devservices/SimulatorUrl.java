package dev.devservices;

import dev.paymentprovider.PaymentProvider;
import org.jspecify.annotations.Nullable;
import org.springframework.beans.factory.BeanFactory;
import org.springframework.core.env.PropertySource;

/**
 * The setting that tells the application where the simulator is. Asked for when the settings are
 * bound, it starts the simulator: only then is its port known.
 */
class SimulatorUrl extends PropertySource<BeanFactory> {

  static final String PROPERTY = "evenkeel.payments.provider.url";

  SimulatorUrl(BeanFactory beans) {
    super("simulatorUrl", beans);
  }

  @Override
  public @Nullable Object getProperty(String name) {
    return PROPERTY.equals(name) ? source.getBean(PaymentProvider.class).url().toString() : null;
  }
}
