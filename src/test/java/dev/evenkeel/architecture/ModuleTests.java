package dev.evenkeel.architecture;

import static com.tngtech.archunit.base.DescribedPredicate.not;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAPackage;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAnyPackage;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static dev.evenkeel.architecture.Code.MAIN;
import static dev.evenkeel.architecture.Code.PLANTED;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.lang.ArchRule;
import dev.evenkeel.Evenkeel;
import dev.planted.Planted;
import org.junit.jupiter.api.Test;
import org.springframework.modulith.Modulithic;
import org.springframework.modulith.core.ApplicationModules;
import org.springframework.modulith.core.Violations;

/** Modules have only declared dependencies, without cycles; shared packages use no module. */
class ModuleTests {

  private static final ImportOption TESTS = new ImportOption.OnlyIncludeTests();

  private static final String[] SHARED =
      Evenkeel.class.getAnnotation(Modulithic.class).sharedModules();

  @Test
  void allowsOnlyDeclaredDependencies() {
    ApplicationModules.of(Evenkeel.class).verify();
  }

  @Test
  void noticesAForbiddenDependencyAndACycle() {
    assertThatThrownBy(() -> ApplicationModules.of(Planted.class, TESTS).verify())
        .isInstanceOf(Violations.class)
        .hasMessageContaining("Module 'accounts' depends on module 'payments'")
        .hasMessageContaining("Cycle detected: Slice accounts");
  }

  @Test
  void keepsModulesOutOfSharedPackages() {
    knowsNoModule("dev.evenkeel", SHARED).check(MAIN);
  }

  @Test
  void noticesASharedPackageThatUsesAModule() {
    assertThat(knowsNoModule("dev.planted", "payments").evaluate(PLANTED).hasViolation()).isTrue();
  }

  private static ArchRule knowsNoModule(String application, String... shared) {
    String[] packages = new String[shared.length];
    for (int i = 0; i < shared.length; i++) {
      packages[i] = application + "." + shared[i] + "..";
    }
    return noClasses()
        .that()
        .resideInAnyPackage(packages)
        .should()
        .dependOnClassesThat(
            resideInAPackage(application + "..").and(not(resideInAnyPackage(packages))));
  }
}
