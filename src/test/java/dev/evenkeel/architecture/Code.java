package dev.evenkeel.architecture;

import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.lang.ArchRule;

/** What the rules are applied to: the application, or the one that breaks them all. */
final class Code {

  static final JavaClasses MAIN =
      new ClassFileImporter()
          .withImportOption(new ImportOption.DoNotIncludeTests())
          .importPackages("dev.evenkeel", "dev.paymentprovider", "dev.devservices");

  static final JavaClasses PLANTED = new ClassFileImporter().importPackages("dev.planted");

  private Code() {}

  /** Exactly these classes break the rule, each with a message that contains its line here. */
  static void assertBroken(ArchRule rule, String... violations) {
    var found = rule.evaluate(PLANTED).getFailureReport().getDetails();
    assertThat(found).as(rule.getDescription()).hasSameSizeAs(violations);
    for (String violation : violations) {
      assertThat(found).as(rule.getDescription()).anyMatch(line -> line.contains(violation));
    }
  }
}
