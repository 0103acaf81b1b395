package dev.evenkeel.observability;

import static org.assertj.core.api.Assertions.assertThat;

import dev.evenkeel.observability.GrafanaFiles.Selector;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import tools.jackson.databind.JsonNode;

/**
 * Each alert has a runbook, and the dashboard its four rows. That the application exposes each
 * metric is shown in {@link PublicHealthTests}.
 */
class GrafanaFilesTests {

  private static List<JsonNode> rules() {
    return GrafanaFiles.rules();
  }

  @ParameterizedTest
  @MethodSource("rules")
  void eachAlertHasItsRunbook(JsonNode rule) throws IOException {
    String title = rule.at("/title").asString();
    String section = title.toLowerCase().replace(' ', '-');

    assertThat(Files.readString(Path.of("docs/running.md")))
        .containsOnlyOnce("\n### " + title + "\n");
    assertThat(rule.at("/annotations/runbook").asString()).isEqualTo("docs/running.md#" + section);
  }

  @Test
  void alertsAreFew() {
    assertThat(rules()).hasSizeBetween(1, 8);
  }

  @Test
  void dashboardAnswersFourQuestions() {
    assertThat(GrafanaFiles.dashboards().stream().flatMap(it -> it.at("/panels").valueStream()))
        .filteredOn(it -> it.at("/type").asString().equals("row"))
        .extracting(it -> it.at("/title").asString())
        .containsExactly(
            "Is money right?",
            "Are payments moving?",
            "Is the provider well?",
            "Is the machine well?");
  }

  @Test
  void findsTheMetricsOfAQuery() {
    assertThat(
            GrafanaFiles.selectors(
                """
                sum by (uri) (rate(one_total{status=~"5..",uri!="/x"}[5m])) / 2 > 0.01
                or max(two) # three
                """))
        .containsExactly(
            new Selector("one_total", Set.of("status", "uri")), new Selector("two", Set.of()));
  }

  @Test
  void findsASample() {
    String samples = "# HELP three\none_total{uri=\"/x/{id}\",status=\"500\"} 1.0\ntwo NaN\n";

    assertThat(GrafanaFiles.isExposed(new Selector("two", Set.of()), samples)).isTrue();
    assertThat(GrafanaFiles.isExposed(new Selector("one_total", Set.of("uri")), samples)).isTrue();
    assertThat(GrafanaFiles.isExposed(new Selector("one_total", Set.of("url")), samples)).isFalse();
    assertThat(GrafanaFiles.isExposed(new Selector("three", Set.of()), samples)).isFalse();
  }
}
