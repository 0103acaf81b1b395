package dev.evenkeel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.evenkeel.payments.CrashPoint;
import dev.testing.Api;
import dev.testing.ApplicationProcess;
import dev.testing.PausePoints;
import dev.testing.Simulator;
import java.net.http.HttpRequest.BodyPublishers;
import java.sql.SQLException;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import tools.jackson.databind.JsonNode;

/**
 * A payment or refund during which the process dies, and what must hold for it afterwards.
 *
 * @param kind {@code pay_in}, {@code pay_out} or {@code refund}
 * @param account used by nothing else
 * @param path where it is asked for, under this key
 * @param before what was in the account
 */
record CutOff(
    ApplicationProcess application,
    CrashPoint point,
    String kind,
    UUID account,
    String path,
    String key,
    long before) {

  private static final long AMOUNT = 500;
  private static final long REFUNDED = 1250;

  /** Prepares what it needs. */
  static CutOff prepare(ApplicationProcess application, CrashPoint point, String kind) {
    Api api = application.api;
    boolean refund = kind.equals("refund");
    UUID account = api.openAccount(AMOUNT);
    String path = "/v1/payments";
    if (refund) {
      Api.Answer payIn = api.payIn(account, REFUNDED, "tok_ok");
      assertThat(payIn.at("/status")).as(payIn.toString()).isEqualTo("succeeded");
      path += "/" + payIn.id() + "/refunds";
    }
    String key = point + "-" + kind;
    return new CutOff(application, point, kind, account, path, key, refund ? REFUNDED : 0);
  }

  /** Its thread stops at the point. */
  Thread begin() {
    return application.begin(() ->
        application.api.send(
            application
                .api
                .request(path)
                .header(PausePoints.HEADER, point.parkedAt())
                .header("Idempotency-Key", key)
                .header("Content-Type", "application/json")
                .POST(BodyPublishers.ofString(Api.json(body()).toString()))));
  }

  private Api.Answer again() {
    return application.api.post(path, key, body());
  }

  private Map<String, Object> body() {
    return kind.equals("refund")
        ? Map.of("amount", AMOUNT)
        : Map.of(
            "account",
            account,
            "kind",
            kind,
            "amount",
            AMOUNT,
            "currency",
            "EUR",
            "instrument",
            "tok_ok");
  }

  private String row() {
    return "payments.payment where idempotency_key = '" + key + "'";
  }

  private UUID id() throws SQLException {
    return UUID.fromString(application.read("id from " + row()));
  }

  /** Asserts that the process died at the planned point. */
  void assertDiedAtThePoint(Simulator simulator) throws SQLException {
    assertThat(application.count(row())).as(toString()).isEqualTo(point.stored());
    if (point.stored() == 1) {
      assertThat(application.read("status from " + row()))
          .as(toString())
          .isEqualTo(point.isDecided() ? "SUCCEEDED" : "PROCESSING");
      assertThat(simulator.operations(id())).as(toString()).hasSize(point.operations());
    }
  }

  /**
   * Asserts one effect at the provider, in the ledger and in the feed, and the same outcome by key.
   */
  void assertOneEffect(Simulator simulator) throws SQLException {
    if (point.stored() == 0) {
      assertNothingHappened();
      assertThat(again().status()).as("a first attempt").isIn(201, 202);
    }
    UUID id = id();
    await()
        .atMost(ApplicationProcess.LONG)
        .untilAsserted(() -> assertThat(resource(id).at("/status")).isEqualTo("succeeded"));
    Api.Answer replay = again();
    assertThat(replay.status()).isEqualTo(200);
    assertThat(replay.isReplay()).isTrue();
    assertThat(replay.id()).isEqualTo(id);

    List<JsonNode> operations = simulator.operations(id);
    assertThat(operations).hasSize(1);
    assertThat(operations.getFirst().at("/status").asString()).isEqualTo("approved");
    assertThat(operations.getFirst().at("/amount").asLong()).isEqualTo(AMOUNT);
    assertBalance(kind.equals("pay_in") ? before + AMOUNT : before - AMOUNT);
    assertThat(entries()).hasSize(before == 0 ? 1 : 2);
    assertToldOnce(id);
  }

  private Api.Answer resource(UUID id) {
    return application.api.get(path + "/" + id);
  }

  private void assertNothingHappened() throws SQLException {
    assertThat(application.count(row())).isZero();
    assertBalance(before);
    assertThat(entries()).hasSize(before == 0 ? 0 : 1);
  }

  private void assertBalance(long posted) {
    JsonNode balance = application.api.balance(account);
    assertThat(balance.at("/posted").asLong()).isEqualTo(posted);
    assertThat(balance.at("/held").asLong()).as("held").isZero();
  }

  private List<JsonNode> entries() {
    return data("/v1/accounts/" + account + "/entries");
  }

  private void assertToldOnce(UUID id) {
    await()
        .atMost(ApplicationProcess.LONG)
        .untilAsserted(() -> {
          assertThat(application.count("shared.outbox")).isZero();
          // part of notifications
          assertThat(data("/v1/notifications?account=" + account))
              .filteredOn(told -> told.at("/subject/id").asString().equals(id.toString()))
              .hasSize(1);
          // end of notifications
        });
  }

  private List<JsonNode> data(String path) {
    return application.api.get(path).body().at("/data").valueStream().toList();
  }

  /** As the test's name. */
  @Override
  public String toString() {
    return kind + " " + point;
  }
}
