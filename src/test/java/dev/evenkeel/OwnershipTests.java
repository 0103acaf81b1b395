package dev.evenkeel;

import static dev.testing.Refusals.withoutCircumstances;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.testing.Api;
import dev.testing.WholeApplication;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.boot.test.web.server.LocalServerPort;
import tools.jackson.databind.JsonNode;

/** Resources of another owner do not exist for a caller; operators see them. */
@WholeApplication
class OwnershipTests {

  @LocalServerPort int port;

  Api ada;
  Api stranger;
  Api operator;
  UUID adas;
  UUID savings;

  @BeforeEach
  void owners() {
    ada = new Api(port, "ada-" + UUID.randomUUID());
    stranger = new Api(port, "stranger-" + UUID.randomUUID());
    operator = Api.operator(port, "olga-" + UUID.randomUUID());
    adas = ada.openAccount(1000);
    savings = ada.openAccount(0);
  }

  @ParameterizedTest
  @ValueSource(strings = {"/v1/accounts/%s", "/v1/accounts/%s/entries", "/v1/accounts/%s/balance"})
  void hidesTheAccountsOfOthers(String path) {
    assertOnlyFor(ada, path, adas);
  }

  @Test
  void hidesTheTransfersOfOthers() {
    assertOnlyFor(ada, "/v1/transfers/%s", ada.transfer(adas, savings, 10).id());
  }

  @Test
  void hidesTheHoldsOfOthers() {
    assertOnlyFor(ada, "/v1/holds/%s", ada.hold(adas, savings, 10).id());
  }

  @Test
  void hidesTheBatchesOfOthers() {
    Object transfer = Map.of("from", adas, "to", savings, "amount", 10, "currency", "EUR");
    Object batch = Map.of("transfers", List.of(transfer), "atomic", true);

    assertOnlyFor(ada, "/v1/transfers/batch/%s", ada.post("/v1/transfers/batch", batch).id());
  }

  @ParameterizedTest
  @ValueSource(strings = {"freeze", "unfreeze", "close"})
  void rejectsChangingTheAccountsOfOthers(String step) {
    JsonNode before = ada.get("/v1/accounts/" + savings).body();

    assertUnknown("/v1/accounts/%s/" + step, savings);
    assertThat(ada.get("/v1/accounts/" + savings).body()).isEqualTo(before);
  }

  @ParameterizedTest
  @ValueSource(strings = {"capture", "release"})
  void rejectsEndingTheHoldsOfOthers(String step) {
    UUID hold = ada.hold(adas, savings, 10).id();

    assertUnknown("/v1/holds/%s/" + step, hold);
    assertThat(ada.get("/v1/holds/" + hold).at("/status")).isEqualTo("held");
  }

  @Test
  void rejectsReversingTheTransfersOfOthers() {
    assertUnknown("/v1/transfers/%s/reversal", ada.transfer(adas, savings, 10).id());
    assertThat(ada.posted(savings)).isEqualTo(10);
  }

  @ParameterizedTest
  @ValueSource(strings = {"/v1/accounts", "/v1/transfers", "/v1/holds"})
  void listsOnlyTheCallersOwn(String list) {
    ada.transfer(adas, savings, 10);
    ada.hold(adas, savings, 10);

    assertThat(ada.get(list).body().at("/data")).isNotEmpty();
    assertThat(stranger.get(list).body().at("/data")).isEmpty();
    assertThat(operator.get(list).body().at("/data")).isEmpty();
    assertThat(operator.get(list + "?owner=" + ada.caller()).body().at("/data"))
        .hasSameSizeAs(ada.get(list).body().at("/data"));
    assertThat(stranger.get(list + "?owner=" + ada.caller()).at("/type"))
        .isEqualTo("/problems/forbidden");
    assertThat(stranger.get(list + "?owner=nobody").at("/type")).isEqualTo("/problems/forbidden");
  }

  @Test
  void rejectsTheCursorOfAnotherOwnersList() {
    String own = "/v1/accounts?limit=1";
    String adasList = own + "&owner=" + ada.caller();
    String cursor = "&cursor=" + operator.get(adasList).at("/nextCursor");

    assertThat(operator.get(own + "&owner=nobody" + cursor).status()).isEqualTo(400);
    assertThat(operator.get(own + cursor).status()).isEqualTo(400);
    assertThat(stranger.get(own + cursor).status()).isEqualTo(400);
    for (Api.Answer page : List.of(operator.get(adasList + cursor), ada.get(own + cursor))) {
      assertThat(page.at("/data/0/id")).as(page.toString()).isEqualTo(adas.toString());
    }
  }

  @Test
  void hidesThePaymentsOfOthers() {
    assertOnlyFor(ada, "/v1/payments/%s", ada.payIn(adas, 100, "tok_ok").id());
  }

  @Test
  void showsOperatorsTheWholeTransfer() {
    Api.Answer transfer = ada.transfer(adas, savings, 10);

    assertThat(operator.get("/v1/transfers/" + transfer.id()).body()).isEqualTo(transfer.body());
  }

  @Test
  void rejectsMovingTheMoneyOfOthers() {
    UUID strangers = stranger.openAccount(0);

    Api.Answer foreign = stranger.transfer(adas, strangers, 10);
    Api.Answer unknown = stranger.transfer(UUID.randomUUID(), strangers, 10);

    assertThat(foreign.status()).isEqualTo(422);
    assertThat(foreign.at("/type")).isEqualTo("/problems/account-not-found");
    assertThat(foreign.at("/errors/0/field")).isEqualTo("from");
    assertThat(withoutCircumstances(foreign)).isEqualTo(withoutCircumstances(unknown));
    assertThat(ada.posted(adas)).isZero();
  }

  @Test
  void rejectsOperatorsMovingTheMoneyOfOthers() {
    Api.Answer answer = operator.transfer(adas, savings, 10);

    assertThat(answer.at("/type")).isEqualTo("/problems/account-not-found");
    assertThat(ada.posted(adas)).isZero();
  }

  @Test
  void rejectsOperatorsRefundingOthers() {
    UUID payment = ada.payIn(adas, 100, "tok_ok").id();
    Api.Answer unknown = operator.refund(UUID.randomUUID(), 10);

    for (Api api : List.of(operator, stranger)) {
      assertThat(withoutCircumstances(api.refund("key", payment, 10)))
          .isEqualTo(withoutCircumstances(unknown));
      assertThat(api.cancel(payment).at("/type")).isEqualTo("/problems/not-found");
    }
    assertThat(unknown.status()).isEqualTo(404);
    assertThat(ada.posted(adas)).isEqualTo(100);
    assertThat(ada.refund("key", payment, 10).isReplay()).as("the key is still hers").isFalse();
  }

  @Test
  void rejectsPayInsToTheAccountsOfOthers() {
    Api.Answer foreign = stranger.payIn(adas, 100, "tok_ok");
    Api.Answer unknown = stranger.payIn(UUID.randomUUID(), 100, "tok_ok");

    assertThat(foreign.at("/type")).isEqualTo("/problems/account-not-found");
    assertThat(foreign.at("/errors/0/field")).isEqualTo("account");
    assertThat(withoutCircumstances(foreign)).isEqualTo(withoutCircumstances(unknown));
  }

  // part of notifications
  @Test
  void showsOnlyTheCallersFeed() {
    UUID strangers = stranger.openAccount(0);
    ada.transfer(adas, strangers, 10);

    await()
        .atMost(Duration.ofSeconds(10))
        .untilAsserted(() -> {
          assertThat(types(ada)).containsExactly("transfer.sent");
          assertThat(types(stranger)).containsExactly("transfer.received");
        });
    assertThat(types(operator)).isEmpty();
    assertThat(stranger.get("/v1/notifications?account=" + adas).body().at("/data")).isEmpty();
  }

  // end of notifications

  // part of notifications
  private static List<String> types(Api api) {
    return api.get("/v1/notifications")
        .body()
        .at("/data")
        .valueStream()
        .map(notification -> notification.path("type").asString())
        .toList();
  }

  // end of notifications

  private void assertOnlyFor(Api owner, String path, UUID id) {
    Api.Answer foreign = stranger.get(path.formatted(id));
    Api.Answer unknown = stranger.get(path.formatted(UUID.randomUUID()));

    assertThat(owner.get(path.formatted(id)).status()).isEqualTo(200);
    assertThat(operator.get(path.formatted(id)).status()).isEqualTo(200);
    assertThat(foreign.status()).isEqualTo(404);
    assertThat(foreign.header("Content-Type")).contains("application/problem+json");
    assertThat(withoutCircumstances(foreign)).isEqualTo(withoutCircumstances(unknown));
  }

  private void assertUnknown(String path, UUID id) {
    Api.Answer foreign = stranger.postEmpty(path.formatted(id), "key");
    Api.Answer unknown = stranger.postEmpty(path.formatted(UUID.randomUUID()), "key");

    assertThat(foreign.status()).isEqualTo(404);
    assertThat(foreign.header("Content-Type")).contains("application/problem+json");
    assertThat(withoutCircumstances(foreign)).isEqualTo(withoutCircumstances(unknown));
  }
}
