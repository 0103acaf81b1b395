package dev.evenkeel.notifications.webhooks;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.evenkeel.notifications.webhooks.AttemptResult.NoResponse;
import dev.evenkeel.notifications.webhooks.AttemptResult.Response;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
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
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.json.JsonMapper;

/** One attempt, without the application around it. */
class WebhookClientTests {

  final WebhookSecrets secrets =
      new WebhookSecrets(
          new WebhookSettings(false, List.of("test:VGhpcnR5LXR3byBieXRlcyBmb3IgYWxsIHRlc3RzISE=")));

  Receiver receiver;

  @BeforeEach
  void open() throws IOException {
    receiver = new Receiver();
  }

  @AfterEach
  void close() {
    receiver.close();
  }

  /** A client whose lookups give these addresses, one after the other. */
  private WebhookClient client(boolean allowPrivate, String... addresses) {
    return client(new WebhookAddresses(allowPrivate, answering(addresses)));
  }

  private WebhookClient client(WebhookAddresses addresses) {
    return new WebhookClient(addresses, secrets, JsonMapper.shared());
  }

  private static HostLookups.Lookup answering(String... addresses) {
    Deque<String> left = new ArrayDeque<>(List.of(addresses));
    return _ -> InetAddress.getAllByName(left.pop());
  }

  private AttemptResult send() throws IOException {
    try (WebhookClient client = client(true, "127.0.0.1")) {
      return client.send(delivery(receiver.url(), secrets.generate()));
    }
  }

  private ClaimedDelivery delivery(String url, byte[]... signingSecrets) {
    UUID endpoint = UUID.randomUUID();
    var data =
        new WebhookPayload.Data(
            UUID.randomUUID(),
            1,
            UUID.randomUUID(),
            "account.frozen",
            new WebhookPayload.Subject("account", UUID.randomUUID()),
            Instant.EPOCH);
    return new ClaimedDelivery(
        UUID.randomUUID(),
        1,
        endpoint,
        url,
        Stream.of(signingSecrets).map(secret -> secrets.encrypt(endpoint, secret)).toList(),
        new WebhookPayload("account.frozen", Instant.EPOCH, data));
  }

  private String url(String host) {
    return receiver.url().replace("127.0.0.1", host);
  }

  @Test
  void connectsToTheCheckedAddress() throws IOException {
    try (WebhookClient client = client(true, "127.0.0.1")) {
      assertThat(client.send(delivery(url("nowhere.invalid"))))
          .isEqualTo(new Response(204, Duration.ZERO));
    }
  }

  /** Without the check, the client would find the receiver on localhost. */
  @Test
  void rejectsPrivateAddresses() throws IOException {
    try (WebhookClient client = client(false, "127.0.0.1")) {
      assertThat(client.send(delivery(url("localhost"))))
          .isEqualTo(new NoResponse("localhost does not resolve to allowed addresses"));
      assertThat(receiver.received).isEmpty();
    }
  }

  @Test
  void rejectsAddressesThatHaveBecomePrivate() throws IOException {
    WebhookAddresses rebinding = new WebhookAddresses(false, answering("8.8.8.8", "127.0.0.1"));
    try (WebhookClient client = client(rebinding)) {
      assertThat(rebinding.problemWithHost(url("localhost"), "ada")).isEmpty();
      client.send(delivery(url("localhost")));

      assertThat(receiver.received).isEmpty();
    }
  }

  @Test
  void signsWithEachSecret() throws IOException {
    byte[] current = secrets.generate();
    byte[] previous = secrets.generate();
    try (WebhookClient client = client(true, "127.0.0.1")) {
      client.send(delivery(receiver.url(), current, previous));
    }

    assertThat(List.of(current, previous, secrets.generate()))
        .extracting(WebhookSecrets::format)
        .extracting(receiver.received.getFirst()::isSignedWith)
        .containsExactly(true, true, false);
  }

  @Test
  void followsNoRedirect() throws IOException {
    try (Receiver elsewhere = new Receiver()) {
      receiver.behaves(exchange -> {
        exchange.getResponseHeaders().add("Location", elsewhere.url());
        exchange.sendResponseHeaders(307, -1);
      });

      assertThat(send()).isEqualTo(new Response(307, Duration.ZERO));
      assertThat(elsewhere.received).isEmpty();
    }
  }

  @ParameterizedTest
  @CsvSource({"120, 120", "soon, 0", "-5, 0", "1.5, 0", "99999999999999999999, 0"})
  void readsRetryAfterInSeconds(String header, int seconds) throws IOException {
    receiver.behaves(exchange -> {
      exchange.getResponseHeaders().add("Retry-After", header);
      exchange.sendResponseHeaders(429, -1);
    });

    assertThat(send()).isEqualTo(new Response(429, Duration.ofSeconds(seconds)));
  }

  @Test
  void readsRetryAfterAsADate() throws IOException {
    receiver.behaves(exchange -> {
      exchange.getResponseHeaders().add("Retry-After", "Fri, 01 Jan 2100 00:00:00 GMT");
      exchange.sendResponseHeaders(503, -1);
    });

    assertThat(send())
        .isInstanceOfSatisfying(
            Response.class,
            response -> assertThat(response.retryAfter()).isGreaterThan(Duration.ofDays(1000)));
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void readsOneKibibyteOfALongResponse(boolean endless) throws IOException {
    receiver.behaves(exchange -> {
      exchange.sendResponseHeaders(500, 0);
      OutputStream body = exchange.getResponseBody();
      do {
        body.write(new byte[1024]);
        body.flush();
      } while (endless);
      new CountDownLatch(1).await();
    });
    long start = System.nanoTime();

    assertThat(send()).isEqualTo(new Response(500, Duration.ZERO));
    assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(Duration.ofSeconds(4));
  }

  @Test
  void endsASlowResponseAfterFiveSeconds() throws IOException {
    receiver.behaves(exchange -> {
      exchange.sendResponseHeaders(200, 0);
      CountDownLatch never = new CountDownLatch(1);
      do {
        exchange.getResponseBody().write('.');
        exchange.getResponseBody().flush();
      } while (!never.await(500, TimeUnit.MILLISECONDS));
    });
    long start = System.nanoTime();

    assertThat(send()).isEqualTo(new NoResponse("timed out"));
    assertThat(Duration.ofNanos(System.nanoTime() - start))
        .isBetween(Duration.ofMillis(4500), Duration.ofSeconds(10));
  }

  /** Far more attempts than a connection pool would allow, and none waits for another. */
  @Test
  void hangingAttemptsBlockNoOther() throws Exception {
    int count = 500;
    List<Socket> accepted = new CopyOnWriteArrayList<>();
    try (ServerSocket silent = new ServerSocket(0, count, InetAddress.getLoopbackAddress());
        WebhookClient client = client(new WebhookAddresses(true, InetAddress::getAllByName));
        var attempts = Executors.newVirtualThreadPerTaskExecutor()) {
      Thread.ofVirtual().start(() -> acceptAll(silent, accepted));
      String url = "http://127.0.0.1:%d/".formatted(silent.getLocalPort());
      for (int i = 0; i < count; i++) {
        attempts.execute(() -> client.send(delivery(url)));
      }
      // before the first attempts time out
      await().atMost(Duration.ofSeconds(4)).until(() -> accepted.size() == count);

      assertThat(client.send(delivery(receiver.url()))).isInstanceOf(Response.class);
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
      // the test has ended
    } catch (IOException failure) {
      throw new UncheckedIOException(failure);
    }
  }
}
