package dev.evenkeel.http;

import static org.assertj.core.api.Assertions.assertThat;

import dev.testing.Api;
import dev.testing.TestDatabase;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublisher;
import java.net.http.HttpRequest.BodyPublishers;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.UUID;
import java.util.function.Supplier;
import java.util.stream.Collectors;

/** Sends what is valid but for one thing, and looks whether it left anything. */
final class BadInput {

  enum Operation {
    ACCOUNT("/v1/accounts", "overdraftLimit"),
    TRANSFER("/v1/transfers", "amount"),
    /** Of one transfer, in which the bad fields are. */
    BATCH("/v1/transfers/batch", "amount"),
    REVERSAL("/v1/transfers/{transfer}/reversal", "none"),
    HOLD("/v1/holds", "amount"),
    CAPTURE("/v1/holds/{hold}/capture", "amount"),
    PAYMENT("/v1/payments", "amount");

    private final String path;
    final String amountField;

    Operation(String path, String amountField) {
      this.path = path;
      this.amountField = amountField;
    }

    boolean takesAnAmount() {
      return this != REVERSAL;
    }

    boolean takesACurrency() {
      return this != REVERSAL && this != CAPTURE;
    }

    /** As a problem names it. */
    String named(String field) {
      return this == BATCH ? "transfers[0]." + field : field;
    }

    int largestBody() {
      return this == BATCH ? 1024 * 1024 : 64 * 1024;
    }
  }

  private final TestDatabase database;
  final Api api;
  final UUID account;
  final UUID other;
  private final UUID transfer;
  private final UUID hold;

  BadInput(int port, TestDatabase database) {
    this.database = database;
    this.api = new Api(port, "ada-" + UUID.randomUUID());
    this.account = api.openAccount(1000);
    this.other = api.openAccount(0);
    this.transfer = api.transfer(account, other, 10).id();
    this.hold = api.hold(account, other, 10).id();
  }

  String path(Operation operation) {
    return path(operation.path);
  }

  String path(String template) {
    return template
        .replace("{account}", account.toString())
        .replace("{transfer}", transfer.toString())
        .replace("{hold}", hold.toString());
  }

  /** Its fields as JSON. */
  Map<String, String> valid(Operation operation) {
    Map<String, String> fields = new LinkedHashMap<>();
    switch (operation) {
      case ACCOUNT -> {
        fields.put("name", "\"Main\"");
        fields.put("overdraftLimit", "0");
      }
      case TRANSFER, BATCH, HOLD -> {
        fields.put("from", "\"" + account + "\"");
        fields.put("to", "\"" + other + "\"");
        fields.put("amount", "10");
      }
      case REVERSAL -> {}
      case CAPTURE -> fields.put("amount", "10");
      case PAYMENT -> {
        fields.put("account", "\"" + account + "\"");
        fields.put("kind", "\"pay_in\"");
        fields.put("amount", "10");
        fields.put("instrument", "\"tok_ok\"");
      }
    }
    if (operation.takesACurrency()) {
      fields.put("currency", "\"EUR\"");
    }
    return fields;
  }

  String with(Operation operation, String field, String json) {
    Map<String, String> fields = valid(operation);
    fields.put(field, json);
    return json(operation, fields);
  }

  String without(Operation operation, String field) {
    Map<String, String> fields = valid(operation);
    fields.remove(field);
    return json(operation, fields);
  }

  String json(Operation operation) {
    return json(operation, valid(operation));
  }

  private static String json(Operation operation, Map<String, String> fields) {
    String json = json(fields);
    return operation == Operation.BATCH ? "{\"transfers\":[" + json + "],\"atomic\":true}" : json;
  }

  private static String json(Map<String, String> fields) {
    return fields.entrySet().stream()
        .map(field -> "\"" + field.getKey() + "\":" + field.getValue())
        .collect(Collectors.joining(",", "{", "}"));
  }

  /** A POST with a new key. */
  HttpRequest.Builder post(Operation operation, BodyPublisher body) {
    return api.request(path(operation))
        .header("Idempotency-Key", UUID.randomUUID().toString())
        .header("Content-Type", "application/json")
        .POST(body);
  }

  Api.Answer post(Operation operation, String json) {
    return api.send(post(operation, BodyPublishers.ofString(json)));
  }

  /** The answer, after a look that the request wrote nothing. */
  Api.Answer leavesNothing(Supplier<Api.Answer> request) {
    String before = rows();
    Api.Answer answer = request.get();
    assertThat(rows()).as(answer.toString()).isEqualTo(before);
    return answer;
  }

  /** The problem of a request that is refused for good and wrote nothing. */
  Api.Answer refused(Supplier<Api.Answer> request, int status, String slug) {
    Api.Answer answer = leavesNothing(request);
    assertThat(answer.status()).as(answer.toString()).isEqualTo(status);
    assertThat(answer.header("Content-Type")).contains("application/problem+json");
    assertThat(answer.at("/type")).isEqualTo("/problems/" + slug);
    assertThat(answer.body().at("/status").asInt()).isEqualTo(status);
    return answer;
  }

  /** As above, of an operation with a key. */
  Api.Answer refusedWithKey(Supplier<Api.Answer> request, int status, String slug) {
    Api.Answer answer = refused(request, status, slug);
    assertThat(answer.at("/effect")).as(answer.toString()).isEqualTo("none");
    assertThat(answer.at("/retry")).isEqualTo("no");
    return answer;
  }

  private String rows() {
    try (Connection connection = database.asApplication();
        ResultSet row =
            connection
                .createStatement()
                .executeQuery(
                    """
                    select (select count(*) from accounts.account) || ' accounts, '
                        || (select count(*) from accounts.transfer) || ' transfers, '
                        || (select count(*) from accounts.entry) || ' entries, '
                        || (select count(*) from accounts.hold) || ' holds, '
                        || (select count(*) from accounts.batch) || ' batches, '
                        || (select count(*) from payments.payment) || ' payments'
                    """)) {
      row.next();
      return row.getString(1);
    } catch (SQLException e) {
      throw new IllegalStateException(e);
    }
  }
}
