package dev.evenkeel.notifications;

import static dev.testing.Refusals.assertRefused;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.testing.Api;
import dev.testing.WholeApplication;
import java.time.Duration;
import java.util.List;
import java.util.UUID;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.springframework.boot.test.web.server.LocalServerPort;
import tools.jackson.databind.JsonNode;

/** The feed as its owner uses it. */
@WholeApplication
class FeedTests {

  @LocalServerPort int port;

  Api ada;
  Api bob;
  UUID adas;
  UUID bobs;

  @BeforeEach
  void owners() {
    ada = new Api(port, "ada-" + UUID.randomUUID());
    bob = new Api(port, "bob-" + UUID.randomUUID());
    adas = ada.openAccount(1000);
    bobs = bob.openAccount(0);
  }

  private static List<JsonNode> awaitFeed(Api api, int size) {
    await()
        .atMost(Duration.ofSeconds(20))
        .until(() -> api.get("/v1/notifications").body().at("/data").size() >= size);
    return api.get("/v1/notifications").body().at("/data").valueStream().toList();
  }

  @Test
  void bothSidesAreToldOfATransfer() {
    UUID transfer = ada.transfer(adas, bobs, 5).id();

    JsonNode sent = awaitFeed(ada, 1).getFirst();
    JsonNode received = awaitFeed(bob, 1).getFirst();

    assertThat(sent.at("/type").asString()).isEqualTo("transfer.sent");
    assertThat(received.at("/type").asString()).isEqualTo("transfer.received");
    assertThat(received.at("/account").asString()).isEqualTo(bobs.toString());
    assertThat(received.at("/sequence").asLong()).isEqualTo(1);
    assertThat(received.at("/subject/kind").asString()).isEqualTo("transfer");
    assertThat(received.at("/subject/id").asString()).isEqualTo(transfer.toString());
    assertThat(received.at("/body").asString()).isEqualTo("€0.05 from Main");
    assertThat(received.has("readAt")).isFalse();
  }

  @Test
  void aReversalTakesThePlaceOfSentAndReceived() {
    UUID reversal = bob.reverse(ada.transfer(adas, bobs, 5).id()).id();

    JsonNode told = awaitFeed(ada, 2).getFirst();
    assertThat(told.at("/type").asString()).isEqualTo("transfer.reversed");
    assertThat(told.at("/subject/id").asString()).isEqualTo(reversal.toString());
    assertThat(awaitFeed(bob, 2).getFirst().at("/type").asString()).isEqualTo("transfer.reversed");
  }

  @Test
  void aNotificationIsReadOnce() {
    ada.transfer(adas, bobs, 5);
    String path =
        "/v1/notifications/" + awaitFeed(ada, 1).getFirst().at("/id").asString() + "/read";

    Api.Answer read = ada.post(path);

    assertThat(read.status()).isEqualTo(200);
    assertThat(read.at("/readAt")).isNotEmpty();
    assertThat(ada.post(path).body()).isEqualTo(read.body());
    assertThat(awaitFeed(ada, 1).getFirst()).isEqualTo(read.body());
  }

  @Test
  void nobodyReadsAnothersNotification() {
    ada.transfer(adas, bobs, 5);
    JsonNode adasFirst = awaitFeed(ada, 1).getFirst();
    Api operator = new Api(port, "olga-" + UUID.randomUUID() + ";operator");

    for (String id :
        List.of(adasFirst.at("/id").asString(), UUID.randomUUID().toString(), "none")) {
      assertRefused(bob.post("/v1/notifications/" + id + "/read"), 404, "not-found");
      assertRefused(operator.post("/v1/notifications/" + id + "/read"), 404, "not-found");
    }
    assertThat(awaitFeed(ada, 1).getFirst().has("readAt")).isFalse();
  }

  @Test
  void anOperatorReadsAnothersFeed() {
    ada.transfer(adas, bobs, 5);
    List<JsonNode> feed = awaitFeed(ada, 1);
    Api operator = new Api(port, "olga-" + UUID.randomUUID() + ";operator");

    String list = "/v1/notifications?owner=" + ada.caller();
    assertThat(operator.get(list).body().at("/data")).hasSameSizeAs(feed);
    assertRefused(bob.get(list), 403, "forbidden");
  }

  @Test
  void whatIsUnknownIsSoWhateverComesWithIt() {
    assertRefused(
        ada.post("/v1/notifications/" + UUID.randomUUID() + "/read", "no json"), 404, "not-found");

    ada.transfer(adas, bobs, 5);
    String id = awaitFeed(ada, 1).getFirst().at("/id").asString();
    assertRefused(ada.post("/v1/notifications/" + id + "/read", "no json"), 400, "invalid-request");
  }
}
