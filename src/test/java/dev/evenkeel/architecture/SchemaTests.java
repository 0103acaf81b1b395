package dev.evenkeel.architecture;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static dev.evenkeel.architecture.Code.MAIN;
import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.lang.ArchCondition;
import com.tngtech.archunit.lang.ArchRule;
import com.tngtech.archunit.lang.ConditionEvents;
import com.tngtech.archunit.lang.SimpleConditionEvent;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.lang.classfile.ClassFile;
import java.lang.classfile.constantpool.Utf8Entry;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Each module has a schema of its own; no other module's SQL or migration names it. */
class SchemaTests {

  private static final Path MIGRATIONS = Path.of("src/main/resources/db/migration");

  private static final List<String> SCHEMAS =
      List.of(
          "accounts",
          "payments",
          "notifications", // part of notifications
          "shared");

  /** A table in a schema, the schema itself, or a search path. */
  private static final String NAMED_SCHEMA =
      """
      (?ix) (?<![\\w.]) "?(%1$s)"? \\. (?!java\\b) "?\\w
      | \\b schema \\s+ (?:if \\s+ (?:not \\s+)? exists \\s+)? "?(%1$s)\\b
      | \\b search_path \\s* (?:=|to\\b) [^;]*? \\b(%1$s)\\b
      """;

  @Test
  void keepsSqlInItsOwnSchema() {
    namesNoOtherSchema("dev.evenkeel").check(MAIN);
  }

  @Test
  void noticesSqlOnAnotherSchema() {
    Code.assertBroken(
        namesNoOtherSchema("dev.planted"),
        "dev.planted.payments.Payment names the schema accounts",
        "dev.planted.accounts.Account names the schema payments");
  }

  @Test
  void keepsMigrationsInTheirOwnSchema() throws IOException {
    try (Stream<Path> files = Files.walk(MIGRATIONS)) {
      List<Path> scripts = files.filter(Files::isRegularFile).toList();

      assertThat(scripts).isNotEmpty();
      for (Path script : scripts) {
        String folder = MIGRATIONS.relativize(script).getName(0).toString();
        assertThat(otherSchemas(folder, Files.readString(script))).as(script.toString()).isEmpty();
      }
    }
  }

  /** A crash of the database empties an unlogged table, and instances that outlive it go on. */
  @Test
  void loggedTablesOnly() throws IOException {
    try (Stream<Path> files = Files.walk(MIGRATIONS)) {
      for (Path script : files.filter(Files::isRegularFile).toList()) {
        assertThat(Files.readString(script)).doesNotContainIgnoringCase("create unlogged");
      }
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "create table payments.payment (account uuid references accounts.account)",
        "select 1 from payments.payment p,\n  accounts.account a",
        "grant select, update on\naccounts.account to evenkeel",
        "GRANT USAGE ON SCHEMA accounts TO evenkeel",
        "delete from \"accounts\".\"entry\"",
        "alter function f() set search_path = payments, accounts"
      })
  void noticesAMigrationOnAnotherSchema(String sql) {
    assertThat(otherSchemas("payments", sql)).containsExactly("accounts");
    assertThat(otherSchemas("__root", sql)).isNotEmpty();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "select a.id from payments.payment a where a.account = ?",
        "evenkeel.accounts.max-overdraft",
        "No answer for these accounts. Ask again."
      })
  void acceptsOwnTablesSettingsAndProse(String text) {
    assertThat(otherSchemas("payments", text)).isEmpty();
  }

  private static ArchRule namesNoOtherSchema(String application) {
    return classes()
        .that()
        .resideInAPackage(application + "..")
        .should(
            new ArchCondition<JavaClass>("name no other module's schema") {
              @Override
              public void check(JavaClass type, ConditionEvents events) {
                for (String schema : otherSchemas(module(application, type), texts(type))) {
                  events.add(
                      SimpleConditionEvent.violated(
                          type, type.getName() + " names the schema " + schema));
                }
              }
            });
  }

  private static String module(String application, JavaClass type) {
    String rest = type.getPackageName().substring(application.length());
    return rest.isEmpty() ? "" : rest.split("\\.")[1];
  }

  private static Set<String> otherSchemas(String module, String text) {
    // The shared packages and the migrations in __root have one schema together
    String own = module.isEmpty() || SCHEMAS.contains(module) ? module : "shared";
    String others =
        SCHEMAS.stream().filter(schema -> !schema.equals(own)).collect(Collectors.joining("|"));
    return Pattern.compile(NAMED_SCHEMA.formatted(others))
        .matcher(text)
        .results()
        .flatMap(found -> Stream.of(1, 2, 3).map(found::group))
        .filter(Objects::nonNull)
        .map(schema -> schema.toLowerCase(Locale.ROOT))
        .collect(Collectors.toCollection(TreeSet::new));
  }

  /** All texts of a class: constants as the compiler made them, and what annotations say. */
  private static String texts(JavaClass type) {
    StringBuilder texts = new StringBuilder();
    Stream.concat(Stream.of(type), type.getFields().stream())
        .flatMap(mapped -> mapped.getAnnotations().stream())
        .flatMap(mapping -> mapping.tryGetExplicitlyDeclaredProperty("schema").stream())
        .forEach(schema -> texts.append("schema ").append(schema).append('\n'));
    try (InputStream file = type.getSource().orElseThrow().getUri().toURL().openStream()) {
      StreamSupport.stream(
              ClassFile.of().parse(file.readAllBytes()).constantPool().spliterator(), false)
          .filter(Utf8Entry.class::isInstance)
          .forEach(text -> texts.append(((Utf8Entry) text).stringValue()).append('\n'));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return texts.toString();
  }
}
