package dev.paymentprovider;

import static dev.paymentprovider.Caller.newKey;
import static dev.paymentprovider.Caller.order;
import static dev.paymentprovider.Caller.refundOf;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class OrderTests extends Running {

  @Test
  void anApprovedChargeSaysWhatWasDone() throws Exception {
    var before = Instant.now().minusSeconds(1);

    var reply = caller.post("/charges", "k-1", order("pay-1", 1250, "tok_ok"));

    assertThat(reply.status()).isEqualTo(201);
    var charge = reply.json();
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

  @ParameterizedTest
  @CsvSource({
    "tok_ok, approved, ''",
    "tok_of_a_visitor, approved, ''",
    "tok_declined, declined, card_declined",
    "tok_insufficient, declined, insufficient_funds"
  })
  void theInstrumentDecides(String instrument, String status, String code) throws Exception {
    var reply = caller.post("/payouts", newKey(), order("pay", 100, instrument));

    assertThat(reply.status()).isEqualTo(201);
    assertThat(reply.text("kind")).isEqualTo("payout");
    assertThat(reply.text("status")).isEqualTo(status);
    assertThat(reply.text("code")).isEqualTo(code);
  }

  @Test
  void anAsynchronousChargeIsPendingAndDecidedLater() throws Exception {
    var key = newKey();

    var first = caller.charge(key, 100, "tok_async");

    assertThat(first.status()).isEqualTo(202);
    assertThat(first.text("status")).isEqualTo("pending");
    await().untilAsserted(() -> assertThat(caller.find(key).text("status")).isEqualTo("approved"));
    assertThat(caller.charge(key, 100, "tok_async").status()).isEqualTo(201);
  }

  @Test
  void theSameKeyAndRequestGetTheStoredAnswer() throws Exception {
    var first = caller.post("/charges", "k", order("pay", 100, "tok_declined"));
    var again =
        caller.post(
            "/charges",
            "k",
            """
            { "instrument":"tok_declined","currency":"EUR","amount":100,"reference":"pay" }\
            """);

    assertThat(again.status()).isEqualTo(first.status());
    assertThat(again.body()).isEqualTo(first.body());
    assertThat(caller.get("/operations").json().get("data")).hasSize(1);
    assertThat(provider.received("k")).isEqualTo(2);
  }

  @Test
  void anotherRequestUnderTheSameKeyIsAConflict() throws Exception {
    caller.post("/charges", "k", order("pay", 100, "tok_ok"));

    var otherAmount = caller.post("/charges", "k", order("pay", 101, "tok_ok"));
    var otherKind = caller.post("/payouts", "k", order("pay", 100, "tok_ok"));

    assertThat(otherAmount.status()).isEqualTo(409);
    assertThat(otherAmount.text("error")).isEqualTo("key-reused");
    assertThat(otherKind.status()).isEqualTo(409);
    assertThat(caller.get("/operations").json().get("data")).hasSize(1);
  }

  @Test
  void aRequestWhoseKeyIsInFlightWaitsAndThenHearsThatItIsInProgress() throws Exception {
    var first = caller.chargeMeanwhile("k", "tok_slow");
    await().until(() -> provider.received("k") == 1);

    var tooLong = caller.charge("k", 1000, "tok_slow");
    var longEnough = caller.charge("k", 1000, "tok_slow");

    assertThat(tooLong.status()).isEqualTo(409);
    assertThat(tooLong.text("error")).isEqualTo("in-progress");
    assertThat(longEnough.status()).isEqualTo(201);
    assertThat(longEnough.body()).isEqualTo(first.get().body());
    assertThat(caller.get("/operations").json().get("data")).hasSize(1);
  }

  @Test
  void aKeyThatWasNeverSeenIsNotFound() throws Exception {
    assertThat(caller.find("nobody").status()).isEqualTo(404);
  }

  @Test
  void anOrderWithoutAKeyIsRefused() throws Exception {
    var reply = caller.postWithoutKey("/charges", order("pay", 100, "tok_ok"));

    assertThat(reply.status()).isEqualTo(400);
    assertThat(reply.text("error")).isEqualTo("key-missing");
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
  void anInvalidOrderIsRefusedAndLeavesNothing(int status, String body) throws Exception {
    var reply = caller.post("/charges", "k", body.replace('\'', '"'));

    assertThat(reply.status()).isEqualTo(status);
    assertThat(reply.text("error")).isNotBlank();
    assertThat(caller.find("k").status()).isEqualTo(404);
  }

  @Test
  void aChargeIsRefundedInPartsButNeverBeyondItsAmount() throws Exception {
    var charge = caller.charge("charge", 1000, "tok_ok").text("id");

    var part = caller.post("/refunds", newKey(), refundOf(charge, 600));
    var tooMuch = caller.post("/refunds", newKey(), refundOf(charge, 401));
    var rest = caller.post("/refunds", newKey(), refundOf("charge", 400));

    assertThat(part.text("status")).isEqualTo("approved");
    assertThat(part.text("of")).isEqualTo(charge);
    assertThat(tooMuch.status()).isEqualTo(201);
    assertThat(tooMuch.text("status")).isEqualTo("declined");
    assertThat(tooMuch.text("code")).isEqualTo("refund_exceeds_charge");
    assertThat(rest.text("status")).isEqualTo("approved");
  }

  @Test
  void aRefundOfAnUnknownChargeIsDeclined() throws Exception {
    var reply = caller.post("/refunds", newKey(), refundOf("op_unknown", 1));

    assertThat(reply.text("status")).isEqualTo("declined");
    assertThat(reply.text("code")).isEqualTo("charge_not_found");
  }

  @Test
  void whatWasTakenBackIsAnOperationOfItsOwnAndShowsInTheOriginal() throws Exception {
    var charge = caller.charge("k", 1000, "tok_ok").text("id");

    var back = caller.takeBack(charge);

    assertThat(back.status()).isEqualTo(201);
    assertThat(back.text("kind")).isEqualTo("return");
    assertThat(back.text("of")).isEqualTo(charge);
    assertThat(back.text("reference")).isEqualTo("reference of k");
    var returned = caller.find("k").json().get("returned");
    assertThat(returned.get("id").asString()).isEqualTo(back.text("id"));
    assertThat(returned.get("amount").asLong()).isEqualTo(1000);
    assertThat(caller.takeBack(charge).status()).isEqualTo(409);
    assertThat(caller.takeBack("op_unknown").status()).isEqualTo(404);
    assertThat(caller.post("/refunds", newKey(), refundOf(charge, 1)).text("status"))
        .isEqualTo("declined");
  }

  @Test
  void theListShowsEverythingInOrderAndByTime() throws Exception {
    var first = caller.charge("a").text("at");
    await().until(() -> Instant.now().isAfter(Instant.parse(first).plusMillis(1)));
    var second = caller.charge("b").text("at");

    assertThat(keys("/operations")).containsExactly("a", "b");
    assertThat(keys("/operations?from=" + second)).containsExactly("b");
    assertThat(keys("/operations?to=" + second)).containsExactly("a");
    assertThat(keys("/operations?from=" + first + "&to=" + second)).containsExactly("a");
    assertThat(caller.get("/operations?from=yesterday").status()).isEqualTo(400);
  }

  private List<String> keys(String path) throws Exception {
    return caller
        .get(path)
        .json()
        .get("data")
        .valueStream()
        .map(operation -> operation.get("key").asString())
        .toList();
  }
}
