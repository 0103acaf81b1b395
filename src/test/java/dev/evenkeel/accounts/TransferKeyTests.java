package dev.evenkeel.accounts;

import static org.assertj.core.api.Assertions.assertThat;

import dev.testing.Api;
import dev.testing.WholeApplication;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.springframework.boot.test.web.server.LocalServerPort;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** One key, one transfer or one refusal. */
@WholeApplication
class TransferKeyTests {

  @LocalServerPort int port;

  Api ada;
  Api bob;
  UUID from;
  UUID to;

  @BeforeEach
  void twoOwners() {
    ada = new Api(port, "ada-" + UUID.randomUUID());
    bob = new Api(port, "bob-" + UUID.randomUUID());
    from = ada.openAccount(1000);
    to = bob.openAccount(0);
  }

  @Test
  void sentAgainItIsTheSameTransfer() {
    var request =
        Map.of("from", from, "to", to, "amount", 400, "currency", "EUR", "description", "Rent");
    Api.Answer first = ada.post("/v1/transfers", "again", request);
    Api.Answer second = ada.post("/v1/transfers", "again", request);

    assertThat(first.isReplay()).isFalse();
    assertThat(second.status()).isEqualTo(200);
    assertThat(second.isReplay()).isTrue();
    assertThat(second.header("Location")).isEqualTo(first.header("Location"));
    assertThat(second.body()).isEqualTo(first.body());
    assertThat(bob.posted(to)).isEqualTo(400);
  }

  @Test
  void aQuotedKeyIsTheSameKey() {
    Api.Answer first = ada.transfer("quoted", from, to, 10);
    Api.Answer second = ada.transfer("\"quoted\"", from, to, 10);

    assertThat(second.status()).isEqualTo(200);
    assertThat(second.id()).isEqualTo(first.id());
  }

  @Test
  void anotherOrderOfFieldsIsTheSameRequest() {
    Api.Answer first =
        ada.post(
            "/v1/transfers",
            "order",
            "{\"from\":\"%s\",\"to\":\"%s\",\"amount\":10,\"currency\":\"EUR\"}"
                .formatted(from, to));
    Api.Answer second =
        ada.post(
            "/v1/transfers",
            "order",
            "{ \"currency\":\"EUR\", \"amount\":10, \"to\":\"%2$s\", \"from\":\"%1$s\" }"
                .formatted(from, to));

    assertThat(second.status()).isEqualTo(200);
    assertThat(second.id()).isEqualTo(first.id());
  }

  @Test
  void anotherRequestUnderTheKeyIsRefused() {
    ada.transfer("once", from, to, 10);

    Api.Answer answer = ada.transfer("once", from, to, 11);

    assertProblem(answer, 422, "idempotency-key-reused", "new-key");
    assertThat(answer.isReplay()).isFalse();
    assertThat(bob.posted(to)).isEqualTo(10);
  }

  @Test
  void anotherOwnersSameKeyIsAnotherKey() {
    Api.Answer adas = ada.transfer("shared", from, to, 10);
    Api.Answer bobs = bob.transfer("shared", to, from, 10);

    assertThat(adas.status()).isEqualTo(201);
    assertThat(bobs.status()).isEqualTo(201);
  }

  @Test
  void aRefusalStaysARefusalOnceThereAreFunds() {
    UUID empty = bob.openAccount(0);
    Api.Answer refused = bob.transfer("too-early", empty, from, 500);
    ada.transfer(from, empty, 1000);

    Api.Answer again = bob.transfer("too-early", empty, from, 500);

    assertProblem(refused, 422, "insufficient-funds", "new-key");
    assertThat(refused.isReplay()).isFalse();
    assertThat(refused.body().at("/available").asLong(-1)).isZero();
    assertThat(refused.body().at("/required").asLong(-1)).isEqualTo(500);
    assertThat(again.isReplay()).isTrue();
    assertThat(again.status()).isEqualTo(422);
    assertThat(withoutTrace(again)).isEqualTo(withoutTrace(refused));
    assertThat(bob.posted(empty)).isEqualTo(1000);
    assertThat(bob.transfer("new-attempt", empty, from, 500).status()).isEqualTo(201);
  }

  @Test
  void anUnknownAccountLeavesNothingUnderTheKey() {
    Api.Answer unknown = ada.transfer("found-later", from, UUID.randomUUID(), 10);

    assertProblem(unknown, 422, "account-not-found", "no");
    assertThat(unknown.at("/errors/0/field")).isEqualTo("to");
    assertThat(ada.transfer("found-later", from, to, 10).status()).isEqualTo(201);
  }

  private static void assertProblem(Api.Answer answer, int status, String slug, String retry) {
    assertThat(answer.status()).as(answer.toString()).isEqualTo(status);
    assertThat(answer.header("Content-Type")).contains("application/problem+json");
    assertThat(List.of(answer.at("/type"), answer.at("/effect"), answer.at("/retry")))
        .containsExactly("/problems/" + slug, "none", retry);
  }

  private static JsonNode withoutTrace(Api.Answer answer) {
    ObjectNode body = (ObjectNode) answer.body().deepCopy();
    body.remove("traceId");
    return body;
  }
}
