package dev.devservices;

import dev.paymentprovider.PaymentProvider;
import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.io.IOException;
import java.net.BindException;
import java.net.URI;
import java.util.Map;
import org.springframework.beans.factory.config.BeanFactoryPostProcessor;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnClass;
import org.springframework.boot.autoconfigure.condition.ConditionalOnProperty;
import org.springframework.boot.context.event.ApplicationStartedEvent;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.boot.flyway.autoconfigure.FlywayAutoConfiguration;
import org.springframework.boot.flyway.autoconfigure.FlywayConnectionDetails;
import org.springframework.boot.jdbc.autoconfigure.DataSourceAutoConfiguration;
import org.springframework.boot.jdbc.autoconfigure.JdbcConnectionDetails;
import org.springframework.context.ApplicationListener;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.Profile;
import org.springframework.core.env.ConfigurableEnvironment;
import org.springframework.core.env.Environment;
import org.springframework.core.env.MapPropertySource;

/**
 * Starts the development database and the simulator before the application needs them, and stops
 * them after it: Spring destroys a bean only after the beans that depend on it.
 */
@AutoConfiguration(before = {DataSourceAutoConfiguration.class, FlywayAutoConfiguration.class})
@Profile("development")
@ConditionalOnClass(EmbeddedPostgres.class)
@ConditionalOnProperty(
    name = "spring.datasource.url",
    havingValue = "none",
    matchIfMissing = true) // that is, unless a database is configured
@EnableConfigurationProperties(DevelopmentSettings.class)
class DevelopmentServices {

  static final String PROVIDER_URL = "evenkeel.payments.provider.url";
  static final String PROVIDER_TYPE = "evenkeel.payments.provider.type";

  @Bean
  DataFolder developmentFolder(DevelopmentSettings settings) {
    return DataFolder.open(settings.data());
  }

  @Bean
  DevelopmentDatabase developmentDatabase(DataFolder folder) {
    return DevelopmentDatabase.start(folder);
  }

  @Bean
  JdbcConnectionDetails developmentConnection(DevelopmentDatabase database) {
    return new ApplicationConnection(database.url(), DevelopmentDatabase.APPLICATION, "");
  }

  @Bean
  FlywayConnectionDetails developmentMigrationConnection(DevelopmentDatabase database) {
    return new OwnerConnection(database.url(), DevelopmentDatabase.OWNER, "");
  }

  @Bean
  Welcome developmentWelcome(
      DataFolder folder, DevelopmentDatabase database, Environment environment) {
    return new Welcome(folder, database, environment);
  }

  /** Starts the provider simulator, unless another provider is configured. */
  @Configuration(proxyBeanMethods = false)
  @ConditionalOnProperty(name = PROVIDER_URL, havingValue = "none", matchIfMissing = true)
  @ConditionalOnProperty(name = PROVIDER_TYPE, havingValue = "simulator", matchIfMissing = true)
  @EnableConfigurationProperties(SimulatorSettings.class)
  static class Simulator {

    @Bean
    PaymentProvider simulator(SimulatorSettings settings, DataFolder folder) {
      try {
        return PaymentProvider.start(
            settings.port(), folder.resolve("payment-provider.jsonl"), settings.feeBasisPoints());
      } catch (BindException e) {
        throw new DevelopmentServiceException(
            "port " + settings.port() + ", meant for the provider simulator, is taken.",
            "Free it, or set evenkeel.simulator.port to another one.",
            e);
      } catch (IOException e) {
        throw new DevelopmentServiceException(
            "the provider simulator doesn't start (" + e + ").",
            "Its file is payment-provider.jsonl in " + folder.path() + ".",
            e);
      }
    }

    /** Starts webhooks once the application listens: its port is not known before. */
    @Bean
    ApplicationListener<ApplicationStartedEvent> simulatorWebhooks(
        PaymentProvider simulator, Environment environment) {
      return _ ->
          simulator.sendWebhooksTo(
              URI.create(
                  "http://127.0.0.1:%s/v1/provider/webhooks"
                      .formatted(environment.getProperty("local.server.port"))),
              environment.getRequiredProperty("evenkeel.payments.provider.webhook-secrets"));
    }

    /**
     * Starts the simulator before settings are bound, since they need its port. This also makes the
     * start fail early if the port is taken.
     */
    @Bean
    static BeanFactoryPostProcessor simulatorUrl(ConfigurableEnvironment environment) {
      return beans -> {
        String url = beans.getBean(PaymentProvider.class).url().toString();
        environment
            .getPropertySources()
            .addLast(new MapPropertySource("simulator", Map.of(PROVIDER_URL, url)));
      };
    }
  }

  private record ApplicationConnection(String getJdbcUrl, String getUsername, String getPassword)
      implements JdbcConnectionDetails {}

  private record OwnerConnection(String getJdbcUrl, String getUsername, String getPassword)
      implements FlywayConnectionDetails {}
}
