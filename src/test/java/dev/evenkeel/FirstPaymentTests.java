package dev.evenkeel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.paymentprovider.PaymentProvider;
import dev.testing.Api;
import dev.testing.WholeApplication;
import java.time.Duration;
import java.util.Map;
import java.util.UUID;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.boot.test.web.server.LocalServerPort;

/** The whole path of a pay-in: payment, posting, notification. */
@WholeApplication
class FirstPaymentTests {

  @LocalServerPort int port;
  @Autowired PaymentProvider provider;

  Api api;
  Api simulator;

  @BeforeEach
  void connect() {
    api = new Api(port, "ada-" + UUID.randomUUID());
    simulator = Api.anonymous(provider.port());
  }

  @AfterEach
  void heal() {
    simulator.put("/faults", Map.of("mode", "none"));
  }

  @Test
  void postsAndNotifiesAPayIn() {
    UUID account = api.openAccount(0);

    Api.Answer payment = api.payIn(account, 1250, "tok_ok");

    assertThat(payment.status()).as(payment.toString()).isEqualTo(201);
    assertThat(payment.at("/status")).isEqualTo("succeeded");
    assertThat(payment.header("Location")).contains("/v1/payments/" + payment.id());
    assertThat(api.posted(account)).isEqualTo(1250);
    // part of notifications
    await()
        .atMost(Duration.ofSeconds(10))
        .untilAsserted(() -> {
          var feed = api.get("/v1/notifications?account=" + account);
          assertThat(feed.body().at("/data")).as(feed.toString()).hasSize(1);
          assertThat(feed.at("/data/0/type")).isEqualTo("payment.succeeded");
          assertThat(feed.at("/data/0/body")).isEqualTo("€12.50 paid in to Main");
          assertThat(feed.at("/data/0/subject/id")).isEqualTo(payment.at("/id"));
        });
    // end of notifications
  }
}
