package dev.evenkeel.architecture;

import static com.tngtech.archunit.core.domain.JavaModifier.PUBLIC;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static dev.evenkeel.architecture.Code.MAIN;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaCodeUnit;
import com.tngtech.archunit.core.domain.JavaType;
import com.tngtech.archunit.lang.ArchCondition;
import com.tngtech.archunit.lang.ArchRule;
import com.tngtech.archunit.lang.ConditionEvents;
import com.tngtech.archunit.lang.SimpleConditionEvent;
import java.util.HashSet;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/**
 * A public type in a module's root package is part of its contract: other modules or the web use
 * it, or it is part of the signature of a type that they use. All other types are package-private.
 */
class PublicTypeTests {

  /**
   * Modules that consume events and pages of operators use them; the reconciliation reads
   * movements.
   */
  private static final Set<String> EXTENSION_POINTS =
      Set.of(
          // The console uses them, and a fork may leave it out
          "dev.evenkeel.http.CallerResolver",
          "dev.evenkeel.http.FormBody",
          "dev.evenkeel.http.LongRequests",
          "dev.evenkeel.notifications.ToldOnce", // part of notifications
          "dev.evenkeel.payments.PaymentDetails",
          "dev.evenkeel.payments.PaymentMonitor",
          "dev.evenkeel.payments.ProviderCalls",
          "dev.evenkeel.payments.Movement",
          "dev.evenkeel.events.EventBacklog",
          "dev.evenkeel.events.EventConsumer",
          "dev.evenkeel.events.EventPublications",
          "dev.evenkeel.accounts.AccountFrozen",
          "dev.evenkeel.accounts.TransfersPosted",
          "dev.evenkeel.payments.PaymentEvent");

  @Test
  void usesEveryPublicTypeOutsideItsModule() {
    publicTypesAreUsed("dev.evenkeel").check(MAIN);
  }

  @Test
  void noticesAnUnusedPublicType() {
    Code.assertBroken(
        publicTypesAreUsed("dev.planted"), ".Balances>", ".Forgotten>", ".ForgottenToo>");
  }

  private static ArchRule publicTypesAreUsed(String application) {
    return classes()
        .that()
        .arePublic()
        .and()
        .areTopLevelClasses()
        .and(
            DescribedPredicate.describe(
                "are no extension points", type -> !EXTENSION_POINTS.contains(type.getName())))
        .and(
            DescribedPredicate.describe(
                "are in the root package of a module",
                type -> type.getPackageName().matches("\\Q%s.\\E\\w+".formatted(application))))
        .should(
            new ArchCondition<JavaClass>("be used outside of their package") {
              @Override
              public void check(JavaClass type, ConditionEvents events) {
                events.add(
                    new SimpleConditionEvent(
                        type,
                        isContract(type, new HashSet<>()),
                        "%s is public, but nothing outside its package uses it"
                            .formatted(type.getDescription())));
              }
            });
  }

  private static boolean isContract(JavaClass type, Set<JavaClass> seen) {
    if (!seen.add(type)) {
      return false;
    }
    boolean used =
        withNested(type)
            .flatMap(part -> part.getDirectDependenciesToSelf().stream())
            .anyMatch(use -> isOutside(use.getOriginClass().getPackageName(), type));
    return used
        || type.getPackage().getClasses().stream()
            .filter(other -> other.isTopLevelClass() && other.getModifiers().contains(PUBLIC))
            .filter(other -> signature(other).anyMatch(part -> outermost(part).equals(type)))
            .anyMatch(other -> isContract(other, seen));
  }

  /**
   * The web counts as outside: it proves that the API suffices. So do groups of the console's
   * pages. Other sub-packages do not.
   */
  private static boolean isOutside(String user, JavaClass type) {
    String root = type.getPackageName();
    return !user.equals(root)
        && (!user.startsWith(root + ".")
            || user.equals(root + ".web")
            || root.endsWith(".console"));
  }

  private static Stream<JavaClass> withNested(JavaClass type) {
    return type.getPackage().getClasses().stream().filter(part -> outermost(part).equals(type));
  }

  private static JavaClass outermost(JavaClass type) {
    return type.getEnclosingClass().map(PublicTypeTests::outermost).orElse(type);
  }

  /** The types in a type's public signature, nested types included. */
  private static Stream<JavaClass> signature(JavaClass type) {
    return withNested(type)
        .filter(part -> part.getModifiers().contains(PUBLIC))
        .flatMap(part ->
            Stream.concat(
                Stream.concat(part.getRawSuperclass().stream(), part.getRawInterfaces().stream()),
                part.getCodeUnits().stream()
                    .filter(code -> code.getModifiers().contains(PUBLIC))
                    .flatMap(PublicTypeTests::types)
                    .flatMap(involved -> involved.getAllInvolvedRawTypes().stream())));
  }

  private static Stream<JavaType> types(JavaCodeUnit code) {
    return Stream.concat(Stream.of(code.getReturnType()), code.getParameterTypes().stream());
  }
}
