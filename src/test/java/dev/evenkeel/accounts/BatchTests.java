package dev.evenkeel.accounts;

import static dev.testing.Refusals.assertRefused;
import static dev.testing.Refusals.assertReplayed;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.testing.Api;
import dev.testing.WholeApplication;
import java.time.Duration;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.boot.test.web.server.LocalServerPort;
import tools.jackson.databind.JsonNode;

/** Transfers that come together: each for itself, or all or nothing. */
@WholeApplication
class BatchTests {

  @LocalServerPort int port;

  Api ada;
  Api bob;
  UUID main;
  UUID savings;
  UUID bobs;

  @BeforeEach
  void twoOwners() {
    ada = new Api(port, "ada-" + UUID.randomUUID());
    bob = new Api(port, "bob-" + UUID.randomUUID());
    main = ada.openAccount(1000);
    savings = ada.openAccount(0);
    bobs = bob.openAccount(0);
  }

  @Test
  void aBatchReadsToTheLetter() {
    Api.Answer batch = submit(false, transfer(main, bobs, 400), transfer(savings, bobs, 1));

    assertThat(batch.status()).as(batch.toString()).isEqualTo(200);
    assertThat(batch.isReplay()).isFalse();
    assertThat(batch.header("Location")).contains("/v1/transfers/batch/" + batch.id());
    assertThat(batch.body().propertyNames()).containsExactlyInAnyOrder("id", "summary", "results");
    assertThat(batch.body().at("/summary")).isEqualTo(Api.json("{\"posted\": 1, \"refused\": 1}"));
    assertThat(batch.body().at("/results/0"))
        .isEqualTo(
            Api.json(
                Map.of(
                    "index",
                    0,
                    "transfer",
                    ada.get("/v1/transfers/" + batch.at("/results/0/transfer/id")).body())));
    JsonNode refused = batch.body().at("/results/1");
    assertThat(refused.propertyNames()).containsExactlyInAnyOrder("index", "problem");
    assertThat(refused.at("/index").asInt()).isEqualTo(1);
    assertThat(refused.at("/problem/type").asString()).isEqualTo("/problems/insufficient-funds");
    assertThat(refused.at("/problem/status").asInt()).isEqualTo(422);
    assertThat(refused.at("/problem/available").asLong(-1)).isZero();
    assertThat(refused.at("/problem/required").asLong()).isEqualTo(1);
  }

  @Test
  void eachSeesThoseBeforeIt() {
    Api.Answer batch =
        submit(
            false,
            transfer(savings, bobs, 700),
            transfer(main, savings, 700),
            transfer(savings, bobs, 700),
            transfer(savings, bobs, 1),
            transfer(main, bobs, 300),
            transfer(main, bobs, 1));

    assertThat(outcomes(batch))
        .containsExactly(
            "/problems/insufficient-funds",
            "posted",
            "posted",
            "/problems/insufficient-funds",
            "posted",
            "/problems/insufficient-funds");
    assertThat(batch.body().at("/summary")).isEqualTo(Api.json("{\"posted\": 3, \"refused\": 3}"));
    assertThat(batch.body().at("/results").valueStream().map(it -> it.at("/index").asInt()))
        .containsExactly(0, 1, 2, 3, 4, 5);
    assertThat(bob.posted(bobs)).isEqualTo(1000);
    assertThat(ada.posted(savings)).isZero();
  }

  @Test
  void eachIsRefusedAsItWouldBeAlone() {
    UUID dollars = bob.openAccount("USD", 0);
    UUID frozen = bob.openAccount(0);
    bob.post("/v1/accounts/" + frozen + "/freeze");

    Api.Answer batch =
        submit(
            false,
            transfer(main, UUID.randomUUID(), 1),
            transfer(bobs, main, 1),
            transfer(main, main, 1),
            transfer(main, dollars, 1),
            transfer(main, frozen, 1),
            transfer(main, bobs, 1));

    assertThat(outcomes(batch))
        .containsExactly(
            "/problems/account-not-found",
            "/problems/account-not-found",
            "/problems/same-account",
            "/problems/currency-mismatch",
            "/problems/account-frozen",
            "posted");
  }

  @Test
  void twoAlikeAreTwoTransfers() {
    Api.Answer batch = submit(true, transfer(main, bobs, 10), transfer(main, bobs, 10));

    assertThat(batch.body().at("/summary/posted").asInt()).isEqualTo(2);
    assertThat(batch.at("/results/0/transfer/id")).isNotEqualTo(batch.at("/results/1/transfer/id"));
    assertThat(bob.posted(bobs)).isEqualTo(20);
  }

  @Test
  void aReplayAndALaterLookSayTheSameWhateverHappenedSince() {
    String body = body(false, transfer(main, bobs, 900), transfer(savings, bobs, 50));
    Api.Answer first = ada.post("/v1/transfers/batch", "again", body);
    ada.transfer(main, savings, 100);
    bob.transfer(bobs, main, 900);
    ada.post("/v1/accounts/" + main + "/freeze");

    Api.Answer again = ada.post("/v1/transfers/batch", "again", body);
    Api.Answer found = ada.get("/v1/transfers/batch/" + first.id());

    assertThat(again.status()).isEqualTo(200);
    assertThat(again.isReplay()).isTrue();
    assertThat(again.header("Location")).isEqualTo(first.header("Location"));
    assertThat(again.body()).isEqualTo(first.body());
    assertThat(found.status()).isEqualTo(200);
    assertThat(found.isReplay()).isFalse();
    assertThat(found.body()).isEqualTo(first.body());
    assertThat(bob.posted(bobs)).isZero();
  }

  @Test
  void evenAnAccountThatWasNotFoundIsKeptWithItsBatch() {
    String body = body(false, transfer(main, UUID.randomUUID(), 1));
    Api.Answer first = ada.post("/v1/transfers/batch", "again", body);

    Api.Answer again = ada.post("/v1/transfers/batch", "again", body);

    assertThat(first.status()).isEqualTo(200);
    assertThat(again.isReplay()).isTrue();
    assertThat(again.body()).isEqualTo(first.body());
  }

  @Test
  void anotherBatchUnderTheKeyIsRefused() {
    ada.post("/v1/transfers/batch", "once", body(false, transfer(main, bobs, 10)));

    for (String other :
        List.of(body(true, transfer(main, bobs, 10)), body(false, transfer(main, bobs, 11)))) {
      assertRefused(
          ada.post("/v1/transfers/batch", "once", other), 422, "idempotency-key-reused", "new-key");
    }
    assertThat(bob.posted(bobs)).isEqualTo(10);
  }

  @Test
  void allOrNothingIsAll() {
    Api.Answer batch = submit(true, transfer(main, savings, 700), transfer(savings, bobs, 700));

    assertThat(batch.status()).isEqualTo(200);
    assertThat(outcomes(batch)).containsExactly("posted", "posted");
    assertThat(bob.posted(bobs)).isEqualTo(700);
    assertThat(ada.get("/v1/transfers/batch/" + batch.id()).body()).isEqualTo(batch.body());
  }

  @Test
  void allOrNothingIsNothingForGood() {
    String body =
        body(
            true,
            transfer(main, bobs, 10),
            transfer(savings, bobs, 10),
            transfer(main, UUID.randomUUID(), 10));
    Api.Answer refused = ada.post("/v1/transfers/batch", "atomic", body);
    ada.transfer(main, savings, 100);

    Api.Answer again = ada.post("/v1/transfers/batch", "atomic", body);

    assertRefused(refused, 422, "insufficient-funds", "new-key");
    assertThat(refused.body().at("/index").asInt()).isEqualTo(1);
    assertReplayed(again, refused);
    assertThat(bob.posted(bobs)).isZero();
    assertThat(ada.get("/v1/transfers?account=" + main).body().at("/data")).hasSize(1);
    assertRefused(
        ada.post("/v1/transfers/batch", "atomic", body(true, transfer(main, bobs, 10))),
        422,
        "idempotency-key-reused",
        "new-key");
  }

  @Test
  void allOrNothingIsRefusedByAStateToo() {
    ada.post("/v1/accounts/" + savings + "/freeze");

    Api.Answer refused = submit(true, transfer(main, bobs, 10), transfer(main, savings, 10));

    assertRefused(refused, 409, "account-frozen", "new-key");
    assertThat(refused.body().at("/index").asInt()).isEqualTo(1);
    assertThat(bob.posted(bobs)).isZero();
  }

  @Test
  void allOrNothingWithAnUnknownAccountLeavesNothingUnderTheKey() {
    Api.Answer refused =
        ada.post(
            "/v1/transfers/batch",
            "found-later",
            body(true, transfer(main, bobs, 10), transfer(main, UUID.randomUUID(), 10)));

    assertRefused(refused, 422, "account-not-found", "no");
    assertThat(refused.body().at("/index").asInt()).isEqualTo(1);
    assertThat(refused.at("/errors/0/field")).isEqualTo("to");
    assertThat(bob.posted(bobs)).isZero();
    Api.Answer later =
        ada.post("/v1/transfers/batch", "found-later", body(true, transfer(main, bobs, 10)));
    assertThat(later.status()).isEqualTo(200);
    assertThat(later.isReplay()).isFalse();
  }

  // part of notifications
  @Test
  void itTellsOfEachTransfer() {
    submit(false, transfer(main, bobs, 10), transfer(main, bobs, 20), transfer(savings, bobs, 1));

    await()
        .atMost(Duration.ofSeconds(10))
        .untilAsserted(() ->
            assertThat(
                    bob.get("/v1/notifications")
                        .body()
                        .at("/data")
                        .valueStream()
                        .map(it -> it.path("type").asString()))
                .containsExactly("transfer.received", "transfer.received"));
  }

  // end of notifications

  @Test
  void aThousandAreTakenAndOneMoreIsNot() {
    Map<String, Object> one = transfer(main, bobs, 1);

    Api.Answer thousand =
        ada.post(
            "/v1/transfers/batch",
            Map.of("transfers", Collections.nCopies(1000, one), "atomic", false));
    Api.Answer more =
        ada.post(
            "/v1/transfers/batch",
            Map.of("transfers", Collections.nCopies(1001, one), "atomic", false));

    assertThat(thousand.status()).as(thousand.toString()).isEqualTo(200);
    assertThat(thousand.body().at("/summary/posted").asInt()).isEqualTo(1000);
    assertThat(ada.get("/v1/transfers/batch/" + thousand.id()).body()).isEqualTo(thousand.body());
    assertRefused(more, 400, "invalid-request", "no");
    assertThat(more.at("/errors/0/field")).isEqualTo("transfers");
    assertThat(bob.posted(bobs)).isEqualTo(1000);
  }

  @Test
  void withoutTransfersItIsNone() {
    Api.Answer answer = submit(false);

    assertRefused(answer, 400, "invalid-request", "no");
    assertThat(answer.at("/errors/0/field")).isEqualTo("transfers");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{\"transfers\": [%s]}",
        "{\"transfers\": [%s], \"atomic\": null}",
        "{\"transfers\": [%s], \"atomic\": \"true\"}",
        "{\"transfers\": [%s], \"atomic\": 1}",
        "{\"transfers\": [%s], \"atomic\": true, \"atomic\": true}",
        "{\"transfers\": [%s], \"atomic\": true, \"surprise\": 1}",
        "{\"transfers\": %s, \"atomic\": true}",
        "{\"transfers\": null, \"atomic\": true}",
        "{\"transfers\": [null], \"atomic\": true}",
        "{\"transfers\": [%s, 7], \"atomic\": true}",
        "{\"atomic\": true}"
      })
  void whatIsNoBatchIsRefused(String body) {
    String transfer = Api.json(transfer(main, bobs, 10)).toString();

    assertRefused(
        ada.post("/v1/transfers/batch", body.formatted(transfer)), 400, "invalid-request", "no");
    assertThat(bob.posted(bobs)).isZero();
  }

  @Test
  void oneBadTransferMakesABadBatch() {
    Api.Answer answer = submit(false, transfer(main, bobs, 10), transfer(main, bobs, 0));

    assertRefused(answer, 400, "invalid-request", "no");
    assertThat(answer.at("/errors/0/field")).isEqualTo("transfers[1].amount");
    assertThat(bob.posted(bobs)).isZero();
  }

  @Test
  void theListShowsItsTransfersTheLastOneFirst() {
    Api.Answer batch = submit(true, transfer(main, bobs, 1), transfer(main, bobs, 2));

    assertThat(
            ada.get("/v1/transfers")
                .body()
                .at("/data")
                .valueStream()
                .map(it -> it.at("/id").asString()))
        .containsExactly(batch.at("/results/1/transfer/id"), batch.at("/results/0/transfer/id"));
  }

  @Test
  void anotherOwnersBatchIsAsUnknownAsNone() {
    Api operator = new Api(port, "olga-" + UUID.randomUUID() + ";operator");
    UUID batch = submit(true, transfer(main, bobs, 1)).id();

    assertRefused(bob.get("/v1/transfers/batch/" + batch), 404, "not-found");
    assertRefused(ada.get("/v1/transfers/batch/" + UUID.randomUUID()), 404, "not-found");
    assertRefused(ada.get("/v1/transfers/batch/1-1-1-1-1"), 404, "not-found");
    assertThat(operator.get("/v1/transfers/batch/" + batch).status()).isEqualTo(200);
  }

  private Api.Answer submit(boolean atomic, Object... transfers) {
    return ada.post("/v1/transfers/batch", body(atomic, transfers));
  }

  private static String body(boolean atomic, Object... transfers) {
    return Api.json(Map.of("transfers", List.of(transfers), "atomic", atomic)).toString();
  }

  private static Map<String, Object> transfer(UUID from, UUID to, long amount) {
    return Map.of("from", from, "to", to, "amount", amount, "currency", "EUR");
  }

  private static List<String> outcomes(Api.Answer batch) {
    assertThat(batch.status()).as(batch.toString()).isEqualTo(200);
    return batch
        .body()
        .at("/results")
        .valueStream()
        .map(it -> it.has("transfer") ? "posted" : it.at("/problem/type").asString())
        .toList();
  }
}
