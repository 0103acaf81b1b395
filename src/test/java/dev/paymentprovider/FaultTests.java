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
class FaultTests extends RunningProvider {

  private static final Duration SHORT_TIMEOUT = Duration.ofMillis(200);

  @Test
  void downDropsTheConnection() throws Exception {
    setMode("down");

    assertThatThrownBy(() -> client.charge("k")).isInstanceOf(IOException.class);
    assertThatThrownBy(() -> client.find("k")).isInstanceOf(IOException.class);

    setMode("none");
    assertThat(client.find("k").status()).isEqualTo(404);
  }

  @Test
  void refuseClosesThePort() throws Exception {
    var refusing = client.setFault("{\"mode\": \"refuse\", \"latencyMs\": 500}");

    assertThat(refusing.text("mode")).isEqualTo("refuse");
    assertThatThrownBy(() -> client.charge("k")).isInstanceOf(ConnectException.class);
    await()
        .ignoreExceptions()
        .untilAsserted(() -> assertThat(client.charge("k").status()).isEqualTo(201));
    assertThat(client.get("/faults").text("mode")).isEqualTo("none");
  }

  @Test
  void hangNeitherRespondsNorCharges() throws Exception {
    setMode("hang");

    assertThatThrownBy(() -> client.chargeWithTimeout("k", SHORT_TIMEOUT))
        .isInstanceOf(HttpTimeoutException.class);

    setMode("none");
    assertThat(client.find("k").status()).isEqualTo(404);
  }

  @Test
  void stopsDespiteAHangingRequest() throws Exception {
    setMode("hang");
    var hanging = client.chargeAsync("k", "tok_ok");
    await().until(() -> provider.received("k") == 1);
    var before = Instant.now();

    provider.close();

    assertThat(Duration.between(before, Instant.now())).isLessThan(Duration.ofSeconds(2));
    assertThatThrownBy(hanging::get).hasCauseInstanceOf(IOException.class);
  }

  @Test
  void slowChargesLater() throws Exception {
    client.setFault("{\"mode\": \"slow\", \"latencyMs\": 300}");
    var before = Instant.now();

    var response = client.charge("k");

    assertThat(response.status()).isEqualTo(201);
    assertThat(Duration.between(before, Instant.now()))
        .isGreaterThanOrEqualTo(Duration.ofMillis(300));
  }

  @ParameterizedTest
  @CsvSource({"error500, 500", "error503, 503", "error429, 429"})
  void errorsMakeNoOperation(String mode, int status) throws Exception {
    setMode(mode);

    var order = client.charge("k");
    var question = client.find("k");

    assertThat(order.status()).isEqualTo(status);
    assertThat(order.text("error")).isNotBlank();
    assertThat(order.headers().firstValue("Retry-After").isPresent()).isEqualTo(status == 429);
    assertThat(question.status()).isEqualTo(status);
    setMode("none");
    assertThat(client.find("k").status()).isEqualTo(404);
  }

  @ParameterizedTest
  @ValueSource(strings = {"lost_answer", "truncated"})
  void chargesThoughTheResponseIsLost(String mode) throws Exception {
    setMode(mode);

    assertThatThrownBy(() -> client.charge("k")).isInstanceOf(IOException.class);
    assertThatThrownBy(() -> client.find("k")).isInstanceOf(IOException.class);

    setMode("none");
    assertThat(client.find("k").text("status")).isEqualTo("approved");
  }

  @Test
  void lateOperationsAppearWhenMade() throws Exception {
    client.setFault("{\"mode\": \"late\", \"latencyMs\": 700}");

    assertThatThrownBy(() -> client.chargeWithTimeout("k", SHORT_TIMEOUT))
        .isInstanceOf(HttpTimeoutException.class);

    assertThat(client.find("k").status()).isEqualTo(404);
    await().untilAsserted(() -> assertThat(client.find("k").text("status")).isEqualTo("approved"));
  }

  @Test
  void lateAndResentRequestsMakeOneOperation() throws Exception {
    client.setFault("{\"mode\": \"late\", \"latencyMs\": 600, \"remaining\": 2}");
    assertThatThrownBy(() -> client.chargeWithTimeout("k", SHORT_TIMEOUT)).isNotNull();
    assertThatThrownBy(() -> client.chargeWithTimeout("marker", SHORT_TIMEOUT)).isNotNull();

    var resent = client.charge("k");

    assertThat(resent.status()).isEqualTo(201);
    await()
        .until(() ->
            client.find("marker").status() == 200); // it was handled after the late request for k
    assertThat(client.get("/operations").json().get("data")).hasSize(2);
    assertThat(client.find("k").text("id")).isEqualTo(resent.text("id"));
    assertThat(provider.received("k")).isEqualTo(2);
  }

  @Test
  void garbageIsNotJson() throws Exception {
    setMode("garbage");

    var response = client.charge("k");

    assertThat(response.status()).isEqualTo(201);
    assertThatThrownBy(response::json).isInstanceOf(JacksonException.class);
    setMode("none");
    assertThat(client.find("k").text("status")).isEqualTo("approved");
  }

  @Test
  void dribbleSendsByteByByte() throws Exception {
    setMode("dribble");

    try (var answer = client.chargeAndStream("k")) {
      var before = Instant.now();
      assertThat(answer.readNBytes(6)).asString().isEqualTo("{\"id\":");
      assertThat(Duration.between(before, Instant.now())).isGreaterThan(Duration.ofMillis(300));
    }
    setMode("none");
    assertThat(client.find("k").text("status")).isEqualTo("approved");
  }

  @Test
  void amountMismatchOnlyFalsifiesTheResponse() throws Exception {
    setMode("amount_mismatch");

    assertThat(client.charge("k").json().get("amount").asLong()).isEqualTo(1001);
    assertThat(client.find("k").json().get("amount").asLong()).isEqualTo(1001);
    assertThat(client.get("/operations").json().at("/data/0/amount").asLong()).isEqualTo(1000);
  }

  @Test
  void contradictReportsApprovedAsDeclined() throws Exception {
    setMode("contradict");

    assertThat(client.charge("k").text("status")).isEqualTo("approved");
    assertThat(client.find("k").text("status")).isEqualTo("declined");
  }

  @Test
  void ordersHangWhileQuestionsAreAnswered() throws Exception {
    setMode("orders_hang");

    assertThatThrownBy(() -> client.chargeWithTimeout("k", SHORT_TIMEOUT))
        .isInstanceOf(HttpTimeoutException.class);
    assertThat(client.find("k").status()).isEqualTo(404);
  }

  @Test
  void stuckOperationsStayPending() throws Exception {
    setMode("stuck_pending");

    assertThat(client.charge("k").status()).isEqualTo(202);
    setMode("none");
    restart();
    client.charge("async", 1000, "tok_async");

    // The decision of an asynchronous operation is not due before that of a stuck one would be
    await()
        .untilAsserted(() -> assertThat(client.find("async").text("status")).isEqualTo("approved"));
    assertThat(client.find("k").text("status")).isEqualTo("pending");
  }

  @Test
  void unknownStatusOnlyFalsifiesTheResponse() throws Exception {
    setMode("unknown_status");

    assertThat(client.charge("k").text("status")).isEqualTo("under_review");
    assertThat(client.find("k").text("status")).isEqualTo("under_review");
    assertThat(client.get("/operations").json().at("/data/0/status").asString())
        .isEqualTo("approved");
  }

  @Test
  void rejectMakesNoOperation() throws Exception {
    setMode("reject");

    assertThat(client.charge("k").status()).isEqualTo(422);
    assertThat(client.find("k").status()).isEqualTo(404);
  }

  @Test
  void affectsALimitedNumberOfRequests() throws Exception {
    client.setFault("{\"mode\": \"error503\", \"remaining\": 2, \"keyRetention\": 60}");

    assertThat(client.charge("k").status()).isEqualTo(503);
    assertThat(client.get("/faults").json().get("remaining").asInt()).isEqualTo(1);
    assertThat(client.find("k").status()).isEqualTo(503);
    assertThat(client.charge("k").status()).isEqualTo(201);
    assertThat(client.get("/faults").text("mode")).isEqualTo("none");
    assertThat(client.get("/faults").json().get("keyRetention").asInt()).isEqualTo(60);
  }

  @Test
  void rateOfZeroAffectsNoRequest() throws Exception {
    client.setFault("{\"mode\": \"down\", \"rate\": 0}");

    assertThat(client.charge("k").status()).isEqualTo(201);
  }

  @Test
  void faultsDoNotAffectControls() throws Exception {
    var id = client.charge("k").text("id");
    setMode("down");

    assertThat(client.get("/operations").status()).isEqualTo(200);
    assertThat(client.returnOperation(id).status()).isEqualTo(201);
    assertThat(client.get("/faults").text("mode")).isEqualTo("down");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"{\"mode\": \"odd\"}", "{\"mode\": \"down\", \"rate\": 2}", "{\"mode\": 3}", "["})
  void rejectsAnUnknownFault(String faults) throws Exception {
    setMode("slow");

    assertThat(client.setFault(faults).status()).isEqualTo(400);
    assertThat(client.get("/faults").text("mode")).isEqualTo("slow");
  }

  private void setMode(String mode) throws IOException {
    assertThat(client.setFault("{\"mode\": \"" + mode + "\"}").status()).isEqualTo(200);
  }
}
