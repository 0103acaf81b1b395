package dev.evenkeel.accounts;

import static dev.testing.Refusals.assertRefused;
import static dev.testing.Refusals.assertReplayed;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.testing.Api;
import dev.testing.WholeApplication;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.UUID;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.springframework.boot.test.web.server.LocalServerPort;

/** Reversals over HTTP. The rules are tested in ReversalRulesTests. */
@WholeApplication
class ReversalTests {

  @LocalServerPort int port;

  Api ada;
  Api bob;
  Api operator;
  UUID adas;
  UUID bobs;

  @BeforeEach
  void openAccounts() {
    ada = new Api(port, "ada-" + UUID.randomUUID());
    bob = new Api(port, "bob-" + UUID.randomUUID());
    operator = Api.operator(port, "olga-" + UUID.randomUUID());
    adas = ada.openAccount(1000);
    bobs = bob.openAccount(0);
  }

  @Test
  void answersTheReceiver() {
    Map<String, Object> request =
        Map.of("from", adas, "to", bobs, "amount", 400, "currency", "EUR", "reference", "secret");
    UUID transfer = ada.post("/v1/transfers", request).id();

    Api.Answer reversal = bob.reverse(transfer);

    assertThat(reversal.status()).as(reversal.toString()).isEqualTo(201);
    assertThat(reversal.header("Location")).contains("/v1/transfers/" + reversal.id());
    assertThat(reversal.body())
        .isEqualTo(
            Api.json(
                """
                {"id": "%s", "from": "%s", "to": "%s", "amount": 400, "currency": "EUR",
                 "reversalOf": "%s", "postedAt": "%s",
                 "entries": [{"account": "%2$s", "amount": -400, "sequence": 2, "balanceAfter": 0}]}
                """
                    .formatted(reversal.id(), bobs, adas, transfer, reversal.at("/postedAt"))));
    assertThat(ada.posted(adas)).isZero();
    assertThat(bob.posted(bobs)).isZero();
    for (Api api : List.of(ada, bob)) {
      assertThat(api.get("/v1/transfers/" + transfer).at("/reversedBy"))
          .isEqualTo(reversal.id().toString());
      assertThat(api.get("/v1/transfers/" + reversal.id()).at("/reversalOf"))
          .isEqualTo(transfer.toString());
    }
  }

  /**
   * An empty object is the same request as no body, and a path is the same however it is spelled.
   */
  @Test
  void replaysTheReversal() {
    UUID transfer = ada.transfer(adas, bobs, 400).id();
    Api.Answer first = bob.post(path(transfer), "back", "{}");
    String upperCase = transfer.toString().toUpperCase(Locale.ROOT);

    for (String path :
        List.of(
            path(transfer),
            "/v1/transfers/" + upperCase + "/reversal",
            "/v1/%74ransfers/" + transfer + "/reversal")) {
      Api.Answer again = bob.postEmpty(path, "back");

      assertThat(again.status()).as(again.toString()).isEqualTo(200);
      assertThat(again.isReplay()).isTrue();
      assertThat(again.header("Location")).isEqualTo(first.header("Location"));
      assertThat(again.body()).isEqualTo(first.body());
    }
    assertThat(bob.posted(bobs)).isZero();
  }

  @Test
  void rejectsTheKeyForAnotherTransfer() {
    UUID one = ada.transfer(adas, bobs, 10).id();
    UUID other = ada.transfer(adas, bobs, 10).id();
    bob.postEmpty(path(one), "once");

    assertRefused(bob.postEmpty(path(other), "once"), 422, "idempotency-key-reused", "new-key");
    assertThat(bob.posted(bobs)).isEqualTo(10);
  }

  @Test
  void rejectsTheSenderAndStrangers() {
    Api stranger = new Api(port, "stranger-" + UUID.randomUUID());
    UUID transfer = ada.transfer(adas, bobs, 400).id();

    assertRefused(ada.reverse(transfer), 403, "forbidden", "same-key");
    assertRefused(stranger.reverse(transfer), 404, "not-found", "no");
    assertRefused(bob.reverse(UUID.randomUUID()), 404, "not-found", "no");
    assertThat(bob.posted(bobs)).isEqualTo(400);
  }

  @Test
  void showsBothEntriesToTheOwnerOfBothAndToOperators() {
    UUID savings = ada.openAccount(0);

    Api.Answer own = ada.reverse(ada.transfer(adas, savings, 400).id());
    Api.Answer operators = operator.reverse(ada.transfer(adas, bobs, 400).id());

    for (Api.Answer reversal : List.of(own, operators)) {
      assertThat(reversal.status()).as(reversal.toString()).isEqualTo(201);
      assertThat(reversal.body().at("/entries")).hasSize(2);
    }
    assertThat(ada.posted(adas)).isZero();
  }

  @Test
  void replaysARefusal() {
    UUID transfer = ada.transfer(adas, bobs, 400).id();
    bob.transfer(bobs, adas, 1);
    Api.Answer refused = bob.postEmpty(path(transfer), "too-late");
    ada.transfer(adas, bobs, 1);

    assertRefused(refused, 422, "insufficient-funds", "new-key");
    assertReplayed(bob.postEmpty(path(transfer), "too-late"), refused);
    assertThat(bob.reverse(transfer).status()).isEqualTo(201);
    assertRefused(operator.reverse(transfer), 409, "already-reversed", "new-key");
  }

  @Test
  void rejectsReversalsOfReversalsAndPayments() {
    UUID reversal = bob.reverse(ada.transfer(adas, bobs, 400).id()).id();
    ada.payIn(adas, 400, "tok_ok");
    await().atMost(Duration.ofSeconds(20)).until(() -> ada.posted(adas) == 400);
    UUID payment = UUID.fromString(ada.get("/v1/transfers?account=" + adas).at("/data/0/id"));

    assertRefused(bob.reverse(reversal), 403, "forbidden", "same-key");
    for (Api api : List.of(ada, operator)) {
      assertRefused(api.reverse(reversal), 409, "not-reversible", "new-key");
      assertRefused(api.reverse(payment), 409, "not-reversible", "new-key");
    }
    assertThat(ada.posted(adas)).isEqualTo(400);
  }

  @Test
  void reversesACapture() {
    UUID hold = ada.hold(adas, bobs, 400).id();
    UUID captured = ada.capture(hold, 150).id();

    Api.Answer reversal = bob.reverse(captured);

    assertThat(reversal.status()).as(reversal.toString()).isEqualTo(201);
    assertThat(reversal.body().at("/amount").asLong()).isEqualTo(150);
    assertThat(ada.get("/v1/transfers/" + captured).at("/reversedBy"))
        .isEqualTo(reversal.id().toString());
    assertThat(ada.get("/v1/holds/" + hold).at("/status")).isEqualTo("captured");
    assertThat(ada.balance(adas).at("/available").asLong()).isEqualTo(1000);
  }

  private static String path(UUID transfer) {
    return "/v1/transfers/" + transfer + "/reversal";
  }
}
