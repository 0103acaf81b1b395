package dev.evenkeel.http.openapi;

import dev.evenkeel.problems.ProblemType;
import io.swagger.v3.oas.models.headers.Header;
import io.swagger.v3.oas.models.media.JsonSchema;
import io.swagger.v3.oas.models.media.MediaType;
import io.swagger.v3.oas.models.media.Schema;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;

/** Schemas that no Java type stands for. */
final class Schemas {

  private Schemas() {}

  static Schema<Object> string() {
    return type("string");
  }

  static Schema<Object> string(String pattern) {
    Schema<Object> schema = string();
    schema.setPattern(pattern);
    return schema;
  }

  static Schema<Object> integer() {
    Schema<Object> schema = type("integer");
    schema.setFormat("int64");
    return schema;
  }

  static Schema<Object> ref(String name) {
    Schema<Object> schema = new JsonSchema();
    schema.set$ref("#/components/schemas/" + name);
    return schema;
  }

  private static Schema<Object> type(String type) {
    Schema<Object> schema = new JsonSchema();
    schema.addType(type);
    return schema;
  }

  /** A problem document. Inside of a batch it has no trace id. */
  static Schema<Object> problem() {
    Schema<Object> error = object("field", "message");
    error.addProperty("field", string());
    error.addProperty("message", string());
    Schema<Object> errors = type("array");
    errors.setItems(error);
    Schema<Object> problem = object("type", "title", "status", "detail");
    problem.addProperty("type", string());
    problem.addProperty("title", string());
    problem.addProperty("status", integer());
    problem.addProperty("detail", string());
    problem.addProperty("instance", string());
    problem.addProperty("traceId", string("^[0-9a-f]{32}$"));
    problem.addProperty("errors", errors);
    problem.addProperty("effect", words(ProblemType.Effect.values()));
    problem.addProperty("retry", words(ProblemType.Retry.values()));
    problem.addProperty("available", integer());
    problem.addProperty("required", integer());
    problem.addProperty("index", integer());
    problem.addProperty("scope", string());
    return problem;
  }

  private static Schema<Object> object(String... required) {
    Schema<Object> schema = type("object");
    schema.setRequired(List.of(required));
    schema.setAdditionalProperties(false);
    return schema;
  }

  private static Schema<Object> words(Enum<?>... constants) {
    Schema<Object> schema = string();
    Stream.of(constants)
        .map(constant -> constant.name().toLowerCase(Locale.ROOT).replace('_', '-'))
        .forEach(schema::addEnumItemObject);
    return schema;
  }

  static MediaType text() {
    return new MediaType().schema(string());
  }

  static Header retryAfter(boolean always) {
    return new Header().required(always).description("Seconds").schema(integer());
  }

  static Header replayed(boolean always) {
    Schema<Object> value = string();
    value.setConst("true");
    return new Header()
        .required(always)
        .description("This repeats the outcome of an earlier request")
        .schema(value);
  }
}
