package dev.evenkeel.http;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.stream.Collectors;

/**
 * The operations with an idempotency key, each with a valid request. Paths and bodies are
 * templates: {account}, {other}, {transfer}, {hold}, {payment} and {authorized} (payment) stand for
 * ids.
 */
enum Operation {
  ACCOUNT(
      "/v1/accounts", "overdraftLimit", "name=\"Main\"", "overdraftLimit=0", "currency=\"EUR\""),
  TRANSFER(
      "/v1/transfers",
      "amount",
      "from=\"{account}\"",
      "to=\"{other}\"",
      "amount=10",
      "currency=\"EUR\""),
  /** A batch of one transfer, which has the fields. */
  BATCH(
      "/v1/transfers/batch",
      "amount",
      "from=\"{account}\"",
      "to=\"{other}\"",
      "amount=10",
      "currency=\"EUR\""),
  REVERSAL("/v1/transfers/{transfer}/reversal", "none"),
  HOLD(
      "/v1/holds",
      "amount",
      "from=\"{account}\"",
      "to=\"{other}\"",
      "amount=10",
      "currency=\"EUR\""),
  CAPTURE("/v1/holds/{hold}/capture", "amount", "amount=10"),
  PAYMENT_CAPTURE("/v1/payments/{authorized}/capture", "amount", "amount=10"),
  REFUND("/v1/payments/{payment}/refunds", "amount", "amount=10"),
  ADJUSTMENT(
      "/v1/operations/adjustments",
      "amount",
      "from=\"bank\"",
      "to=\"{account}\"",
      "amount=10",
      "currency=\"EUR\"",
      "reason=\"Paid by bank transfer\""),
  // part of notifications
  WEBHOOK_ENDPOINT("/v1/webhook-endpoints", "none", "url=\"http://localhost:7000/hook\""),
  // end of notifications
  PAYMENT(
      "/v1/payments",
      "amount",
      "account=\"{account}\"",
      "kind=\"pay_in\"",
      "amount=10",
      "instrument=\"tok_ok\"",
      "currency=\"EUR\"");

  final String path;
  final String amountField;
  final Map<String, String> fields = new LinkedHashMap<>();

  Operation(String path, String amountField, String... fields) {
    this.path = path;
    this.amountField = amountField;
    for (String field : fields) {
      this.fields.put(
          field.substring(0, field.indexOf('=')), field.substring(field.indexOf('=') + 1));
    }
  }

  boolean has(String field) {
    return fields.containsKey(field);
  }

  boolean mayBeEmpty() {
    return this == REVERSAL || this == CAPTURE || this == PAYMENT_CAPTURE || this == REFUND;
  }

  boolean needsKey() {
    // part of notifications
    if (this == WEBHOOK_ENDPOINT) {
      return false;
    }
    // end of notifications
    return this != ACCOUNT;
  }

  int maxBody() {
    return this == BATCH ? 1024 * 1024 : 64 * 1024;
  }

  /** The name of a field in a problem. */
  String named(String field) {
    return this == BATCH ? "transfers[0]." + field : field;
  }

  String body() {
    return body(fields);
  }

  String with(String field, String json) {
    Map<String, String> changed = new LinkedHashMap<>(fields);
    changed.put(field, json);
    return body(changed);
  }

  String without(String field) {
    Map<String, String> changed = new LinkedHashMap<>(fields);
    changed.remove(field);
    return body(changed);
  }

  private String body(Map<String, String> fields) {
    String json =
        fields.entrySet().stream()
            .map(field -> "\"" + field.getKey() + "\":" + field.getValue())
            .collect(Collectors.joining(",", "{", "}"));
    return this == BATCH ? "{\"transfers\":[" + json + "],\"atomic\":true}" : json;
  }
}
