package dev.evenkeel.architecture;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static dev.evenkeel.architecture.Code.MAIN;

import com.tngtech.archunit.lang.ArchRule;
import org.junit.jupiter.api.Test;

/**
 * The application and the stand-in for its provider meet over HTTP only; what starts both for
 * development is the only code that knows both.
 */
class StandInTests {

  @Test
  void theApplicationKnowsNeitherTheProviderNorWhatStartsIt() {
    doesNotKnow("dev.evenkeel", "dev.paymentprovider", "dev.devservices").check(MAIN);
  }

  @Test
  void theProviderKnowsNeitherTheApplicationNorWhatStartsIt() {
    doesNotKnow("dev.paymentprovider", "dev.evenkeel", "dev.devservices").check(MAIN);
  }

  @Test
  void codeThatKnowsTheProviderIsNoticed() {
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
