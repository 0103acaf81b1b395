package dev.evenkeel.payments;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.boot.test.context.ConfigDataApplicationContextInitializer;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;

/** The ladder of timeouts, with the settings that the application comes with. */
class PaymentsSettingsTests {

  @EnableConfigurationProperties(PaymentsSettings.class)
  static class Settings {}

  @ParameterizedTest
  @CsvSource({
    "production, evenkeel.payments.claim=40s, true",
    "production, evenkeel.payments.claim=35s, true",
    "production, evenkeel.payments.claim=34s, false",
    "production, evenkeel.payments.provider.answer-timeout=11s, true",
    "production, evenkeel.payments.provider.answer-timeout=12s, false",
    "development, evenkeel.payments.claim=10s, true",
    "development, evenkeel.payments.provider.answer-timeout=3s, false"
  })
  void claimOutlastsTheLongestCall(String profile, String setting, boolean starts) {
    new ApplicationContextRunner()
        .withInitializer(new ConfigDataApplicationContextInitializer())
        .withUserConfiguration(Settings.class)
        .withPropertyValues("spring.profiles.active=" + profile, setting)
        .run(context -> {
          if (starts) {
            assertThat(context).hasNotFailed();
          } else {
            assertThat(context).getFailure().rootCause().hasMessageContaining("must outlast");
          }
        });
  }
}
