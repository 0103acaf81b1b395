package dev.evenkeel.observability;

import static java.util.stream.Collectors.toSet;

import java.io.IOException;
import java.io.Reader;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.yaml.snakeyaml.Yaml;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** The dashboards and alert rules in {@code docker/observe}, and the metrics that they name. */
final class GrafanaFiles {

  private static final Path FOLDER = Path.of("docker/observe");
  private static final JsonMapper JSON = new JsonMapper();

  /** What follows a metric's name: its labels, or no parenthesis, as a function has one. */
  private static final Pattern NAME =
      Pattern.compile("\\b([a-z_]\\w*)\\b(?:\\{([^}]*)}|(?!\\s*\\())", Pattern.CASE_INSENSITIVE);

  private static final Pattern LABEL = Pattern.compile("(\\w+)\\s*(?:=~|!~|!=|=)\\s*\"\"");
  private static final Pattern GROUPING = Pattern.compile("\\b(by|without|on)\\s*\\([^)]*\\)");
  private static final Set<String> WORDS = Set.of("or", "and", "unless", "bool", "offset");

  private GrafanaFiles() {}

  /**
   * A metric in a query.
   *
   * @param labels the labels by which it is selected
   */
  record Selector(String metric, Set<String> labels) {}

  static List<JsonNode> rules() {
    try (Reader file = Files.newBufferedReader(FOLDER.resolve("alerts.yaml"))) {
      JsonNode alerts = JSON.valueToTree(new Yaml().load(file));
      return alerts
          .at("/groups")
          .valueStream()
          .flatMap(it -> it.at("/rules").valueStream())
          .toList();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  static List<JsonNode> dashboards() {
    try (Stream<Path> files = Files.walk(FOLDER.resolve("dashboards"))) {
      return files.filter(it -> it.toString().endsWith(".json")).map(JSON::readTree).toList();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** The queries of metrics in PromQL; other data sources have queries of their own. */
  static List<String> queries() {
    Stream<JsonNode> ofPanels =
        dashboards().stream()
            .flatMap(it -> it.at("/panels").valueStream())
            .filter(it -> it.at("/datasource/uid").asString("").equals("prometheus"))
            .flatMap(it -> it.at("/targets").valueStream());
    Stream<JsonNode> ofRules =
        rules().stream()
            .flatMap(it -> it.at("/data").valueStream())
            .filter(it -> it.at("/datasourceUid").asString().equals("prometheus"))
            .map(it -> it.at("/model"));
    return Stream.concat(ofPanels, ofRules).map(it -> it.at("/expr").asString()).toList();
  }

  /** Finds the metrics in a query. */
  static List<Selector> selectors(String query) {
    String plain =
        GROUPING
            .matcher(
                query
                    .replaceAll("\"[^\"]*\"", "\"\"")
                    .replaceAll("#.*", "")
                    .replaceAll("\\[[^]]*]", ""))
            .replaceAll(" ");
    List<Selector> found = new ArrayList<>();
    Matcher names = NAME.matcher(plain);
    while (names.find()) {
      if (!WORDS.contains(names.group(1))) {
        found.add(new Selector(names.group(1), labels(names.group(2))));
      }
    }
    return found;
  }

  private static Set<String> labels(String matchers) {
    return matchers == null
        ? Set.of()
        : LABEL.matcher(matchers).results().map(it -> it.group(1)).collect(toSet());
  }

  /**
   * Whether one of the samples, in Prometheus' text format, is of that metric with these labels.
   */
  static boolean isExposed(Selector selector, String samples) {
    return samples
        .lines()
        .flatMap(it -> selectors(it.replaceFirst("^#.*", "").replaceFirst(" \\S+$", "")).stream())
        .anyMatch(it ->
            it.metric().equals(selector.metric()) && it.labels().containsAll(selector.labels()));
  }
}
