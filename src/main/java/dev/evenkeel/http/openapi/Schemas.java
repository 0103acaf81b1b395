package dev.evenkeel.http.openapi;

import io.swagger.v3.oas.models.headers.Header;
import io.swagger.v3.oas.models.media.JsonSchema;
import io.swagger.v3.oas.models.media.MediaType;
import io.swagger.v3.oas.models.media.Schema;

/** Schemas without a Java type. */
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
