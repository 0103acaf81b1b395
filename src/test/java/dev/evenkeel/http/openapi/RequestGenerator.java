package dev.evenkeel.http.openapi;

import dev.testing.Contract;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.UUID;
import java.util.stream.Stream;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/** Makes requests for an operation: good ones, and good ones with one thing changed. */
final class RequestGenerator {

  private static final String PLACE = "placeholder-for-raw-json";

  /** Values as JSON text, most of which no field takes. */
  private static final List<String> ODD_VALUES =
      List.of(
          "null",
          "true",
          "0",
          "-1",
          "1.5",
          "1250.0",
          "1e3",
          "1e400",
          "1e2147483648",
          "1000000000000001",
          "9223372036854775808",
          "9".repeat(400),
          "\"\"",
          "\" \"",
          "\"12\"",
          "\"eur\"",
          "\"XAU\"",
          "\"1-1-1-1-1\"",
          "\"\\u0000\"",
          "\"\\ud800\"",
          "\"\\u202e\\u200b\"",
          "\"" + "💶".repeat(65) + "\"",
          "\"" + "x".repeat(501) + "\"",
          "\"" + "x".repeat(70_000) + "\"",
          "\"4111-1111-1111-1111\"",
          "\"'; drop table accounts.account; --\"",
          "[]",
          "[null]",
          "{}",
          "{\"a\":{\"b\":1}}",
          "[".repeat(600) + "]".repeat(600));

  private static final List<String> ODD_BODIES =
      List.of("", " ", "null", "7", "[]", "{", "{}", "not json", "\uFEFF{}", "[".repeat(5_000));

  private static final List<String> ODD_PARAMETERS =
      List.of(
          "",
          "0",
          "101",
          "-1",
          "1.0",
          "abc",
          "AAAAAAAAAAAAAAAAAAAAAA",
          "\0",
          "ﷺ",
          "1-1-1-1-1",
          "2026-02-30T00:00:00Z",
          "9999-12-31",
          "x".repeat(2_000));

  private static final List<String> MEDIA_TYPES =
      List.of(
          "text/plain",
          "application/xml",
          "json",
          "application/json;charset=latin1",
          "application/x-www-form-urlencoded",
          "application/json; charset=utf-8");

  record Header(String name, String value) {}

  /**
   * @param path without the query
   * @param body empty for none
   */
  record Draft(String method, String path, List<Header> query, List<Header> headers, String body) {

    Draft {
      query = new ArrayList<>(query);
      headers = new ArrayList<>(headers);
    }

    String target() {
      String text =
          String.join(
              "&", query.stream().map(it -> encoded(it.name) + "=" + encoded(it.value)).toList());
      return text.isEmpty() ? path : path + "?" + text;
    }

    private static String encoded(String text) {
      return URLEncoder.encode(text, StandardCharsets.UTF_8);
    }

    Draft withBody(String other) {
      return new Draft(method, path, query, headers, other);
    }

    Draft withPath(String other) {
      return new Draft(method, other, query, headers, body);
    }

    Draft withMethod(String other) {
      return new Draft(other, path, query, headers, body);
    }

    Draft with(List<Header> list, Header added) {
      list.add(added);
      return this;
    }

    Draft withHeader(String name, String value) {
      headers.removeIf(header -> header.name.equals(name));
      return with(headers, new Header(name, value));
    }

    @Override
    public String toString() {
      String text = method + " " + target() + " " + headers + " " + body;
      return text.length() > 600 ? text.substring(0, 600) + "…" : text;
    }
  }

  private final ValueGenerator values;
  private final KnownResources resources;

  RequestGenerator(Contract contract, KnownResources resources) {
    this.values = new ValueGenerator(contract, resources);
    this.resources = resources;
  }

  Draft good(Contract.Operation operation, Random random) {
    JsonNode body = operation.node().at("/requestBody");
    JsonNode schema = body.at("/content/application~1json/schema");
    boolean sendsBody =
        !schema.isMissingNode() && (body.at("/required").asBoolean() || random.nextBoolean());
    Draft draft =
        new Draft(
            operation.method(),
            resources.path(operation, random),
            List.of(),
            List.of(),
            sendsBody ? values.value("", schema, random).toString() : "");
    if (sendsBody) {
      draft.withHeader("Content-Type", "application/json");
    }
    for (JsonNode parameter : operation.node().at("/parameters")) {
      String name = parameter.at("/name").asString();
      boolean sent = parameter.at("/required").asBoolean() || random.nextInt(5) == 0;
      boolean query = parameter.at("/in").asString().equals("query");
      if (name.equals("Idempotency-Key")) {
        draft.withHeader(name, new UUID(random.nextLong(), random.nextLong()).toString());
      } else if (sent && query && !name.equals("cursor") && !name.equals("owner")) {
        String value = values.value(name, parameter.at("/schema"), random).asString();
        draft.with(draft.query, new Header(name, value));
      }
    }
    return draft;
  }

  Draft mutated(Contract.Operation operation, Random random) {
    Draft good = good(operation, random);
    return good.body.isEmpty() || random.nextInt(3) == 0
        ? changedRequest(operation, good, random)
        : good.withBody(changedBody(good.body, random));
  }

  private static Draft changedRequest(Contract.Operation operation, Draft good, Random random) {
    return switch (random.nextInt(11)) {
      case 0 -> good.with(good.query, new Header("surprise", "1"));
      case 1 -> good.with(good.query, new Header("limit", pick(ODD_PARAMETERS, random)));
      case 2 -> good.with(good.query, new Header("cursor", pick(ODD_PARAMETERS, random)));
      case 3 -> good.with(good.query, parameter(operation, random));
      case 4 -> good.withHeader("Content-Type", pick(MEDIA_TYPES, random)).withBody("{\"a\":1}");
      case 5 -> good.withHeader("Idempotency-Key", "k".repeat(256));
      case 6 -> good.withHeader("Idempotency-Key", pick(List.of("two words", "", "\"\""), random));
      case 7 ->
          good.withHeader("Accept", pick(List.of("image/png", "*/*;q=0", "text/csv"), random));
      case 8 ->
          good.withPath(
              good.path.replaceFirst(
                  "[0-9a-f-]{36}", pick(List.of("abc", "1-1-1-1-1", "%00"), random)));
      case 9 -> good.withMethod(pick(List.of("PUT", "PATCH", "DELETE", "POST"), random));
      default -> good.withBody(pick(ODD_BODIES, random));
    };
  }

  private static Header parameter(Contract.Operation operation, Random random) {
    List<String> names =
        operation.node().at("/parameters").values().stream()
            .filter(it -> it.at("/in").asString().equals("query"))
            .map(it -> it.at("/name").asString())
            .toList();
    return new Header(
        names.isEmpty() ? "surprise" : pick(names, random), pick(ODD_PARAMETERS, random));
  }

  private static String changedBody(String body, Random random) {
    ObjectNode json = (ObjectNode) JsonMapper.shared().readTree(body);
    ObjectNode target = pick(objects(json).toList(), random);
    List<String> fields = List.copyOf(target.propertyNames());
    String field = fields.isEmpty() ? "surprise" : pick(fields, random);
    switch (random.nextInt(6)) {
      case 0 -> target.remove(field);
      case 1 -> target.put("surprise", 1);
      case 2 -> {
        return "{\"" + field + "\":1," + body.substring(1);
      }
      case 3 -> {
        return body.substring(0, random.nextInt(body.length()));
      }
      default -> target.put(field, PLACE);
    }
    return json.toString().replace("\"" + PLACE + "\"", pick(ODD_VALUES, random));
  }

  private static Stream<ObjectNode> objects(JsonNode json) {
    Stream<ObjectNode> inner = json.values().stream().flatMap(RequestGenerator::objects);
    return json instanceof ObjectNode object ? Stream.concat(Stream.of(object), inner) : inner;
  }

  private static <T> T pick(List<T> list, Random random) {
    return list.get(random.nextInt(list.size()));
  }
}
