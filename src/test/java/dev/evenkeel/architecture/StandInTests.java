package dev.evenkeel.architecture;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static dev.evenkeel.architecture.Code.MAIN;

import com.tngtech.archunit.lang.ArchRule;
import org.junit.jupiter.api.Test;

/**
 * The application and the provider's simulator communicate over HTTP only. Only the development
 * services, which start both, use both.
 */
class StandInTests {

  @Test
  void keepsTheSimulatorOutOfTheApplication() {
    doesNotKnow("dev.evenkeel", "dev.paymentprovider", "dev.devservices").check(MAIN);
  }

  @Test
  void keepsTheApplicationOutOfTheSimulator() {
    doesNotKnow("dev.paymentprovider", "dev.evenkeel", "dev.devservices").check(MAIN);
  }

  @Test
  void keepsTheApplicationOutOfTheDevelopmentLogin() {
    doesNotKnow("dev.devservices.login", "dev.evenkeel", "dev.paymentprovider").check(MAIN);
  }

  @Test
  void noticesCodeThatUsesTheSimulator() {
    Code.assertBroken(
        doesNotKnow("dev.planted", "dev.paymentprovider"),
        "Constructor <dev.planted.payments.Checkout.<init>",
        "Field <dev.planted.payments.Checkout.provider>",
        "Method <dev.planted.payments.Checkout.provider()>");
  }

  private static ArchRule doesNotKnow(String who, String... others) {
    String[] packages = new String[others.length];
    for (int i = 0; i < others.length; i++) {
      packages[i] = others[i] + "..";
    }
    return noClasses()
        .that()
        .resideInAPackage(who + "..")
        .should()
        .dependOnClassesThat()
        .resideInAnyPackage(packages);
  }
}
