package dev.evenkeel.payments.provider;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.InstanceOfAssertFactories.type;

import com.sun.net.httpserver.HttpHandler;
import com.sun.net.httpserver.HttpServer;
import dev.evenkeel.payments.provider.ProviderRequest.Kind;
import dev.evenkeel.payments.provider.ProviderRequest.Known;
import dev.evenkeel.payments.provider.ProviderRequest.Order;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What payments rely on, whichever provider is behind a gateway. */
public abstract class GatewayContract {

  protected static final Duration TIMEOUT = Duration.ofSeconds(10);
  protected static final URI RETURN_URL = URI.create("https://shop.example/back");

  /**
   * The provider's tokens for tests.
   *
   * @param declineCode the code with which it declines the second one
   */
  public record Instruments(
      String approved,
      String declined,
      String declineCode,
      String insufficientFunds,
      String customerActs) {}

  /** A webhook as it arrives. */
  public record ReceivedWebhook(Map<String, List<String>> headers, String body) {

    WebhookHint readBy(Gateway gateway) {
      return gateway.readWebhook(headers, body.getBytes(StandardCharsets.UTF_8));
    }
  }

  /** The gateway to a provider that works. */
  protected abstract Gateway gateway();

  /** A gateway of the same kind to a server of the test. */
  protected abstract Gateway gatewayAt(URI url);

  protected abstract Instruments instruments();

  /** Lets the provider take back all of an operation, and returns the return's id. */
  protected abstract String takeBack(String operation);

  /** Lets the provider undo a return. */
  protected abstract void reinstate(String id);

  /** A webhook about a payment, signed with one of the secrets, which the gateway knows. */
  protected final ReceivedWebhook webhook(UUID reference) {
    return webhook(reference.toString(), Instant.now(), true);
  }

  /**
   * @param ours whether it is signed with a secret that the gateway knows
   */
  protected abstract ReceivedWebhook webhook(String reference, Instant at, boolean ours);

  /** A signed webhook with this body. */
  protected abstract ReceivedWebhook signed(String body);

  // Requests

  protected static ProviderSettings settings(URI url, @Nullable String apiKey) {
    return new ProviderSettings(
        "any", url, apiKey, TIMEOUT, TIMEOUT, TIMEOUT, TIMEOUT, List.of(), RETURN_URL);
  }

  protected final ProviderRequest charge(long amount, String instrument) {
    return charge(amount, "EUR", instrument, false);
  }

  protected final ProviderRequest charge(
      long amount, String currency, String instrument, boolean manual) {
    return written(
        new Order(
            Kind.CHARGE, UUID.randomUUID(), amount, currency, instrument, null, null, manual));
  }

  protected final ProviderRequest refund(ProviderRequest charge, String operation, long amount) {
    Order order = charge.order();
    return written(
        new Order(
            Kind.REFUND,
            UUID.randomUUID(),
            amount,
            order.currency(),
            null,
            order.reference(),
            operation,
            false));
  }

  protected final ProviderRequest written(Order order) {
    return new ProviderRequest(order).withBody(gateway().write(order));
  }

  protected final ProviderResponse send(ProviderRequest request) throws IOException {
    return gateway().send(request, TIMEOUT).response();
  }

  protected final ProviderResponse query(ProviderRequest request) throws IOException {
    return gateway().query(request, TIMEOUT).response();
  }

  protected final ProviderResponse followUp(
      ProviderRequest request, String operation, FollowUp what, @Nullable Long capture)
      throws IOException {
    ProviderRequest known = request.withKnown(new Known(operation, what, capture));
    return gateway().followUp(known, TIMEOUT).response();
  }

  protected final String approved(ProviderRequest request) throws IOException {
    return approved(send(request), request.order().amount());
  }

  protected static String approved(ProviderResponse response, long amount) {
    ProviderOperation operation =
        assertThat(response)
            .asInstanceOf(type(ProviderResponse.Approved.class))
            .actual()
            .operation();
    assertThat(operation.amount()).isEqualTo(amount);
    return operation.id();
  }

  protected final String authorized(ProviderRequest request) throws IOException {
    return assertThat(send(request))
        .asInstanceOf(type(ProviderResponse.Authorized.class))
        .actual()
        .operation()
        .id();
  }

  private ProviderRequest manual() {
    return charge(1000, "EUR", instruments().approved(), true);
  }

  protected static void assertDeclined(ProviderResponse response, String code) {
    assertThat(response)
        .isInstanceOfSatisfying(
            ProviderResponse.Declined.class, it -> assertThat(it.code()).isEqualTo(code));
  }

  // Orders

  @Test
  void approvesACharge() throws IOException {
    ProviderRequest request = charge(1250, instruments().approved());

    Answer answer = gateway().send(request, TIMEOUT);

    approved(answer.response(), 1250);
    assertThat(answer.alive()).isTrue();
    assertThat(answer.pause()).isZero();
  }

  @Test
  void declinesACharge() throws IOException {
    ProviderRequest request = charge(1250, instruments().declined());

    assertDeclined(send(request), instruments().declineCode());
    assertDeclined(send(request), instruments().declineCode());
    assertDeclined(query(request), instruments().declineCode());
  }

  @Test
  void declinesForLackOfFunds() throws IOException {
    assertDeclined(send(charge(1250, instruments().insufficientFunds())), "insufficient_funds");
  }

  @Test
  void writesTheSameBodyAgain() {
    ProviderRequest request = charge(1250, instruments().approved());

    assertThat(gateway().write(request.order())).isEqualTo(request.body());
  }

  @Test
  void oneKeyMakesOneOperation() throws IOException {
    ProviderRequest request = charge(1250, instruments().approved());

    assertThat(approved(request)).isEqualTo(approved(request));
  }

  @Test
  void rejectsAnotherBodyUnderTheKey() throws IOException {
    ProviderRequest request = charge(1250, instruments().approved());
    approved(request);
    Order order = request.order();
    ProviderRequest other =
        written(
            new Order(
                Kind.CHARGE,
                order.reference(),
                1251,
                "EUR",
                order.instrument(),
                null,
                null,
                false));

    assertThat(send(other))
        .isInstanceOfSatisfying(
            ProviderResponse.Unknown.class, it -> assertThat(it.ourFault()).isTrue());
  }

  // Captures and cancellations

  @ParameterizedTest
  @ValueSource(longs = {1000, 600})
  void capturesAllOrAPartOnce(long amount) throws IOException {
    ProviderRequest request = manual();
    String id = authorized(request);

    approved(followUp(request, id, FollowUp.CAPTURE, amount), amount);
    approved(followUp(request, id, FollowUp.CAPTURE, amount), amount);

    ProviderRequest captured = request.withKnown(new Known(id, null, amount));
    assertThat(approved(query(captured), amount)).isEqualTo(id);
  }

  @Test
  void sendingAgainTellsOfTheCapture() throws IOException {
    ProviderRequest request = manual();
    String id = authorized(request);
    followUp(request, id, FollowUp.CAPTURE, 1000L);

    assertThat(approved(request)).isEqualTo(id);
  }

  @ParameterizedTest
  @EnumSource(names = {"CANCEL", "EXPIRE"})
  void cancelsOnce(FollowUp what) throws IOException {
    ProviderRequest request = manual();
    String id = authorized(request);

    for (int i = 0; i < 2; i++) {
      assertThat(followUp(request, id, what, null)).isInstanceOf(ProviderResponse.Canceled.class);
    }

    assertThat(query(request.askingAbout(id))).isInstanceOf(ProviderResponse.Canceled.class);
  }

  @Test
  void capturesNothingThatIsCanceled() throws IOException {
    ProviderRequest request = manual();
    String id = authorized(request);
    followUp(request, id, FollowUp.CANCEL, null);

    assertThat(followUp(request, id, FollowUp.CAPTURE, 1000L))
        .isNotInstanceOf(ProviderResponse.Approved.class);

    assertThat(query(request.askingAbout(id))).isInstanceOf(ProviderResponse.Canceled.class);
  }

  @Test
  void captureWinsOverALaterCancellation() throws IOException {
    ProviderRequest request = manual();
    String id = authorized(request);
    followUp(request, id, FollowUp.CAPTURE, 1000L);

    approved(followUp(request, id, FollowUp.CANCEL, null), 1000);
  }

  // Customers who have to act

  private ProviderResponse.ActionRequired actionRequired(ProviderRequest request)
      throws IOException {
    return assertThat(send(request))
        .asInstanceOf(type(ProviderResponse.ActionRequired.class))
        .actual();
  }

  private static void act(String page, String decision) throws IOException {
    try (HttpClient customer = HttpClient.newHttpClient()) {
      HttpRequest request =
          HttpRequest.newBuilder(URI.create(page + "/" + decision))
              .POST(BodyPublishers.noBody())
              .build();
      assertThat(customer.send(request, BodyHandlers.discarding()).statusCode()).isEqualTo(200);
    } catch (InterruptedException impossible) {
      throw new IllegalStateException(impossible);
    }
  }

  @Test
  void customerApproves() throws IOException {
    ProviderRequest request = charge(1250, instruments().customerActs());
    ProviderResponse.ActionRequired required = actionRequired(request);
    assertThat(query(request.askingAbout(required.operation().id()))).isEqualTo(required);

    act(required.redirectUrl(), "approve");

    assertThat(approved(query(request.askingAbout(required.operation().id())), 1250))
        .isEqualTo(required.operation().id());
  }

  @Test
  void customerDeclines() throws IOException {
    ProviderRequest request = charge(1250, instruments().customerActs());
    ProviderResponse.ActionRequired required = actionRequired(request);

    act(required.redirectUrl(), "decline");

    assertDeclined(query(request.askingAbout(required.operation().id())), "authentication_failed");
    assertDeclined(query(request.askingAbout(required.operation().id())), "authentication_failed");
  }

  @Test
  void cancelsWhatWaitsForTheCustomer() throws IOException {
    ProviderRequest request = charge(1250, instruments().customerActs());
    String id = actionRequired(request).operation().id();

    assertThat(followUp(request, id, FollowUp.CANCEL, null))
        .isInstanceOf(ProviderResponse.Canceled.class);
  }

  // Queries

  @Test
  void findsByReferenceAndById() throws IOException {
    ProviderRequest request = charge(1250, instruments().approved());
    String id = approved(request);

    assertThat(approved(query(request), 1250)).isEqualTo(id);
    assertThat(approved(query(request.askingAbout(id)), 1250)).isEqualTo(id);
  }

  @Test
  void findsNothingThatWasNotSent() throws IOException {
    ProviderRequest request = charge(1250, instruments().approved());

    assertThat(query(request)).isEqualTo(new ProviderResponse.NotFound());
    assertThat(query(request.askingAbout("op_unknown"))).isEqualTo(new ProviderResponse.NotFound());
  }

  // Refunds and what is taken back

  @ParameterizedTest
  @ValueSource(longs = {1250, 250})
  void refundsAllOrAPart(long amount) throws IOException {
    ProviderRequest charge = charge(1250, instruments().approved());
    ProviderRequest refund = refund(charge, approved(charge), amount);

    String id = approved(refund);

    assertThat(approved(refund)).as("sent again").isEqualTo(id);
    assertThat(approved(query(refund), amount)).isEqualTo(id);
    assertThat(approved(query(refund.askingAbout(id)), amount)).isEqualTo(id);
  }

  @Test
  void refundsNoMoreThanWasCharged() throws IOException {
    ProviderRequest charge = charge(1250, instruments().approved());
    String id = approved(charge);
    approved(refund(charge, id, 1000));

    assertThat(send(refund(charge, id, 251)))
        .isInstanceOfAny(ProviderResponse.Rejected.class, ProviderResponse.Declined.class);
  }

  @Test
  void tellsOfReturnsAndReinstatements() throws IOException {
    ProviderRequest charge = charge(1250, instruments().approved());
    String id = approved(charge);

    String taken = takeBack(id);
    assertThat(returns(charge)).containsExactly(new ProviderOperation.Return(taken, 1250, false));
    assertThat(line(taken).reference()).isEqualTo(charge.order().reference().toString());
    assertThat(line(taken).isReturn()).isTrue();
    assertThat(line(taken).amount()).isEqualTo(1250);

    reinstate(taken);
    assertThat(returns(charge)).containsExactly(new ProviderOperation.Return(taken, 1250, true));
    assertThat(line(taken).reinstated()).isTrue();
    assertThat(line(id).returns()).containsExactlyElementsOf(returns(charge));
  }

  private List<ProviderOperation.Return> returns(ProviderRequest request) throws IOException {
    return assertThat(query(request))
        .asInstanceOf(type(ProviderResponse.Approved.class))
        .actual()
        .operation()
        .returns();
  }

  // The report

  /** All lines of the report, page by page. */
  protected final List<ProviderOperation> report() throws IOException {
    Instant from = Instant.now().minusSeconds(600);
    Instant to = Instant.now().plusSeconds(600);
    List<ProviderOperation> lines = new ArrayList<>();
    Set<String> ends = new HashSet<>();
    ReportPage page = gateway().list(from, to, null, TIMEOUT);
    while (page.last() != null) {
      assertThat(ends.add(page.last())).as("no page is repeated").isTrue();
      lines.addAll(page.operations());
      page = gateway().list(from, to, page.last(), TIMEOUT);
    }
    return lines;
  }

  protected final ProviderOperation line(String id) throws IOException {
    return report().stream().filter(it -> it.id().equals(id)).findFirst().orElseThrow();
  }

  @Test
  void listsEveryOperation() throws IOException {
    ProviderRequest charge = charge(1250, instruments().approved());
    String id = approved(charge);
    ProviderRequest refund = refund(charge, id, 250);
    approved(refund);
    ProviderRequest declined = charge(300, instruments().declined());
    send(declined);
    ProviderRequest captured = manual();
    followUp(captured, authorized(captured), FollowUp.CAPTURE, 600L);
    ProviderRequest waiting = charge(400, instruments().customerActs());
    send(waiting);

    assertThat(report())
        .extracting(
            ProviderOperation::key,
            ProviderOperation::kind,
            ProviderOperation::amount,
            ProviderOperation::status)
        .containsExactlyInAnyOrder(
            row(charge, "charge", 1250, "approved"),
            row(refund, "refund", 250, "approved"),
            row(declined, "charge", 300, "declined"),
            row(captured, "charge", 600, "approved"),
            row(waiting, "charge", 400, "pending"));
    assertThat(report()).allSatisfy(it -> assertThat(it.currency()).isEqualTo("EUR"));
  }

  private static org.assertj.core.groups.Tuple row(
      ProviderRequest request, String kind, long amount, String status) {
    return org.assertj.core.api.Assertions.tuple(
        request.order().reference().toString(), kind, amount, status);
  }

  // A provider in trouble

  /** A server that answers every request in one way, and the gateway to it. */
  private void withServer(HttpHandler handler, ServerTest test) throws IOException {
    HttpServer server =
        HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
        Gateway gateway =
            gatewayAt(URI.create("http://127.0.0.1:" + server.getAddress().getPort()))) {
      server.setExecutor(threads);
      server.createContext("/", handler);
      server.start();
      test.run(gateway);
      server.stop(0);
      threads.shutdownNow();
    }
  }

  private interface ServerTest {
    void run(Gateway gateway) throws IOException;
  }

  private List<ThrowingCallable> calls(Gateway gateway, Duration timeout) {
    ProviderRequest request = charge(1250, instruments().approved());
    ProviderRequest capture = request.withKnown(new Known("op_1", FollowUp.CAPTURE, 1250L));
    return List.of(
        () -> gateway.send(request, timeout),
        () -> gateway.followUp(capture, timeout),
        () -> gateway.query(request, timeout),
        () -> gateway.query(request.askingAbout("op_1"), timeout),
        () -> gateway.list(Instant.EPOCH, Instant.now(), null, timeout));
  }

  @Test
  void knowsRefusedCredentials() throws IOException {
    ProviderRequest request = charge(1250, instruments().approved());
    ProviderResponse refused = new ProviderResponse.CredentialsRefused();
    withServer(
        answering(401, "{\"error\": {\"type\": \"invalid_request_error\"}}"),
        gateway -> {
          assertThat(gateway.send(request, TIMEOUT).response()).isEqualTo(refused);
          assertThat(gateway.query(request, TIMEOUT).response()).isEqualTo(refused);
        });
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "null", "[]", "{", "<html>", "{\"id\":5}", "{\"amount\":\"a\"}"})
  void malformedAnswersAreUnknown(String body) throws IOException {
    ProviderRequest request = charge(1250, instruments().approved());
    withServer(
        answering(200, body),
        gateway -> {
          for (Answer answer :
              List.of(
                  gateway.send(request, TIMEOUT),
                  gateway.query(request.askingAbout("op_1"), TIMEOUT))) {
            assertThat(answer.response()).isInstanceOf(ProviderResponse.Unknown.class);
          }
          assertThatThrownBy(() -> gateway.list(Instant.EPOCH, Instant.now(), null, TIMEOUT))
              .isInstanceOf(IOException.class);
        });
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "{}", "[]", "<html>", "{\"error\":{}}"})
  void knowsAProviderInTrouble(String body) throws IOException {
    ProviderRequest request = charge(1250, instruments().approved());
    withServer(
        answering(503, body),
        gateway -> {
          Answer answer = gateway.send(request, TIMEOUT);
          assertThat(answer.alive()).isFalse();
          assertThat(answer.response())
              .isInstanceOfSatisfying(
                  ProviderResponse.Unknown.class, it -> assertThat(it.ourFault()).isFalse());
        });
  }

  @ParameterizedTest
  @ValueSource(ints = {400, 402, 409, 422})
  void refusedQueryEndsNothing(int status) throws IOException {
    ProviderRequest request = charge(1250, instruments().approved());
    withServer(
        answering(status, "{}"),
        gateway ->
            assertThat(gateway.query(request, TIMEOUT).response())
                .isInstanceOf(ProviderResponse.Unknown.class));
  }

  @Test
  void tooManyRequestsAreNoTrouble() throws IOException {
    ProviderRequest request = charge(1250, instruments().approved());
    withServer(
        answering(429, "{}"),
        gateway -> {
          Answer answer = gateway.send(request, TIMEOUT);
          assertThat(answer.alive()).isTrue();
          assertThat(answer.response())
              .isInstanceOfSatisfying(
                  ProviderResponse.Unknown.class, it -> assertThat(it.ourFault()).isFalse());
          assertThatThrownBy(() -> gateway.list(Instant.EPOCH, Instant.now(), null, TIMEOUT))
              .isInstanceOf(TooManyRequestsException.class);
        });
  }

  private static HttpHandler answering(int status, String body) {
    byte[] bytes = body.getBytes(StandardCharsets.UTF_8);
    return exchange -> {
      try (exchange) {
        exchange.getRequestBody().readAllBytes();
        exchange.sendResponseHeaders(status, bytes.length == 0 ? -1 : bytes.length);
        exchange.getResponseBody().write(bytes);
      }
    };
  }

  @Test
  void waitsForASlowAnswerWithinTheTimeout() throws IOException {
    CountDownLatch end = new CountDownLatch(1);
    HttpHandler dribbling =
        exchange -> {
          try (exchange) {
            exchange.getRequestBody().readAllBytes();
            exchange.sendResponseHeaders(200, 1000);
            while (!end.await(20, TimeUnit.MILLISECONDS)) {
              exchange.getResponseBody().write(' ');
              exchange.getResponseBody().flush();
            }
          } catch (InterruptedException stopping) {
            Thread.currentThread().interrupt();
          }
        };
    withServer(
        dribbling,
        gateway -> {
          for (ThrowingCallable call : calls(gateway, Duration.ofMillis(200))) {
            long began = System.nanoTime();
            assertThatThrownBy(call).isInstanceOf(IOException.class);
            assertThat(Duration.ofNanos(System.nanoTime() - began))
                .isLessThan(Duration.ofSeconds(5));
          }
          end.countDown();
        });
  }

  @Test
  void readsNoAnswerThatIsTooLong() throws IOException {
    HttpHandler endless =
        exchange -> {
          try (exchange) {
            exchange.getRequestBody().readAllBytes();
            exchange.sendResponseHeaders(200, 0);
            byte[] spaces = " ".repeat(64 * 1024).getBytes(StandardCharsets.UTF_8);
            for (int i = 0; i < 1000; i++) {
              exchange.getResponseBody().write(spaces);
            }
          }
        };
    withServer(
        endless,
        gateway -> {
          for (ThrowingCallable call : calls(gateway, TIMEOUT)) {
            assertThatThrownBy(call).isInstanceOf(IOException.class);
          }
        });
  }

  @Test
  void saysThatNothingWasSentWithoutAConnection() throws IOException {
    ProviderRequest request = charge(1250, instruments().approved());
    try (Gateway gateway = gatewayAt(URI.create("http://127.0.0.1:1"))) {
      assertThatThrownBy(() -> gateway.send(request, TIMEOUT))
          .isInstanceOf(NotConnectedException.class);
    }
  }

  // Webhooks

  @Test
  void readsASignedWebhookEachTime() {
    UUID reference = UUID.randomUUID();
    ReceivedWebhook webhook = webhook(reference);

    assertThat(webhook.readBy(gateway())).isEqualTo(new WebhookHint.About(reference));
    assertThat(webhook.readBy(gateway())).isEqualTo(new WebhookHint.About(reference));
  }

  @Test
  void rejectsForgedWebhooks() {
    String reference = UUID.randomUUID().toString();
    ReceivedWebhook webhook = webhook(reference, Instant.now(), true);

    for (ReceivedWebhook forged :
        List.of(
            webhook(reference, Instant.now(), false),
            webhook(reference, Instant.now().minusSeconds(310), true),
            webhook(reference, Instant.now().plusSeconds(310), true),
            new ReceivedWebhook(webhook.headers(), webhook.body() + " "),
            new ReceivedWebhook(Map.of(), webhook.body()))) {
      assertThat(forged.readBy(gateway())).isEqualTo(new WebhookHint.Forged());
    }
  }

  @Test
  void ignoresWebhooksAboutNoPaymentOfOurs() {
    assertThat(webhook("order 66", Instant.now(), true).readBy(gateway()))
        .isEqualTo(new WebhookHint.About(null));
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "null", "[]", "7", "{", "<html>"})
  void rejectsMalformedWebhooks(String body) {
    assertThat(signed(body).readBy(gateway())).isEqualTo(new WebhookHint.Malformed());
  }

  @AfterEach
  final void closeGateway() {
    gateway().close();
  }
}
