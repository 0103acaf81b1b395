package dev.evenkeel.events;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.springframework.boot.context.properties.bind.Binder;
import org.springframework.boot.context.properties.bind.PropertySourcesPlaceholdersResolver;
import org.springframework.boot.context.properties.source.ConfigurationPropertySources;
import org.springframework.boot.env.YamlPropertySourceLoader;
import org.springframework.core.env.StandardEnvironment;
import org.springframework.core.io.ByteArrayResource;

/** Former class names are read from YAML. */
class EventSettingsTests {

  private static EventSettings settings(String yaml) throws IOException {
    StandardEnvironment environment = new StandardEnvironment();
    new YamlPropertySourceLoader()
        .load("test", new ByteArrayResource(yaml.getBytes(StandardCharsets.UTF_8)))
        .forEach(environment.getPropertySources()::addFirst);
    return new Binder(
            ConfigurationPropertySources.from(environment.getPropertySources()),
            new PropertySourcesPlaceholdersResolver(environment))
        .bind("evenkeel.events", EventSettings.class)
        .get();
  }

  /** The format that docs/running.md shows; without brackets a $ would be dropped. */
  @Test
  void readsFormerClassNames() throws IOException {
    assertThat(
            settings(
                    """
                    evenkeel:
                      events:
                        renamed:
                          "[dev.evenkeel.payments.PaymentEvent$PaymentSettled]": dev.evenkeel.payments.PaymentEvent$PaymentSucceeded
                    """)
                .renamed())
        .isEqualTo(
            Map.of(
                "dev.evenkeel.payments.PaymentEvent$PaymentSettled",
                "dev.evenkeel.payments.PaymentEvent$PaymentSucceeded"));
  }
}
