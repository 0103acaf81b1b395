package dev.evenkeel.accounts;

import static dev.testing.Refusals.assertRefused;
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
import org.springframework.boot.test.web.server.LocalServerPort;
import tools.jackson.databind.JsonNode;

/** The life cycle of accounts over HTTP. The rules are tested in AccountRulesTests. */
@WholeApplication
class AccountLifeTests {

  @LocalServerPort int port;

  Api ada;
  Api bob;
  Api operator;
  UUID main;
  UUID savings;

  @BeforeEach
  void openAccounts() {
    ada = new Api(port, "ada-" + UUID.randomUUID());
    bob = new Api(port, "bob-" + UUID.randomUUID());
    operator = Api.operator(port, "olga-" + UUID.randomUUID());
    main = ada.openAccount(1000);
    savings = ada.openAccount(0);
  }

  @Test
  void opensOneAccountPerKey() {
    Map<String, Object> account = Map.of("name", "Main", "currency", "EUR");
    Api.Answer opened = ada.post("/v1/accounts", "key", account);
    Api.Answer again = ada.post("/v1/accounts", "key", account);
    Api.Answer other = ada.post("/v1/accounts", "key", Map.of("name", "Main", "currency", "USD"));

    assertThat(again.status()).isEqualTo(200);
    assertThat(again.isReplay()).isTrue();
    assertThat(again.id()).isEqualTo(opened.id());
    assertRefused(other, 422, "idempotency-key-reused", "new-key");
    assertThat(bob.post("/v1/accounts", "key", account).status()).isEqualTo(201);
  }

  @Test
  void keepsPagesStable() {
    UUID third = ada.openAccount(0);
    JsonNode first = ada.get("/v1/accounts?limit=2").body();
    ada.openAccount(0);
    JsonNode second = ada.get("/v1/accounts?limit=2&cursor=" + next(first)).body();

    assertThat(ids(first)).containsExactly(third.toString(), savings.toString());
    assertThat(second.at("/data")).containsExactly(ada.get("/v1/accounts/" + main).body());
    assertThat(second.path("nextCursor").isNull()).isTrue();
  }

  @Test
  void showsOtherOwnersToOperatorsOnly() {
    String owner = ada.caller();

    assertThat(ids(operator.get("/v1/accounts?owner=" + owner).body()))
        .containsExactly(savings.toString(), main.toString());
    assertThat(ids(operator.get("/v1/accounts").body())).isEmpty();
    assertThat(ids(ada.get("/v1/accounts?owner=" + owner).body())).hasSize(2);
    assertRefused(bob.get("/v1/accounts?owner=" + owner), 403, "forbidden");
  }

  @Test
  void rejectsCursorsOfOtherOwners() {
    String cursor = next(operator.get("/v1/accounts?limit=1&owner=" + ada.caller()).body());

    Api.Answer answer = operator.get("/v1/accounts?limit=1&cursor=" + cursor);

    assertRefused(answer, 400, "invalid-request");
    assertThat(answer.at("/errors/0/field")).isEqualTo("cursor");
  }

  @Test
  void freezesAndUnfreezes() {
    Api.Answer frozen = change(ada, main, "freeze");
    Api.Answer again = change(ada, main, "freeze");

    assertThat(frozen.status()).isEqualTo(200);
    assertThat(frozen.at("/status")).isEqualTo("frozen");
    assertThat(again.status()).isEqualTo(200);
    assertThat(again.body()).isEqualTo(frozen.body());
    assertThat(ada.get("/v1/accounts/" + main).body()).isEqualTo(frozen.body());
    assertThat(change(ada, main, "unfreeze").at("/status")).isEqualTo("open");
    assertThat(change(ada, main, "unfreeze").status()).isEqualTo(200);
    assertThat(ada.transfer(main, savings, 10).status()).isEqualTo(201);
  }

  @Test
  void letsOnlyOperatorsUndoAnOperatorsFreeze() {
    change(ada, main, "freeze");
    change(operator, main, "freeze");

    assertRefused(change(ada, main, "unfreeze"), 403, "forbidden");
    assertThat(ada.get("/v1/accounts/" + main).at("/status")).isEqualTo("frozen");
    assertThat(change(operator, main, "unfreeze").at("/status")).isEqualTo("open");
  }

  @Test
  void rejectsAllUsesOfAFrozenAccount() {
    UUID bobs = bob.openAccount(1000);
    ada.transfer(main, savings, 100);
    UUID received = ada.transfer(savings, bobs, 10).id();
    UUID held = ada.hold(savings, bobs, 10).id();
    change(ada, savings, "freeze");

    for (Api.Answer answer :
        List.of(
            ada.transfer(savings, bobs, 10),
            bob.transfer(bobs, savings, 10),
            ada.hold(savings, bobs, 10),
            ada.capture(held, 10),
            bob.reverse(received),
            ada.payIn(savings, 10, "tok_ok"))) {
      assertRefused(answer, 409, "account-frozen", "new-key");
    }
    assertThat(ada.posted(savings)).isEqualTo(90);
    assertThat(ada.post("/v1/holds/" + held + "/release").status()).isEqualTo(200);
  }

  @Test
  void postsProviderDecisionsToAFrozenAccount() {
    Api.Answer payment = ada.payIn(savings, 1250, "tok_async");
    assertThat(payment.status()).as(payment.toString()).isEqualTo(202);
    change(ada, savings, "freeze");

    await()
        .atMost(Duration.ofSeconds(20))
        .untilAsserted(() ->
            assertThat(ada.get("/v1/payments/" + payment.id()).at("/status"))
                .isEqualTo("succeeded"));
    assertThat(ada.posted(savings)).isEqualTo(1250);
    assertThat(ada.get("/v1/accounts/" + savings).at("/status")).isEqualTo("frozen");
  }

  // part of notifications
  @Test
  void notifiesTheOwnerOnceOfAFreeze() {
    change(ada, main, "freeze");
    change(ada, main, "freeze");
    change(operator, main, "freeze");

    await()
        .atMost(Duration.ofSeconds(10))
        .untilAsserted(() ->
            assertThat(ada.get("/v1/notifications?account=" + main).body().at("/data")).hasSize(1));
    Api.Answer feed = ada.get("/v1/notifications?account=" + main);
    assertThat(feed.at("/data/0/type")).isEqualTo("account.frozen");
    assertThat(feed.body().at("/data/0/subject"))
        .isEqualTo(Api.json(Map.of("kind", "account", "id", main.toString())));
  }

  // end of notifications

  @Test
  void closesAnEmptyAccountForGood() {
    UUID through = ada.transfer(main, savings, 10).id();
    assertRefused(change(ada, savings, "close"), 409, "account-not-empty");
    ada.transfer(savings, main, 10);

    Api.Answer closed = change(ada, savings, "close");
    Api.Answer again = change(ada, savings, "close");

    assertThat(closed.status()).isEqualTo(200);
    assertThat(closed.at("/status")).isEqualTo("closed");
    assertThat(again.status()).isEqualTo(200);
    assertThat(again.body()).isEqualTo(closed.body());
    assertRefused(change(ada, savings, "freeze"), 409, "account-closed");
    assertRefused(change(operator, savings, "unfreeze"), 409, "account-closed");
    for (Api.Answer answer :
        List.of(
            ada.transfer(savings, main, 10),
            ada.hold(main, savings, 10),
            ada.reverse(through),
            ada.payIn(savings, 10, "tok_ok"))) {
      assertRefused(answer, 409, "account-closed", "new-key");
    }
  }

  @Test
  void closesOnlyOpenAccountsWithoutHolds() {
    UUID held = ada.hold(main, savings, 10).id();
    change(ada, savings, "freeze");

    Api.Answer frozen = change(ada, savings, "close");

    assertRefused(frozen, 409, "account-frozen");
    assertThat(frozen.body().propertyNames()).doesNotContain("effect", "retry");
    assertRefused(change(ada, main, "close"), 409, "account-not-empty");
    ada.post("/v1/holds/" + held + "/release");
    assertThat(change(ada, main, "close").at("/status")).isEqualTo("closed");
  }

  private static Api.Answer change(Api caller, UUID account, String change) {
    return caller.post("/v1/accounts/" + account + "/" + change);
  }

  private static List<String> ids(JsonNode page) {
    return page.at("/data").valueStream().map(it -> it.path("id").asString()).toList();
  }

  private static String next(JsonNode page) {
    return page.path("nextCursor").stringValue();
  }
}
