package dev.evenkeel.payments;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.paymentprovider.PaymentProvider;
import dev.testing.Api;
import dev.testing.Simulator;
import dev.testing.TestDatabase;
import dev.testing.TestServices;
import io.github.resilience4j.circuitbreaker.CircuitBreakerRegistry;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.net.SocketException;
import java.net.URI;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.boot.test.web.server.LocalServerPort;
import org.springframework.test.context.TestPropertySource;
import tools.jackson.databind.JsonNode;

/**
 * An owner with an account, an operator, and a provider that sends webhooks. Tests wait until
 * deadlines and claims end, so these are as short as in development.
 */
@TestPropertySource(
    properties = {
      "evenkeel.payments.deadline=2s",
      "evenkeel.payments.claim=10s",
      "evenkeel.payments.provider.connect-timeout=500ms",
      "evenkeel.payments.provider.answer-timeout=2s",
      "resilience4j.circuitbreaker.configs.default.slow-call-duration-threshold=1s"
    })
public abstract class PaymentFixture {

  protected static final Duration LONG = Duration.ofSeconds(25);

  @LocalServerPort protected int port;
  @Autowired protected PaymentProvider provider;
  @Autowired protected TestDatabase database;
  @Autowired protected CircuitBreakerRegistry breakers;

  protected Api api;
  protected Api operator;
  protected Simulator simulator;
  protected UUID account;

  @BeforeEach
  void connect() {
    api = new Api(port, "ada-" + UUID.randomUUID());
    operator = Api.operator(port, "olga");
    simulator = new Simulator(provider);
    provider.sendWebhooksTo(
        URI.create("http://127.0.0.1:" + port + "/v1/provider/webhooks"),
        TestServices.WEBHOOK_SECRET);
    account = api.openAccount(0);
    openBreaker(false);
  }

  /** Unfinished payments would call the provider while the next test counts its requests. */
  @AfterEach
  void finishAll() {
    // The port may be closed for a while yet.
    await().atMost(LONG).ignoreExceptions().untilAsserted(() -> simulator.heal());
    openBreaker(false);
    await().atMost(LONG).until(() -> count("final_at is null and status <> 'AUTHORIZED'") == 0);
  }

  /** While the breakers are open nothing reaches the provider, not even from recovery. */
  protected void openBreaker(boolean open) {
    for (String name : List.of("provider", "provider-queries")) {
      if (open) {
        breakers.circuitBreaker(name).transitionToForcedOpenState();
      } else {
        breakers.circuitBreaker(name).reset();
      }
    }
  }

  /** Stops the provider from accepting connections for a while. */
  protected void refuseConnections(Duration time) throws IOException {
    try (Socket connection = new Socket(InetAddress.getLoopbackAddress(), provider.port())) {
      connection.setSoTimeout(5000);
      simulator.misbehave(Map.of("mode", "refuse", "latencyMs", time.toMillis()));
      // A request on a connection that is still open may have been sent: waits until it closes.
      assertThat(isClosed(connection)).isTrue();
    }
  }

  private static boolean isClosed(Socket connection) throws IOException {
    try {
      return connection.getInputStream().read() == -1;
    } catch (SocketException reset) {
      return true; // closed before the server accepted it
    }
  }

  protected static String newKey() {
    return UUID.randomUUID().toString();
  }

  protected UUID paidIn(long amount) {
    Api.Answer paid = api.payIn(account, amount, "tok_ok");
    assertThat(paid.status()).as(paid.toString()).isEqualTo(201);
    return paid.id();
  }

  /** A pay-in that was accepted while the breaker is open. */
  protected UUID pendingPayIn(long amount) {
    openBreaker(true);
    Api.Answer accepted = api.payIn(account, amount, "tok_ok");
    assertAnswer(accepted, 202, "pending");
    return accepted.id();
  }

  protected static String path(UUID payment) {
    return "/v1/payments/" + payment;
  }

  protected static String path(UUID payment, UUID refund) {
    return path(payment) + "/refunds/" + refund;
  }

  protected JsonNode payment(UUID id) {
    return api.get(path(id)).body();
  }

  protected String status(UUID payment) {
    return payment(payment).at("/status").asString();
  }

  protected long refunded(UUID payment) {
    return payment(payment).at("/refunded").asLong();
  }

  protected void awaitStatus(UUID payment, String status) {
    awaitStatus(path(payment), status);
  }

  protected void awaitStatus(String path, String status) {
    await()
        .atMost(LONG)
        .untilAsserted(() -> assertThat(api.get(path).at("/status")).isEqualTo(status));
  }

  protected static void assertAnswer(Api.Answer answer, int status, String paymentStatus) {
    assertThat(answer.status()).as(answer.toString()).isEqualTo(status);
    assertThat(answer.at("/status")).as(answer.toString()).isEqualTo(paymentStatus);
  }

  protected void assertBalance(long posted, long held) {
    assertBalance(posted, held, 0);
  }

  protected void assertBalance(long posted, long held, long owed) {
    JsonNode balance = api.balance(account);
    assertThat(balance.at("/posted").asLong()).as(balance.toString()).isEqualTo(posted);
    assertThat(balance.at("/held").asLong()).as(balance.toString()).isEqualTo(held);
    assertThat(balance.at("/owed").asLong(0)).as(balance.toString()).isEqualTo(owed);
    assertThat(balance.at("/available").asLong())
        .as(balance.toString())
        .isEqualTo(posted - held - owed);
  }

  /** The owner's feed has these notifications, in any order, and no others. */
  protected void assertNotified(String... types) {
    // part of notifications
    await()
        .atMost(LONG)
        .untilAsserted(() ->
            assertThat(api.get("/v1/notifications").body().at("/data").valueStream())
                .extracting(it -> it.at("/type").asString())
                .containsExactlyInAnyOrder(types));
    // end of notifications
  }

  protected void assertNotifiedOnce(UUID payment, String type) {
    assertNotified(type);
    // part of notifications
    assertThat(api.get("/v1/notifications").at("/data/0/subject/id")).isEqualTo(payment.toString());
    // end of notifications
  }

  protected void assertLedgerBalances() {
    Api.Answer ledger = operator.get("/v1/operations/ledger");
    assertThat(ledger.body().at("/balanced").asBoolean()).as(ledger.toString()).isTrue();
  }

  /** One charge, one posting, one notification, and it stays so. */
  protected void assertPaidOnce(UUID payment, long amount) {
    awaitStatus(payment, "succeeded");
    assertThat(simulator.operations(payment)).hasSize(1);
    assertThat(simulator.operations(payment).getFirst().at("/status").asString())
        .isEqualTo("approved");
    assertThat(api.posted(account)).isEqualTo(amount);
    assertThat(entries()).hasSize(1);
    assertNotifiedOnce(payment, "payment.succeeded");
  }

  protected JsonNode entries() {
    return api.get("/v1/accounts/" + account + "/entries").body().at("/data");
  }

  /** Counts payments and refunds that meet the condition. */
  protected long count(String condition) throws SQLException {
    return countRows("payments.payment where " + condition);
  }

  protected boolean is(UUID payment, String condition) throws SQLException {
    return count("id = '%s' and %s".formatted(payment, condition)) == 1;
  }

  protected long countRows(String rows) throws SQLException {
    try (Connection connection = database.asApplication();
        PreparedStatement query = connection.prepareStatement("select count(*) from " + rows);
        ResultSet result = query.executeQuery()) {
      result.next();
      return result.getLong(1);
    }
  }

  /** Changes what only time changes, or breaks what nothing else could. */
  protected void change(UUID payment, String assignment) throws SQLException {
    assertThat(
            asOwner(
                "update payments.payment set %s where id = '%s'".formatted(assignment, payment)))
        .isEqualTo(1);
  }

  /** Stores copies of a payment that was never sent. */
  protected void repeat(UUID payment, int times) throws SQLException {
    String copied =
        "owner, fingerprint, account, kind, amount, currency, instrument, provider, status, attempts, sends,"
            + " next_attempt_at, created_at";
    asOwner(
        """
        insert into payments.payment (id, idempotency_key, %1$s)
        select gen_random_uuid(), idempotency_key || '-' || n, %1$s
        from payments.payment, generate_series(1, %2$d) n where id = '%3$s'
        """
            .formatted(copied, times, payment));
  }

  /** Takes the lock of the scheduled expiry, as another instance does, or gives it back. */
  protected void lockExpiry(boolean locked) throws SQLException {
    lockJob("payments-expiry", locked);
  }

  protected void lockJob(String name, boolean locked) throws SQLException {
    asOwner(
        """
        insert into shared.shedlock values ('%s', now() %s interval '1 h', now(), 'another')
        on conflict (name)
        do update set lock_until = excluded.lock_until, locked_by = excluded.locked_by
        """
            .formatted(name, locked ? "+" : "-"));
  }

  protected int asOwner(String sql) throws SQLException {
    try (Connection connection = database.asOwner();
        PreparedStatement statement = connection.prepareStatement(sql)) {
      return statement.executeUpdate();
    }
  }

  protected static <T> List<T> atOnce(int callers, Callable<T> call) throws Exception {
    try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      List<T> results = new ArrayList<>();
      for (Future<T> result : threads.invokeAll(Collections.nCopies(callers, call))) {
        results.add(result.get());
      }
      return results;
    }
  }
}
