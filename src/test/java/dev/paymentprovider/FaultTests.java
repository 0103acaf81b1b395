package dev.paymentprovider;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.net.ConnectException;
import java.net.http.HttpTimeoutException;
import java.time.Duration;
import java.time.Instant;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.core.JacksonException;

@Timeout(20)
class FaultTests extends Running {

  private static final Duration IMPATIENT = Duration.ofMillis(200);

  @Test
  void downClosesTheConnectionAndDoesNothing() throws Exception {
    become("down");

    assertThatThrownBy(() -> caller.charge("k")).isInstanceOf(IOException.class);
    assertThatThrownBy(() -> caller.find("k")).isInstanceOf(IOException.class);

    become("none");
    assertThat(caller.find("k").status()).isEqualTo(404);
  }

  @Test
  void refuseClosesThePortForAWhile() throws Exception {
    var refusing = caller.misbehave("{\"mode\": \"refuse\", \"latencyMs\": 500}");

    assertThat(refusing.text("mode")).isEqualTo("refuse");
    assertThatThrownBy(() -> caller.charge("k")).isInstanceOf(ConnectException.class);
    await()
        .ignoreExceptions()
        .untilAsserted(() -> assertThat(caller.charge("k").status()).isEqualTo(201));
    assertThat(caller.get("/faults").text("mode")).isEqualTo("none");
  }

  @Test
  void hangNeitherAnswersNorWorks() throws Exception {
    become("hang");

    assertThatThrownBy(() -> caller.chargeImpatiently("k", IMPATIENT))
        .isInstanceOf(HttpTimeoutException.class);

    become("none");
    assertThat(caller.find("k").status()).isEqualTo(404);
  }

  @Test
  void aHangingRequestDoesNotKeepTheProviderFromStopping() throws Exception {
    become("hang");
    var hanging = caller.chargeMeanwhile("k", "tok_ok");
    await().until(() -> provider.received("k") == 1);
    var before = Instant.now();

    provider.close();

    assertThat(Duration.between(before, Instant.now())).isLessThan(Duration.ofSeconds(2));
    assertThatThrownBy(hanging::get).hasCauseInstanceOf(IOException.class);
  }

  @Test
  void slowWaitsAndThenWorks() throws Exception {
    caller.misbehave("{\"mode\": \"slow\", \"latencyMs\": 300}");
    var before = Instant.now();

    var reply = caller.charge("k");

    assertThat(reply.status()).isEqualTo(201);
    assertThat(Duration.between(before, Instant.now()))
        .isGreaterThanOrEqualTo(Duration.ofMillis(300));
  }

  @ParameterizedTest
  @CsvSource({"error500, 500", "error503, 503", "error429, 429"})
  void anErrorIsAnsweredAndNothingIsDone(String mode, int status) throws Exception {
    become(mode);

    var order = caller.charge("k");
    var question = caller.find("k");

    assertThat(order.status()).isEqualTo(status);
    assertThat(order.text("error")).isNotBlank();
    assertThat(order.headers().firstValue("Retry-After").isPresent()).isEqualTo(status == 429);
    assertThat(question.status()).isEqualTo(status);
    become("none");
    assertThat(caller.find("k").status()).isEqualTo(404);
  }

  @ParameterizedTest
  @ValueSource(strings = {"lost_answer", "truncated"})
  void theWorkIsDoneButTheAnswerDoesNotArrive(String mode) throws Exception {
    become(mode);

    assertThatThrownBy(() -> caller.charge("k")).isInstanceOf(IOException.class);
    assertThatThrownBy(() -> caller.find("k")).isInstanceOf(IOException.class);

    become("none");
    assertThat(caller.find("k").text("status")).isEqualTo("approved");
  }

  @Test
  void lateWorkIsInvisibleUntilItIsDone() throws Exception {
    caller.misbehave("{\"mode\": \"late\", \"latencyMs\": 700}");

    assertThatThrownBy(() -> caller.chargeImpatiently("k", IMPATIENT))
        .isInstanceOf(HttpTimeoutException.class);

    assertThat(caller.find("k").status()).isEqualTo(404);
    await().untilAsserted(() -> assertThat(caller.find("k").text("status")).isEqualTo("approved"));
  }

  @Test
  void lateWorkAndAResentRequestMakeOneOperation() throws Exception {
    caller.misbehave("{\"mode\": \"late\", \"latencyMs\": 600, \"remaining\": 2}");
    assertThatThrownBy(() -> caller.chargeImpatiently("k", IMPATIENT)).isNotNull();
    assertThatThrownBy(() -> caller.chargeImpatiently("marker", IMPATIENT)).isNotNull();

    var resent = caller.charge("k");

    assertThat(resent.status()).isEqualTo(201);
    await().until(() -> caller.find("marker").status() == 200); // its turn came after that of k
    assertThat(caller.get("/operations").json().get("data")).hasSize(2);
    assertThat(caller.find("k").text("id")).isEqualTo(resent.text("id"));
    assertThat(provider.received("k")).isEqualTo(2);
  }

  @Test
  void garbageIsNoJson() throws Exception {
    become("garbage");

    var reply = caller.charge("k");

    assertThat(reply.status()).isEqualTo(201);
    assertThatThrownBy(reply::json).isInstanceOf(JacksonException.class);
    become("none");
    assertThat(caller.find("k").text("status")).isEqualTo("approved");
  }

  @Test
  void dribbleSendsByteByByte() throws Exception {
    become("dribble");

    try (var answer = caller.chargeAndReadSlowly("k")) {
      var before = Instant.now();
      assertThat(answer.readNBytes(6)).asString().isEqualTo("{\"id\":");
      assertThat(Duration.between(before, Instant.now())).isGreaterThan(Duration.ofMillis(300));
    }
    become("none");
    assertThat(caller.find("k").text("status")).isEqualTo("approved");
  }

  @Test
  void anotherAmountIsAnsweredButTheBooksAreRight() throws Exception {
    become("amount_mismatch");

    assertThat(caller.charge("k").json().get("amount").asLong()).isEqualTo(1001);
    assertThat(caller.find("k").json().get("amount").asLong()).isEqualTo(1001);
    assertThat(caller.get("/operations").json().at("/data/0/amount").asLong()).isEqualTo(1000);
  }

  @Test
  void contradictApprovesFirstAndSaysDeclinedWhenAsked() throws Exception {
    become("contradict");

    assertThat(caller.charge("k").text("status")).isEqualTo("approved");
    assertThat(caller.find("k").text("status")).isEqualTo("declined");
  }

  @Test
  void onlySoManyRequestsAreHit() throws Exception {
    caller.misbehave("{\"mode\": \"error503\", \"remaining\": 2, \"keyRetention\": 60}");

    assertThat(caller.charge("k").status()).isEqualTo(503);
    assertThat(caller.get("/faults").json().get("remaining").asInt()).isEqualTo(1);
    assertThat(caller.find("k").status()).isEqualTo(503);
    assertThat(caller.charge("k").status()).isEqualTo(201);
    assertThat(caller.get("/faults").text("mode")).isEqualTo("none");
    assertThat(caller.get("/faults").json().get("keyRetention").asInt()).isEqualTo(60);
  }

  @Test
  void aRateOfZeroHitsNobody() throws Exception {
    caller.misbehave("{\"mode\": \"down\", \"rate\": 0}");

    assertThat(caller.charge("k").status()).isEqualTo(201);
  }

  @Test
  void theControlsAreNeverFaulty() throws Exception {
    var id = caller.charge("k").text("id");
    become("down");

    assertThat(caller.get("/operations").status()).isEqualTo(200);
    assertThat(caller.takeBack(id).status()).isEqualTo(201);
    assertThat(caller.get("/faults").text("mode")).isEqualTo("down");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"{\"mode\": \"odd\"}", "{\"mode\": \"down\", \"rate\": 2}", "{\"mode\": 3}", "["})
  void unknownFaultsAreRefusedAndChangeNothing(String faults) throws Exception {
    become("slow");

    assertThat(caller.misbehave(faults).status()).isEqualTo(400);
    assertThat(caller.get("/faults").text("mode")).isEqualTo("slow");
  }

  private void become(String mode) throws IOException {
    assertThat(caller.misbehave("{\"mode\": \"" + mode + "\"}").status()).isEqualTo(200);
  }
}
