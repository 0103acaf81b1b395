package dev.testing;

import java.util.List;
import org.springframework.boot.test.util.TestPropertyValues;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.test.context.ContextConfigurationAttributes;
import org.springframework.test.context.ContextCustomizer;
import org.springframework.test.context.ContextCustomizerFactory;
import org.springframework.test.context.MergedContextConfiguration;

/**
 * Lets the applications of all tests trust the tests' issuer. It is a setting, and not a bean,
 * because the security of tests is that of production. In development the application is an issuer
 * itself.
 */
final class TrustedIssuer implements ContextCustomizerFactory {

  static final String SETTING = "spring.security.oauth2.resourceserver.jwt.issuer-uri";

  @Override
  public ContextCustomizer createContextCustomizer(
      Class<?> test, List<ContextConfigurationAttributes> attributes) {
    return new Setting();
  }

  private record Setting() implements ContextCustomizer {

    @Override
    public void customizeContext(
        ConfigurableApplicationContext context, MergedContextConfiguration configuration) {
      if (!context.getEnvironment().matchesProfiles("development")) {
        TestPropertyValues.of(SETTING + "=" + TokenIssuer.ofTests().uri()).applyTo(context);
      }
    }
  }
}
