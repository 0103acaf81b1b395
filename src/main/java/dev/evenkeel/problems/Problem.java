package dev.evenkeel.problems;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * A problem document (RFC 9457): why a request was not carried out.
 *
 * @param detail for people: what was wrong with this request
 * @param properties further members for programs, such as {@code available} and {@code required}
 * @param errors the invalid fields, if any
 */
public record Problem(
    ProblemType type, String detail, Map<String, Object> properties, List<FieldError> errors) {

  /** The property that names the scope which a caller lacks. */
  public static final String SCOPE = "scope";

  /**
   * An invalid field of a request.
   *
   * @param field its name, as the caller wrote it; shortened where it is long, and without anything
   *     that looks like a card number
   * @param message what is wrong with it, such as "must be a UUID"
   */
  public record FieldError(String field, String message) {

    private static final int MAX_LENGTH = 100;
    private static final String CARD_NUMBER = "[0-9]([ _-]?[0-9]){11,}";

    public FieldError {
      field = field.replaceAll(CARD_NUMBER, "…");
      if (field.length() > MAX_LENGTH) {
        int end =
            Character.isHighSurrogate(field.charAt(MAX_LENGTH - 1)) ? MAX_LENGTH - 1 : MAX_LENGTH;
        field = field.substring(0, end) + "…";
      }
    }
  }

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

  public static Problem missingScope(String scope) {
    return of(CommonProblem.FORBIDDEN, "This needs the scope \"" + scope + "\".")
        .with(SCOPE, scope);
  }

  /** The members of the JSON object, without those of one request (instance, trace id). */
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
