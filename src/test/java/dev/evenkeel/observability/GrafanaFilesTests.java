package dev.evenkeel.observability;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

import dev.evenkeel.observability.GrafanaFiles.Label;
import dev.evenkeel.observability.GrafanaFiles.Selector;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
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

    String heading = "\n### " + title + "\n";
    String runbooks = Files.readString(Path.of("docs/running.md"));
    assertThat(runbooks).containsOnlyOnce(heading);
    String text = runbooks.substring(runbooks.indexOf(heading) + heading.length());
    assertThat(text.lines().takeWhile(it -> !it.startsWith("#")).filter(it -> it.startsWith("- ")))
        .as("what it means, what to look at, what to do")
        .hasSize(3);
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
            new Selector(
                "one_total",
                List.of(new Label("status", "=~", "5.."), new Label("uri", "!=", "/x"))),
            new Selector("two", List.of()));
  }

  @Test
  void findsEachAlternative() {
    assertThat(GrafanaFiles.selectors("one{a=~\"x|/(y|z)\",b!~\"v|w\"}"))
        .extracting(it -> it.labels().getFirst().value(), it -> it.labels().getLast().value())
        .containsExactly(tuple("x", "v|w"), tuple("/(y|z)", "v|w"));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = ';',
      value = {
        "two;                                   true",
        "three;                                 false",
        "one_total{uri=\"/x/{id}\"};            true",
        "one_total{uri=\"/x\"};                 false",
        "one_total{url=\"/x/{id}\"};            false",
        "one_total{status=~\"5..\"};            true",
        "one_total{status=~\"5\"};              false",
        "one_total{status!=\"500\"};            false",
        "one_total{uri=~\"/x.*\",status!=\"4\"}; true"
      })
  void findsASample(String query, boolean exposed) {
    String samples = "# HELP three\none_total{uri=\"/x/{id}\",status=\"500\"} 1.0\ntwo NaN\n";

    assertThat(GrafanaFiles.isExposed(GrafanaFiles.selectors(query).getFirst(), samples))
        .isEqualTo(exposed);
  }
}
