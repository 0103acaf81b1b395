package dev.testing;

import dev.evenkeel.http.Caller;
import dev.evenkeel.http.CallerResolver;
import dev.paymentprovider.PaymentProvider;
import java.io.IOException;
import java.nio.file.Files;
import java.util.HashSet;
import java.util.Set;
import org.springframework.boot.flyway.autoconfigure.FlywayConnectionDetails;
import org.springframework.boot.jdbc.autoconfigure.JdbcConnectionDetails;
import org.springframework.boot.test.context.TestConfiguration;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Primary;
import org.springframework.test.context.DynamicPropertyRegistrar;

/** Gives a test its own database and provider, and callers that name themselves in a header. */
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
        return database.url();
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

  @Bean
  DynamicPropertyRegistrar providerUrl(PaymentProvider provider) {
    return registry -> {
      registry.add("evenkeel.payments.provider.url", provider::url);
      registry.add("evenkeel.payments.provider.webhook-secrets", () -> WEBHOOK_SECRET);
    };
  }

  /** The header names the owner; an operator adds {@code ;operator}. Absent: the owner demo. */
  @Bean
  @Primary
  CallerResolver namedCaller() {
    return request -> {
      String header = request.getHeader(Api.CALLER);
      String[] parts = (header == null ? "demo" : header).split(";");
      Set<String> scopes = new HashSet<>(Set.of("accounts:write", "payments:write"));
      if (parts.length > 1) {
        scopes.add("operations");
      }
      return new Caller(parts[0], scopes);
    };
  }
}
