package dev.evenkeel.accounts;

import static dev.testing.Refusals.assertRefused;
import static dev.testing.Refusals.assertReplayed;
import static org.assertj.core.api.Assertions.assertThat;

import dev.testing.Api;
import dev.testing.WholeApplication;
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

/** Batches of transfers, atomic or each for itself. */
@WholeApplication
class BatchTests {

  @LocalServerPort int port;

  Api ada;
  Api bob;
  UUID main;
  UUID savings;
  UUID bobs;

  @BeforeEach
  void openAccounts() {
    ada = new Api(port, "ada-" + UUID.randomUUID());
    bob = new Api(port, "bob-" + UUID.randomUUID());
    main = ada.openAccount(1000);
    savings = ada.openAccount(0);
    bobs = bob.openAccount(0);
  }

  @Test
  void answersWithTransfersAndProblems() {
    Api.Answer batch = submit(false, transfer(main, bobs, 400), transfer(savings, bobs, 1));

    assertThat(batch.status()).as(batch.toString()).isEqualTo(200);
    assertThat(batch.isReplay()).isFalse();
    assertThat(batch.header("Location")).contains("/v1/transfers/batch/" + batch.id());
    assertThat(batch.body().propertyNames()).containsExactlyInAnyOrder("id", "summary", "results");
    assertThat(batch.body().at("/summary")).isEqualTo(Api.json("{\"posted\": 1, \"refused\": 1}"));
    JsonNode transfer = ada.get("/v1/transfers/" + batch.at("/results/0/transfer/id")).body();
    assertThat(batch.body().at("/results/0"))
        .isEqualTo(Api.json(Map.of("index", 0, "transfer", transfer)));
    JsonNode refused = batch.body().at("/results/1");
    assertThat(refused.propertyNames()).containsExactlyInAnyOrder("index", "problem");
    assertThat(refused.at("/index").asInt()).isEqualTo(1);
    assertThat(refused.at("/problem/type").asString()).isEqualTo("/problems/insufficient-funds");
    assertThat(refused.at("/problem/status").asInt()).isEqualTo(422);
    assertThat(refused.at("/problem/available").asLong(-1)).isZero();
    assertThat(refused.at("/problem/required").asLong()).isEqualTo(1);
  }

  @Test
  void postsInOrder() {
    Api.Answer batch =
        submit(
            false,
            transfer(savings, bobs, 700),
            transfer(main, savings, 700),
            transfer(savings, bobs, 700),
            transfer(savings, bobs, 1),
            transfer(main, UUID.randomUUID(), 1),
            transfer(main, bobs, 150),
            transfer(main, bobs, 150));

    assertThat(outcomes(batch))
        .containsExactly(
            "/problems/insufficient-funds",
            "posted",
            "posted",
            "/problems/insufficient-funds",
            "/problems/account-not-found",
            "posted",
            "posted");
    assertThat(batch.body().at("/summary")).isEqualTo(Api.json("{\"posted\": 4, \"refused\": 3}"));
    assertThat(batch.body().at("/results").valueStream().map(it -> it.at("/index").asInt()))
        .containsExactly(0, 1, 2, 3, 4, 5, 6);
    assertThat(bob.posted(bobs)).isEqualTo(1000);
    assertThat(ada.posted(savings)).isZero();
  }

  @Test
  void replaysAllResults() {
    String body =
        body(
            false,
            transfer(main, bobs, 900),
            transfer(savings, bobs, 50),
            transfer(main, UUID.randomUUID(), 1));
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
  void rejectsTheKeyForADifferentBatch() {
    ada.post("/v1/transfers/batch", "once", body(false, transfer(main, bobs, 10)));

    for (String other :
        List.of(body(true, transfer(main, bobs, 10)), body(false, transfer(main, bobs, 11)))) {
      assertRefused(
          ada.post("/v1/transfers/batch", "once", other), 422, "idempotency-key-reused", "new-key");
    }
    assertThat(bob.posted(bobs)).isEqualTo(10);
  }

  @Test
  void postsAnAtomicBatch() {
    Api.Answer batch = submit(true, transfer(main, savings, 700), transfer(savings, bobs, 700));

    assertThat(outcomes(batch)).containsExactly("posted", "posted");
    assertThat(bob.posted(bobs)).isEqualTo(700);
    assertThat(ada.get("/v1/transfers/batch/" + batch.id()).body()).isEqualTo(batch.body());
  }

  @Test
  void rejectsAnAtomicBatchForGood() {
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
    Api.Answer other =
        ada.post("/v1/transfers/batch", "atomic", body(true, transfer(main, bobs, 10)));
    assertRefused(other, 422, "idempotency-key-reused", "new-key");
  }

  @Test
  void storesNothingForAnUnknownAccountInAnAtomicBatch() {
    String unknown = body(true, transfer(main, bobs, 10), transfer(main, UUID.randomUUID(), 10));
    Api.Answer refused = ada.post("/v1/transfers/batch", "found-later", unknown);
    Api.Answer later =
        ada.post("/v1/transfers/batch", "found-later", body(true, transfer(main, bobs, 10)));

    assertRefused(refused, 422, "account-not-found", "no");
    assertThat(refused.body().at("/index").asInt()).isEqualTo(1);
    assertThat(refused.at("/errors/0/field")).isEqualTo("to");
    assertThat(later.status()).isEqualTo(200);
    assertThat(later.isReplay()).isFalse();
    assertThat(bob.posted(bobs)).isEqualTo(10);
  }

  @Test
  void acceptsUpToAThousandTransfers() {
    Object[] transfers = Collections.nCopies(1001, transfer(main, bobs, 1)).toArray();

    Api.Answer more = submit(false, transfers);
    Api.Answer thousand = submit(false, List.of(transfers).subList(1, 1001).toArray());

    assertRefused(more, 400, "invalid-request", "no");
    assertThat(more.at("/errors/0/field")).isEqualTo("transfers");
    assertThat(thousand.status()).as(thousand.toString()).isEqualTo(200);
    assertThat(thousand.body().at("/summary/posted").asInt()).isEqualTo(1000);
    assertThat(ada.get("/v1/transfers/batch/" + thousand.id()).body()).isEqualTo(thousand.body());
    assertThat(bob.posted(bobs)).isEqualTo(1000);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{\"transfers\": [], \"atomic\": true}",
        "{\"transfers\": [%s]}",
        "{\"transfers\": [%s], \"atomic\": null}",
        "{\"transfers\": [%s], \"atomic\": \"true\"}",
        "{\"transfers\": [%s], \"atomic\": 1}",
        "{\"transfers\": [%s], \"atomic\": true, \"atomic\": true}",
        "{\"transfers\": %s, \"atomic\": true}",
        "{\"transfers\": null, \"atomic\": true}",
        "{\"transfers\": [null], \"atomic\": true}",
        "{\"transfers\": [%s, 7], \"atomic\": true}"
      })
  void rejectsMalformedBatches(String body) {
    String transfer = Api.json(transfer(main, bobs, 10)).toString();

    assertRefused(
        ada.post("/v1/transfers/batch", body.formatted(transfer)), 400, "invalid-request", "no");
    assertThat(bob.posted(bobs)).isZero();
  }

  @Test
  void rejectsABatchWithOneBadTransfer() {
    Api.Answer answer = submit(false, transfer(main, bobs, 10), transfer(main, bobs, 0));

    assertRefused(answer, 400, "invalid-request", "no");
    assertThat(answer.at("/errors/0/field")).isEqualTo("transfers[1].amount");
    assertThat(bob.posted(bobs)).isZero();
  }

  @Test
  void hidesBatchesOfOtherOwners() {
    Api operator = Api.operator(port, "olga-" + UUID.randomUUID());
    UUID batch = submit(true, transfer(main, bobs, 1)).id();

    assertRefused(bob.get("/v1/transfers/batch/" + batch), 404, "not-found");
    assertRefused(ada.get("/v1/transfers/batch/" + UUID.randomUUID()), 404, "not-found");
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
