package dev.testing;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.URI;
import java.net.http.HttpHeaders;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/** The comparison with the OpenAPI document notices what is not described. */
class ContractTests {

  private static final String DOCUMENT =
      """
      {"openapi": "3.1.0",
       "paths": {"/v1/things": {"post": {
         "parameters": [{"in": "header", "name": "Idempotency-Key", "required": true,
                         "schema": {"type": "string", "pattern": "^[a-z]{1,3}$"}},
                        {"in": "query", "name": "limit", "schema": {"type": "integer", "maximum": 9}}],
         "requestBody": {"required": true, "content": {"application/json": {"schema":
           {"$ref": "#/components/schemas/Thing"}}}},
         "responses": {
           "201": {"headers": {"Location": {"required": true, "schema": {"type": "string"}}},
                   "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Thing"}}}},
           "400": {"$ref": "#/components/responses/invalid"}}}}},
       "components": {
         "responses": {"invalid": {"content": {"application/problem+json": {"schema":
           {"type": "object", "properties": {"type": {"enum": ["/problems/invalid-request"]}}}}}}},
         "schemas": {"Thing": {"type": "object", "additionalProperties": false, "required": ["id"],
           "properties": {"id": {"type": "string", "format": "uuid"}, "size": {"type": "integer"}}}}}}
      """;

  private static final String THING = "{\"id\":\"01a20bf4-f1c1-7780-94aa-4d9af2ca93c8\"}";
  private static final Map<String, List<String>> SENT =
      Map.of("Idempotency-Key", List.of("key"), "Content-Type", List.of("application/json"));
  private static final Map<String, List<String>> CREATED =
      Map.of("Location", List.of("/v1/things/1"), "Content-Type", List.of("application/json"));
  private static final Map<String, List<String>> REFUSED =
      Map.of("Content-Type", List.of("application/problem+json"));

  private final ObjectNode document = (ObjectNode) JsonMapper.shared().readTree(DOCUMENT);

  @Test
  void acceptsWhatIsDescribed() {
    assertThat(violations("?limit=9", SENT, THING, 201, CREATED, THING)).isEmpty();
    assertThat(violations("?a=b", Map.of(), "", 400, REFUSED, problem("invalid-request")))
        .isEmpty();
  }

  @Test
  void noticesAFieldThatIsNotDescribed() {
    ((ObjectNode) document.at("/components/schemas/Thing/properties")).remove("id");

    assertThat(violations("", SENT, THING, 201, CREATED, THING)).isNotEmpty();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "200 | application/json | {}",
        "201 | application/json | {}",
        "201 | application/json | {\"id\":\"1\"}",
        "201 | application/json | {\"id\":\"01a20bf4-f1c1-7780-94aa-4d9af2ca93c8\",\"size\":\"1\"}",
        "201 | application/json | not json",
        "201 | text/plain       | {\"id\":\"01a20bf4-f1c1-7780-94aa-4d9af2ca93c8\"}",
        "400 | application/problem+json | {\"type\":\"/problems/forbidden\"}",
        "500 | application/problem+json | {\"type\":\"/problems/internal-error\"}"
      })
  void noticesAResponseThatIsNotDescribed(int status, String type, String body) {
    Map<String, List<String>> headers =
        Map.of("Location", List.of("/v1/things/1"), "Content-Type", List.of(type));

    assertThat(violations("", SENT, THING, status, headers, body)).isNotEmpty();
  }

  @Test
  void noticesAMissingHeader() {
    Map<String, List<String>> headers = Map.of("Content-Type", List.of("application/json"));

    assertThat(violations("", SENT, THING, 201, headers, THING)).isNotEmpty();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "?limit=10        | key  | application/json | {\"id\":\"01a20bf4-f1c1-7780-94aa-4d9af2ca93c8\"}",
        "?limit=a         | key  | application/json | {\"id\":\"01a20bf4-f1c1-7780-94aa-4d9af2ca93c8\"}",
        "?limit=1&limit=2 | key  | application/json | {\"id\":\"01a20bf4-f1c1-7780-94aa-4d9af2ca93c8\"}",
        "?other=1         | key  | application/json | {\"id\":\"01a20bf4-f1c1-7780-94aa-4d9af2ca93c8\"}",
        "?limit=1         | keys | application/json | {\"id\":\"01a20bf4-f1c1-7780-94aa-4d9af2ca93c8\"}",
        "?limit=1         | key  | text/plain       | {\"id\":\"01a20bf4-f1c1-7780-94aa-4d9af2ca93c8\"}",
        "?limit=1         | key  | application/json | {\"id\":\"01a20bf4-f1c1-7780-94aa-4d9af2ca93c8\",\"a\":1}",
        "?limit=1         | key  | application/json | {}"
      })
  void noticesABadRequestThatSucceeds(String query, String key, String type, String body) {
    Map<String, List<String>> headers =
        Map.of("Idempotency-Key", List.of(key), "Content-Type", List.of(type));

    assertThat(violations(query, headers, body, 201, CREATED, THING)).isNotEmpty();
  }

  @Test
  void noticesAnAnswerOfNoPath() {
    Contract.Request request =
        new Contract.Request("GET", URI.create("http://x/v1/other"), headers(Map.of()), "");

    assertThat(
            new Contract(document)
                .violations(request, new Contract.Response(200, headers(CREATED), THING)))
        .isNotEmpty();
  }

  private static String problem(String slug) {
    return "{\"type\":\"/problems/" + slug + "\"}";
  }

  private List<String> violations(
      String query,
      Map<String, List<String>> sent,
      String body,
      int status,
      Map<String, List<String>> received,
      String answer) {
    return new Contract(document)
        .violations(
            new Contract.Request(
                "POST", URI.create("http://x/v1/things" + query), headers(sent), body),
            new Contract.Response(status, headers(received), answer));
  }

  private static HttpHeaders headers(Map<String, List<String>> headers) {
    return HttpHeaders.of(headers, (_, _) -> true);
  }
}
