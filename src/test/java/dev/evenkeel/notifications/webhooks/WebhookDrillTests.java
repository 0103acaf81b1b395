package dev.evenkeel.notifications.webhooks;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.testing.Api;
import dev.testing.WholeApplication;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.springframework.boot.test.web.server.LocalServerPort;

/** Measures the delay of webhooks, for docs/notifications.md: {@code ./mvnw verify -Pdrills}. */
@Tag("drill")
@WholeApplication
class WebhookDrillTests {

  private static final int EACH = 200;

  @LocalServerPort int port;

  @Test
  void deadAndHangingEndpointsDelayNoOther() throws Exception {
    List<Receiver> receivers = new ArrayList<>();
    List<Runnable> transfers = new ArrayList<>();
    try {
      for (int i = 0; i < 10; i++) {
        Receiver receiver = new Receiver();
        receivers.add(receiver);
        Api owner = new Api(port, "owner-" + UUID.randomUUID());
        UUID from = owner.openAccount(1_000_000);
        UUID to = new Api(port, "bob-" + UUID.randomUUID()).openAccount(0);
        owner.post("/v1/webhook-endpoints", Map.of("url", receiver.url()));
        transfers.add(() -> owner.transfer(from, to, 1));
      }
      receivers.get(0).close();
      receivers.get(1).hangs();
      long[][] sentAt = new long[10][EACH];
      for (int i = 0; i < EACH; i++) {
        for (int owner = 0; owner < 10; owner++) {
          sentAt[owner][i] = System.currentTimeMillis();
          transfers.get(owner).run();
        }
      }

      List<Long> delays = new ArrayList<>();
      for (int owner = 2; owner < 10; owner++) {
        Receiver good = receivers.get(owner);
        await().atMost(Duration.ofMinutes(2)).until(() -> good.received.size() >= EACH);
        for (Receiver.Request received : good.received) {
          int sequence = received.json().at("/data/sequence").asInt();
          delays.add(received.at() - sentAt[owner][sequence - 1]);
        }
      }
      delays.sort(null);
      long p99 = delays.get(delays.size() * 99 / 100);
      System.out.printf(
          "DRILL one of ten endpoints dead, one hanging: the others' p99 %d ms%n", p99);
      assertThat(p99).isLessThanOrEqualTo(2000);
    } finally {
      receivers.forEach(Receiver::close);
    }
  }
}
