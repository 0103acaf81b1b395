package dev.evenkeel.accounts;

import static dev.testing.Refusals.assertRefused;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.testing.Api;
import dev.testing.WholeApplication;
import java.net.http.HttpRequest.BodyPublishers;
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

/** Accounts are open, frozen, or closed for good. */
@WholeApplication
class AccountLifeTests {

  @LocalServerPort int port;

  Api ada;
  Api bob;
  Api operator;
  UUID main;
  UUID savings;

  @BeforeEach
  void owners() {
    ada = new Api(port, "ada-" + UUID.randomUUID());
    bob = new Api(port, "bob-" + UUID.randomUUID());
    operator = new Api(port, "olga-" + UUID.randomUUID() + ";operator");
    main = ada.openAccount(1000);
    savings = ada.openAccount(0);
  }

  @Test
  void underAKeyThereIsOne() {
    String key = UUID.randomUUID().toString();
    Map<String, Object> account = Map.of("name", "Main", "currency", "EUR");
    Api.Answer opened = ada.post("/v1/accounts", key, account);
    Api.Answer again = ada.post("/v1/accounts", key, account);

    assertThat(again.status()).isEqualTo(200);
    assertThat(again.isReplay()).isTrue();
    assertThat(again.id()).isEqualTo(opened.id());
    assertRefused(
        ada.post("/v1/accounts", key, Map.of("name", "Main", "currency", "USD")),
        422,
        "idempotency-key-reused",
        "new-key");
    assertThat(bob.post("/v1/accounts", key, account).status())
        .as("another owner's key")
        .isEqualTo(201);
  }

  @Test
  void theListReadsAsEachAccountDoes() {
    JsonNode list = ada.get("/v1/accounts").body();

    assertThat(list.at("/data"))
        .containsExactly(
            ada.get("/v1/accounts/" + savings).body(), ada.get("/v1/accounts/" + main).body());
    assertThat(list.path("nextCursor").isNull()).isTrue();
  }

  @Test
  void theListStaysStableWhileAccountsAreOpened() {
    UUID third = ada.openAccount(0);
    JsonNode first = ada.get("/v1/accounts?limit=2").body();
    ada.openAccount(0);
    JsonNode second = ada.get("/v1/accounts?limit=2&cursor=" + next(first)).body();

    assertThat(ids(first)).containsExactly(third.toString(), savings.toString());
    assertThat(ids(second)).containsExactly(main.toString());
    assertThat(second.path("nextCursor").isNull()).isTrue();
  }

  @Test
  void whoseListItIsOnlyOperatorsChoose() {
    String owner = ada.caller();

    assertThat(ids(operator.get("/v1/accounts?owner=" + owner).body()))
        .containsExactly(savings.toString(), main.toString());
    assertThat(ids(operator.get("/v1/accounts").body())).isEmpty();
    assertThat(ids(ada.get("/v1/accounts?owner=" + owner).body())).hasSize(2);
    assertRefused(bob.get("/v1/accounts?owner=" + owner), 403, "forbidden");
  }

  @Test
  void aCursorBelongsToItsOwner() {
    String cursor = next(operator.get("/v1/accounts?limit=1&owner=" + ada.caller()).body());

    Api.Answer answer = operator.get("/v1/accounts?limit=1&cursor=" + cursor);

    assertRefused(answer, 400, "invalid-request");
    assertThat(answer.at("/errors/0/field")).isEqualTo("cursor");
  }

  @Test
  void frozenAndUnfrozenAgain() {
    Api.Answer frozen = change(ada, main, "freeze");
    Api.Answer again = change(ada, main, "freeze");
    Api.Answer unfrozen = change(ada, main, "unfreeze");
    Api.Answer unfrozenAgain = change(ada, main, "unfreeze");

    assertThat(frozen.status()).isEqualTo(200);
    assertThat(frozen.at("/status")).isEqualTo("frozen");
    assertThat(again.status()).isEqualTo(200);
    assertThat(again.body()).isEqualTo(frozen.body());
    assertThat(unfrozen.status()).isEqualTo(200);
    assertThat(unfrozen.at("/status")).isEqualTo("open");
    assertThat(unfrozenAgain.status()).isEqualTo(200);
    assertThat(ada.get("/v1/accounts/" + main).body()).isEqualTo(unfrozenAgain.body());
  }

  @Test
  void callersStartNothingInOrOutOfAFrozenAccount() {
    UUID bobs = bob.openAccount(1000);
    ada.transfer(main, savings, 100);
    UUID earlier = ada.transfer(savings, bobs, 10).id();
    UUID held = ada.hold(savings, bobs, 10).id();
    change(ada, savings, "freeze");

    for (Api.Answer answer :
        List.of(
            ada.transfer(savings, bobs, 10),
            bob.transfer(bobs, savings, 10),
            ada.hold(savings, bobs, 10),
            bob.hold(bobs, savings, 10),
            ada.capture(held, 10),
            bob.reverse(earlier),
            ada.payIn(savings, 10, "tok_ok"))) {
      assertRefused(answer, 409, "account-frozen", "new-key");
    }
    assertThat(ada.posted(savings)).isEqualTo(90);
  }

  @Test
  void aHoldOfAFrozenAccountCanBeReleased() {
    UUID held = ada.hold(main, savings, 10).id();
    change(ada, main, "freeze");

    assertThat(ada.post("/v1/holds/" + held + "/release").status()).isEqualTo(200);
    assertThat(ada.balance(main).at("/held").asLong(-1)).isZero();
  }

  @Test
  void unfrozenItTakesTransfersAgain() {
    change(ada, main, "freeze");
    change(ada, main, "unfreeze");

    assertThat(ada.transfer(main, savings, 10).status()).isEqualTo(201);
  }

  @Test
  void whatTheProviderDecidesIsStillPosted() {
    Api.Answer payment = ada.payIn(savings, 1250, "tok_slow");
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

  @Test
  void whatAnOperatorFrozeOnlyAnOperatorUnfreezes() {
    assertThat(change(operator, main, "freeze").at("/status")).isEqualTo("frozen");

    assertRefused(change(ada, main, "unfreeze"), 403, "forbidden");
    assertThat(ada.get("/v1/accounts/" + main).at("/status")).isEqualTo("frozen");
    assertThat(change(ada, main, "freeze").status()).isEqualTo(200);
    assertRefused(change(ada, main, "unfreeze"), 403, "forbidden");
    assertThat(change(operator, main, "unfreeze").at("/status")).isEqualTo("open");
  }

  @Test
  void anOperatorsFreezeReplacesTheOwners() {
    change(ada, main, "freeze");
    change(operator, main, "freeze");

    assertRefused(change(ada, main, "unfreeze"), 403, "forbidden");
  }

  @Test
  void anOperatorUnfreezesWhatItsOwnerFroze() {
    change(ada, main, "freeze");

    assertThat(change(operator, main, "unfreeze").at("/status")).isEqualTo("open");
  }

  // part of notifications
  @Test
  void itsOwnerIsToldOnceThatItIsFrozen() {
    change(ada, main, "freeze");
    change(ada, main, "freeze");
    change(operator, main, "freeze");

    await()
        .atMost(Duration.ofSeconds(10))
        .untilAsserted(() ->
            assertThat(ada.get("/v1/notifications?account=" + main).body().at("/data")).hasSize(1));
    Api.Answer feed = ada.get("/v1/notifications?account=" + main);
    assertThat(feed.at("/data/0/type")).isEqualTo("account.frozen");
    assertThat(feed.at("/data/0/account")).isEqualTo(main.toString());
    assertThat(feed.body().at("/data/0/subject"))
        .isEqualTo(Api.json(Map.of("kind", "account", "id", main.toString())));
  }

  // end of notifications

  @Test
  void anEmptyAccountIsClosedForGood() {
    Api.Answer closed = change(ada, savings, "close");
    Api.Answer again = change(ada, savings, "close");

    assertThat(closed.status()).isEqualTo(200);
    assertThat(closed.at("/status")).isEqualTo("closed");
    assertThat(again.status()).isEqualTo(200);
    assertThat(again.body()).isEqualTo(closed.body());
    assertRefused(change(ada, savings, "freeze"), 409, "account-closed");
    assertRefused(change(ada, savings, "unfreeze"), 409, "account-closed");
    assertRefused(change(operator, savings, "unfreeze"), 409, "account-closed");
  }

  @Test
  void aClosedAccountTakesPartInNothing() {
    UUID bobs = bob.openAccount(0);
    change(ada, savings, "close");
    change(bob, bobs, "close");

    for (Api.Answer answer :
        List.of(
            ada.transfer(savings, main, 10),
            ada.transfer(main, bobs, 10),
            ada.hold(savings, main, 10),
            ada.hold(main, bobs, 10),
            ada.payIn(savings, 10, "tok_ok"))) {
      assertRefused(answer, 409, "account-closed", "new-key");
    }
  }

  @Test
  void whatWentThroughAClosedAccountIsNotReversed() {
    UUID there = ada.transfer(main, savings, 10).id();
    ada.transfer(savings, main, 10);
    change(ada, savings, "close");

    assertRefused(ada.reverse(there), 409, "account-closed", "new-key");
  }

  @Test
  void anAccountWithABalanceIsNotClosed() {
    ada.transfer(main, savings, 10);

    assertRefused(change(ada, savings, "close"), 409, "account-not-empty");
    assertRefused(change(ada, main, "close"), 409, "account-not-empty");
    assertThat(ada.get("/v1/accounts/" + savings).at("/status")).isEqualTo("open");
  }

  @Test
  void anAccountWithAHoldIsNotClosed() {
    UUID held = ada.hold(main, savings, 10).id();

    assertRefused(change(ada, main, "close"), 409, "account-not-empty");
    ada.post("/v1/holds/" + held + "/release");
    assertThat(change(ada, main, "close").at("/status")).isEqualTo("closed");
  }

  @Test
  void aFrozenAccountIsNotClosed() {
    change(ada, savings, "freeze");

    assertRefused(change(ada, savings, "close"), 409, "account-frozen");
  }

  @Test
  void refusalsWithoutAKeySayNothingOfKeys() {
    change(ada, savings, "freeze");

    assertThat(change(ada, savings, "close").body().propertyNames())
        .doesNotContain("effect", "retry");
  }

  @ParameterizedTest
  @ValueSource(strings = {"freeze", "unfreeze", "close"})
  void whatCannotBeAnsweredIsNotDone(String step) {
    if (step.equals("unfreeze")) {
      change(ada, savings, "freeze");
    }
    JsonNode before = ada.get("/v1/accounts/" + savings).body();

    Api.Answer answer =
        ada.send(
            ada.request("/v1/accounts/" + savings + "/" + step)
                .header("Accept", "image/png")
                .POST(BodyPublishers.noBody()));

    assertRefused(answer, 406, "not-acceptable");
    assertThat(ada.get("/v1/accounts/" + savings).body()).isEqualTo(before);
  }

  private static Api.Answer change(Api caller, UUID account, String step) {
    return caller.post("/v1/accounts/" + account + "/" + step);
  }

  private static List<String> ids(JsonNode page) {
    return page.at("/data").valueStream().map(it -> it.path("id").asString()).toList();
  }

  private static String next(JsonNode page) {
    return page.path("nextCursor").stringValue();
  }
}
