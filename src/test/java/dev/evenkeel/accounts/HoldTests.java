package dev.evenkeel.accounts;

import static dev.testing.Refusals.assertRefused;
import static dev.testing.Refusals.assertReplayed;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.testing.Api;
import dev.testing.WholeApplication;
import java.net.http.HttpRequest.BodyPublishers;
import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.boot.test.web.server.LocalServerPort;
import tools.jackson.databind.JsonNode;

/** Money that is promised, captured, released, or that nobody came for. */
@WholeApplication
class HoldTests {

  @LocalServerPort int port;

  Api ada;
  Api bob;
  Api operator;
  UUID from;
  UUID to;

  @BeforeEach
  void twoOwners() {
    ada = new Api(port, "ada-" + UUID.randomUUID());
    bob = new Api(port, "bob-" + UUID.randomUUID());
    operator = new Api(port, "olga-" + UUID.randomUUID() + ";operator");
    from = ada.openAccount(1000);
    to = bob.openAccount(0);
  }

  @Test
  void aHoldReadsToTheLetter() {
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
  }

  @Test
  void whatIsHeldStaysButCannotBeSpent() {
    ada.hold(from, to, 400);

    assertThat(ada.balance(from)).isEqualTo(balance(0, 400, 600));
    assertThat(bob.balance(to)).isEqualTo(balance(0, 0, 0));
    assertThat(ada.get("/v1/accounts/" + from + "/entries").body().at("/data")).isEmpty();
    Api.Answer refused = ada.transfer(from, to, 601);
    assertRefused(refused, 422, "insufficient-funds", "new-key");
    assertThat(refused.body().at("/available").asLong()).isEqualTo(600);
    assertThat(refused.body().at("/required").asLong()).isEqualTo(601);
    assertRefused(ada.hold(from, to, 601), 422, "insufficient-funds", "new-key");
    assertThat(ada.transfer(from, to, 600).status()).isEqualTo(201);
  }

  @Test
  void itLastsSevenDaysUnlessAsked() {
    assertThat(lasts(ada.hold(from, to, 10))).isEqualTo(Duration.ofDays(7));
  }

  @ParameterizedTest
  @ValueSource(ints = {3600, 2_592_000})
  void itLastsAsLongAsAskedUpToThirtyDays(int seconds) {
    Api.Answer hold = ada.post("/v1/holds", request(10, Map.of("expiresIn", seconds)));

    assertThat(lasts(hold)).isEqualTo(Duration.ofSeconds(seconds));
  }

  @ParameterizedTest
  @ValueSource(strings = {"0", "-1", "2592001", "1.0", "\"60\"", "null", "9223372036854775808"})
  void noOtherDurationIsTaken(String expiresIn) {
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
  void capturedWithoutABodyItIsPostedInFull() {
    UUID hold = ada.post("/v1/holds", request(400, Map.of("description", "Deposit"))).id();

    Api.Answer transfer = ada.postEmpty(capturePath(hold), "all");

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
    assertThat(ada.balance(from)).isEqualTo(balance(-400, 0, 600));
    assertThat(bob.balance(to)).isEqualTo(balance(400, 0, 400));
    assertThat(ada.get("/v1/transfers/" + transfer.id()).body()).isEqualTo(transfer.body());
    assertThat(ada.get("/v1/holds/" + hold).at("/status")).isEqualTo("captured");
    assertThat(ada.get("/v1/holds/" + hold).body().at("/captured").asLong()).isEqualTo(400);
  }

  @Test
  void anEmptyObjectIsTheSameRequestAsNoBody() {
    UUID hold = ada.hold(from, to, 400).id();

    Api.Answer first = ada.post(capturePath(hold), "all", "{}");
    Api.Answer second = ada.postEmpty(capturePath(hold), "all");

    assertThat(first.status()).isEqualTo(201);
    assertThat(first.body().at("/amount").asLong()).isEqualTo(400);
    assertThat(second.status()).isEqualTo(200);
    assertThat(second.isReplay()).isTrue();
    assertThat(second.id()).isEqualTo(first.id());
  }

  @Test
  void capturedInPartTheRestIsReleased() {
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
  }

  // part of notifications
  @Test
  void aCaptureTellsBothSidesAsATransferDoes() {
    UUID hold = ada.hold(from, to, 400).id();
    Api.Answer transfer = ada.capture(hold, 400);

    await()
        .atMost(Duration.ofSeconds(10))
        .untilAsserted(() -> {
          assertThat(ada.get("/v1/notifications").at("/data/0/type")).isEqualTo("transfer.sent");
          assertThat(bob.get("/v1/notifications").at("/data/0/type"))
              .isEqualTo("transfer.received");
        });
    assertThat(bob.get("/v1/notifications").at("/data/0/subject/id"))
        .isEqualTo(transfer.id().toString());
  }

  // end of notifications

  @Test
  void moreThanIsHeldIsNotCapturedUnderThatKeyEver() {
    UUID hold = ada.hold(from, to, 400).id();
    Api.Answer refused = ada.post(capturePath(hold), "too-much", "{\"amount\": 401}");

    Api.Answer again = ada.post(capturePath(hold), "too-much", "{\"amount\": 401}");

    assertRefused(refused, 422, "capture-exceeds-hold", "new-key");
    assertReplayed(again, refused);
    assertThat(ada.get("/v1/holds/" + hold).at("/status")).isEqualTo("held");
    assertThat(ada.capture(hold, 400).status()).isEqualTo(201);
    assertReplayed(ada.post(capturePath(hold), "too-much", "{\"amount\": 401}"), refused);
  }

  @Test
  void aCaptureSentAgainIsTheSameTransfer() {
    UUID hold = ada.hold(from, to, 400).id();
    Api.Answer first = ada.post(capturePath(hold), "once", "{\"amount\": 100}");
    Api.Answer second = ada.post(capturePath(hold), "once", "{\"amount\": 100}");

    assertThat(first.isReplay()).isFalse();
    assertThat(second.status()).isEqualTo(200);
    assertThat(second.isReplay()).isTrue();
    assertThat(second.header("Location")).isEqualTo(first.header("Location"));
    assertThat(second.body()).isEqualTo(first.body());
    assertThat(bob.posted(to)).isEqualTo(100);
  }

  @Test
  void theKeyOfACaptureBelongsToItsHold() {
    UUID one = ada.hold(from, to, 10).id();
    UUID other = ada.hold(from, to, 10).id();
    ada.postEmpty(capturePath(one), "once");

    assertRefused(
        ada.postEmpty(capturePath(other), "once"), 422, "idempotency-key-reused", "new-key");
    assertRefused(
        ada.post(capturePath(one), "once", "{\"amount\": 10}"),
        422,
        "idempotency-key-reused",
        "new-key");
    assertThat(ada.get("/v1/holds/" + other).at("/status")).isEqualTo("held");
  }

  @Test
  void theSameKeyOnAnotherOperationIsAnotherKey() {
    UUID hold = ada.post("/v1/holds", "same", request(10, Map.of())).id();

    assertThat(ada.transfer("same", from, to, 10).status()).isEqualTo(201);
    assertThat(ada.postEmpty(capturePath(hold), "same").status()).isEqualTo(201);
  }

  @Test
  void sentAgainItIsTheSameHoldAsItIsNow() {
    Api.Answer first = ada.post("/v1/holds", "again", request(400, Map.of()));
    Api.Answer second = ada.post("/v1/holds", "again", request(400, Map.of()));
    ada.capture(first.id(), 100);
    Api.Answer third = ada.post("/v1/holds", "again", request(400, Map.of()));

    assertThat(second.status()).isEqualTo(200);
    assertThat(second.isReplay()).isTrue();
    assertThat(second.header("Location")).isEqualTo(first.header("Location"));
    assertThat(second.body()).isEqualTo(first.body());
    assertThat(third.status()).isEqualTo(200);
    assertThat(third.at("/status")).isEqualTo("captured");
    assertThat(third.body()).isEqualTo(ada.get("/v1/holds/" + first.id()).body());
  }

  @Test
  void anotherHoldUnderTheKeyIsRefused() {
    ada.post("/v1/holds", "once", request(10, Map.of()));

    assertRefused(
        ada.post("/v1/holds", "once", request(11, Map.of())),
        422,
        "idempotency-key-reused",
        "new-key");
    assertThat(ada.balance(from).at("/held").asLong()).isEqualTo(10);
  }

  @Test
  void aRefusedHoldStaysRefused() {
    UUID empty = ada.openAccount(0);
    var request = Map.of("from", empty, "to", to, "amount", 10, "currency", "EUR");
    Api.Answer refused = ada.post("/v1/holds", "early", request);
    ada.transfer(from, empty, 10);

    assertRefused(refused, 422, "insufficient-funds", "new-key");
    assertReplayed(ada.post("/v1/holds", "early", request), refused);
    assertThat(ada.post("/v1/holds", "later", request).status()).isEqualTo(201);
  }

  @Test
  void anUnknownAccountLeavesNothingUnderTheKey() {
    var unknown = Map.of("from", from, "to", UUID.randomUUID(), "amount", 10, "currency", "EUR");
    Api.Answer refused = ada.post("/v1/holds", "found-later", unknown);

    assertRefused(refused, 422, "account-not-found", "no");
    assertThat(refused.at("/errors/0/field")).isEqualTo("to");
    assertThat(ada.post("/v1/holds", "found-later", unknown).isReplay()).isFalse();
    assertThat(ada.post("/v1/holds", "found-later", request(10, Map.of())).status()).isEqualTo(201);
  }

  @Test
  void itIsRefusedAsATransferWouldBe() {
    UUID dollars = bob.openAccount("USD", 0);

    assertRefused(ada.hold(from, from, 10), 422, "same-account", "new-key");
    assertRefused(ada.hold(from, dollars, 10), 422, "currency-mismatch", "new-key");
    Api.Answer foreign = ada.hold(to, from, 10);
    assertRefused(foreign, 422, "account-not-found", "no");
    assertThat(foreign.at("/errors/0/field")).isEqualTo("from");
    assertRefused(operator.hold(from, to, 10), 422, "account-not-found", "no");
  }

  @Test
  void releasedItCanBeSpentAgain() {
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
  void aCapturedHoldIsNotReleased() {
    UUID hold = ada.hold(from, to, 400).id();
    ada.capture(hold, 10);

    Api.Answer answer = ada.post("/v1/holds/" + hold + "/release");

    assertRefused(answer, 409, "hold-not-open");
    assertThat(answer.body().propertyNames()).doesNotContain("effect", "retry");
  }

  @Test
  void aReleaseThatCannotBeAnsweredIsNotDone() {
    UUID hold = ada.hold(from, to, 400).id();

    Api.Answer answer =
        ada.send(
            ada.request("/v1/holds/" + hold + "/release")
                .header("Accept", "image/png")
                .POST(BodyPublishers.noBody()));

    assertRefused(answer, 406, "not-acceptable");
    assertThat(ada.get("/v1/holds/" + hold).at("/status")).isEqualTo("held");
  }

  @Test
  void anOperatorCapturesAndReleases() {
    UUID one = ada.hold(from, to, 10).id();
    UUID other = ada.hold(from, to, 10).id();

    Api.Answer captured = operator.capture(one, 10);

    assertThat(captured.status()).as(captured.toString()).isEqualTo(201);
    assertThat(operator.post("/v1/holds/" + other + "/release").status()).isEqualTo(200);
    assertThat(ada.get("/v1/transfers/" + captured.id()).status()).isEqualTo(200);
  }

  @Test
  void theReceiverHasNoPartInIt() {
    UUID hold = ada.hold(from, to, 10).id();

    assertRefused(bob.get("/v1/holds/" + hold), 404, "not-found");
    assertRefused(bob.capture(hold, 10), 404, "not-found", "no");
    assertRefused(bob.post("/v1/holds/" + hold + "/release"), 404, "not-found");
    assertThat(bob.get("/v1/holds?account=" + to).body().at("/data")).isEmpty();
  }

  @Test
  void anUnknownHoldIsNotFoundWhateverElseIsWrong() {
    Api.Answer answer =
        ada.send(
            ada.request(capturePath(UUID.randomUUID()))
                .header("Accept", "image/png")
                .header("Content-Type", "text/plain")
                .POST(BodyPublishers.ofString("no json")));

    assertRefused(answer, 404, "not-found", "no");
  }

  @Test
  void nobodyCameForItSoItIsFreeAgain() {
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

  @Test
  void pastItsTimeItIsNotCapturedEvenWhereItIsStillHeld() {
    Api.Answer hold = ada.post("/v1/holds", request(400, Map.of("expiresIn", 1)));
    Instant expiresAt = Instant.parse(hold.at("/expiresAt"));

    await().pollInterval(Duration.ofMillis(1)).until(() -> Instant.now().isAfter(expiresAt));
    Api.Answer late = ada.capture(hold.id(), 400);

    assertRefused(late, 409, "hold-not-open", "new-key");
    assertThat(bob.posted(to)).isZero();
  }

  @Test
  void theListIsNewestFirstAndKeepsToItsFilters() {
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
  void pagesStayStableWhileHoldsArrive() {
    UUID first = ada.hold(from, to, 1).id();
    UUID second = ada.hold(from, to, 1).id();
    UUID third = ada.hold(from, to, 1).id();
    JsonNode page = ada.get("/v1/holds?limit=2&account=" + from).body();
    ada.hold(from, to, 1);
    String cursor = page.path("nextCursor").stringValue();

    assertThat(ids(page)).containsExactly(third, second);
    assertThat(holds("?limit=2&account=" + from + "&cursor=" + cursor)).containsExactly(first);
    for (String otherwise : List.of("", "&account=" + to, "&account=" + from + "&status=held")) {
      Api.Answer answer = ada.get("/v1/holds?limit=2&cursor=" + cursor + otherwise);
      assertRefused(answer, 400, "invalid-request");
      assertThat(answer.at("/errors/0/field")).isEqualTo("cursor");
    }
  }

  @Test
  void anotherOwnersListIsForOperators() {
    UUID hold = ada.hold(from, to, 10).id();

    assertThat(ids(operator.get("/v1/holds?owner=" + ada.caller()).body())).containsExactly(hold);
    assertThat(ids(operator.get("/v1/holds").body())).isEmpty();
    assertRefused(bob.get("/v1/holds?owner=" + ada.caller()), 403, "forbidden");
  }

  @ParameterizedTest
  @ValueSource(strings = {"HELD", "open", "", "held,captured"})
  void thereIsNoOtherStatus(String status) {
    Api.Answer answer = ada.get("/v1/holds?status=" + status);

    assertRefused(answer, 400, "invalid-request");
    assertThat(answer.at("/errors/0/field")).isEqualTo("status");
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

  private static Duration lasts(Api.Answer hold) {
    assertThat(hold.status()).as(hold.toString()).isEqualTo(201);
    return Duration.between(
        Instant.parse(hold.at("/createdAt")), Instant.parse(hold.at("/expiresAt")));
  }

  private static JsonNode balance(long posted, long held, long available) {
    return Api.json(
        "{\"posted\": %d, \"held\": %d, \"available\": %d}".formatted(posted, held, available));
  }
}
