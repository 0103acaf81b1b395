package dev.evenkeel.accounts;

import static dev.testing.Refusals.assertRefused;
import static dev.testing.Refusals.assertReplayed;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.testing.Api;
import dev.testing.LockHolder;
import dev.testing.TestDatabase;
import dev.testing.WholeApplication;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.boot.test.web.server.LocalServerPort;
import tools.jackson.databind.JsonNode;

/** Holds over HTTP. The rules are tested in HoldRulesTests. */
@WholeApplication
class HoldTests {

  @LocalServerPort int port;
  @Autowired Accounts accounts;
  @Autowired TestDatabase database;

  Api ada;
  Api bob;
  Api operator;
  UUID from;
  UUID to;

  @BeforeEach
  void openAccounts() {
    ada = new Api(port, "ada-" + UUID.randomUUID());
    bob = new Api(port, "bob-" + UUID.randomUUID());
    operator = Api.operator(port, "olga-" + UUID.randomUUID());
    from = ada.openAccount(1000);
    to = bob.openAccount(0);
  }

  @Test
  void placesAHold() {
    Api.Answer hold = ada.post("/v1/holds", request(400, Map.of("description", "Deposit")));

    assertThat(hold.status()).as(hold.toString()).isEqualTo(201);
    assertThat(hold.header("Location")).contains("/v1/holds/" + hold.id());
    assertThat(hold.id().version()).isEqualTo(7);
    assertThat(hold.body())
        .isEqualTo(
            Api.json(
                """
                {"id": "%s", "from": "%s", "to": "%s", "amount": 400, "captured": 0, "currency": "EUR",
                 "description": "Deposit", "status": "held", "expiresAt": "%s", "createdAt": "%s"}
                """
                    .formatted(hold.id(), from, to, hold.at("/expiresAt"), hold.at("/createdAt"))));
    for (String time : List.of("/createdAt", "/expiresAt")) {
      assertThat(hold.at(time)).matches("\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\d\\.\\d{6}Z");
    }
    assertThat(ada.get("/v1/holds/" + hold.id()).body()).isEqualTo(hold.body());
    assertThat(operator.get("/v1/holds/" + hold.id()).body()).isEqualTo(hold.body());
    assertThat(ada.balance(from)).isEqualTo(balance(0, 400, 600));
    assertThat(bob.balance(to)).isEqualTo(balance(0, 0, 0));
    assertThat(ada.get("/v1/accounts/" + from + "/entries").body().at("/data")).isEmpty();
  }

  @ParameterizedTest
  @CsvSource({", 604800", "3600, 3600", "2592000, 2592000"})
  void expiresAfterSevenDaysUnlessAsked(@Nullable Long expiresIn, long seconds) {
    Map<String, Object> options = expiresIn == null ? Map.of() : Map.of("expiresIn", expiresIn);

    Api.Answer hold = ada.post("/v1/holds", request(10, options));

    assertThat(Instant.parse(hold.at("/expiresAt")))
        .isEqualTo(Instant.parse(hold.at("/createdAt")).plusSeconds(seconds));
  }

  @ParameterizedTest
  @ValueSource(strings = {"0", "-1", "2592001", "1.0", "\"60\"", "null", "9223372036854775808"})
  void rejectsOtherDurations(String expiresIn) {
    Api.Answer answer =
        ada.post(
            "/v1/holds",
            """
            {"from": "%s", "to": "%s", "amount": 10, "currency": "EUR", "expiresIn": %s}
            """
                .formatted(from, to, expiresIn));

    assertRefused(answer, 400, "invalid-request", "no");
    assertThat(answer.at("/errors/0/field")).isEqualTo("expiresIn");
  }

  @Test
  void capturesInFullWithoutABody() {
    UUID hold = ada.post("/v1/holds", request(400, Map.of("description", "Deposit"))).id();

    Api.Answer transfer = ada.post(capturePath(hold), "all", "{}");
    Api.Answer again = ada.postEmpty(capturePath(hold), "all");

    assertThat(transfer.status()).as(transfer.toString()).isEqualTo(201);
    assertThat(transfer.header("Location")).contains("/v1/transfers/" + transfer.id());
    assertThat(transfer.body())
        .isEqualTo(
            Api.json(
                """
                {"id": "%s", "from": "%s", "to": "%s", "amount": 400, "currency": "EUR",
                 "description": "Deposit", "hold": "%s", "postedAt": "%s",
                 "entries": [{"account": "%2$s", "amount": -400, "sequence": 1, "balanceAfter": -400}]}
                """
                    .formatted(transfer.id(), from, to, hold, transfer.at("/postedAt"))));
    assertThat(again.status()).isEqualTo(200);
    assertThat(again.isReplay()).isTrue();
    assertThat(again.header("Location")).isEqualTo(transfer.header("Location"));
    assertThat(again.body()).isEqualTo(transfer.body());
    assertThat(ada.get("/v1/transfers/" + transfer.id()).body()).isEqualTo(transfer.body());
    assertThat(ada.balance(from)).isEqualTo(balance(-400, 0, 600));
    assertThat(bob.balance(to)).isEqualTo(balance(400, 0, 400));
  }

  @Test
  void capturesInPartAndReleasesTheRest() {
    UUID hold = ada.hold(from, to, 400).id();

    Api.Answer transfer = ada.capture(hold, 150);

    assertThat(transfer.status()).isEqualTo(201);
    assertThat(ada.balance(from)).isEqualTo(balance(-150, 0, 850));
    assertThat(bob.posted(to)).isEqualTo(150);
    Api.Answer captured = ada.get("/v1/holds/" + hold);
    assertThat(captured.at("/status")).isEqualTo("captured");
    assertThat(captured.body().at("/amount").asLong()).isEqualTo(400);
    assertThat(captured.body().at("/captured").asLong()).isEqualTo(150);
    assertRefused(ada.capture(hold, 150), 409, "hold-not-open", "new-key");
    Api.Answer release = ada.post("/v1/holds/" + hold + "/release");
    assertRefused(release, 409, "hold-not-open");
    assertThat(release.body().propertyNames()).doesNotContain("effect", "retry");
  }

  @Test
  void releasesAHold() {
    UUID hold = ada.hold(from, to, 400).id();

    Api.Answer released = ada.post("/v1/holds/" + hold + "/release");
    Api.Answer again = ada.post("/v1/holds/" + hold + "/release");

    assertThat(released.status()).isEqualTo(200);
    assertThat(released.at("/status")).isEqualTo("released");
    assertThat(again.status()).isEqualTo(200);
    assertThat(again.body()).isEqualTo(released.body());
    assertThat(ada.balance(from)).isEqualTo(balance(0, 0, 1000));
    assertRefused(ada.capture(hold, 10), 409, "hold-not-open", "new-key");
  }

  @Test
  void releasesAHoldAfterTheClockWasSetBack() throws SQLException {
    UUID hold = ada.hold(from, to, 400).id();
    try (Connection owner = database.asOwner();
        Statement sql = owner.createStatement()) {
      sql.execute(
          "update accounts.hold set placed_at = placed_at + interval '1 hour' where id = '%s'"
              .formatted(hold));
    }

    assertThat(ada.post("/v1/holds/" + hold + "/release").at("/status")).isEqualTo("released");
    assertThat(ada.balance(from)).isEqualTo(balance(0, 0, 1000));
  }

  @Test
  void expiresHolds() {
    UUID lasting = ada.hold(from, to, 100).id();
    Api.Answer hold = ada.post("/v1/holds", request(400, Map.of("expiresIn", 1)));
    Instant expiresAt = Instant.parse(hold.at("/expiresAt"));
    assertThat(ada.balance(from)).isEqualTo(balance(0, 500, 500));

    await()
        .atMost(Duration.ofSeconds(10))
        .untilAsserted(
            () -> assertThat(ada.get("/v1/holds/" + hold.id()).at("/status")).isEqualTo("expired"));

    assertThat(Instant.now()).isAfter(expiresAt).isBefore(expiresAt.plusSeconds(10));
    assertThat(ada.balance(from)).isEqualTo(balance(0, 100, 900));
    assertRefused(ada.capture(hold.id(), 10), 409, "hold-not-open", "new-key");
    assertRefused(ada.post("/v1/holds/" + hold.id() + "/release"), 409, "hold-not-open");
    assertThat(ada.get("/v1/holds/" + lasting).at("/status")).isEqualTo("held");
  }

  /** The status may still be "held": an expiry run comes once a second. */
  @Test
  void expiresHoldsBesideALockedOne() throws SQLException {
    UUID stuck = ada.post("/v1/holds", request(400, Map.of("expiresIn", 1))).id();
    Map<String, Object> other = new HashMap<>(request(100, Map.of("expiresIn", 1)));
    other.put("from", ada.openAccount(1000));
    UUID hold = ada.post("/v1/holds", other).id();
    try (var _ = LockHolder.locking(database, accounts.find(new AccountId(from)).orElseThrow())) {
      await()
          .atMost(Duration.ofSeconds(10))
          .until(() -> ada.get("/v1/holds/" + hold).at("/status").equals("expired"));
      assertThat(ada.get("/v1/holds/" + stuck).at("/status")).isEqualTo("held");
    }
    await().until(() -> ada.get("/v1/holds/" + stuck).at("/status").equals("expired"));
  }

  @Test
  void rejectsCapturesOnceExpired() {
    Api.Answer hold = ada.post("/v1/holds", request(400, Map.of("expiresIn", 1)));
    Instant expiresAt = Instant.parse(hold.at("/expiresAt"));

    await().pollInterval(Duration.ofMillis(1)).until(() -> Instant.now().isAfter(expiresAt));

    assertRefused(ada.capture(hold.id(), 400), 409, "hold-not-open", "new-key");
    assertThat(bob.posted(to)).isZero();
  }

  @Test
  void replaysTheHoldAsItIsNow() {
    Api.Answer first = ada.post("/v1/holds", "again", request(400, Map.of()));
    Api.Answer second = ada.post("/v1/holds", "again", request(400, Map.of()));
    ada.capture(first.id(), 100);
    Api.Answer third = ada.post("/v1/holds", "again", request(400, Map.of()));

    assertThat(second.status()).isEqualTo(200);
    assertThat(second.isReplay()).isTrue();
    assertThat(second.header("Location")).isEqualTo(first.header("Location"));
    assertThat(second.body()).isEqualTo(first.body());
    assertThat(third.status()).isEqualTo(200);
    assertThat(third.body()).isEqualTo(ada.get("/v1/holds/" + first.id()).body());
  }

  @Test
  void rejectsKeysOfDifferentRequests() {
    UUID one = ada.post("/v1/holds", "once", request(10, Map.of())).id();
    UUID other = ada.hold(from, to, 10).id();
    ada.postEmpty(capturePath(one), "once");

    for (Api.Answer answer :
        List.of(
            ada.post("/v1/holds", "once", request(11, Map.of())),
            ada.postEmpty(capturePath(other), "once"),
            ada.post(capturePath(one), "once", "{\"amount\": 10}"))) {
      assertRefused(answer, 422, "idempotency-key-reused", "new-key");
    }
    assertThat(ada.balance(from).at("/held").asLong()).isEqualTo(10);
  }

  @Test
  void replaysRefusals() {
    UUID empty = ada.openAccount(0);
    var request = Map.of("from", empty, "to", to, "amount", 10, "currency", "EUR");
    Api.Answer refused = ada.post("/v1/holds", "early", request);
    ada.transfer(from, empty, 10);
    UUID hold = ada.hold(from, to, 400).id();
    Api.Answer refusedCapture = ada.post(capturePath(hold), "too-much", "{\"amount\": 401}");

    assertRefused(refused, 422, "insufficient-funds", "new-key");
    assertReplayed(ada.post("/v1/holds", "early", request), refused);
    assertThat(ada.post("/v1/holds", "later", request).status()).isEqualTo(201);
    assertRefused(refusedCapture, 422, "capture-exceeds-hold", "new-key");
    assertThat(ada.capture(hold, 400).status()).isEqualTo(201);
    assertReplayed(ada.post(capturePath(hold), "too-much", "{\"amount\": 401}"), refusedCapture);
  }

  @Test
  void storesNothingForAnUnknownAccount() {
    var unknown = Map.of("from", from, "to", UUID.randomUUID(), "amount", 10, "currency", "EUR");

    assertRefused(ada.post("/v1/holds", "found-later", unknown), 422, "account-not-found", "no");
    assertRefused(operator.hold(from, to, 10), 422, "account-not-found", "no");
    assertThat(ada.post("/v1/holds", "found-later", request(10, Map.of())).status()).isEqualTo(201);
  }

  @Test
  void letsOperatorsCaptureAndRelease() {
    UUID one = ada.hold(from, to, 10).id();
    UUID other = ada.hold(from, to, 10).id();

    Api.Answer captured = operator.capture(one, 10);

    assertThat(captured.status()).as(captured.toString()).isEqualTo(201);
    assertThat(operator.post("/v1/holds/" + other + "/release").status()).isEqualTo(200);
    assertThat(ada.get("/v1/transfers/" + captured.id()).status()).isEqualTo(200);
  }

  @Test
  void hidesHoldsFromTheReceiver() {
    UUID hold = ada.hold(from, to, 10).id();

    assertRefused(bob.get("/v1/holds/" + hold), 404, "not-found");
    assertRefused(bob.capture(hold, 10), 404, "not-found", "no");
    assertRefused(bob.post("/v1/holds/" + hold + "/release"), 404, "not-found");
    assertThat(bob.get("/v1/holds?account=" + to).body().at("/data")).isEmpty();
  }

  @Test
  void listsNewestFirstWithFilters() {
    UUID savings = ada.openAccount(100);
    UUID released = ada.hold(from, to, 10).id();
    ada.post("/v1/holds/" + released + "/release");
    UUID captured = ada.hold(from, savings, 10).id();
    ada.capture(captured, 10);
    UUID held = ada.hold(savings, to, 10).id();

    assertThat(holds("")).containsExactly(held, captured, released);
    assertThat(holds("?status=held")).containsExactly(held);
    assertThat(holds("?status=captured")).containsExactly(captured);
    assertThat(holds("?status=released")).containsExactly(released);
    assertThat(holds("?status=expired")).isEmpty();
    assertThat(holds("?account=" + savings)).containsExactly(held, captured);
    assertThat(holds("?account=" + savings + "&status=held")).containsExactly(held);
    assertThat(holds("?account=" + UUID.randomUUID())).isEmpty();
    Api.Answer page = ada.get("/v1/holds?status=captured");
    assertThat(page.body().at("/data/0")).isEqualTo(ada.get("/v1/holds/" + captured).body());
    assertThat(page.body().path("nextCursor").isNull()).isTrue();
  }

  @Test
  void keepsPagesStable() {
    UUID first = ada.hold(from, to, 1).id();
    UUID second = ada.hold(from, to, 1).id();
    UUID third = ada.hold(from, to, 1).id();
    JsonNode page = ada.get("/v1/holds?limit=2&account=" + from).body();
    ada.hold(from, to, 1);
    String cursor = page.path("nextCursor").stringValue();

    assertThat(ids(page)).containsExactly(third, second);
    assertThat(holds("?limit=2&account=" + from + "&cursor=" + cursor)).containsExactly(first);
    for (String filter : List.of("", "&account=" + to, "&account=" + from + "&status=held")) {
      Api.Answer answer = ada.get("/v1/holds?limit=2&cursor=" + cursor + filter);
      assertRefused(answer, 400, "invalid-request");
      assertThat(answer.at("/errors/0/field")).isEqualTo("cursor");
    }
  }

  @Test
  void showsOtherOwnersToOperatorsOnly() {
    UUID hold = ada.hold(from, to, 10).id();

    assertThat(ids(operator.get("/v1/holds?owner=" + ada.caller()).body())).containsExactly(hold);
    assertThat(ids(operator.get("/v1/holds").body())).isEmpty();
    assertRefused(bob.get("/v1/holds?owner=" + ada.caller()), 403, "forbidden");
  }

  private List<UUID> holds(String query) {
    return ids(ada.get("/v1/holds" + query).body());
  }

  private static List<UUID> ids(JsonNode page) {
    return page.at("/data")
        .valueStream()
        .map(it -> UUID.fromString(it.path("id").asString()))
        .toList();
  }

  private Map<String, Object> request(long amount, Map<String, Object> more) {
    Map<String, Object> request = new LinkedHashMap<>(more);
    request.putAll(Map.of("from", from, "to", to, "amount", amount, "currency", "EUR"));
    return request;
  }

  private static String capturePath(UUID hold) {
    return "/v1/holds/" + hold + "/capture";
  }

  private static JsonNode balance(long posted, long held, long available) {
    return Api.json(
        "{\"posted\": %d, \"held\": %d, \"available\": %d}".formatted(posted, held, available));
  }
}
