package dev.testing;

import dev.paymentprovider.PaymentProvider;
import java.io.IOException;
import java.nio.file.Files;
import org.springframework.boot.flyway.autoconfigure.FlywayConnectionDetails;
import org.springframework.boot.jdbc.autoconfigure.JdbcConnectionDetails;
import org.springframework.boot.test.context.TestConfiguration;
import org.springframework.context.annotation.Bean;
import org.springframework.core.env.Environment;
import org.springframework.test.context.DynamicPropertyRegistrar;

/** Gives a test its own database and provider. */
@TestConfiguration(proxyBeanMethods = false)
public class TestServices {

  /** The provider signs with it. */
  public static final String WEBHOOK_SECRET = "whsec_b25lIG9mIHRoZSB0ZXN0cycgc2VjcmV0cw==";

  @Bean(destroyMethod = "release")
  TestDatabase testDatabase() {
    return TestDatabase.create().use();
  }

  @Bean
  JdbcConnectionDetails applicationsRole(TestDatabase database) {
    return applicationsRole(database, database.url());
  }

  /** Connects as the role that the application has, by a URL of the database. */
  public static JdbcConnectionDetails applicationsRole(TestDatabase database, String url) {
    return new JdbcConnectionDetails() {
      @Override
      public String getUsername() {
        return "evenkeel";
      }

      @Override
      public String getPassword() {
        return database.password();
      }

      @Override
      public String getJdbcUrl() {
        return url;
      }
    };
  }

  @Bean
  FlywayConnectionDetails ownersRole(TestDatabase database) {
    return new FlywayConnectionDetails() {
      @Override
      public String getUsername() {
        return "evenkeel_owner";
      }

      @Override
      public String getPassword() {
        return database.password();
      }

      @Override
      public String getJdbcUrl() {
        return database.url();
      }
    };
  }

  @Bean(destroyMethod = "close")
  PaymentProvider paymentProvider() throws IOException {
    return PaymentProvider.start(
        0, Files.createTempDirectory("payment-provider").resolve("operations.jsonl"));
  }

  /** A test of another provider sets its own. */
  @Bean
  DynamicPropertyRegistrar providerUrl(PaymentProvider provider, Environment environment) {
    return registry -> {
      if (environment.containsProperty("evenkeel.payments.provider.type")) {
        return;
      }
      registry.add("evenkeel.payments.provider.url", provider::url);
      registry.add("evenkeel.payments.provider.webhook-secrets", () -> WEBHOOK_SECRET);
    };
  }
}
