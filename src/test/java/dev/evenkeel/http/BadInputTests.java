package dev.evenkeel.http;

import static org.assertj.core.api.Assertions.assertThat;

import dev.evenkeel.idempotency.IdempotentOperation;
import dev.testing.Api;
import dev.testing.WholeApplication;
import java.io.IOException;
import java.net.Socket;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.FieldSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.beans.factory.annotation.Qualifier;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;
import org.springframework.boot.test.web.server.LocalServerPort;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.web.servlet.mvc.method.annotation.RequestMappingHandlerMapping;

/** Bad input gets the contract's problem and changes nothing: one table of bad requests. */
@WholeApplication
@ExtendWith(OutputCaptureExtension.class)
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class BadInputTests {

  private static final String CARD_NUMBER = "4111111111111111";
  private static final String TOO_LARGE = "x".repeat(64 * 1024 + 1);

  @LocalServerPort int port;
  @Autowired JdbcClient jdbc;

  @Autowired
  @Qualifier("requestMappingHandlerMapping") RequestMappingHandlerMapping mappings;

  @SuppressWarnings("NullAway.Init") // by the first test
  Api api;

  final Map<String, String> ids = new LinkedHashMap<>();

  /** Most tests change nothing, so they share the resources; the others prepare their own. */
  @BeforeEach
  void prepareOnce() {
    if (ids.isEmpty()) {
      prepare();
    }
  }

  private void prepare() {
    api = Api.operator(port, "ada-" + UUID.randomUUID());
    UUID account = api.openAccount(1000);
    UUID other = api.openAccount(0);
    ids.put("{account}", account.toString());
    ids.put("{other}", other.toString());
    ids.put("{transfer}", api.transfer(account, other, 10).id().toString());
    ids.put("{hold}", api.hold(account, other, 10).id().toString());
    ids.put("{payment}", api.payIn(account, 100, "tok_ok").id().toString());
    ids.put("{authorized}", api.authorize(account, 100, "tok_ok").id().toString());
    ids.put("{unknown}", UUID.randomUUID().toString());
  }

  /** A request that is valid but for one thing, and the problem that it gets. */
  record Bad(
      String method,
      String path,
      Map<String, String> headers,
      @Nullable String body,
      int status,
      String slug,
      @Nullable String field) {

    static Bad get(String path, int status, String slug, @Nullable String field) {
      return new Bad("GET", path, Map.of(), null, status, slug, field);
    }

    static Bad post(Operation operation, String body) {
      return new Bad("POST", operation.path, Map.of(), body, 400, "invalid-request", null);
    }

    static Bad field(Operation operation, String field, String json) {
      return post(operation, operation.with(field, json)).naming(operation.named(field));
    }

    Bad naming(String name) {
      return new Bad(method, path, headers, body, status, slug, name);
    }

    Bad header(String name, String value) {
      Map<String, String> more = new LinkedHashMap<>(headers);
      more.put(name, value);
      return new Bad(method, path, more, body, status, slug, field);
    }

    Bad gets(int otherStatus, String otherSlug) {
      return new Bad(method, path, headers, body, otherStatus, otherSlug, field);
    }

    @Override
    public String toString() {
      String sent = method + " " + path + " " + headers + " " + body;
      return (sent.length() > 150 ? sent.substring(0, 150) + "…" : sent) + " -> " + status;
    }
  }

  static Stream<Operation> operations() {
    return Stream.of(Operation.values());
  }

  @Test
  void hasEveryOperationWithAKey() {
    List<String> keyed =
        mappings.getHandlerMethods().entrySet().stream()
            .filter(it -> it.getValue().hasMethodAnnotation(IdempotentOperation.class))
            .flatMap(it -> it.getKey().getPatternValues().stream())
            .map(BadInputTests::withoutNames)
            .toList();

    assertThat(operations().map(it -> withoutNames(it.path)))
        .containsExactlyInAnyOrderElementsOf(keyed);
  }

  private static String withoutNames(String path) {
    return path.replaceAll("\\{\\w+}", "{}");
  }

  static final List<String> NOT_JSON_OBJECTS =
      List.of(
          "",
          " ",
          "null",
          "7",
          "\"text\"",
          "[]",
          "[{}]",
          "{",
          "{\"name\"",
          "{'name': 'Main'}",
          "{\"name\": tok}",
          "not json",
          "/* comment */ {}",
          "[".repeat(30_000),
          "{\"a\":".repeat(2_000) + "1" + "}".repeat(2_000),
          "\uFEFF{}");

  static Stream<Bad> bodies() {
    return operations()
        .flatMap(it ->
            Stream.of(
                    NOT_JSON_OBJECTS.stream()
                        .filter(body -> !body.isEmpty() || !it.mayBeEmpty())
                        .map(body -> Bad.post(it, body)),
                    Stream.of(" x", "{}", "]", ",", "\0")
                        .map(garbage -> Bad.post(it, it.body() + garbage)),
                    Stream.of(
                        Bad.post(it, "{\"" + "n".repeat(40_000) + "\": 1}")
                            .naming("n".repeat(100) + "…"),
                        Bad.post(it, it.body() + " ".repeat(it.maxBody()))
                            .gets(413, "payload-too-large")))
                .flatMap(bad -> bad));
  }

  static Stream<Bad> fields() {
    List<Bad> rows = new ArrayList<>();
    for (Operation it : Operation.values()) {
      rows.add(Bad.field(it, "surprise", "1"));
      if (!it.mayBeEmpty()) {
        it.fields.keySet().stream()
            .filter(field -> !field.equals("overdraftLimit"))
            .forEach(field -> rows.add(Bad.post(it, it.without(field)).naming(it.named(field))));
      }
      if (it.has(it.amountField)) {
        String amount = "\"" + it.amountField + "\":";
        rows.add(Bad.post(it, it.body().replace(amount, amount + "10," + amount)));
        rows.add(Bad.post(it, it.with(it.amountField, "9".repeat(5_000))));
        for (String value :
            List.of(
                "1250.0",
                "1e3",
                "1e2147483648",
                "1e-2147483649",
                "\"1250\"",
                "true",
                "null",
                "[]",
                "{}",
                "-1",
                "1000000000000001",
                "9223372036854775808",
                "1e400",
                "1e999999999",
                "1".repeat(50))) {
          rows.add(Bad.field(it, it.amountField, value));
        }
      }
      if (it.has("amount")) {
        rows.add(Bad.field(it, "amount", "0"));
      }
      if (it.has("currency")) {
        for (String value :
            List.of(
                "\"XAU\"",
                "\"XXX\"",
                "\"eur\"",
                "\"EURO\"",
                "\"\"",
                "\" EUR\"",
                "978",
                "null",
                "true")) {
          rows.add(Bad.field(it, "currency", value));
        }
      }
      for (String field : List.of("from", "to", "account")) {
        if (it.has(field)) {
          for (String value :
              List.of(
                  "\"1-1-1-1-1\"",
                  "\"AAAAAAAAAAAAAAAAAAAAAA==\"",
                  "\"019a0000-0000-7000-8000-00000000000\"",
                  "\"{019a0000-0000-7000-8000-000000000000}\"",
                  "\"\"",
                  "7",
                  "null",
                  "[]")) {
            rows.add(Bad.field(it, field, value));
          }
        }
      }
    }
    return rows.stream();
  }

  static Stream<Bad> texts() {
    List<Bad> rows = new ArrayList<>();
    for (String value :
        List.of("\"a\\u0000b\"", "\"a\\ud800b\"", "\"\\udc00\"", "7", "1.5", "true", "{}", "[]")) {
      rows.add(Bad.field(Operation.ACCOUNT, "name", value));
      rows.add(Bad.field(Operation.TRANSFER, "description", value));
      rows.add(Bad.field(Operation.TRANSFER, "reference", value));
      rows.add(Bad.field(Operation.BATCH, "reference", value));
      rows.add(Bad.field(Operation.HOLD, "description", value));
      rows.add(Bad.field(Operation.PAYMENT, "instrument", value));
      rows.add(Bad.field(Operation.PAYMENT, "kind", value));
      rows.add(Bad.field(Operation.PAYMENT, "capture", value));
    }
    for (String invisible : List.of("\"\"", "\" \"", "\"\\u200b\\u00a0\\t\"")) {
      rows.add(Bad.field(Operation.ACCOUNT, "name", invisible));
    }
    rows.add(tooLong(Operation.ACCOUNT, "name", 100));
    rows.add(tooLong(Operation.TRANSFER, "description", 500));
    rows.add(tooLong(Operation.TRANSFER, "reference", 64));
    rows.add(tooLong(Operation.BATCH, "description", 500));
    rows.add(tooLong(Operation.BATCH, "reference", 64));
    rows.add(tooLong(Operation.HOLD, "description", 500));
    rows.add(tooLong(Operation.PAYMENT, "description", 500));
    rows.add(tooLong(Operation.PAYMENT, "reference", 64));
    rows.add(tooLong(Operation.PAYMENT, "instrument", 200));
    rows.add(Bad.field(Operation.PAYMENT, "instrument", "\"\""));
    rows.add(
        Bad.post(
                Operation.PAYMENT,
                Operation.PAYMENT
                    .with("kind", "\"pay_out\"")
                    .replaceFirst("\\{", "{\"capture\":\"manual\","))
            .naming("capture"));
    rows.add(tooLong(Operation.ADJUSTMENT, "reason", 500));
    rows.add(Bad.field(Operation.ADJUSTMENT, "reason", "\"\""));
    rows.add(Bad.field(Operation.ADJUSTMENT, "to", "\"receivable\""));
    rows.add(Bad.field(Operation.ADJUSTMENT, "to", "\"profit\""));
    rows.add(
        Bad.post(Operation.ADJUSTMENT, Operation.ADJUSTMENT.with("from", "\"{other}\""))
            .naming("to"));
    for (Operation it : List.of(Operation.TRANSFER, Operation.BATCH, Operation.PAYMENT)) {
      rows.add(Bad.post(it, it.with("metadata", "{\"a\":\"1\",\"a\":\"2\"}")));
      for (String value :
          List.of(
              metadata(21, 5, 5),
              metadata(1, 41, 5),
              metadata(1, 0, 5),
              metadata(1, 5, 501),
              "{\"a\":1}",
              "{\"a\":null}",
              "{\"a\":{}}",
              "{\"a\":\"\\u0000\"}",
              "{\"\\u0000\":\"a\"}",
              "[]",
              "\"a\"")) {
        rows.add(Bad.field(it, "metadata", value));
      }
    }
    return rows.stream();
  }

  private static Bad tooLong(Operation operation, String field, int max) {
    return Bad.field(operation, field, "\"" + "x".repeat(max + 1) + "\"");
  }

  private static String metadata(int entries, int keyLength, int valueLength) {
    return IntStream.range(0, entries)
        .mapToObj(i -> keyLength == 0 ? "" : (char) ('a' + i) + "k".repeat(keyLength - 1))
        .map(key -> "\"" + key + "\":\"" + "v".repeat(valueLength) + "\"")
        .collect(Collectors.joining(",", "{", "}"));
  }

  static Stream<Bad> headers() {
    List<Bad> rows = new ArrayList<>();
    for (Operation it : Operation.values()) {
      Bad valid = Bad.post(it, it.body());
      if (it.needsKey()) {
        rows.add(valid.header("Idempotency-Key", "-").gets(400, "idempotency-key-missing"));
      }
      for (String key : List.of("k".repeat(256), "two words", "", "\"\"")) {
        rows.add(valid.header("Idempotency-Key", key).naming("Idempotency-Key"));
      }
      for (String type :
          List.of(
              "-",
              "text/plain",
              "application/xml",
              "application/yaml",
              "json",
              "application/json;charset=latin1",
              "application/x-www-form-urlencoded",
              "multipart/form-data")) {
        rows.add(valid.header("Content-Type", type).gets(415, "unsupported-media-type"));
      }
      rows.add(valid.header("Accept", "image/png").gets(406, "not-acceptable"));
    }
    for (String path :
        List.of(
            "/v1/accounts/{account}",
            "/v1/accounts/{account}/balance",
            "/v1/accounts/{account}/entries?limit=0",
            "/v1/accounts/{unknown}",
            "/v1/transfers/{transfer}",
            "/v1/holds/{hold}",
            "/v1/payments/{unknown}")) {
      for (String accept :
          List.of(
              "image/png",
              "application/yaml",
              "application/json;q=0",
              "*/*;q=0",
              "application/json;q=0, application/*",
              "application/*;q=0, image/png")) {
        rows.add(Bad.get(path, 406, "not-acceptable", null).header("Accept", accept));
      }
    }
    rows.add(
        Bad.get("/v1/accounts/{account}", 406, "not-acceptable", null)
            .header("Accept", "application/json;q=0, */*"));
    for (String path :
        List.of(
            "/v1/accounts/{account}/freeze", "/v1/accounts/{account}/unfreeze",
            "/v1/accounts/{account}/close", "/v1/holds/{hold}/release")) {
      Bad body = new Bad("POST", path, Map.of(), "{\"a\":1}", 400, "invalid-request", "body");
      rows.add(body);
      rows.add(
          new Bad("POST", path, Map.of(), "{}", 415, "unsupported-media-type", null)
              .header("Content-Type", "text/plain"));
      rows.add(new Bad("POST", path, Map.of(), TOO_LARGE, 413, "payload-too-large", null));
    }
    return rows.stream();
  }

  static Stream<Bad> queries() {
    List<Bad> rows = new ArrayList<>();
    for (String list :
        List.of(
            "/v1/notifications", // part of notifications
            "/v1/accounts",
            "/v1/transfers",
            "/v1/holds",
            "/v1/payments",
            "/v1/webhook-endpoints", // part of notifications
            "/v1/accounts/{account}/entries")) {
      for (String limit : List.of("0", "101", "abc", "", "-1", "1.0", "99999999999", "1&limit=1")) {
        rows.add(Bad.get(list + "?limit=" + limit, 400, "invalid-request", "limit"));
      }
      for (String cursor : List.of("abc", "", "%00", "!!!", "AAAAAAAAAAAAAAAAAAAAAA")) {
        rows.add(Bad.get(list + "?cursor=" + cursor, 400, "invalid-request", "cursor"));
      }
      rows.add(Bad.get(list + "?surprise=1", 400, "invalid-request", "surprise"));
    }
    for (String list :
        List.of(
            "/v1/notifications", // part of notifications
            "/v1/transfers",
            "/v1/holds",
            "/v1/payments")) {
      for (String id : List.of("1-1-1-1-1", "AAAAAAAAAAAAAAAAAAAAAA==", "abc", "")) {
        rows.add(Bad.get(list + "?account=" + id, 400, "invalid-request", "account"));
      }
    }
    for (String status : List.of("HELD", "refused", "", "held&status=held")) {
      rows.add(Bad.get("/v1/holds?status=" + status, 400, "invalid-request", "status"));
      rows.add(Bad.get("/v1/payments?status=" + status, 400, "invalid-request", "status"));
    }
    rows.add(Bad.get("/v1/transfers?reference=a%00b", 400, "invalid-request", "reference"));
    rows.add(Bad.get("/v1/accounts/{account}?a=b", 400, "invalid-request", "a"));
    rows.add(
        new Bad("POST", "/v1/transfers?dry-run=1", Map.of(), "{}", 400, "invalid-request", null)
            .naming("dry-run"));
    rows.add(
        new Bad(
            "POST",
            "/v1/transfers?dry-run=1",
            Map.of(),
            TOO_LARGE,
            413,
            "payload-too-large",
            null));
    for (String time :
        List.of(
            "yesterday",
            "2026-01-31",
            "2026-02-30T00:00:00Z",
            "2026-01-31T12:00:00",
            "2026-01-31T12:00Z",
            "2026-01-31T12:00:00%2B01",
            "2026-01-31T12:00:00.1234567890Z",
            "",
            "%2B12026-01-31T12:00:00Z")) {
      for (String parameter : List.of("entries?from", "entries?to", "balance?at")) {
        String field = parameter.substring(parameter.indexOf('?') + 1);
        rows.add(
            Bad.get(
                "/v1/accounts/{account}/" + parameter + "=" + time, 400, "invalid-request", field));
      }
    }
    for (String path :
        List.of(
            "/",
            "/v1",
            "/v1/nothing",
            "/v3/api-docs",
            "/swagger-ui.html",
            "/v1/accounts/",
            "/v1/accounts/1-1-1-1-1",
            "/v1/accounts/AAAAAAAAAAAAAAAAAAAAAA==",
            "/v1/accounts/1-1-1-1-1/entries",
            "/v1/accounts/{unknown}",
            "/v1/transfers/abc",
            "/v1/transfers/batch/abc",
            "/v1/holds/1-1-1-1-1",
            "/v1/accounts/abc/balance",
            "/v1/operations",
            "/v1/payments/abc",
            "/v1/payments/%20")) {
      rows.add(Bad.get(path, 404, "not-found", null));
    }
    return rows.stream();
  }

  @ParameterizedTest
  @MethodSource({"bodies", "fields", "texts", "headers", "queries"})
  void refusesBadInput(Bad bad) {
    String before = rows();

    Api.Answer answer = api.send(request(bad));

    assertThat(answer.status()).as(answer.toString()).isEqualTo(bad.status);
    assertThat(answer.header("Content-Type")).contains("application/problem+json");
    assertThat(answer.at("/type")).isEqualTo("/problems/" + bad.slug);
    assertThat(answer.body().at("/status").asInt()).isEqualTo(bad.status);
    assertThat(answer.at("/traceId")).matches("[0-9a-f]{32}");
    if (bad.field != null) {
      assertThat(answer.at("/errors/0/field")).as(answer.toString()).startsWith(bad.field);
    }
    if (operations().anyMatch(operation -> bad.path.split("\\?")[0].equals(operation.path))
        && bad.method.equals("POST")) {
      assertThat(answer.at("/effect")).as(answer.toString()).isEqualTo("none");
      assertThat(answer.at("/retry")).isEqualTo("no");
    }
    assertThat(rows()).as(answer.toString()).isEqualTo(before);
  }

  private HttpRequest.Builder request(Bad bad) {
    HttpRequest.Builder request = api.request(withIds(bad.path));
    Map<String, String> headers = new LinkedHashMap<>();
    if (bad.body != null) {
      headers.put("Content-Type", "application/json");
      headers.put("Idempotency-Key", UUID.randomUUID().toString());
    }
    headers.putAll(bad.headers);
    headers.values().removeIf("-"::equals);
    headers.forEach(request::header);
    return request.method(
        bad.method,
        bad.body == null
            ? BodyPublishers.noBody()
            : BodyPublishers.ofByteArray(withIds(bad.body).getBytes(StandardCharsets.UTF_8)));
  }

  private String withIds(String template) {
    String text = template;
    for (Map.Entry<String, String> id : ids.entrySet()) {
      text = text.replace(id.getKey(), id.getValue());
    }
    return text;
  }

  private Api.Answer post(Operation operation, String body) {
    return api.post(withIds(operation.path), withIds(body));
  }

  private String rows() {
    return jdbc.sql(
            """
            select (select count(*) from accounts.account) || ' accounts, '
                || (select count(*) from accounts.transfer) || ' transfers, '
                || (select count(*) from accounts.entry) || ' entries, '
                || (select count(*) from accounts.hold) || ' holds, '
                || (select count(*) from accounts.batch) || ' batches, '
                || (select count(*) from payments.payment) || ' payments'
            """)
        .query(String.class)
        .single();
  }

  @ParameterizedTest
  @EnumSource
  void acceptsTheLargestBody(Operation operation) {
    prepare();
    String body = withIds(operation.body());

    Api.Answer answer = post(operation, body + " ".repeat(operation.maxBody() - body.length()));

    assertThat(answer.status()).as(answer.toString()).isIn(200, 201, 202);
  }

  static final List<List<String>> LARGEST_VALUES =
      List.of(
          List.of("ACCOUNT", "name", "\"" + "💶".repeat(100) + "\""),
          List.of("ACCOUNT", "overdraftLimit", "1000000000000000"),
          List.of("TRANSFER", "description", "\"" + "x".repeat(500) + "\""),
          List.of("TRANSFER", "reference", "\"" + "💶".repeat(64) + "\""),
          List.of("TRANSFER", "metadata", metadata(20, 40, 500)),
          List.of("BATCH", "metadata", metadata(20, 40, 500)),
          List.of("HOLD", "description", "\"" + "💶".repeat(500) + "\""),
          List.of("PAYMENT", "metadata", metadata(20, 40, 500)));

  @ParameterizedTest
  @FieldSource("LARGEST_VALUES")
  void acceptsTheLargestValues(List<String> row) {
    Operation operation = Operation.valueOf(row.getFirst());

    Api.Answer answer = post(operation, operation.with(row.get(1), row.get(2)));

    assertThat(answer.status()).as(answer.toString()).isIn(200, 201);
  }

  @ParameterizedTest
  @CsvSource({
    "0000-01-01T00:00:00Z",
    "9999-12-31T23:59:59.999999999Z",
    "2026-01-01T00:00:00%2B18:00",
    "2026-01-01T00:00:00.5-00:30"
  })
  void acceptsTimesOfFourDigitYears(String time) {
    String entries = withIds("/v1/accounts/{account}/entries");

    assertThat(api.get(entries + "?from=" + time).status()).isEqualTo(200);
    assertThat(api.get(entries + "?to=" + time).status()).isEqualTo(200);
  }

  @Test
  void refusesLargeBodiesOfUnknownLength() {
    var body = BodyPublishers.fromPublisher(BodyPublishers.ofByteArray(new byte[200_000]));

    Api.Answer answer =
        api.send(
            api.request("/v1/transfers").header("Content-Type", "application/json").POST(body));

    assertThat(answer.status()).as(answer.toString()).isEqualTo(413);
  }

  @Test
  void warnsAtMostOnceOfABadChunk(CapturedOutput output) throws IOException {
    String request =
        "POST /v1/accounts HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
            + "Authorization: %s\r\n".formatted(api.authorization())
            + "Transfer-Encoding: chunked\r\n\r\nno number\r\n{}\r\n0\r\n\r\n";
    try (Socket socket = new Socket("127.0.0.1", port)) {
      socket.getOutputStream().write(request.getBytes(StandardCharsets.US_ASCII));
      String answer = new String(socket.getInputStream().readAllBytes(), StandardCharsets.UTF_8);

      assertThat(answer).startsWith("HTTP/1.1 400").contains("application/problem+json");
    }
    assertThat(output.getAll().lines().filter(line -> line.contains("  WARN "))).hasSizeLessThan(2);
  }

  @Test
  void answersOptions() {
    Api.Answer answer =
        api.send(api.request("/v1/accounts").method("OPTIONS", BodyPublishers.noBody()));

    assertThat(answer.status()).isEqualTo(200);
  }

  @ParameterizedTest
  @EnumSource
  void refusesBodiesThatAreNotUtf8(Operation operation) {
    String latin1 = withIds(operation.body()).replaceFirst("\\{", "{\"description\":\"ä\",");

    Api.Answer answer =
        api.send(
            api.request(withIds(operation.path))
                .header("Content-Type", "application/json")
                .header("Idempotency-Key", UUID.randomUUID().toString())
                .POST(BodyPublishers.ofByteArray(latin1.getBytes(StandardCharsets.ISO_8859_1))));

    assertThat(answer.status()).as(answer.toString()).isEqualTo(400);
  }

  @Test
  void refusesTwoKeys() {
    Api.Answer answer =
        api.send(
            api.request("/v1/transfers")
                .header("Content-Type", "application/json")
                .header("Idempotency-Key", "a")
                .header("Idempotency-Key", "b")
                .POST(BodyPublishers.ofString(withIds(Operation.TRANSFER.body()))));

    assertThat(answer.status()).as(answer.toString()).isEqualTo(400);
  }

  static final List<String> CARD_NUMBERS =
      List.of(
          Operation.PAYMENT.with("instrument", CARD_NUMBER),
          Operation.PAYMENT.with("instrument", "a" + CARD_NUMBER),
          Operation.PAYMENT.with("instrument", "\"4111-1111-1111-1111\""),
          Operation.PAYMENT.with("instrument", "\"4111_1111_1111_1111\""),
          Operation.PAYMENT.with("instrument", "\"378282246310005\""),
          Operation.PAYMENT.with(CARD_NUMBER, "1"),
          Operation.PAYMENT.with("metadata", "{\"" + CARD_NUMBER + "\":1}"));

  @ParameterizedTest
  @FieldSource("CARD_NUMBERS")
  void neverEchoesACardNumber(String body, CapturedOutput output) {
    Api.Answer answer = post(Operation.PAYMENT, body);

    assertThat(answer.status()).as(answer.toString()).isEqualTo(400);
    for (String text : List.of(answer.text(), output.getAll())) {
      assertThat(text.replaceAll("[-_]", "")).doesNotContain(CARD_NUMBER, "378282246310005");
    }
  }

  @ParameterizedTest(name = "Accept {0}, Content-Type {1}, body too large {2}: {3}")
  @CsvSource({
    "image/png, text/plain, true, 415",
    "image/png, application/json, true, 406",
    "application/json, application/json, true, 413",
    "application/json, application/json, false, 400"
  })
  void reportsTheFirstErrorOfTheContract(String accept, String type, boolean large, int status) {
    Api.Answer answer =
        api.send(
            api.request(
                    "/v1/transfers/{unknown}/reversal".replace("{unknown}", ids.get("{unknown}")))
                .header("Accept", accept)
                .header("Content-Type", type)
                .POST(BodyPublishers.ofString(large ? TOO_LARGE : "not json")));

    assertThat(answer.status()).as(answer.toString()).isEqualTo(status);
  }

  @Test
  void ignoresTheCharsetOfAccept() {
    Api.Answer answer =
        api.send(
            api.request("/v1/transfers")
                .header("Content-Type", "application/json")
                .header("Idempotency-Key", UUID.randomUUID().toString())
                .header("Accept", "application/json;charset=iso-8859-1")
                .POST(BodyPublishers.ofString(withIds(Operation.TRANSFER.body()))));

    assertThat(answer.status()).as(answer.toString()).isEqualTo(201);
    assertThat(answer.header("Content-Type")).contains("application/json");
  }

  @ParameterizedTest
  @CsvSource({"*/*", "'text/html, */*'", "'text/html,application/xml;q=0.9,*/*;q=0.8'"})
  void prefersJsonForWildcards(String accept) {
    Api.Answer answer =
        api.send(
            api.request(withIds("/v1/accounts/{account}/entries")).header("Accept", accept).GET());

    assertThat(answer.header("Content-Type")).contains("application/json");
  }

  @Test
  void answersExcludedJsonWithAnotherType() {
    Api.Answer answer =
        api.send(
            api.request(withIds("/v1/accounts/{account}/entries"))
                .header("Accept", "application/json;q=0, */*")
                .GET());

    assertThat(answer.header("Content-Type")).contains("text/csv;charset=utf-8");
  }

  @ParameterizedTest(name = "{0} {1} allows {2}")
  @CsvSource({
    "DELETE, /v1/transfers, POST",
    "PUT, /v1/payments, POST",
    "POST, /v1/notifications, GET", // part of notifications
    "DELETE, /v1/accounts/{account}, GET",
    "PUT, /v1/transfers/batch, POST",
    "GET, /v1/transfers/{transfer}/reversal, POST",
    "GET, /v1/holds/{hold}/capture, POST",
    "GET, /v1/accounts/{account}/freeze, POST",
    "POST, /v1/operations/ledger, GET"
  })
  void refusesOtherMethods(String method, String path, String allowed) {
    Api.Answer answer =
        api.send(api.request(withIds(path)).method(method, BodyPublishers.noBody()));

    assertThat(answer.status()).as(answer.toString()).isEqualTo(405);
    assertThat(answer.at("/type")).isEqualTo("/problems/method-not-allowed");
    assertThat(answer.header("Allow").orElse("")).contains(allowed).doesNotContain(method);
  }

  @ParameterizedTest
  @CsvSource({
    "POST, /v1/nothing, multipart/form-data, 404",
    "PUT, /v1/accounts, multipart/form-data, 405",
    "DELETE, /v1/accounts, application/x-www-form-urlencoded, 405"
  })
  void neverParsesForms(String method, String path, String type, int status) {
    Api.Answer answer =
        api.send(
            api.request(path)
                .header("Content-Type", type)
                .method(method, BodyPublishers.ofString("a=%zz")));

    assertThat(answer.status()).as(answer.toString()).isEqualTo(status);
  }

  @Test
  void bindsNoHeadersAsParameters() {
    prepare();
    Api.Answer answer =
        api.send(
            api.request("/v1/holds").header("Status", "bogus").header("Account", "none").GET());

    assertThat(answer.status()).as(answer.toString()).isEqualTo(200);
    assertThat(answer.body().at("/data")).hasSize(1);
  }

  @ParameterizedTest
  @CsvSource({
    // part of notifications
    "/v1/webhook-endpoints, '{\"url\":\"http://x\",\"types\":[', null",
    // end of notifications
    "/v1/transfers/batch, '{\"atomic\":true,\"transfers\":[', {}"
  })
  void refusesLongListsAsAWhole(String path, String beginning, String element) {
    String list = String.join(",", Collections.nCopies(12_000, element));

    Api.Answer answer = api.post(path, beginning + list + "]}");

    assertThat(answer.status()).as(answer.toString()).isEqualTo(400);
    assertThat(answer.body().at("/errors")).hasSize(1);
  }

  @ParameterizedTest
  @CsvSource({"text/plain", "application/x-www-form-urlencoded"})
  void ignoresTheMediaTypeOfAnEmptyBody(String type) {
    prepare();
    for (String path : List.of("/v1/holds/{hold}/release", "/v1/transfers/{transfer}/reversal")) {
      HttpRequest.Builder request =
          api.request(withIds(path))
              .header("Content-Type", type)
              .header("Idempotency-Key", UUID.randomUUID().toString())
              .POST(BodyPublishers.noBody());

      assertThat(api.send(request).status()).isNotEqualTo(415).isLessThan(500);
    }
    ids.clear(); // the hold is released now
  }

  @ParameterizedTest
  @ValueSource(strings = {"/v1/holds/{hold}/capture", "/v1/transfers/{transfer}/reversal"})
  void acceptsNoChunksForNoBody(String path) {
    prepare();
    Api.Answer answer =
        api.send(
            api.request(withIds(path))
                .header("Idempotency-Key", UUID.randomUUID().toString())
                .POST(BodyPublishers.fromPublisher(BodyPublishers.noBody())));

    assertThat(answer.status()).as(answer.toString()).isEqualTo(201);
    ids.clear(); // the hold or the transfer has ended now
  }

  @ParameterizedTest
  @ValueSource(strings = {"/v1/holds/{hold}/capture", "/v1/transfers"})
  void refusesChunksWithoutAType(String path) {
    Api.Answer answer =
        api.send(
            api.request(withIds(path))
                .header("Idempotency-Key", UUID.randomUUID().toString())
                .POST(BodyPublishers.fromPublisher(BodyPublishers.ofString("{}"))));

    assertThat(answer.status()).as(answer.toString()).isEqualTo(415);
  }

  @Test
  void acceptsAnEmptyObjectForNoBody() {
    prepare();
    Api.Answer answer = api.post(withIds("/v1/accounts/{account}/freeze"), "{ }");

    assertThat(answer.status()).as(answer.toString()).isEqualTo(200);
    ids.clear(); // the account is frozen now
  }

  @Test
  void opensAccountsWithoutAKey() {
    Api.Answer answer =
        api.send(
            api.request("/v1/accounts")
                .header("Content-Type", "application/json")
                .POST(BodyPublishers.ofString(Operation.ACCOUNT.without("overdraftLimit"))));

    assertThat(answer.status()).as(answer.toString()).isEqualTo(201);
    assertThat(answer.body().at("/overdraftLimit").asLong(-1)).isZero();
  }

  @Test
  void writesProblemsInEnglish() {
    HttpRequest.Builder request =
        api.request("/v1/accounts")
            .header("Content-Type", "application/json")
            .header("Accept-Language", "de")
            .POST(BodyPublishers.ofString("{\"name\":\"Main\"}"));

    assertThat(api.send(request).at("/detail")).isEqualTo("currency must not be null");
  }
}
