package dev.evenkeel.notifications.web;

import static dev.testing.Refusals.assertRefused;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.testing.Api;
import dev.testing.WholeApplication;
import java.time.Duration;
import java.util.UUID;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.springframework.boot.test.web.server.LocalServerPort;
import tools.jackson.databind.JsonNode;

/** The feed over HTTP. */
@WholeApplication
class NotificationControllerTests {

  private static final String FEED = "/v1/notifications";

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

  private static JsonNode awaitNewest(Api api, int count) {
    await()
        .atMost(Duration.ofSeconds(20))
        .until(() -> api.get(FEED).body().at("/data").size() == count);
    return api.get(FEED).body().at("/data/0");
  }

  private static String type(JsonNode notification) {
    return notification.at("/type").asString();
  }

  @Test
  void transferNotifiesBothSides() {
    UUID transfer = ada.transfer(adas, bobs, 5).id();

    JsonNode received = awaitNewest(bob, 1);
    assertThat(type(awaitNewest(ada, 1))).isEqualTo("transfer.sent");
    assertThat(type(received)).isEqualTo("transfer.received");
    assertThat(received.at("/account").asString()).isEqualTo(bobs.toString());
    assertThat(received.at("/sequence").asLong()).isEqualTo(1);
    assertThat(received.at("/subject/kind").asString()).isEqualTo("transfer");
    assertThat(received.at("/subject/id").asString()).isEqualTo(transfer.toString());
    assertThat(received.at("/body").asString()).isEqualTo("€0.05 from Main");
    assertThat(received.has("readAt")).isFalse();
  }

  @Test
  void reversalNotifiesBothSidesOnce() {
    UUID reversal = bob.reverse(ada.transfer(adas, bobs, 5).id()).id();

    assertThat(type(awaitNewest(ada, 2))).isEqualTo("transfer.reversed");
    assertThat(type(awaitNewest(bob, 2))).isEqualTo("transfer.reversed");
    assertThat(awaitNewest(ada, 2).at("/subject/id").asString()).isEqualTo(reversal.toString());
  }

  @Test
  void readingKeepsTheFirstTime() {
    ada.transfer(adas, bobs, 5);
    String path = FEED + "/" + awaitNewest(ada, 1).at("/id").asString() + "/read";

    Api.Answer read = ada.post(path);

    assertThat(read.status()).isEqualTo(200);
    assertThat(read.at("/readAt")).isNotEmpty();
    assertThat(ada.post(path).body()).isEqualTo(read.body());
    assertThat(awaitNewest(ada, 1)).isEqualTo(read.body());
  }

  @Test
  void onlyTheOwnerMarksAsRead() {
    ada.transfer(adas, bobs, 5);
    String path = FEED + "/" + awaitNewest(ada, 1).at("/id").asString() + "/read";

    assertRefused(bob.post(path), 404, "not-found");
    assertRefused(operator.post(path), 404, "not-found");
    assertRefused(ada.post(FEED + "/" + UUID.randomUUID() + "/read"), 404, "not-found");
    assertRefused(ada.post(FEED + "/none/read"), 404, "not-found");
    assertThat(awaitNewest(ada, 1).has("readAt")).isFalse();
  }

  @Test
  void onlyOperatorsListAnotherOwnersFeed() {
    ada.transfer(adas, bobs, 5);
    awaitNewest(ada, 1);

    String list = FEED + "?owner=" + ada.caller();
    assertThat(operator.get(list).body().at("/data")).hasSize(1);
    assertRefused(bob.get(list), 403, "forbidden");
  }
}
