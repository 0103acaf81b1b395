package dev.testing;

import com.networknt.schema.Schema;
import com.networknt.schema.SchemaRegistry;
import com.networknt.schema.SchemaRegistryConfig;
import com.networknt.schema.dialect.Dialect;
import com.networknt.schema.dialect.Dialects;
import com.networknt.schema.keyword.NonValidationKeyword;
import java.net.URI;
import java.net.URLDecoder;
import java.net.http.HttpHeaders;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.springframework.http.MediaType;
import org.springframework.http.server.PathContainer;
import org.springframework.web.util.pattern.PathPattern;
import org.springframework.web.util.pattern.PathPatternParser;
import tools.jackson.core.JacksonException;
import tools.jackson.core.StreamReadFeature;
import tools.jackson.databind.DeserializationFeature;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;
import tools.jackson.dataformat.yaml.YAMLMapper;

/**
 * The OpenAPI document, to compare requests and responses with. What it does not describe is a
 * violation: a status, a problem, a media type, a field.
 */
public final class Contract {

  private static final JsonMapper JSON =
      JsonMapper.builder()
          .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
          .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
          .build();

  private static final JsonNodeFactory NODES = JsonNodeFactory.instance;

  /** Each schema is compiled with the document's components, which its references lead to. */
  private static final Dialect DIALECT =
      Dialect.builder(Dialects.getOpenApi31())
          .keyword(new NonValidationKeyword("components"))
          .build();

  /** Read once for all tests of this JVM. */
  public static final Contract COMMITTED =
      new Contract(YAMLMapper.shared().readTree(Path.of("docs/openapi.yaml")));

  private final JsonNode document;
  private final List<Operation> operations;
  private final Map<JsonNode, Schema> schemas =
      Collections.synchronizedMap(new IdentityHashMap<>());
  private final SchemaRegistry registry =
      SchemaRegistry.withDefaultDialect(
          DIALECT,
          builder ->
              builder.schemaRegistryConfig(
                  SchemaRegistryConfig.builder().formatAssertionsEnabled(true).build()));

  public Contract(JsonNode document) {
    this.document = document;
    this.operations =
        document.at("/paths").properties().stream()
            .flatMap(path ->
                path.getValue().properties().stream()
                    .map(method ->
                        new Operation(
                            method.getKey().toUpperCase(Locale.ROOT),
                            PathPatternParser.defaultInstance.parse(path.getKey()),
                            method.getValue())))
            .sorted(Comparator.comparing(Operation::pattern))
            .toList();
  }

  /** Fails for what the document does not describe. */
  public static void check(HttpRequest sent, HttpResponse<?> response, String body) {
    List<String> violations =
        COMMITTED.violations(
            new Request(sent.method(), sent.uri(), sent.headers(), SentBody.of(sent)),
            new Response(response.statusCode(), response.headers(), body));
    if (!violations.isEmpty()) {
      throw new AssertionError("against docs/openapi.yaml: " + String.join("\n", violations));
    }
  }

  /** A method of a path. */
  public record Operation(String method, PathPattern pattern, JsonNode node) {

    public String path() {
      return pattern.getPatternString();
    }

    @Override
    public String toString() {
      return method + " " + path();
    }
  }

  /**
   * A request as it was sent.
   *
   * @param uri with the query
   * @param body empty if it had none
   */
  public record Request(String method, URI uri, HttpHeaders headers, String body) {

    private boolean isHead() {
      return method.equals("HEAD");
    }

    private PathContainer path() {
      return PathContainer.parsePath(uri.getRawPath());
    }
  }

  /** A response as it was received. */
  public record Response(int status, HttpHeaders headers, String body) {}

  public List<Operation> operations() {
    return operations;
  }

  /** Follows references. */
  public JsonNode resolve(JsonNode node) {
    JsonNode resolved = node;
    while (resolved.has("$ref")) {
      resolved = document.at(resolved.at("/$ref").asString().substring(1));
    }
    return resolved;
  }

  /** What is wrong with an exchange: with its response, and with a request that succeeded. */
  public List<String> violations(Request request, Response response) {
    if (!request.uri().getPath().startsWith("/v1/") || request.method().equals("OPTIONS")) {
      return List.of();
    }
    Optional<Operation> operation = operation(request);
    if (operation.isEmpty()) {
      return ofNoOperation(response);
    }
    List<String> violations = new ArrayList<>(ofResponse(operation.get(), request, response));
    // The provider chooses what it sends: only its signature is checked
    if (response.status() < 300 && !operation.get().path().startsWith("/v1/provider/")) {
      violations.addAll(violations(operation.get(), request));
    }
    return violations.stream().map(it -> operation.get() + ": " + it).toList();
  }

  public Optional<Operation> operation(Request request) {
    String method = request.isHead() ? "GET" : request.method();
    return operations.stream()
        .filter(it -> it.method.equals(method) && it.pattern.matches(request.path()))
        .findFirst();
  }

  /** Any of the problems that are described for the document as a whole will do. */
  private List<String> ofNoOperation(Response response) {
    boolean described =
        document.at("/components/responses").properties().stream()
            .filter(named -> !named.getKey().endsWith(".keyed"))
            .anyMatch(named -> ofResponse(named.getValue(), false, response).isEmpty());
    return described ? List.of() : List.of("no such operation, but answered " + text(response));
  }

  private List<String> ofResponse(Operation operation, Request request, Response response) {
    JsonNode described = operation.node.at("/responses/" + response.status());
    return described.isMissingNode()
        ? List.of("not described: " + text(response))
        : ofResponse(resolve(described), request.isHead(), response);
  }

  private List<String> ofResponse(JsonNode described, boolean head, Response response) {
    List<String> violations = new ArrayList<>();
    described
        .at("/headers")
        .properties()
        .forEach(header -> {
          Optional<String> value = response.headers().firstValue(header.getKey());
          if (value.isPresent()) {
            ofText(header.getValue().at("/schema"), value.get())
                .forEach(it -> violations.add("header " + header.getKey() + it));
          } else if (header.getValue().at("/required").asBoolean(false)) {
            violations.add("header " + header.getKey() + " is missing");
          }
        });
    if (head) {
      return violations;
    }
    JsonNode content = described.at("/content");
    String type = mediaType(response.headers());
    if (content.isMissingNode()) {
      if (!response.body().isEmpty()) {
        violations.add("a body that is not described: " + text(response));
      }
    } else if (type == null || !content.has(type)) {
      violations.add("the media type " + type + " is not described");
    } else {
      violations.addAll(ofBody(content.get(type), type, response.body()));
    }
    return violations;
  }

  /** What is wrong with a request; nothing if it is a good one. */
  public List<String> violations(Operation operation, Request request) {
    List<String> violations = new ArrayList<>();
    Map<String, JsonNode> queries = new HashMap<>();
    for (JsonNode parameter : operation.node.at("/parameters")) {
      String name = parameter.at("/name").asString();
      switch (parameter.at("/in").asString()) {
        case "query" -> queries.put(name, parameter);
        case "path" ->
            ofParameter(parameter, List.of(pathVariable(operation, request, name)), violations);
        default -> ofParameter(parameter, request.headers.allValues(name), violations);
      }
    }
    Set<String> seen = new HashSet<>();
    query(request.uri)
        .forEach(query -> {
          String name = query[0];
          JsonNode parameter = queries.get(name);
          if (parameter == null || !seen.add(name)) {
            violations.add("parameter " + name + " is unknown or repeated");
          } else {
            ofParameter(parameter, List.of(query[1]), violations);
          }
        });
    queries.forEach((name, parameter) -> {
      if (!seen.contains(name)) {
        ofParameter(parameter, List.of(), violations);
      }
    });
    violations.addAll(ofRequestBody(operation, request));
    return violations;
  }

  private static String pathVariable(Operation operation, Request request, String name) {
    PathPattern.PathMatchInfo match = operation.pattern.matchAndExtract(request.path());
    return match == null ? "" : match.getUriVariables().getOrDefault(name, "");
  }

  private static Stream<String[]> query(URI uri) {
    String query = uri.getRawQuery();
    return query == null
        ? Stream.empty()
        : Stream.of(query.split("&"))
            .map(pair -> (pair + (pair.contains("=") ? "" : "=")).split("=", 2))
            .map(pair ->
                new String[] {
                  URLDecoder.decode(pair[0], StandardCharsets.UTF_8),
                  URLDecoder.decode(pair[1], StandardCharsets.UTF_8)
                });
  }

  private void ofParameter(JsonNode parameter, List<String> values, List<String> violations) {
    String name = parameter.at("/name").asString();
    if (values.size() > 1) {
      violations.add(name + " is repeated");
    } else if (values.size() == 1) {
      ofText(parameter.at("/schema"), values.getFirst()).forEach(it -> violations.add(name + it));
    } else if (parameter.at("/required").asBoolean(false)) {
      violations.add(name + " is missing");
    }
  }

  private List<String> ofRequestBody(Operation operation, Request request) {
    JsonNode described = operation.node.at("/requestBody");
    boolean empty = request.body.isEmpty();
    if (described.isMissingNode()) {
      return empty || request.body.replaceAll("\\s", "").equals("{}")
          ? List.of()
          : List.of("a body that is not described");
    }
    if (empty) {
      return described.at("/required").asBoolean(false) ? List.of("no body") : List.of();
    }
    JsonNode content = described.at("/content");
    String type = mediaType(request.headers);
    if (content.has("*/*")) {
      return List.of();
    }
    return type == null || !content.has(type)
        ? List.of("the media type " + type + " is not described")
        : ofJson(content.get(type), request.body, Contract::withoutNulls);
  }

  /** A null is like an absent field, see the document's description. */
  private static JsonNode withoutNulls(JsonNode node) {
    if (node instanceof ObjectNode object) {
      object.removeNulls();
    }
    node.values().forEach(Contract::withoutNulls);
    return node;
  }

  private List<String> ofBody(JsonNode content, String type, String body) {
    return type.endsWith("json") ? ofJson(content, body, UnaryOperator.identity()) : List.of();
  }

  private List<String> ofJson(JsonNode content, String body, UnaryOperator<JsonNode> prepared) {
    try {
      JsonNode json = prepared.apply(JSON.readTree(body));
      return errors(content.at("/schema"), json);
    } catch (JacksonException malformed) {
      return List.of("the body is not JSON: " + body);
    }
  }

  private List<String> ofText(JsonNode schema, String value) {
    boolean number = resolve(schema).at("/type").asString("").equals("integer");
    return errors(
        schema,
        number && value.matches("-?[0-9]{1,18}")
            ? NODES.numberNode(Long.parseLong(value))
            : NODES.stringNode(value));
  }

  /** What a schema of the document has against a value. */
  public List<String> errors(JsonNode schema, JsonNode value) {
    return schemas.computeIfAbsent(schema, this::compile).validate(value).stream()
        .map(error -> error.getInstanceLocation() + " " + error.getMessage())
        .toList();
  }

  private Schema compile(JsonNode schema) {
    ObjectNode whole = (ObjectNode) schema.deepCopy();
    whole.set("components", document.at("/components"));
    return registry.getSchema(whole);
  }

  private static @Nullable String mediaType(HttpHeaders headers) {
    String value = headers.firstValue("Content-Type").orElse(null);
    if (value == null) {
      return null;
    }
    try {
      MediaType type = MediaType.parseMediaType(value);
      return type.getType() + "/" + type.getSubtype();
    } catch (IllegalArgumentException malformed) {
      return null;
    }
  }

  private static String text(Response response) {
    return response.status() + " " + response.body();
  }
}
