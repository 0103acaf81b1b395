package dev.evenkeel.architecture;

import static dev.evenkeel.architecture.Code.MAIN;
import static dev.evenkeel.architecture.Code.PLANTED;
import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.domain.JavaPackage;
import java.util.stream.Stream;
import org.jspecify.annotations.NullMarked;
import org.junit.jupiter.api.Test;

/** Every package is {@code @NullMarked}, so the compiler checks its nulls. */
class NullMarkedTests {

  @Test
  void marksEveryPackage() {
    assertThat(unmarked(MAIN)).isEmpty();
  }

  @Test
  void noticesAPackageWithoutTheMark() {
    assertThat(unmarked(PLANTED)).containsExactly("dev.planted.accounts.web");
  }

  private static Stream<String> unmarked(JavaClasses classes) {
    return classes.stream()
        .map(JavaClass::getPackage)
        .distinct()
        .filter(candidate -> !candidate.isAnnotatedWith(NullMarked.class))
        .map(JavaPackage::getName);
  }
}
