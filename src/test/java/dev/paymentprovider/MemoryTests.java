package dev.paymentprovider;

import static dev.paymentprovider.Caller.newKey;
import static dev.paymentprovider.Caller.refundOf;
import static java.nio.file.StandardOpenOption.APPEND;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.nio.file.Files;
import org.junit.jupiter.api.Test;

class MemoryTests extends Running {

  @Test
  void operationsSurviveARestart() throws Exception {
    var charge = caller.charge("k");
    caller.post("/refunds", newKey(), refundOf("k", 600));
    caller.charge("taken-back");
    caller.takeBack(caller.find("taken-back").text("id"));
    var everything = caller.get("/operations").body();

    restart();

    assertThat(caller.get("/operations").body()).isEqualTo(everything);
    assertThat(caller.charge("k").body()).isEqualTo(charge.body());
    assertThat(caller.charge("k", 1, "tok_ok").text("error")).isEqualTo("key-reused");
    assertThat(caller.post("/refunds", newKey(), refundOf("k", 401)).text("status"))
        .isEqualTo("declined");
  }

  @Test
  void whatWasPendingIsDecidedAfterARestart() throws Exception {
    caller.charge("k", 100, "tok_async");

    restart();

    await().untilAsserted(() -> assertThat(caller.find("k").text("status")).isEqualTo("approved"));
  }

  @Test
  void aTornLastLineIsCutOffAndTheRestIsKept() throws Exception {
    caller.charge("kept");
    stop();
    Files.writeString(folder.resolve("operations.jsonl"), "{\"operation\":{\"id\":\"op_", APPEND);

    start();
    caller.charge("after");
    restart();

    assertThat(caller.find("kept").status()).isEqualTo(200);
    assertThat(caller.find("after").status()).isEqualTo(200);
    assertThat(caller.get("/operations").json().get("data")).hasSize(2);
  }

  @Test
  void aForgottenKeyMakesANewOperationAndTheListShowsBoth() throws Exception {
    var first = caller.charge("k").text("id");

    caller.misbehave("{\"mode\": \"none\", \"keyRetention\": 3600}");
    assertThat(caller.charge("k").text("id")).isEqualTo(first);
    caller.misbehave("{\"mode\": \"none\", \"keyRetention\": 0}");
    assertThat(caller.find("k").status()).isEqualTo(404);
    var second = caller.charge("k").text("id");

    assertThat(second).isNotEqualTo(first);
    assertThat(caller.get("/operations").json().get("data")).hasSize(2);
    restart();
    assertThat(caller.find("k").text("id")).isEqualTo(second);
  }

  @Test
  void aReusedKeyStaysWithTheNewOperationWhenTheOldOneIsDecided() throws Exception {
    caller.misbehave("{\"mode\": \"none\", \"keyRetention\": 0}");
    caller.charge("k", 100, "tok_async");
    var second = caller.charge("k").text("id");
    await()
        .untilAsserted(() ->
            assertThat(caller.get("/operations").json().at("/data/0/status").asString())
                .isEqualTo("approved"));

    caller.misbehave("{\"mode\": \"none\"}");

    assertThat(caller.find("k").text("id")).isEqualTo(second);
  }

  @Test
  void aDamagedLineThatIsNotTheLastIsNotPassedOver() throws Exception {
    stop();
    Files.writeString(folder.resolve("operations.jsonl"), "{]\n");

    assertThatThrownBy(this::start).isInstanceOf(IOException.class).hasMessageContaining("Line 1");
  }
}
