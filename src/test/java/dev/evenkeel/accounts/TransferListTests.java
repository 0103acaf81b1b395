package dev.evenkeel.accounts;

import static dev.testing.Refusals.assertRefused;
import static org.assertj.core.api.Assertions.assertThat;

import dev.testing.Api;
import dev.testing.WholeApplication;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.boot.test.web.server.LocalServerPort;
import tools.jackson.databind.JsonNode;

/** Lists of transfers, their filters and pages. */
@WholeApplication
class TransferListTests {

  @Autowired Transfers transfers;
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
    main = ada.openAccount(10_000);
    savings = ada.openAccount(0);
    bobs = bob.openAccount(0);
  }

  @Test
  void listsTheTransfersOfAnOwnersAccounts() {
    UUID between = ada.transfer(main, savings, 10).id();
    UUID sent = ada.transfer(main, bobs, 20).id();
    UUID received = bob.transfer(bobs, savings, 5).id();

    assertThat(list(ada, "")).containsExactly(received, sent, between);
    assertThat(list(ada, "?account=" + savings)).containsExactly(received, between);
    assertThat(list(bob, "")).containsExactly(received, sent);
    assertThat(list(bob, "?account=" + main)).isEmpty();
    assertThat(list(ada, "?account=" + UUID.randomUUID())).isEmpty();
  }

  @Test
  void listsWhatWasPostedForAPaymentAndItsRefunds() {
    UUID payment = ada.payIn(main, 500, "tok_ok").id();
    ada.payIn(main, 300, "tok_ok");
    ada.refund(payment, 200);

    assertThat(transfers.ofPayment(payment, 10))
        .extracting(Transfer::amount)
        .containsExactly(500L, 200L);
    assertThat(transfers.ofPayment(payment, 1)).extracting(Transfer::amount).containsExactly(500L);
    assertThat(transfers.ofPayment(UUID.randomUUID(), 10)).isEmpty();
    UUID payOut = ada.payOut(main, 100, "tok_ok").id();
    assertThat(transfers.ofPayment(payOut, 10)).as("not its hold").hasSize(1);
  }

  @Test
  void hidesSenderDataFromTheReceiver() {
    ada.post("/v1/transfers", request("ours"));

    for (Api api : List.of(ada, bob)) {
      JsonNode listed = api.get("/v1/transfers").body().at("/data/0");
      assertThat(listed).isEqualTo(api.get("/v1/transfers/" + listed.path("id").asString()).body());
    }
    assertThat(bob.get("/v1/transfers").text()).doesNotContain("ours");
  }

  @Test
  void filtersByReference() {
    UUID one = ada.post("/v1/transfers", request("ours")).id();
    UUID two = ada.post("/v1/transfers", request("ours")).id();
    ada.post("/v1/transfers", request("theirs"));

    assertThat(list(ada, "?reference=ours")).containsExactly(two, one);
    assertThat(list(ada, "?reference=ours&account=" + bobs)).containsExactly(two, one);
    assertThat(list(ada, "?reference=ours&account=" + savings)).isEmpty();
    assertThat(list(ada, "?reference=Ours")).isEmpty();
    assertThat(list(bob, "?reference=ours")).isEmpty();
  }

  @Test
  void filtersByKey() {
    UUID transfer = ada.transfer("this-key", main, bobs, 10).id();
    ada.transfer("that-key", main, bobs, 10);
    bob.transfer("this-key", bobs, savings, 1);
    ada.transfer("refused-key", savings, bobs, 1_000_000);
    UUID reversal = bob.postEmpty("/v1/transfers/" + transfer + "/reversal", "reversal-key").id();

    assertThat(list(ada, "?idempotencyKey=this-key")).containsExactly(transfer);
    assertThat(list(ada, "?idempotencyKey=refused-key")).isEmpty();
    assertThat(list(ada, "?idempotencyKey=unknown")).isEmpty();
    assertThat(list(bob, "?idempotencyKey=reversal-key")).containsExactly(reversal);
    assertThat(list(ada, "?idempotencyKey=reversal-key")).isEmpty();
  }

  @Test
  void listsHoldsOnceCaptured() {
    UUID hold =
        ada.post(
                "/v1/holds",
                "hold-key",
                Map.of("from", main, "to", bobs, "amount", 10, "currency", "EUR"))
            .id();
    UUID captured = ada.postEmpty("/v1/holds/" + hold + "/capture", "capture-key").id();

    assertThat(list(ada, "?idempotencyKey=hold-key")).isEmpty();
    assertThat(list(ada, "?idempotencyKey=capture-key")).containsExactly(captured);
    assertThat(list(ada, "")).containsExactly(captured);
  }

  @Test
  void hidesSystemAccounts() {
    UUID payment = ada.payIn(savings, 400, "tok_ok").id();

    JsonNode posting = ada.get("/v1/transfers").body().at("/data/0");

    assertThat(posting)
        .isEqualTo(
            Api.json(
                """
                {"id": "%s", "to": "%s", "amount": 400, "currency": "EUR", "payment": "%s", "postedAt": "%s",
                 "entries": [{"account": "%2$s", "amount": 400, "sequence": 1, "balanceAfter": 400}]}
                """
                    .formatted(
                        posting.path("id").asString(),
                        savings,
                        payment,
                        posting.path("postedAt").asString())));
    assertThat(list(ada, "?account=00000000-0000-8000-8000-000001455552")).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "&reference=ours", "&account=%s", "&account=%s&reference=ours"})
  void keepsPagesStable(String filter) {
    String query = "?limit=2" + filter.formatted(main);
    UUID first = ada.post("/v1/transfers", request("ours")).id();
    UUID second = ada.post("/v1/transfers", request("ours")).id();
    UUID third = ada.post("/v1/transfers", request("ours")).id();
    JsonNode page = ada.get("/v1/transfers" + query).body();
    ada.post("/v1/transfers", request("ours"));
    String cursor = page.path("nextCursor").stringValue();

    assertThat(ids(page)).containsExactly(third, second);
    assertThat(list(ada, query + "&cursor=" + cursor)).containsExactly(first);
  }

  @Test
  void splitsBatchesBetweenPages() {
    Map<String, Object> one = Map.of("from", main, "to", savings, "amount", 1, "currency", "EUR");
    ada.post(
        "/v1/transfers/batch",
        Map.of("transfers", List.of(one, one, one, one, one), "atomic", true));
    List<UUID> all = list(ada, "");

    JsonNode first = ada.get("/v1/transfers?limit=2").body();
    JsonNode second = ada.get("/v1/transfers?limit=2&cursor=" + next(first)).body();
    JsonNode third = ada.get("/v1/transfers?limit=2&cursor=" + next(second)).body();

    assertThat(all).hasSize(5);
    assertThat(ids(first)).isEqualTo(all.subList(0, 2));
    assertThat(ids(second)).isEqualTo(all.subList(2, 4));
    assertThat(ids(third)).isEqualTo(all.subList(4, 5));
    assertThat(third.path("nextCursor").isNull()).isTrue();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "&reference=theirs",
        "&reference=ours&account=%s",
        "&account=%s",
        "&idempotencyKey=ours",
        "&reference=ours&idempotencyKey=k"
      })
  void rejectsCursorsOfOtherFilters(String otherFilter) {
    ada.post("/v1/transfers", request("ours"));
    ada.post("/v1/transfers", request("ours"));
    String cursor = next(ada.get("/v1/transfers?limit=1&reference=ours").body());

    assertBadCursor(
        ada.get("/v1/transfers?limit=1&cursor=" + cursor + otherFilter.formatted(bobs)));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "x",
        "/",
        "2026-01-01T00:00:00Z",
        "2026-01-01T00:00:00Z/x",
        "+294277-01-01T00:00:00Z/019a0000-0000-7000-8000-000000000000",
        "-100000-01-01T00:00:00Z/019a0000-0000-7000-8000-000000000000",
        "+1000000000-12-31T23:59:59Z/019a0000-0000-7000-8000-000000000000",
        "2026-01-01T00:00:00Z/\0"
      })
  void rejectsForgedCursors(String position) {
    ada.post("/v1/transfers", request("ours"));
    ada.post("/v1/transfers", request("ours"));
    byte[] real = Base64.getUrlDecoder().decode(next(ada.get("/v1/transfers?limit=1").body()));
    String forged = new String(real, StandardCharsets.UTF_8).substring(0, 16) + position;

    assertBadCursor(
        ada.get(
            "/v1/transfers?limit=1&cursor="
                + Base64.getUrlEncoder().encodeToString(forged.getBytes(StandardCharsets.UTF_8))));
  }

  @ParameterizedTest
  @ValueSource(strings = {"reference=%00", "idempotencyKey=a%00b", "reference=%ff", "owner=%00"})
  void rejectsUnstorableText(String query) {
    Api operator = Api.operator(port, "olga-" + UUID.randomUUID());

    Api.Answer answer = operator.get("/v1/transfers?" + query);

    assertRefused(answer, 400, "invalid-request");
  }

  @Test
  void showsOtherOwnersToOperatorsOnly() {
    Api operator = Api.operator(port, "olga-" + UUID.randomUUID());
    UUID transfer = ada.post("/v1/transfers", request("ours")).id();
    String adas = "?owner=" + ada.caller();

    assertThat(list(operator, "")).isEmpty();
    assertThat(list(operator, adas)).containsExactly(transfer);
    assertThat(list(operator, adas + "&reference=ours")).containsExactly(transfer);
    assertThat(list(operator, "?reference=ours")).isEmpty();
    assertThat(list(ada, adas)).containsExactly(transfer);
    assertRefused(bob.get("/v1/transfers" + adas), 403, "forbidden");
  }

  private Map<String, Object> request(String reference) {
    return Map.of(
        "from", main, "to", bobs, "amount", 10, "currency", "EUR", "reference", reference);
  }

  private static void assertBadCursor(Api.Answer answer) {
    assertRefused(answer, 400, "invalid-request");
    assertThat(answer.at("/errors/0/field")).isEqualTo("cursor");
  }

  @Test
  void rejectsAMalformedAccount() {
    Api.Answer refused = ada.get("/v1/transfers?account=1-1-1-1-1");

    assertThat(refused.status()).isEqualTo(400);
    assertThat(refused.at("/errors/0/field")).isEqualTo("account");
    assertThat(refused.at("/errors/0/message")).isEqualTo("must be a UUID");
  }

  private static List<UUID> list(Api api, String query) {
    Api.Answer answer = api.get("/v1/transfers" + query);
    assertThat(answer.status()).as(answer.toString()).isEqualTo(200);
    return ids(answer.body());
  }

  private static List<UUID> ids(JsonNode page) {
    return page.at("/data")
        .valueStream()
        .map(it -> UUID.fromString(it.path("id").asString()))
        .toList();
  }

  private static String next(JsonNode page) {
    return page.path("nextCursor").stringValue();
  }
}
