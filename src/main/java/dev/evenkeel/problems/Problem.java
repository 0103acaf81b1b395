package dev.evenkeel.problems;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Why a request was not carried out, in the terms of RFC 9457.
 *
 * @param detail for people: what was wrong with this very request
 * @param properties further members for programs, such as {@code available} and {@code required}
 * @param errors which fields were wrong, where fields were
 */
public record Problem(
    ProblemType type, String detail, Map<String, Object> properties, List<FieldError> errors) {

  public record FieldError(String field, String message) {}

  public static Problem of(ProblemType type, String detail) {
    return new Problem(type, detail, Map.of(), List.of());
  }

  public static Problem invalid(List<FieldError> errors) {
    String detail = String.join("; ", errors.stream().map(e -> e.field + " " + e.message).toList());
    return new Problem(CommonProblem.INVALID_REQUEST, detail, Map.of(), errors);
  }

  public static Problem invalid(String field, String message) {
    return invalid(List.of(new FieldError(field, message)));
  }

  /** As a JSON object, without what belongs to one request. */
  public Map<String, Object> members() {
    Map<String, Object> members = new LinkedHashMap<>();
    members.put("type", "/problems/" + type.slug());
    members.put("title", type.title());
    members.put("status", type.status());
    members.put("detail", detail);
    if (!errors.isEmpty()) {
      members.put("errors", errors);
    }
    members.putAll(properties);
    return members;
  }

  public Problem with(String name, Object value) {
    Map<String, Object> extended = new LinkedHashMap<>(properties);
    extended.put(name, value);
    return new Problem(type, detail, extended, errors);
  }

  public Problem onField(String field, String message) {
    return new Problem(type, detail, properties, List.of(new FieldError(field, message)));
  }
}
