package dev.evenkeel.problems;

import dev.evenkeel.problems.Problem.FieldError;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.springframework.stereotype.Component;
import tools.jackson.databind.json.JsonMapper;

/** Converts problems to JSON and back, so that a stored refusal can be replayed. */
@Component
public class StoredProblems {

  private record Stored(
      String slug, String detail, Map<String, Object> properties, List<FieldError> errors) {}

  private final Map<String, ProblemType> types;
  private final JsonMapper json;

  StoredProblems(List<ProblemCatalog> catalogs, JsonMapper json) {
    this.json = json;
    this.types =
        Stream.concat(
                Stream.of(CommonProblem.values()),
                catalogs.stream().flatMap(catalog -> catalog.types().stream()))
            .collect(Collectors.toMap(ProblemType::slug, Function.identity()));
  }

  public String write(Problem problem) {
    return json.writeValueAsString(
        new Stored(
            problem.type().slug(), problem.detail(), problem.properties(), problem.errors()));
  }

  public Problem read(String written) {
    Stored stored = json.readValue(written, Stored.class);
    ProblemType type =
        type(stored.slug)
            .orElseThrow(() -> new IllegalStateException("unknown problem type " + stored.slug));
    return new Problem(type, stored.detail, stored.properties, stored.errors);
  }

  /** The type of problem with this slug. */
  public Optional<ProblemType> type(String slug) {
    return Optional.ofNullable(types.get(slug));
  }
}
