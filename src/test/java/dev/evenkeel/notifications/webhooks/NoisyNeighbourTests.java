package dev.evenkeel.notifications.webhooks;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.testing.Api;
import dev.testing.WholeApplication;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.UUID;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.springframework.boot.test.web.server.LocalServerPort;

/** Many transfers and webhooks of one owner do not delay the notifications of another. */
@WholeApplication
class NoisyNeighbourTests {

  private static final String ENDPOINTS = "/v1/webhook-endpoints";
  private static final String FEED = "/v1/notifications?limit=1";
  private static final int PER_SECOND = 84; // 5,000 a minute
  private static final int TRANSFERS = 15 * PER_SECOND;
  private static final Duration LONGEST = Duration.ofSeconds(15); // the machine may be slow

  @LocalServerPort int port;

  /** An owner who sends transfers; closing it deletes its endpoints. */
  private final class Owner implements AutoCloseable {

    final List<Receiver> receivers = new ArrayList<>();
    private final List<UUID> endpoints = new ArrayList<>();
    final Api api = new Api(port, "ada-" + UUID.randomUUID());
    private final UUID from = api.openAccount(1_000_000);
    private final UUID to = new Api(port, "bob-" + UUID.randomUUID()).openAccount(0);

    void addEndpoints(int count) throws IOException {
      for (int i = 0; i < count; i++) {
        receivers.add(new Receiver());
        endpoints.add(api.post(ENDPOINTS, Map.of("url", receivers.getLast().url())).id());
      }
    }

    Api.Answer transfer() {
      return api.transfer(from, to, 1);
    }

    /** When the webhook of each transfer arrived at the first endpoint. */
    Map<String, Long> arrivals() {
      Map<String, Long> arrivals = new HashMap<>();
      for (Receiver.Request request : receivers.getFirst().received) {
        arrivals.putIfAbsent(request.json().at("/data/subject/id").asString(), request.at());
      }
      return arrivals;
    }

    @Override
    public void close() {
      for (UUID endpoint : endpoints) {
        String path = ENDPOINTS + "/" + endpoint;
        await().atMost(LONGEST).until(() -> api.send(api.request(path).DELETE()).status() == 204);
      }
      receivers.forEach(Receiver::close);
    }
  }

  @Test
  void busyOwnerDelaysNoOther() throws Exception {
    try (Owner busy = new Owner();
        Owner quiet = new Owner()) {
      busy.addEndpoints(20);
      quiet.addEndpoints(1);

      Map<String, Long> answered = new HashMap<>();
      List<Long> feedDelays = new ArrayList<>();
      AtomicInteger sent = new AtomicInteger();
      Queue<Long> accepted = new ConcurrentLinkedQueue<>();
      long begin = System.currentTimeMillis();
      try (var callers = Executors.newVirtualThreadPerTaskExecutor();
          var clock = Executors.newSingleThreadScheduledExecutor()) {
        Runnable transfer =
            () -> {
              if (sent.getAndIncrement() < TRANSFERS && busy.transfer().status() == 201) {
                accepted.add(System.currentTimeMillis());
              }
            };
        clock.scheduleAtFixedRate(
            () -> callers.execute(transfer), 0, 1_000_000 / PER_SECOND, TimeUnit.MICROSECONDS);

        // A transfer of the other owner about every half second
        for (int due = 0; due < TRANSFERS; due += PER_SECOND / 2) {
          int next = due;
          await().atMost(LONGEST).until(sent::get, count -> count > next);
          String id = quiet.transfer().at("/id");
          long at = System.currentTimeMillis();
          answered.put(id, at);
          await("feed")
              .atMost(LONGEST)
              .until(() -> quiet.api.get(FEED).at("/data/0/subject/id").equals(id));
          feedDelays.add(System.currentTimeMillis() - at);
        }
      }
      await("webhooks")
          .atMost(LONGEST)
          .untilAsserted(
              () -> assertThat(quiet.arrivals().keySet()).containsAll(answered.keySet()));
      List<Long> webhookDelays = new ArrayList<>();
      quiet.arrivals().forEach((id, at) -> webhookDelays.add(at - answered.getOrDefault(id, 0L)));

      double seconds = (accepted.stream().max(Long::compare).orElseThrow() - begin) / 1e3;
      assertThat(accepted.size() / seconds).as("load").isGreaterThan(0.5 * PER_SECOND);
      assertThat(busy.receivers).noneMatch(receiver -> receiver.received.isEmpty());
      assertLimits(feedDelays);
      assertLimits(webhookDelays);
    }
  }

  private static void assertLimits(List<Long> delays) {
    delays.sort(null);
    assertThat(delays.get(delays.size() / 2)).as("median of %s", delays).isLessThanOrEqualTo(2000);
    assertThat(delays.getLast()).as("of %s", delays).isLessThanOrEqualTo(LONGEST.toMillis());
  }
}
