package dev.evenkeel.notifications.webhooks;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.evenkeel.notifications.WebhookEndpoints;
import dev.testing.Api;
import dev.testing.WholeApplication;
import java.time.Duration;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.LongStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;
import org.springframework.boot.test.web.server.LocalServerPort;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.transaction.PlatformTransactionManager;
import org.springframework.transaction.support.TransactionTemplate;

/** An endpoint gets a delivery for each notification that it wants, once, and for no other. */
@WholeApplication
@ExtendWith(OutputCaptureExtension.class)
class FanOutTests {

  private static final Duration LONG = Duration.ofSeconds(25);

  @LocalServerPort int port;
  @Autowired JdbcClient jdbc;
  @Autowired FanOut fanOut;
  @Autowired WebhookEndpoints endpoints;
  @Autowired PlatformTransactionManager transactions;

  private final String owner = "ada-" + UUID.randomUUID();

  @BeforeEach
  void createFeed() {
    jdbc.sql("insert into notifications.feed (owner) values (?)").param(owner).update();
  }

  /** Its key is missing, so that nothing is sent to it. */
  private UUID createEndpoint(@Nullable String types) {
    return jdbc.sql(
            """
            insert into notifications.webhook_endpoint
                (id, owner, idempotency_key, fingerprint, status, url, secret, types, fan_out_seq)
            select uuidv7(), owner, uuidv7()::text, '', 'enabled', 'http://127.0.0.1:9/', 'elsewhere:x', ?::text[], seq
            from notifications.feed where owner = ?
            returning id
            """)
        .param(types)
        .param(owner)
        .query(UUID.class)
        .single();
  }

  private void append(int count, String type) {
    append(count, type, "0");
  }

  private void append(int count, String type, String age) {
    jdbc.sql(
            """
            with appended as (
                insert into notifications.notification (id, owner, seq, account, type, subject_id, account_name)
                select uuidv7(- ?::interval), owner, seq + n, uuidv7(), ?, uuidv7(), 'Main'
                from notifications.feed, generate_series(1, ?) n where owner = ?
            )
            update notifications.feed set seq = seq + ? where owner = ?
            """)
        .params(age, type, count, owner, count, owner)
        .update();
  }

  private void inTransaction(Runnable work) {
    new TransactionTemplate(transactions).executeWithoutResult(_ -> work.run());
  }

  private List<Long> delivered(UUID endpoint) {
    return jdbc.sql(
            """
            select n.seq from notifications.webhook_delivery d
            join notifications.notification n on n.id = d.notification
            where d.endpoint = ?
            order by d.id
            """)
        .param(endpoint)
        .query((row, _) -> row.getLong("seq"))
        .list();
  }

  private void assertDelivered(UUID endpoint, long... sequences) {
    List<Long> expected = LongStream.of(sequences).boxed().toList();
    await().atMost(LONG).untilAsserted(() -> assertThat(delivered(endpoint)).isEqualTo(expected));
    assertThat(fanOut.addSome(endpoint)).isFalse();
    assertThat(delivered(endpoint)).isEqualTo(expected);
  }

  @Test
  void addsPieceByPieceInTheFeedsOrder() {
    UUID endpoint = createEndpoint(null);
    append(1_234, "transfer.sent");

    assertDelivered(endpoint, LongStream.rangeClosed(1, 1_234).toArray());
  }

  /** In a transaction, so that no worker is faster. */
  @Test
  void findsEndpointsThatWereLeftBehind() {
    UUID endpoint = createEndpoint(null);
    inTransaction(() -> {
      append(1, "transfer.sent", "1 minute");
      assertThat(fanOut.findRecentlyBehind()).doesNotContain(endpoint);
      assertThat(fanOut.findBehind()).contains(endpoint);
    });

    assertDelivered(endpoint, 1);
  }

  @Test
  void findsEndpointsWithRecentNotifications() {
    UUID endpoint = createEndpoint(null);
    inTransaction(() -> {
      append(1, "transfer.sent");
      assertThat(fanOut.findRecentlyBehind()).contains(endpoint);
    });
  }

  @Test
  void instancesAddEachDeliveryOnce() throws Exception {
    UUID endpoint = createEndpoint(null);
    append(5_000, "transfer.sent");
    try (ExecutorService instances = Executors.newFixedThreadPool(4)) {
      List<Callable<Boolean>> all = Collections.nCopies(20, () -> fanOut.addSome(endpoint));
      for (Future<Boolean> added : instances.invokeAll(all)) {
        added.get();
      }
    }

    assertDelivered(endpoint, LongStream.rangeClosed(1, 5_000).toArray());
  }

  @Test
  void leavesOutWhatIsNotWantedAndWhatCameBefore() {
    append(3, "transfer.sent");
    UUID endpoint = createEndpoint("{transfer.received}");
    append(600, "transfer.sent");
    append(2, "transfer.received");

    assertDelivered(endpoint, 604, 605);
  }

  /** In one transaction, so that no worker adds deliveries in between. */
  @Test
  void disabledEndpointMissesOnlyWhatComesMeanwhile() {
    UUID endpoint = createEndpoint(null);
    inTransaction(() -> {
      append(1_200, "transfer.sent");
      fanOut.disable(endpoint);
      append(1, "transfer.sent");
      fanOut.disable(endpoint);
      fanOut.enable(endpoint);
      append(1, "transfer.sent");
      fanOut.enable(endpoint);
    });

    assertDelivered(
        endpoint,
        LongStream.concat(LongStream.rangeClosed(1, 1_200), LongStream.of(1_202)).toArray());
  }

  @Test
  void workerFollowsADisabledEndpointToItsEnd() {
    UUID endpoint = createEndpoint(null);
    inTransaction(() -> {
      append(1_200, "transfer.sent");
      fanOut.disable(endpoint);
      append(1, "transfer.sent");
    });

    assertDelivered(endpoint, LongStream.rangeClosed(1, 1_200).toArray());
  }

  /** The sender has few connections: it must not wait with one of them. */
  @Test
  void skipsALockedEndpoint() {
    UUID endpoint = createEndpoint(null);
    append(1, "transfer.sent");
    inTransaction(() -> {
      fanOut.disable(endpoint);
      assertThat(fanOut.addSome(endpoint)).isFalse();
    });

    assertDelivered(endpoint, 1);
  }

  /** The endpoint's worker adds no deliveries while it waits for a response. */
  @Test
  void deliveriesUntilAnEndpointWasGoneWaitForItsReturn(CapturedOutput output) throws Exception {
    try (Receiver receiver = new Receiver()) {
      receiver.hangs();
      UUID endpoint =
          new Api(port, owner).post("/v1/webhook-endpoints", Map.of("url", receiver.url())).id();
      append(1, "transfer.sent");
      await().atMost(LONG).until(() -> receiver.received.size() == 1);
      append(600, "transfer.sent");
      assertThat(delivered(endpoint)).as("not yet added").containsExactly(1L);

      receiver.responds(410);
      await().atMost(LONG).until(() -> isDisabled(endpoint));
      assertThat(output)
          .containsOnlyOnce(
              endpoint + " is dead: status 410: the endpoint is gone and was disabled");
      append(1, "transfer.sent");

      assertDelivered(endpoint, LongStream.rangeClosed(1, 601).toArray());
      assertThat(receiver.received).as("sent before its return").hasSize(1);
    }
  }

  private boolean isDisabled(UUID endpoint) {
    return jdbc.sql("select status = 'disabled' from notifications.webhook_endpoint where id = ?")
        .param(endpoint)
        .query(Boolean.class)
        .single();
  }

  @Test
  void deletedEndpointGetsNothing() {
    UUID endpoint = createEndpoint(null);
    endpoints.delete(endpoint);
    append(1, "transfer.sent");

    assertDelivered(endpoint);
  }
}
