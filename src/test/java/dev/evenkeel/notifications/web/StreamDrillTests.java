package dev.evenkeel.notifications.web;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.evenkeel.Evenkeel;
import dev.paymentprovider.PaymentProvider;
import dev.testing.Api;
import dev.testing.TestDatabase;
import dev.testing.WholeApplication;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.boot.test.web.server.LocalServerPort;
import org.springframework.context.ConfigurableApplicationContext;

/** Measures streams, for docs/notifications.md: {@code ./mvnw verify -Pdrills}. */
@Tag("drill")
@WholeApplication
class StreamDrillTests {

  private static final Duration LONG = Duration.ofMinutes(1);

  @LocalServerPort int port;
  @Autowired TestDatabase database;
  @Autowired PaymentProvider provider;
  @Autowired Streams streams;

  private ConfigurableApplicationContext secondInstance() {
    return new SpringApplicationBuilder(Evenkeel.class)
        .run(
            database.arguments(
                "--server.port=0", "--evenkeel.payments.provider.url=" + provider.url()));
  }

  @Test
  void twoHundredInterruptionsMissNothing() throws Exception {
    Api demo = new Api(port, "demo");
    UUID from = demo.openAccount(1_000_000_000);
    UUID to = new Api(port, "bob-" + UUID.randomUUID()).openAccount(0);
    AtomicBoolean stopped = new AtomicBoolean();
    try (ConfigurableApplicationContext second = secondInstance()) {
      int otherPort =
          Integer.parseInt(second.getEnvironment().getProperty("local.server.port", "0"));
      List<Api> instances = List.of(demo, new Api(otherPort, "demo"));
      Thread load =
          Thread.ofVirtual()
              .start(() -> {
                for (int i = 0; !stopped.get(); i++) {
                  instances.get(i % 2).transfer(from, to, 1);
                }
              });

      List<Long> ids = new ArrayList<>();
      for (int cut = 0; cut < 200; cut++) {
        long last = ids.isEmpty() ? 0 : ids.getLast();
        try (Listening listening = Listening.after(instances.get(cut % 2), last)) {
          await()
              .atMost(LONG)
              .pollInterval(Duration.ofMillis(20))
              .until(() -> !listening.events.isEmpty());
          ids.addAll(listening.ids());
        }
      }
      stopped.set(true);
      load.join();

      System.out.printf(
          "DRILL 200 interruptions: %d received, in order, none missing%n", ids.size());
      assertThat(ids).isEqualTo(LongStream.rangeClosed(1, ids.size()).boxed().toList());
    }
  }

  @Test
  void quietStreamIsAtMostASecondLate() throws Exception {
    Api ada = new Api(port, "ada-" + UUID.randomUUID());
    UUID from = ada.openAccount(1000);
    UUID to = new Api(port, "bob-" + UUID.randomUUID()).openAccount(0);
    List<Long> delays = new ArrayList<>();
    try (Listening listening = Listening.to(ada)) {
      for (int i = 1; i <= 100; i++) {
        int count = i;
        ada.transfer(from, to, 1);
        long committed = System.nanoTime();
        await()
            .atMost(LONG)
            .pollDelay(Duration.ZERO)
            .pollInterval(Duration.ofMillis(5))
            .until(() -> listening.events.size() == count);
        delays.add((System.nanoTime() - committed) / 1_000_000);
      }
    }
    delays.sort(null);
    System.out.printf("DRILL from commit to stream, quiet: p99 %d ms%n", delays.get(98));
    assertThat(delays.get(98)).isLessThanOrEqualTo(1000);
  }

  @Test
  void endsStreamOfAClientThatDoesNotRead() throws Exception {
    Api ada = new Api(port, "ada-" + UUID.randomUUID());
    UUID from = ada.openAccount(1_000_000);
    UUID to = new Api(port, "bob-" + UUID.randomUUID()).openAccount(0);
    int before = streams.count();
    try (Socket client = new Socket()) {
      client.setReceiveBufferSize(1024);
      client.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
      client
          .getOutputStream()
          .write(
              "GET /v1/notifications/stream HTTP/1.1\r\nHost: localhost\r\nAuthorization: %s\r\n\r\n"
                  .formatted(ada.authorization())
                  .getBytes(StandardCharsets.US_ASCII));
      await().atMost(LONG).until(() -> streams.count() == before + 1);

      await()
          .atMost(Duration.ofMinutes(5))
          .until(() -> {
            for (int i = 0; i < 200; i++) {
              ada.transfer(from, to, 1);
            }
            return streams.count() == before;
          });
      System.out.println("DRILL stream of a client that does not read: ended");
    }
  }
}
