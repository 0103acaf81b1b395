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
import java.util.HexFormat;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
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
    return delivery(1, url, signingSecrets);
  }

  private ClaimedDelivery delivery(int attempt, String url, byte[]... signingSecrets) {
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
        attempt,
        endpoint,
        url,
        Stream.of(signingSecrets).map(secret -> secrets.encrypt(endpoint, secret)).toList(),
        new WebhookPayload("account.frozen", Instant.EPOCH, data),
        null);
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

  /** The receiver has taken the notification, so a failure would make it come twice. */
  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void statusDecidesBeforeTheBodyArrives(boolean endless) throws IOException {
    receiver.behaves(exchange -> {
      exchange.sendResponseHeaders(200, 0);
      OutputStream body = exchange.getResponseBody();
      do {
        body.write('.');
        body.flush();
      } while (endless);
      new CountDownLatch(1).await();
    });
    long start = System.nanoTime();

    assertThat(send()).isEqualTo(new Response(200, Duration.ZERO));
    assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(Duration.ofSeconds(4));
  }

  /** A server on all addresses that never ends its answer: no read waits long for the next byte. */
  private static final class Dribble implements AutoCloseable {

    final List<Socket> accepted = new CopyOnWriteArrayList<>();
    private final ServerSocket server = new ServerSocket(0);
    private final CountDownLatch end = new CountDownLatch(1);

    Dribble(byte[] beginning) throws IOException {
      Thread.ofVirtual()
          .start(() -> acceptAll(server, accepted, socket -> dribble(socket, beginning)));
    }

    private void dribble(Socket socket, byte[] beginning) {
      try (socket) {
        socket.getOutputStream().write(beginning);
        while (!end.await(100, TimeUnit.MILLISECONDS)) {
          socket.getOutputStream().write('.');
        }
      } catch (IOException closedByTheClient) {
        // as it should
      } catch (InterruptedException stopped) {
        Thread.currentThread().interrupt();
      }
    }

    @Override
    public void close() throws IOException {
      end.countDown();
      server.close();
    }
  }

  /** With HTTPS it is a handshake that never ends: the header of a long record, then its bytes. */
  @ParameterizedTest
  @CsvSource({"http, 485454502f312e3120323030204f4b0d0a583a", "https, 1603034000"})
  @Timeout(value = 30, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
  void closesTheSocketAfterFiveSeconds(String scheme, String beginning) throws IOException {
    InetAddress[] addresses = {
      InetAddress.getByName("127.0.0.2"),
      InetAddress.getByName("127.0.0.3"),
      InetAddress.getByName("127.0.0.4")
    };
    try (Dribble server = new Dribble(HexFormat.of().parseHex(beginning));
        WebhookClient client = client(new WebhookAddresses(true, _ -> addresses))) {
      String url = "%s://many.example:%d/".formatted(scheme, server.server.getLocalPort());
      long start = System.nanoTime();

      assertThat(client.send(delivery(url))).isEqualTo(new NoResponse("timed out"));
      assertThat(Duration.ofNanos(System.nanoTime() - start))
          .isBetween(Duration.ofMillis(4500), Duration.ofSeconds(8));
      await().until(() -> server.accepted.stream().allMatch(Socket::isClosed));
      assertThat(server.accepted).as("one address").hasSize(1);
    }
  }

  /** DNS may give the addresses in another order each time. */
  @Test
  void deadAddressFailsOneAttempt() throws IOException {
    Deque<String> answers = new ArrayDeque<>(List.of("1 2", "2 1", "1 2", "2 1"));
    HostLookups.Lookup lookup =
        _ -> {
          String[] last = answers.pop().split(" ");
          return new InetAddress[] {
            InetAddress.getByName("127.0.0." + last[0]), InetAddress.getByName("127.0.0." + last[1])
          };
        };
    try (WebhookClient client = client(new WebhookAddresses(true, lookup))) {
      assertThat(IntStream.rangeClosed(1, 4))
          .extracting(attempt -> client.send(delivery(attempt, url("two.example"))))
          .containsExactly(
              new Response(204, Duration.ZERO),
              new NoResponse("no response"),
              new Response(204, Duration.ZERO),
              new NoResponse("no response"));
    }
  }

  /** Far more attempts than a connection pool would allow, and none waits for another. */
  @Test
  void hangingAttemptsBlockNoOther() throws Exception {
    int count = 500;
    List<Socket> accepted = new CopyOnWriteArrayList<>();
    try (ServerSocket silent = new ServerSocket(0, count, InetAddress.getLoopbackAddress());
        WebhookClient client = client(new WebhookAddresses(true, InetAddress::getAllByName));
        var attempts = Executors.newVirtualThreadPerTaskExecutor()) {
      Thread.ofVirtual().start(() -> acceptAll(silent, accepted, _ -> {}));
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

  private static void acceptAll(
      ServerSocket server, List<Socket> accepted, Consumer<Socket> behaviour) {
    try {
      while (true) {
        Socket socket = server.accept();
        accepted.add(socket);
        Thread.ofVirtual().start(() -> behaviour.accept(socket));
      }
    } catch (SocketException closed) {
      // the test has ended
    } catch (IOException failure) {
      throw new UncheckedIOException(failure);
    }
  }
}
