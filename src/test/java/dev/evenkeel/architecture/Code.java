package dev.evenkeel.architecture;

import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.lang.ArchRule;

/** The code that rules are checked against: the application, and a planted one that breaks them. */
final class Code {

  static final JavaClasses MAIN =
      new ClassFileImporter()
          .withImportOption(new ImportOption.DoNotIncludeTests())
          .importPackages("dev.evenkeel", "dev.paymentprovider", "dev.devservices");

  static final JavaClasses PLANTED = new ClassFileImporter().importPackages("dev.planted");

  private Code() {}

  /** Asserts that the planted code breaks the rule in exactly these ways. */
  static void assertBroken(ArchRule rule, String... violations) {
    var found = rule.evaluate(PLANTED).getFailureReport().getDetails();
    assertThat(found).as(rule.getDescription()).hasSameSizeAs(violations);
    for (String violation : violations) {
      assertThat(found).as(rule.getDescription()).anyMatch(line -> line.contains(violation));
    }
  }
}
