package dev.evenkeel.http.openapi;

import dev.testing.Contract;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/** Makes values that a schema of the document allows. */
final class ValueGenerator {

  private static final List<String> WORDS =
      List.of(
          "EUR",
          "USD",
          "JPY",
          "pay_in",
          "pay_out",
          "automatic",
          "manual",
          "succeeded",
          "failed",
          "bank",
          "fees",
          "suspense",
          "tok_ok",
          "tok_declined",
          "a",
          "=1+1",
          "💶 čaj ﷺ",
          "x".repeat(64),
          "💶".repeat(100),
          "y".repeat(500),
          "payment.succeeded");

  private static final JsonNodeFactory NODES = JsonNodeFactory.instance;

  private final Contract contract;
  private final KnownResources resources;

  ValueGenerator(Contract contract, KnownResources resources) {
    this.contract = contract;
    this.resources = resources;
  }

  JsonNode value(String name, JsonNode described, Random random) {
    JsonNode schema = contract.resolve(described);
    if (schema.has("enum")) {
      return schema.at("/enum").get(random.nextInt(schema.at("/enum").size()));
    }
    return switch (schema.at("/type").asString("")) {
      case "integer", "number" -> NODES.numberNode(number(schema, random));
      case "boolean" -> NODES.booleanNode(random.nextBoolean());
      case "array" -> array(name, schema, random);
      case "object" -> object(schema, random);
      case "" -> NODES.objectNode().put("type", "anything");
      default -> NODES.stringNode(text(name, schema, random));
    };
  }

  private static long number(JsonNode schema, Random random) {
    long min = schema.at("/minimum").asLong(0);
    long max = schema.at("/maximum").asLong(Long.MAX_VALUE);
    return switch (random.nextInt(12)) {
      case 0 -> min;
      case 1 -> max;
      default -> Math.min(max, min + random.nextInt(100));
    };
  }

  private ArrayNode array(String name, JsonNode schema, Random random) {
    int min = schema.at("/minItems").asInt(0);
    ArrayNode array = NODES.arrayNode();
    Stream.generate(() -> value(name, schema.at("/items"), random))
        .limit(min + random.nextInt(3))
        .forEach(array::add);
    return array;
  }

  private ObjectNode object(JsonNode schema, Random random) {
    ObjectNode object = NODES.objectNode();
    List<String> required =
        schema.at("/required").values().stream().map(JsonNode::asString).toList();
    schema
        .at("/properties")
        .properties()
        .forEach(property -> {
          if (required.contains(property.getKey()) || random.nextInt(3) == 0) {
            object.set(property.getKey(), value(property.getKey(), property.getValue(), random));
          }
        });
    if (schema.at("/additionalProperties").isObject()) {
      for (int i = random.nextInt(3); i > 0; i--) {
        object.set("key " + i, value("", schema.at("/additionalProperties"), random));
      }
    }
    return object;
  }

  private String text(String name, JsonNode schema, Random random) {
    switch (schema.at("/format").asString("")) {
      case "uuid":
        return resources.account(random);
      case "date-time":
        Instant time = Instant.now().minusMillis(random.nextInt(100_000));
        return random.nextBoolean()
            ? time.toString()
            : time.atOffset(ZoneOffset.ofHours(4)).toString();
      case "date":
        return LocalDate.now(ZoneOffset.UTC).minusDays(random.nextInt(5)).toString();
      default:
        // Tests resolve no names
        if (name.equals("url")) {
          return "http://127.0.0.1:9/" + random.nextInt(100);
        }
        JsonNode examples = schema.at("/examples");
        if (!examples.isEmpty() && random.nextInt(4) > 0) {
          return examples.get(0).asString();
        }
        List<String> possible =
            WORDS.stream()
                .filter(word -> contract.errors(schema, NODES.stringNode(word)).isEmpty())
                .toList();
        return possible.get(random.nextInt(possible.size()));
    }
  }
}
