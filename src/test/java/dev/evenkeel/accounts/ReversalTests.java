package dev.evenkeel.accounts;

import static dev.testing.Refusals.assertRefused;
import static dev.testing.Refusals.assertReplayed;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.testing.Api;
import dev.testing.WholeApplication;
import java.net.http.HttpRequest.BodyPublishers;
import java.time.Duration;
import java.util.Locale;
import java.util.Map;
import java.util.UUID;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.boot.test.web.server.LocalServerPort;

/** Who received money gives it back, once and in full. */
@WholeApplication
class ReversalTests {

  @LocalServerPort int port;

  Api ada;
  Api bob;
  Api operator;
  UUID adas;
  UUID bobs;

  @BeforeEach
  void twoOwners() {
    ada = new Api(port, "ada-" + UUID.randomUUID());
    bob = new Api(port, "bob-" + UUID.randomUUID());
    operator = new Api(port, "olga-" + UUID.randomUUID() + ";operator");
    adas = ada.openAccount(1000);
    bobs = bob.openAccount(0);
  }

  @Test
  void aPathIsTheSameHoweverItIsWritten() {
    UUID transfer = ada.transfer(adas, bobs, 400).id();
    Api.Answer first = bob.postEmpty(path(transfer), "back");

    for (String path :
        new String[] {
          "/v1/transfers/" + transfer.toString().toUpperCase(Locale.ROOT) + "/reversal",
          "/v1/%74ransfers/" + transfer + "/reversal"
        }) {
      Api.Answer again = bob.postEmpty(path, "back");

      assertThat(again.status()).as(again.toString()).isEqualTo(200);
      assertThat(again.id()).isEqualTo(first.id());
    }
  }

  @Test
  void theReceiverGivesItBackToTheLetter() {
    UUID transfer = ada.transfer(adas, bobs, 400).id();

    Api.Answer reversal = bob.postEmpty(path(transfer), "back");

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
    for (Api api : new Api[] {ada, bob}) {
      assertThat(api.get("/v1/transfers/" + transfer).at("/reversedBy"))
          .isEqualTo(reversal.id().toString());
      assertThat(api.get("/v1/transfers/" + reversal.id()).at("/reversalOf"))
          .isEqualTo(transfer.toString());
    }
  }

  @Test
  void anEmptyObjectIsTheSameRequestAsNoBody() {
    UUID transfer = ada.transfer(adas, bobs, 400).id();

    Api.Answer first = bob.post(path(transfer), "back", "{}");
    Api.Answer second = bob.postEmpty(path(transfer), "back");

    assertThat(first.status()).as(first.toString()).isEqualTo(201);
    assertThat(second.status()).isEqualTo(200);
    assertThat(second.isReplay()).isTrue();
    assertThat(second.header("Location")).isEqualTo(first.header("Location"));
    assertThat(second.body()).isEqualTo(first.body());
    assertThat(bob.posted(bobs)).isZero();
  }

  @Test
  void itTakesAKey() {
    UUID transfer = ada.transfer(adas, bobs, 400).id();

    assertRefused(bob.post(path(transfer)), 400, "idempotency-key-missing", "no");
  }

  // part of notifications
  @Test
  void bothAreToldOfAReversalAndOfNothingElse() {
    UUID transfer = ada.transfer(adas, bobs, 400).id();
    UUID reversal = bob.reverse(transfer).id();

    for (Api api : new Api[] {ada, bob}) {
      await()
          .atMost(Duration.ofSeconds(10))
          .untilAsserted(
              () -> assertThat(api.get("/v1/notifications").body().at("/data")).hasSize(2));
      Api.Answer feed = api.get("/v1/notifications");
      assertThat(feed.at("/data/0/type")).isEqualTo("transfer.reversed");
      assertThat(feed.body().at("/data/0/subject"))
          .isEqualTo(Api.json(Map.of("kind", "transfer", "id", reversal.toString())));
      assertThat(feed.at("/data/0/body")).contains("€4.00");
    }
    assertThat(ada.get("/v1/notifications").at("/data/0/account")).isEqualTo(adas.toString());
    assertThat(bob.get("/v1/notifications").at("/data/0/account")).isEqualTo(bobs.toString());
  }

  // end of notifications

  @ParameterizedTest
  @ValueSource(strings = {"", "{}", "no json", "{\"surprise\": 1}"})
  void theSenderMayNot(String body) {
    UUID transfer = ada.transfer(adas, bobs, 400).id();

    Api.Answer answer =
        ada.send(
            ada.request(path(transfer))
                .header("Accept", "image/png")
                .POST(BodyPublishers.ofString(body)));

    assertRefused(answer, 403, "forbidden", "same-key");
    assertThat(bob.posted(bobs)).isEqualTo(400);
  }

  @Test
  void whoHasBothAccountsMay() {
    UUID savings = ada.openAccount(0);
    UUID transfer = ada.transfer(adas, savings, 400).id();

    Api.Answer reversal = ada.reverse(transfer);

    assertThat(reversal.status()).as(reversal.toString()).isEqualTo(201);
    assertThat(reversal.body().at("/entries")).hasSize(2);
  }

  @Test
  void anOperatorMay() {
    UUID transfer = ada.transfer(adas, bobs, 400).id();

    Api.Answer reversal = operator.reverse(transfer);

    assertThat(reversal.status()).as(reversal.toString()).isEqualTo(201);
    assertThat(reversal.body().at("/entries")).hasSize(2);
    assertThat(ada.posted(adas)).isZero();
  }

  @Test
  void toAStrangerTheTransferDoesNotExist() {
    Api stranger = new Api(port, "stranger-" + UUID.randomUUID());
    UUID transfer = ada.transfer(adas, bobs, 400).id();

    assertRefused(stranger.reverse(transfer), 404, "not-found", "no");
    assertRefused(bob.reverse(UUID.randomUUID()), 404, "not-found", "no");
  }

  @Test
  void aSecondOneIsRefusedForGood() {
    UUID transfer = ada.transfer(adas, bobs, 400).id();
    bob.postEmpty(path(transfer), "first");

    Api.Answer second = bob.postEmpty(path(transfer), "second");

    assertRefused(second, 409, "already-reversed", "new-key");
    assertReplayed(bob.postEmpty(path(transfer), "second"), second);
    assertRefused(operator.reverse(transfer), 409, "already-reversed", "new-key");
    assertThat(bob.posted(bobs)).isZero();
  }

  @Test
  void whatIsSpentIsNotGivenBackUnderThatKeyEver() {
    UUID transfer = ada.transfer(adas, bobs, 400).id();
    bob.transfer(bobs, adas, 1);
    Api.Answer refused = bob.postEmpty(path(transfer), "too-late");
    ada.transfer(adas, bobs, 1);

    assertRefused(refused, 422, "insufficient-funds", "new-key");
    assertThat(refused.body().at("/available").asLong()).isEqualTo(399);
    assertThat(refused.body().at("/required").asLong()).isEqualTo(400);
    assertReplayed(bob.postEmpty(path(transfer), "too-late"), refused);
    assertThat(bob.reverse(transfer).status()).isEqualTo(201);
  }

  @Test
  void whatIsHeldIsNotGivenBack() {
    UUID transfer = ada.transfer(adas, bobs, 400).id();
    bob.hold(bobs, adas, 1);

    assertRefused(bob.reverse(transfer), 422, "insufficient-funds", "new-key");
  }

  @Test
  void aReversalIsFinal() {
    UUID transfer = ada.transfer(adas, bobs, 400).id();
    UUID reversal = bob.reverse(transfer).id();

    assertRefused(ada.reverse(reversal), 409, "not-reversible", "new-key");
    assertRefused(operator.reverse(reversal), 409, "not-reversible", "new-key");
    assertRefused(bob.reverse(reversal), 403, "forbidden", "same-key");
  }

  @Test
  void aPaymentsPostingIsRefundedNotReversed() {
    ada.payIn(adas, 400, "tok_ok");
    UUID posting = UUID.fromString(ada.get("/v1/transfers?account=" + adas).at("/data/0/id"));

    assertRefused(ada.reverse(posting), 409, "not-reversible", "new-key");
    assertRefused(operator.reverse(posting), 409, "not-reversible", "new-key");
    assertThat(ada.posted(adas)).isEqualTo(400);
  }

  @Test
  void aCaptureIsGivenBack() {
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

  @Test
  void theKeyBelongsToItsTransfer() {
    UUID one = ada.transfer(adas, bobs, 10).id();
    UUID other = ada.transfer(adas, bobs, 10).id();
    bob.postEmpty(path(one), "once");

    assertRefused(bob.postEmpty(path(other), "once"), 422, "idempotency-key-reused", "new-key");
    assertThat(bob.posted(bobs)).isEqualTo(10);
  }

  @Test
  void whatOnlyTheSenderKnowsStaysWithTheSender() {
    UUID transfer =
        ada.post(
                "/v1/transfers",
                Map.of(
                    "from",
                    adas,
                    "to",
                    bobs,
                    "amount",
                    10,
                    "currency",
                    "EUR",
                    "reference",
                    "secret"))
            .id();

    Api.Answer reversal = bob.reverse(transfer);

    assertThat(reversal.text()).doesNotContain("secret");
    assertThat(bob.get("/v1/transfers/" + transfer).text()).doesNotContain("secret");
  }

  private static String path(UUID transfer) {
    return "/v1/transfers/" + transfer + "/reversal";
  }
}
