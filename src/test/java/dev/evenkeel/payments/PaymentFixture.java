package dev.evenkeel.payments;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.paymentprovider.PaymentProvider;
import dev.testing.Api;
import dev.testing.Simulator;
import dev.testing.TestDatabase;
import dev.testing.TestServices;
import io.github.resilience4j.circuitbreaker.CircuitBreakerRegistry;
import java.net.URI;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.boot.test.web.server.LocalServerPort;
import tools.jackson.databind.JsonNode;

/** An owner with an account, an operator, and a provider that sends its webhooks. */
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
  protected void connect() {
    api = new Api(port, "ada-" + UUID.randomUUID());
    operator = new Api(port, "olga;operator");
    simulator = new Simulator(provider);
    provider.sendWebhooksTo(
        URI.create("http://127.0.0.1:" + port + "/v1/provider/webhooks"),
        TestServices.WEBHOOK_SECRET);
    account = api.openAccount(0);
    breakers.circuitBreaker("provider").reset();
  }

  @AfterEach
  protected void settle() {
    simulator.heal();
    breakers.circuitBreaker("provider").reset();
    // What is unfinished would call the provider while the next test counts.
    await().atMost(LONG).until(() -> count("payments.payment where final_at is null") == 0);
  }

  /** Money that the provider has collected. */
  protected UUID paidIn(long amount) {
    Api.Answer paid = api.payIn(account, amount, "tok_ok");
    assertThat(paid.status()).as(paid.toString()).isEqualTo(201);
    return paid.id();
  }

  /** Nothing reaches the provider, also from recovery, until its breaker is reset. */
  protected void keepAway() {
    breakers.circuitBreaker("provider").transitionToForcedOpenState();
  }

  protected void letThrough() {
    breakers.circuitBreaker("provider").reset();
  }

  protected JsonNode payment(UUID id) {
    return api.get("/v1/payments/" + id).body();
  }

  protected void awaitStatus(UUID payment, String status) {
    awaitStatus("/v1/payments/" + payment, status);
  }

  protected void awaitStatus(String path, String status) {
    await()
        .atMost(LONG)
        .untilAsserted(() -> assertThat(api.get(path).at("/status")).isEqualTo(status));
  }

  protected void assertBalance(long posted, long held) {
    JsonNode balance = api.balance(account);
    assertThat(balance.at("/posted").asLong()).as(balance.toString()).isEqualTo(posted);
    assertThat(balance.at("/held").asLong()).as(balance.toString()).isEqualTo(held);
    assertThat(balance.at("/available").asLong()).as(balance.toString()).isEqualTo(posted - held);
  }

  /** Once each; listeners run side by side. */
  protected void assertTold(String... types) {
    // part of notifications
    await()
        .atMost(LONG)
        .untilAsserted(() ->
            assertThat(api.get("/v1/notifications").body().at("/data").valueStream())
                .extracting(told -> told.at("/type").asString())
                .containsExactlyInAnyOrder(types));
    // end of notifications
  }

  protected void assertLedgerBalances() {
    Api.Answer ledger = operator.get("/v1/operations/ledger");
    assertThat(ledger.body().at("/balanced").asBoolean()).as(ledger.toString()).isTrue();
  }

  protected Api.Answer acceptedDuring(String fault) {
    simulator.misbehave(fault);
    Api.Answer answer = api.payIn(account, 1250, "tok_ok");
    assertThat(answer.status()).as(answer.toString()).isEqualTo(202);
    assertThat(answer.header("Location")).contains("/v1/payments/" + answer.id());
    return answer;
  }

  /** One charge, one posting, one notification, and it stays so. */
  protected void assertPaidOnce(UUID payment, long amount) {
    awaitStatus(payment, "succeeded");
    assertThat(simulator.operations(payment)).hasSize(1);
    assertThat(simulator.operations(payment).getFirst().at("/status").asString())
        .isEqualTo("approved");
    assertThat(api.posted(account)).isEqualTo(amount);
    assertThat(api.get("/v1/accounts/" + account + "/entries").body().at("/data")).hasSize(1);
    assertToldOnce(payment, "payment.succeeded");
  }

  protected void assertToldOnce(UUID payment, String type) {
    assertTold(type);
    // part of notifications
    assertThat(api.get("/v1/notifications").at("/data/0/subject/id")).isEqualTo(payment.toString());
    // end of notifications
  }

  protected long count(String rows) throws SQLException {
    try (Connection connection = database.asApplication();
        PreparedStatement query = connection.prepareStatement("select count(*) from " + rows);
        ResultSet result = query.executeQuery()) {
      result.next();
      return result.getLong(1);
    }
  }

  /** Moves what only time moves, or breaks what nobody else could. */
  protected void change(UUID payment, String assignment) throws SQLException {
    assertThat(
            asOwner(
                "update payments.payment set %s where id = '%s'".formatted(assignment, payment)))
        .isEqualTo(1);
  }

  /** As many more that are like this one, which was never sent. */
  protected void repeat(UUID payment, int times) throws SQLException {
    String alike =
        "owner, fingerprint, account, kind, amount, currency, instrument, status, attempts, sends,"
            + " next_attempt_at, created_at";
    asOwner(
        """
        insert into payments.payment (id, idempotency_key, %1$s)
        select gen_random_uuid(), idempotency_key || '-' || n, %1$s
        from payments.payment, generate_series(1, %2$d) n where id = '%3$s'
        """
            .formatted(alike, times, payment));
  }

  /** As if another instance were ending what has expired, or had just done so. */
  protected void keepFromExpiring(boolean away) throws SQLException {
    asOwner(
        """
        insert into shared.shedlock values ('payments-expiry', now() %s interval '1 h', now(), 'another')
        on conflict (name)
        do update set lock_until = excluded.lock_until, locked_by = excluded.locked_by
        """
            .formatted(away ? "+" : "-"));
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
