package dev.evenkeel.architecture;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static dev.evenkeel.architecture.Code.MAIN;

import com.tngtech.archunit.core.domain.Dependency;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.ReferencedClassObject;
import com.tngtech.archunit.lang.ArchCondition;
import com.tngtech.archunit.lang.ArchRule;
import com.tngtech.archunit.lang.ConditionEvents;
import com.tngtech.archunit.lang.SimpleConditionEvent;
import dev.evenkeel.events.EventConsumer;
import jakarta.persistence.Entity;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.springframework.context.ApplicationEventPublisher;
import org.springframework.context.event.EventListener;

/** Rules are plain Java, controllers have no data access, entities stay in their module. */
class LayerTests {

  private static final Predicate<JavaClass> IS_ENTITY = type -> type.isAnnotatedWith(Entity.class);

  private static final ArchRule RULES_ARE_PLAIN_JAVA =
      noClasses()
          .that()
          .haveSimpleNameEndingWith("Rules")
          .or()
          .resideInAPackage("..rules")
          .should()
          .dependOnClassesThat()
          .resideInAnyPackage("org.springframework..", "jakarta.persistence..", "java.sql..");

  private static final ArchRule CONTROLLERS_HAVE_NO_DATA_ACCESS =
      noClasses()
          .that()
          .resideInAPackage("..web")
          .should()
          .dependOnClassesThat()
          .resideInAnyPackage(
              "org.springframework.jdbc..",
              "org.springframework.data..",
              "org.springframework.transaction..",
              "jakarta.persistence..",
              "java.sql..");

  private static final ArchRule EVENTS_CARRY_NO_ENTITY =
      classes()
          .that()
          .implement(EventConsumer.class)
          .should(
              condition(
                  "consume no event that carries an entity",
                  consumer ->
                      consumer.getReferencedClassObjects().stream()
                          .map(ReferencedClassObject::getRawType)
                          .flatMap(event ->
                              carried(event)
                                  .filter(IS_ENTITY)
                                  .map(entity ->
                                      "consumes %s, which carries %s"
                                          .formatted(
                                              event.getSimpleName(), entity.getSimpleName())))))
          .allowEmptyShould(true);

  private static final ArchRule EVENTS_GO_THROUGH_THE_OUTBOX =
      classes()
          .should(
              condition(
                  "publish events in dev.evenkeel.events.Outbox and receive them as an EventConsumer",
                  type ->
                      Stream.concat(
                          type.getAccessesFromSelf().stream()
                              .filter(access ->
                                  access
                                          .getTargetOwner()
                                          .isAssignableTo(ApplicationEventPublisher.class)
                                      && access.getName().equals("publishEvent"))
                              .map(_ -> "publishes an event of Spring, which is not stored"),
                          type.getMethods().stream()
                              .filter(method -> method.isMetaAnnotatedWith(EventListener.class))
                              .flatMap(listener -> listener.getRawParameterTypes().stream())
                              .filter(event -> !event.getPackageName().startsWith("org.spring"))
                              .map(event ->
                                  "listens to %s, which is in the outbox"
                                      .formatted(event.getSimpleName())))));

  /** The types of its parts, and of their parts. */
  private static Stream<JavaClass> carried(JavaClass event) {
    Set<JavaClass> carried = new HashSet<>();
    Deque<JavaClass> open = new ArrayDeque<>(List.of(event));
    while (!open.isEmpty()) {
      open.pop().getFields().stream()
          .flatMap(field -> field.getType().getAllInvolvedRawTypes().stream())
          .filter(carried::add)
          .filter(JavaClass::isRecord)
          .forEach(open::push);
    }
    return carried.stream();
  }

  private static ArchCondition<JavaClass> condition(
      String description, Function<JavaClass, Stream<String>> violations) {
    return new ArchCondition<>(description) {
      @Override
      public void check(JavaClass type, ConditionEvents events) {
        violations
            .apply(type)
            .distinct()
            .map(violation -> SimpleConditionEvent.violated(type, type.getName() + " " + violation))
            .forEach(events::add);
      }
    };
  }

  @Test
  void keepsRulesInPlainJava() {
    RULES_ARE_PLAIN_JAVA.check(MAIN);
  }

  @Test
  void noticesARuleThatNeedsSpring() {
    Code.assertBroken(RULES_ARE_PLAIN_JAVA, "OverdraftRules> is annotated with");
  }

  @Test
  void keepsDataAccessOutOfControllers() {
    CONTROLLERS_HAVE_NO_DATA_ACCESS.check(MAIN);
  }

  @Test
  void noticesAControllerWithAQuery() {
    Code.assertBroken(
        CONTROLLERS_HAVE_NO_DATA_ACCESS,
        "AccountController.<init>(org.springframework.jdbc",
        "AccountController.jdbc> has type",
        "calls method <org.springframework.jdbc.core.simple.JdbcClient.sql",
        "calls method <org.springframework.jdbc.core.simple.JdbcClient$StatementSpec.query",
        "calls method <org.springframework.jdbc.core.simple.JdbcClient$MappedQuerySpec.list");
  }

  @Test
  void entitiesStayInTheirModule() {
    entitiesStayInTheirModule("dev.evenkeel").check(MAIN);
  }

  @Test
  void noticesAnEntityUsedByAnotherModule() {
    Code.assertBroken(
        entitiesStayInTheirModule("dev.planted"),
        "dev.planted.payments.Payment uses the entity dev.planted.accounts.Account");
  }

  private static ArchRule entitiesStayInTheirModule(String application) {
    return classes()
        .that()
        .resideInAPackage(application + "..")
        .should(
            condition(
                "use no entity of another module",
                type ->
                    type.getDirectDependenciesFromSelf().stream()
                        .map(Dependency::getTargetClass)
                        .filter(IS_ENTITY)
                        .filter(entity ->
                            !module(application, entity).equals(module(application, type)))
                        .map(entity -> "uses the entity " + entity.getName())));
  }

  private static String module(String application, JavaClass type) {
    return type.getPackageName().substring(application.length() + 1).split("\\.")[0];
  }

  @Test
  void keepsEntitiesOutOfEvents() {
    EVENTS_CARRY_NO_ENTITY.check(MAIN);
  }

  @Test
  void noticesAnEventWithAnEntity() {
    Code.assertBroken(
        EVENTS_CARRY_NO_ENTITY,
        "dev.planted.payments.Checkout consumes AccountOpened, which carries Account");
  }

  @Test
  void keepsEventsInTheOutbox() {
    EVENTS_GO_THROUGH_THE_OUTBOX.check(MAIN);
  }

  @Test
  void noticesEventsOfSpring() {
    Code.assertBroken(
        EVENTS_GO_THROUGH_THE_OUTBOX,
        "dev.planted.payments.Checkout publishes an event of Spring, which is not stored",
        "dev.planted.payments.Checkout listens to AccountOpened, which is in the outbox");
  }

  /** An entity would write back every column that it read, and could erase a concurrent posting. */
  @Test
  void keepsEntitiesOutOfTheLedger() {
    ledgerHasNoEntities("dev.evenkeel").check(MAIN);
  }

  @Test
  void noticesAnEntityInTheLedger() {
    Code.assertBroken(ledgerHasNoEntities("dev.planted"), "dev.planted.accounts.Account>");
  }

  private static ArchRule ledgerHasNoEntities(String application) {
    return noClasses()
        .that()
        .resideInAPackage(application + ".accounts..")
        .should()
        .beAnnotatedWith(Entity.class);
  }
}
