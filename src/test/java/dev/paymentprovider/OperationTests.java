package dev.paymentprovider;

import static dev.paymentprovider.ProviderClient.newKey;
import static dev.paymentprovider.ProviderClient.refundOf;
import static dev.paymentprovider.ProviderClient.requestBody;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class OperationTests extends RunningProvider {

  @Test
  void approvesACharge() throws Exception {
    var before = Instant.now().minusSeconds(1);

    var response = client.post("/charges", "k-1", requestBody("pay-1", 1250, "tok_ok"));

    assertThat(response.status()).isEqualTo(201);
    var charge = response.json();
    assertThat(charge.propertyNames())
        .containsExactly("id", "key", "kind", "reference", "amount", "currency", "status", "at");
    assertThat(charge.get("id").asString()).startsWith("op_");
    assertThat(charge.get("key").asString()).isEqualTo("k-1");
    assertThat(charge.get("kind").asString()).isEqualTo("charge");
    assertThat(charge.get("reference").asString()).isEqualTo("pay-1");
    assertThat(charge.get("amount").asLong()).isEqualTo(1250);
    assertThat(charge.get("status").asString()).isEqualTo("approved");
    assertThat(Instant.parse(charge.get("at").asString())).isBetween(before, Instant.now());
  }

  @Test
  void deductsFeesAndSettles() throws Exception {
    stop();
    provider = PaymentProvider.start(0, folder.resolve("operations.jsonl"), 250);
    client = new ProviderClient(provider);
    client.post("/charges", "k-1", requestBody("pay-1", 1000, "tok_ok"));
    client.post("/charges", "k-2", requestBody("pay-2", 1000, "tok_declined"));
    client.post("/refunds", "k-3", refundOf("k-1", 100));
    client.post("/payouts", "k-4", requestBody("pay-4", 70, "tok_ok"));

    assertThat(client.get("/balance").json().toString())
        .isEqualTo("{\"data\":[{\"currency\":\"EUR\",\"amount\":805}]}");
    var settled = client.post("/settlements", newKey(), "").json().at("/data/0");
    assertThat(settled.at("/kind").asString()).isEqualTo("settlement");
    assertThat(settled.at("/amount").asLong()).isEqualTo(805);
    assertThat(client.post("/settlements", newKey(), "").json().at("/data")).isEmpty();
    assertThat(client.get("/operations").json().at("/data").valueStream())
        .extracting(it -> it.at("/fee").asLong(0))
        .containsExactly(25L, 0L, 0L, 0L, 0L);
    assertThat(
            client
                .post("/operations/" + settled.at("/id").asString() + "/return", newKey(), "")
                .status())
        .isEqualTo(409);
  }

  @Test
  void listsPageByPage() throws Exception {
    for (var key : List.of("k-1", "k-2", "k-3")) {
      client.charge(key);
    }

    var first = client.get("/operations?limit=2").json().at("/data");
    assertThat(first.valueStream())
        .extracting(it -> it.at("/key").asString())
        .containsExactly("k-1", "k-2");
    var rest = "/operations?from=2000-01-01T00:00:00Z&limit=2&after=";
    var second = client.get(rest + first.at("/1/id").asString()).json().at("/data");
    assertThat(second.valueStream())
        .extracting(it -> it.at("/key").asString())
        .containsExactly("k-3");
    assertThat(client.get(rest + second.at("/0/id").asString()).json().at("/data")).isEmpty();
    assertThat(client.get(rest + "op_unknown").json().at("/data")).isEmpty();
  }

  private String authorize(String key) throws Exception {
    var body = requestBody("pay", 100, "tok_ok").replace("}", ", \"capture\": false}");
    var response = client.post("/charges", key, body);
    assertThat(response.status()).isEqualTo(201);
    assertThat(response.text("status")).isEqualTo("authorized");
    assertThat(client.post("/charges", key, body).text("id")).isEqualTo(response.text("id"));
    return response.text("id");
  }

  private ProviderClient.Response tell(String operation, String what, String body)
      throws Exception {
    return client.post("/operations/" + operation + "/" + what, newKey(), body);
  }

  @Test
  void capturesAPartOnce() throws Exception {
    var key = newKey();
    var id = authorize(key);

    for (var idOrKey : List.of(id, key, id)) {
      var captured = tell(idOrKey, "capture", "{\"amount\": 60}");
      assertThat(captured.status()).isEqualTo(200);
      assertThat(captured.text("status")).isEqualTo("approved");
      assertThat(captured.json().get("amount").asLong()).isEqualTo(60);
    }
    assertThat(tell(id, "capture", "{\"amount\": 61}").status()).isEqualTo(409);
    assertThat(tell(id, "cancel", "").text("status")).isEqualTo("approved");
    assertThat(client.post("/refunds", newKey(), refundOf(key, 61)).text("status"))
        .isEqualTo("declined");
    assertThat(client.post("/refunds", newKey(), refundOf(key, 60)).text("status"))
        .isEqualTo("approved");
  }

  @Test
  void capturesAtMostWhatIsAuthorized() throws Exception {
    var id = authorize(newKey());

    assertThat(tell(id, "capture", "{\"amount\": 101}").status()).isEqualTo(422);
    assertThat(tell(id, "capture", "{\"amount\": 0}").status()).isEqualTo(422);
    assertThat(tell(id, "capture", "").json().get("amount").asLong()).isEqualTo(100);
  }

  @Test
  void cancelsWhatIsAuthorized() throws Exception {
    var id = authorize(newKey());

    for (int i = 0; i < 2; i++) {
      assertThat(tell(id, "cancel", "").text("status")).isEqualTo("canceled");
    }
    assertThat(tell(id, "capture", "").status()).isEqualTo(409);
    assertThat(client.find(id).text("status")).isEqualTo("canceled");
  }

  @Test
  void neverSeenOperationIsNotFound() throws Exception {
    assertThat(tell("op_unknown", "capture", "").status()).isEqualTo(404);
    assertThat(tell("op_unknown", "cancel", "").status()).isEqualTo(404);
    assertThat(client.get("/actions/op_unknown").status()).isEqualTo(404);
  }

  @ParameterizedTest
  @CsvSource({"approve, approved", "decline, declined"})
  void customerActsFirst(String decision, String status) throws Exception {
    var key = newKey();
    var first = client.charge(key, 100, "tok_action");
    assertThat(first.status()).isEqualTo(202);
    assertThat(first.text("status")).isEqualTo("pending");
    var page = "/actions/" + first.text("id");
    assertThat(first.json().at("/nextAction/redirectUrl").asString())
        .isEqualTo(provider.url() + page);

    assertThat(client.get(page).body()).contains("<form", decision);
    assertThat(client.post(page + "/" + decision, "", "").body()).contains(status);

    assertThat(client.find(key).text("status")).isEqualTo(status);
    assertThat(client.find(key).json().has("nextAction")).isFalse();
    assertThat(client.post(page + "/" + decision, "", "").status()).isEqualTo(409);
  }

  @ParameterizedTest
  @CsvSource({
    "tok_ok, approved, ''",
    "tok_of_a_visitor, approved, ''",
    "tok_declined, declined, card_declined",
    "tok_insufficient, declined, insufficient_funds"
  })
  void decidesByInstrument(String instrument, String status, String code) throws Exception {
    var response = client.post("/payouts", newKey(), requestBody("pay", 100, instrument));

    assertThat(response.status()).isEqualTo(201);
    assertThat(response.text("kind")).isEqualTo("payout");
    assertThat(response.text("status")).isEqualTo(status);
    assertThat(response.text("code")).isEqualTo(code);
  }

  @Test
  void decidesAnAsynchronousChargeLater() throws Exception {
    var key = newKey();

    var first = client.charge(key, 100, "tok_async");

    assertThat(first.status()).isEqualTo(202);
    assertThat(first.text("status")).isEqualTo("pending");
    await().untilAsserted(() -> assertThat(client.find(key).text("status")).isEqualTo("approved"));
    assertThat(client.charge(key, 100, "tok_async").status()).isEqualTo(201);
  }

  @Test
  void replaysTheStoredResponse() throws Exception {
    var first = client.post("/charges", "k", requestBody("pay", 100, "tok_declined"));
    var again =
        client.post(
            "/charges",
            "k",
            """
            { "instrument":"tok_declined","currency":"EUR","amount":100,"reference":"pay" }\
            """);

    assertThat(again.status()).isEqualTo(first.status());
    assertThat(again.body()).isEqualTo(first.body());
    assertThat(client.get("/operations").json().get("data")).hasSize(1);
    assertThat(provider.received("k")).isEqualTo(2);
  }

  @Test
  void rejectsAReusedKey() throws Exception {
    client.post("/charges", "k", requestBody("pay", 100, "tok_ok"));

    var otherAmount = client.post("/charges", "k", requestBody("pay", 101, "tok_ok"));
    var otherKind = client.post("/payouts", "k", requestBody("pay", 100, "tok_ok"));

    assertThat(otherAmount.status()).isEqualTo(409);
    assertThat(otherAmount.text("error")).isEqualTo("key-reused");
    assertThat(otherKind.status()).isEqualTo(409);
    assertThat(client.get("/operations").json().get("data")).hasSize(1);
  }

  @Test
  void rejectsAKeyInFlightAfterATimeout() throws Exception {
    var first = client.chargeAsync("k", "tok_slow");
    await().until(() -> provider.received("k") == 1);

    var tooLong = client.charge("k", 1000, "tok_slow");
    var longEnough = client.charge("k", 1000, "tok_slow");

    assertThat(tooLong.status()).isEqualTo(409);
    assertThat(tooLong.text("error")).isEqualTo("in-progress");
    assertThat(longEnough.status()).isEqualTo(201);
    assertThat(longEnough.body()).isEqualTo(first.get().body());
    assertThat(client.get("/operations").json().get("data")).hasSize(1);
  }

  @Test
  void doesNotFindAnUnknownKey() throws Exception {
    assertThat(client.find("nobody").status()).isEqualTo(404);
  }

  @Test
  void rejectsARequestWithoutAKey() throws Exception {
    var response = client.postWithoutKey("/charges", requestBody("pay", 100, "tok_ok"));

    assertThat(response.status()).isEqualTo(400);
    assertThat(response.text("error")).isEqualTo("key-missing");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "400 | {",
        "400 | null",
        "400 | {'reference':'p', 'amount':100, 'currency':'EUR'}",
        "400 | {'reference':'p', 'currency':'EUR', 'instrument':'tok_ok'}",
        "400 | {'amount':100, 'currency':'EUR', 'instrument':'tok_ok'}",
        "400 | {'reference':'p', 'amount':'100', 'currency':'EUR', 'instrument':'tok_ok'}",
        "400 | {'reference':'p', 'amount':100.0, 'currency':'EUR', 'instrument':'tok_ok'}",
        "422 | {'reference':'p', 'amount':0, 'currency':'EUR', 'instrument':'tok_ok'}",
        "422 | {'reference':'p', 'amount':100, 'currency':'XXX', 'instrument':'tok_ok'}",
        "422 | {'reference':'p', 'amount':100, 'currency':'euro', 'instrument':'tok_ok'}",
        "422 | {'reference':'p', 'amount':100, 'currency':'EUR', 'instrument':'tok ok'}"
      })
  void rejectsAnInvalidRequest(int status, String body) throws Exception {
    var response = client.post("/charges", "k", body.replace('\'', '"'));

    assertThat(response.status()).isEqualTo(status);
    assertThat(response.text("error")).isNotBlank();
    assertThat(client.find("k").status()).isEqualTo(404);
  }

  @Test
  void refundsInPartsUpToTheAmount() throws Exception {
    var charge = client.charge("charge", 1000, "tok_ok").text("id");

    var part = client.post("/refunds", newKey(), refundOf(charge, 600));
    var tooMuch = client.post("/refunds", newKey(), refundOf(charge, 401));
    var rest = client.post("/refunds", newKey(), refundOf("charge", 400));

    assertThat(part.text("status")).isEqualTo("approved");
    assertThat(part.text("of")).isEqualTo(charge);
    assertThat(tooMuch.status()).isEqualTo(201);
    assertThat(tooMuch.text("status")).isEqualTo("declined");
    assertThat(tooMuch.text("code")).isEqualTo("refund_exceeds_charge");
    assertThat(rest.text("status")).isEqualTo("approved");
  }

  @Test
  void declinesARefundOfAnUnknownCharge() throws Exception {
    var response = client.post("/refunds", newKey(), refundOf("op_unknown", 1));

    assertThat(response.text("status")).isEqualTo("declined");
    assertThat(response.text("code")).isEqualTo("charge_not_found");
  }

  @Test
  void returnsAnOperationOnce() throws Exception {
    var charge = client.charge("k", 1000, "tok_ok").text("id");

    var back = client.returnOperation(charge);

    assertThat(back.status()).isEqualTo(201);
    assertThat(back.text("kind")).isEqualTo("return");
    assertThat(back.text("of")).isEqualTo(charge);
    assertThat(back.text("reference")).isEqualTo("reference of k");
    var returned = client.find("k").json().at("/returns/0");
    assertThat(returned.get("id").asString()).isEqualTo(back.text("id"));
    assertThat(returned.get("amount").asLong()).isEqualTo(1000);
    assertThat(client.returnOperation(charge).status()).isEqualTo(409);
    assertThat(client.returnOperation("op_unknown").status()).isEqualTo(404);
    assertThat(client.post("/refunds", newKey(), refundOf(charge, 1)).text("status"))
        .isEqualTo("declined");
  }

  @Test
  void returnsInPartsUpToWhatIsLeft() throws Exception {
    var charge = client.charge("k", 1000, "tok_ok").text("id");
    client.post("/refunds", newKey(), refundOf(charge, 300));

    var part = client.returnOperation(charge, 200);
    var tooMuch = client.returnOperation(charge, 501);
    var nothing = client.returnOperation(charge, 0);
    var refund = client.post("/refunds", newKey(), refundOf(charge, 501));
    var rest = client.returnOperation(charge);

    assertThat(part.json().get("amount").asLong()).isEqualTo(200);
    assertThat(tooMuch.status()).isEqualTo(422);
    assertThat(nothing.status()).isEqualTo(422);
    assertThat(refund.text("code")).isEqualTo("refund_exceeds_charge");
    assertThat(rest.json().get("amount").asLong()).isEqualTo(500);
    assertThat(client.find("k").json().get("returns").valueStream())
        .extracting(it -> it.get("id").asString())
        .containsExactly(part.text("id"), rest.text("id"));
    assertThat(client.returnOperation(charge, 1).status()).isEqualTo(409);
    assertThat(client.returnOperation(part.text("id")).status()).isEqualTo(409);
  }

  @Test
  void reinstatesAReturnOnce() throws Exception {
    var charge = client.charge("k", 1000, "tok_ok").text("id");
    var back = client.returnOperation(charge, 400).text("id");

    var reinstated = client.reinstate(back);

    assertThat(reinstated.status()).isEqualTo(200);
    assertThat(client.find("k").json().at("/returns/0/reinstated").asBoolean()).isTrue();
    assertThat(client.reinstate(back).status()).isEqualTo(409);
    assertThat(client.reinstate(charge).status()).isEqualTo(409);
    assertThat(client.reinstate("op_unknown").status()).isEqualTo(404);
    assertThat(client.returnOperation(charge).json().get("amount").asLong()).isEqualTo(1000);
  }

  @Test
  void returnedRefundMayBeMadeAgain() throws Exception {
    var charge = client.charge("k", 1000, "tok_ok").text("id");
    var refund = client.post("/refunds", newKey(), refundOf(charge, 700)).text("id");
    client.returnOperation(refund, 600);

    assertThat(client.post("/refunds", newKey(), refundOf(charge, 901)).text("status"))
        .isEqualTo("declined");
    assertThat(client.post("/refunds", newKey(), refundOf(charge, 900)).text("status"))
        .isEqualTo("approved");
  }

  @Test
  void listsOperationsByTime() throws Exception {
    var first = client.charge("a").text("at");
    await().until(() -> Instant.now().isAfter(Instant.parse(first).plusMillis(1)));
    var second = client.charge("b").text("at");

    assertThat(keys("/operations")).containsExactly("a", "b");
    assertThat(keys("/operations?from=" + second)).containsExactly("b");
    assertThat(keys("/operations?to=" + second)).containsExactly("a");
    assertThat(keys("/operations?from=" + first + "&to=" + second)).containsExactly("a");
    assertThat(client.get("/operations?from=yesterday").status()).isEqualTo(400);
  }

  private List<String> keys(String path) throws Exception {
    return client
        .get(path)
        .json()
        .get("data")
        .valueStream()
        .map(operation -> operation.get("key").asString())
        .toList();
  }
}
