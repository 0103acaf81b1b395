package dev.evenkeel.observability;

import static java.util.stream.Collectors.toMap;

import java.io.IOException;
import java.io.Reader;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.yaml.snakeyaml.Yaml;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** The dashboards and alert rules in {@code docker/observe}, and the metrics that they name. */
final class GrafanaFiles {

  private static final Path FOLDER = Path.of("docker/observe");
  private static final JsonMapper JSON = new JsonMapper();

  private static final String TEXT = "\"[^\"]*\"";

  /**
   * A metric with its labels, or what is none: a text, a range, a comment, a grouping. A
   * parenthesis follows a function's name only.
   */
  private static final Pattern TOKEN =
      Pattern.compile(
          TEXT
              + "|\\[[^]]*]|#.*|\\b(?:\\w+\\s+)?(?:by|without|on)\\s*\\([^)]*\\)|\\b(?<metric>[a-z_]\\w*)\\b"
              + ("(?:\\{(?<labels>(?:" + TEXT + "|[^}\"])*)}|(?!\\s*\\())"),
          Pattern.CASE_INSENSITIVE);

  private static final Pattern LABEL = Pattern.compile("(\\w+)\\s*(=~|!~|!=|=)\\s*\"([^\"]*)\"");

  /** Between alternatives that are not in parentheses. */
  private static final Pattern OR = Pattern.compile("\\|(?![^(]*\\))");

  private static final Set<String> WORDS = Set.of("or", "and", "unless", "bool", "offset");

  private GrafanaFiles() {}

  /**
   * A metric in a query.
   *
   * @param labels by which it is selected
   */
  record Selector(String metric, List<Label> labels) {

    /** Whether it selects a sample with these labels. */
    boolean selects(Map<String, String> sample) {
      return labels.stream()
          .allMatch(it -> sample.containsKey(it.name()) && it.selects(sample.get(it.name())));
    }
  }

  /**
   * Selects samples by a label.
   *
   * @param operator of PromQL, such as {@code =~}
   */
  record Label(String name, String operator, String value) {

    boolean selects(String exposed) {
      return switch (operator) {
        case "=" -> exposed.equals(value);
        case "!=" -> !exposed.equals(value);
        case "=~" -> exposed.matches(value);
        case "!~" -> !exposed.matches(value);
        default -> throw new IllegalArgumentException(operator);
      };
    }

    /** One for each alternative, so that each must select something. */
    private Stream<Label> alternatives() {
      return operator.equals("=~")
          ? OR.splitAsStream(value).map(it -> new Label(name, operator, it))
          : Stream.of(this);
    }
  }

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

  /** Finds the metrics in a query, with one selector for each alternative of their labels. */
  static List<Selector> selectors(String query) {
    List<Selector> found = new ArrayList<>();
    Matcher tokens = TOKEN.matcher(query);
    while (tokens.find()) {
      String metric = tokens.group("metric");
      if (metric != null && !WORDS.contains(metric)) {
        List<List<Label>> selected = List.of(List.of());
        for (Label label : labels(tokens.group("labels"))) {
          selected =
              selected.stream()
                  .flatMap(before ->
                      label
                          .alternatives()
                          .map(it -> Stream.concat(before.stream(), Stream.of(it)).toList()))
                  .toList();
        }
        selected.forEach(it -> found.add(new Selector(metric, it)));
      }
    }
    return found;
  }

  private static List<Label> labels(@Nullable String text) {
    return text == null
        ? List.of()
        : LABEL
            .matcher(text)
            .results()
            .map(it -> new Label(it.group(1), it.group(2), it.group(3)))
            .toList();
  }

  /** Whether one of the samples, in Prometheus' text format, is selected. */
  static boolean isExposed(Selector selector, String samples) {
    return samples
        .lines()
        .map(TOKEN::matcher)
        .filter(it -> it.lookingAt() && selector.metric().equals(it.group("metric")))
        .map(it -> labels(it.group("labels")).stream().collect(toMap(Label::name, Label::value)))
        .anyMatch(selector::selects);
  }
}
