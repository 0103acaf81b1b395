package dev.evenkeel.architecture;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static dev.evenkeel.architecture.Code.MAIN;

import com.tngtech.archunit.lang.ArchRule;
import org.junit.jupiter.api.Test;

/** Aspects are off ({@code spring.aop.auto}), so an annotation that needs one would do nothing. */
class AspectTests {

  private static final ArchRule NOTHING_NEEDS_AN_ASPECT =
      noClasses()
          .should()
          .dependOnClassesThat()
          .resideInAnyPackage(
              "org.aspectj..",
              "io.github.resilience4j..annotation..",
              "io.micrometer..annotation..");

  @Test
  void usesNoAspects() {
    NOTHING_NEEDS_AN_ASPECT.check(MAIN);
  }

  @Test
  void noticesAnAnnotationThatNeedsAnAspect() {
    Code.assertBroken(NOTHING_NEEDS_AN_ASPECT, "Refund.send()> is annotated with");
  }
}
