package dev.paymentprovider;

import static dev.paymentprovider.ProviderClient.newKey;
import static dev.paymentprovider.ProviderClient.refundOf;
import static java.nio.file.StandardOpenOption.APPEND;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.nio.file.Files;
import org.junit.jupiter.api.Test;

class PersistenceTests extends RunningProvider {

  @Test
  void keepsOperationsOverARestart() throws Exception {
    var charge = client.charge("k");
    client.post("/refunds", newKey(), refundOf("k", 600));
    client.charge("taken-back");
    client.returnOperation(client.find("taken-back").text("id"), 400);
    client.reinstate(client.returnOperation(client.find("taken-back").text("id")).text("id"));
    var everything = client.get("/operations").body();

    restart();

    assertThat(client.get("/operations").body()).isEqualTo(everything);
    assertThat(client.find("taken-back").json().get("returns")).hasSize(2);
    assertThat(client.charge("k").body()).isEqualTo(charge.body());
    assertThat(client.charge("k", 1, "tok_ok").text("error")).isEqualTo("key-reused");
    assertThat(client.post("/refunds", newKey(), refundOf("k", 401)).text("status"))
        .isEqualTo("declined");
  }

  @Test
  void decidesPendingOperationsAfterARestart() throws Exception {
    client.charge("k", 100, "tok_async");

    restart();

    await().untilAsserted(() -> assertThat(client.find("k").text("status")).isEqualTo("approved"));
  }

  @Test
  void cutsOffAnIncompleteLastLine() throws Exception {
    client.charge("kept");
    stop();
    Files.writeString(folder.resolve("operations.jsonl"), "{\"operation\":{\"id\":\"op_", APPEND);

    start();
    client.charge("after");
    restart();

    assertThat(client.find("kept").status()).isEqualTo(200);
    assertThat(client.find("after").status()).isEqualTo(200);
    assertThat(client.get("/operations").json().get("data")).hasSize(2);
  }

  @Test
  void makesANewOperationForAForgottenKey() throws Exception {
    var first = client.charge("k").text("id");

    client.setFault("{\"mode\": \"none\", \"keyRetention\": 3600}");
    assertThat(client.charge("k").text("id")).isEqualTo(first);
    client.setFault("{\"mode\": \"none\", \"keyRetention\": 0}");
    assertThat(client.find("k").status()).isEqualTo(404);
    var second = client.charge("k").text("id");

    assertThat(second).isNotEqualTo(first);
    assertThat(client.get("/operations").json().get("data")).hasSize(2);
    restart();
    assertThat(client.find("k").text("id")).isEqualTo(second);
  }

  @Test
  void keepsAReusedKeyWithTheNewOperation() throws Exception {
    client.setFault("{\"mode\": \"none\", \"keyRetention\": 0}");
    client.charge("k", 100, "tok_async");
    var second = client.charge("k").text("id");
    await()
        .untilAsserted(() ->
            assertThat(client.get("/operations").json().at("/data/0/status").asString())
                .isEqualTo("approved"));

    client.setFault("{\"mode\": \"none\"}");

    assertThat(client.find("k").text("id")).isEqualTo(second);
  }

  @Test
  void rejectsADamagedLine() throws Exception {
    stop();
    Files.writeString(folder.resolve("operations.jsonl"), "{]\n");

    assertThatThrownBy(this::start).isInstanceOf(IOException.class).hasMessageContaining("Line 1");
  }
}
