package dev.evenkeel.architecture;

import static com.tngtech.archunit.base.DescribedPredicate.describe;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.methods;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static dev.evenkeel.architecture.Code.MAIN;

import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaMethod;
import com.tngtech.archunit.lang.ArchCondition;
import com.tngtech.archunit.lang.ArchRule;
import com.tngtech.archunit.lang.ConditionEvents;
import com.tngtech.archunit.lang.SimpleConditionEvent;
import dev.evenkeel.http.CursorRequest;
import dev.evenkeel.idempotency.IdempotentOperation;
import dev.evenkeel.idempotency.IdempotentRequest;
import jakarta.validation.Valid;
import java.util.List;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.springframework.stereotype.Component;
import org.springframework.web.bind.annotation.RestController;

/** Controllers are ordinary Spring MVC over the public API of their module. */
class WebTests {

  private static final ArchRule CONTROLLERS_READ_NO_REQUESTS =
      noClasses()
          .that()
          .areAnnotatedWith(RestController.class)
          .and()
          .resideInAPackage("..web")
          .should()
          .dependOnClassesThat()
          .haveFullyQualifiedName("jakarta.servlet.http.HttpServletRequest")
          .orShould()
          .dependOnClassesThat()
          .resideInAPackage("tools.jackson..");

  private static final ArchRule KEYS_ARE_DECLARED =
      methods()
          .that()
          .areDeclaredInClassesThat()
          .areAnnotatedWith(RestController.class)
          .should(
              new ArchCondition<JavaMethod>(
                  "take an IdempotentRequest if, and only if, annotated") {
                @Override
                public void check(JavaMethod method, ConditionEvents events) {
                  boolean takes =
                      method.getRawParameterTypes().stream()
                          .anyMatch(type -> type.isEquivalentTo(IdempotentRequest.class));
                  events.add(
                      new SimpleConditionEvent(
                          method,
                          takes == method.isAnnotatedWith(IdempotentOperation.class),
                          method.getFullName()));
                }
              });

  private static final ArchRule FILTERS_COME_BEFORE_CURSORS =
      methods()
          .that()
          .haveRawParameterTypes(
              describe("with a CursorRequest", types -> indexOf(types, CursorRequest.class) >= 0))
          .should(
              new ArchCondition<JavaMethod>("take the filters before the CursorRequest") {
                @Override
                public void check(JavaMethod method, ConditionEvents events) {
                  int cursor = indexOf(method.getRawParameterTypes(), CursorRequest.class);
                  boolean filtersFirst =
                      method.getParameters().stream()
                          .skip(cursor)
                          .noneMatch(parameter -> parameter.isAnnotatedWith(Valid.class));
                  events.add(new SimpleConditionEvent(method, filtersFirst, method.getFullName()));
                }
              });

  private static int indexOf(List<JavaClass> types, Class<?> wanted) {
    return types.stream().map(JavaClass::getName).toList().indexOf(wanted.getName());
  }

  private static ArchRule webUsesRootsOnly(String application) {
    Pattern subPackage = Pattern.compile("\\Q%s.\\E(\\w+)\\.(?!web)\\w+".formatted(application));
    return noClasses()
        .that()
        .resideInAPackage(application + ".*.web")
        .should()
        .dependOnClassesThat(
            describe(
                "are in a sub-package of a module",
                (JavaClass type) -> subPackage.matcher(type.getPackageName()).matches()));
  }

  private static ArchRule postingUsesNoRootComponent(String application) {
    return noClasses()
        .that()
        .resideInAPackage(application + ".accounts.posting")
        .should()
        .dependOnClassesThat(
            describe(
                "are components of the module's root",
                (JavaClass type) ->
                    type.getPackageName().equals(application + ".accounts")
                        && type.isMetaAnnotatedWith(Component.class)));
  }

  @Test
  void controllersReadNoRequests() {
    CONTROLLERS_READ_NO_REQUESTS.check(MAIN);
  }

  @Test
  void noticesAControllerThatReadsARequest() {
    Code.assertBroken(
        CONTROLLERS_READ_NO_REQUESTS,
        "TransferController.post(jakarta.servlet.http.HttpServletRequest",
        "TransferController.post(jakarta.servlet.http.HttpServletRequest");
  }

  @Test
  void declaresKeys() {
    KEYS_ARE_DECLARED.check(MAIN);
  }

  @Test
  void noticesAKeyThatIsNotDeclared() {
    Code.assertBroken(KEYS_ARE_DECLARED, "TransferController.create");
  }

  @Test
  void takesFiltersBeforeCursors() {
    FILTERS_COME_BEFORE_CURSORS.check(MAIN);
  }

  @Test
  void noticesFiltersAfterACursor() {
    Code.assertBroken(FILTERS_COME_BEFORE_CURSORS, "TransferController.list");
  }

  @Test
  void webUsesRootsOnly() {
    webUsesRootsOnly("dev.evenkeel").check(MAIN);
  }

  @Test
  void noticesWebThatUsesASubPackage() {
    Code.assertBroken(webUsesRootsOnly("dev.planted"), "TransferController.write");
  }

  @Test
  void postingUsesNoRootComponent() {
    postingUsesNoRootComponent("dev.evenkeel").check(MAIN);
  }

  @Test
  void noticesPostingThatUsesARootComponent() {
    Code.assertBroken(postingUsesNoRootComponent("dev.planted"), "PostingWriter.write");
  }
}
