package dev.evenkeel.notifications.webhooks;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.json.JsonMapper;

/** One attempt, without the application around it. */
class WebhookClientTests {

  private static final AttemptResult TAKEN = new AttemptResult.Response(204, Duration.ZERO);

  final WebhookSecrets secrets =
      new WebhookSecrets(
          new WebhookSettings(false, List.of("test:VGhpcnR5LXR3byBieXRlcyBmb3IgYWxsIHRlc3RzISE=")));

  private WebhookClient client(boolean allowPrivate, WebhookAddresses.Lookup lookup) {
    return client(new WebhookAddresses(allowPrivate, lookup));
  }

  private WebhookClient client(WebhookAddresses addresses) {
    return new WebhookClient(addresses, secrets, JsonMapper.shared());
  }

  private ClaimedDelivery claimed(String url) {
    UUID endpoint = UUID.randomUUID();
    UUID notification = UUID.randomUUID();
    var payload =
        new WebhookPayload(
            "account.frozen",
            Instant.EPOCH,
            new WebhookPayload.Data(
                notification,
                1,
                UUID.randomUUID(),
                "account.frozen",
                new WebhookPayload.Subject("account", UUID.randomUUID()),
                Instant.EPOCH));
    return new ClaimedDelivery(
        UUID.randomUUID(),
        1,
        endpoint,
        url,
        List.of(secrets.encrypt(endpoint, secrets.generate())),
        payload);
  }

  private static WebhookAddresses.Lookup answering(String... addresses) {
    Deque<String> left = new ArrayDeque<>(List.of(addresses));
    return _ -> InetAddress.getAllByName(left.pop());
  }

  /** With its own eyes the client would find the receiver: it is on localhost. */
  private static String urlByName(Receiver receiver) {
    return receiver.url().replace("127.0.0.1", "localhost");
  }

  @Test
  void itConnectsToTheAddressesThatWereChecked() throws Exception {
    try (Receiver receiver = new Receiver();
        WebhookClient client = client(true, answering("127.0.0.1"))) {
      String url = receiver.url().replace("127.0.0.1", "nowhere.invalid");

      assertThat(client.send(claimed(url))).isEqualTo(TAKEN);
    }
  }

  @Test
  void whatLeadsToAPrivateAddressIsNotConnectedTo() throws Exception {
    try (Receiver receiver = new Receiver();
        WebhookClient client = client(false, answering("127.0.0.1"))) {
      AttemptResult answer = client.send(claimed(urlByName(receiver)));

      assertThat(answer)
          .isEqualTo(new AttemptResult.NoResponse("the address of localhost is not allowed"));
      assertThat(receiver.received).isEmpty();
    }
  }

  @Test
  void whatWasPublicWhenItWasMadeIsNotConnectedToOnceItIsPrivate() throws Exception {
    WebhookAddresses rebinding = new WebhookAddresses(false, answering("8.8.8.8", "127.0.0.1"));
    try (Receiver receiver = new Receiver();
        WebhookClient client = client(rebinding)) {
      assertThat(rebinding.problemWith(urlByName(receiver))).isEmpty();
      client.send(claimed(urlByName(receiver)));

      assertThat(receiver.received).isEmpty();
    }
  }

  /** Then it goes on, and never ends. */
  @Test
  void ofALongAnswerOnlyTheFirstKibibyteIsAwaited() throws Exception {
    CountDownLatch end = new CountDownLatch(1);
    try (Receiver receiver = new Receiver();
        WebhookClient client = client(true, answering("127.0.0.1"))) {
      receiver.behaves(exchange -> {
        exchange.sendResponseHeaders(200, 0);
        exchange.getResponseBody().write(new byte[1024]);
        exchange.getResponseBody().flush();
        try {
          end.await();
        } catch (InterruptedException closed) {
          Thread.currentThread().interrupt();
        }
      });

      AttemptResult answer = client.send(claimed(receiver.url()));
      end.countDown();

      assertThat(answer).isEqualTo(new AttemptResult.Response(200, Duration.ZERO));
    }
  }

  /** More than any pool would have, and nobody else waits for one of their connections. */
  @Test
  void howeverManyHangAnotherIsAnswered() throws Exception {
    int hanging = 1500;
    List<Socket> accepted = new CopyOnWriteArrayList<>();
    try (ServerSocket silent = new ServerSocket(0, hanging, InetAddress.getLoopbackAddress());
        Receiver receiver = new Receiver();
        WebhookClient client = client(true, InetAddress::getAllByName);
        ExecutorService attempts = Executors.newVirtualThreadPerTaskExecutor()) {
      Thread.ofVirtual().start(() -> acceptAll(silent, accepted));
      String url = "http://127.0.0.1:%d/".formatted(silent.getLocalPort());
      for (int i = 0; i < hanging; i++) {
        attempts.execute(() -> client.send(claimed(url)));
      }
      // Before the first ones give up
      await().atMost(Duration.ofSeconds(4)).until(() -> accepted.size() == hanging);

      assertThat(client.send(claimed(receiver.url()))).isEqualTo(TAKEN);
      for (Socket socket : accepted) {
        socket.close();
      }
    }
  }

  private static void acceptAll(ServerSocket server, List<Socket> accepted) {
    try {
      while (true) {
        accepted.add(server.accept());
      }
    } catch (SocketException closed) {
      // the end
    } catch (IOException failure) {
      throw new java.io.UncheckedIOException(failure);
    }
  }
}
