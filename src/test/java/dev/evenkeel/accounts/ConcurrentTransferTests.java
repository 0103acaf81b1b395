package dev.evenkeel.accounts;

import static dev.testing.Refusals.assertRefused;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.testing.Api;
import dev.testing.PatientDatabase;
import dev.testing.TestDatabase;
import dev.testing.WholeApplication;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.IntFunction;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.boot.test.web.server.LocalServerPort;
import tools.jackson.databind.JsonNode;

/** Many requests at once, on the same accounts or with the same key. */
@WholeApplication
@PatientDatabase
class ConcurrentTransferTests {

  @LocalServerPort int port;

  @Autowired TestDatabase database;

  Api ada;
  UUID one;
  UUID other;

  @BeforeEach
  void openAccounts() {
    ada = new Api(port, "ada-" + UUID.randomUUID());
    one = ada.openAccount(100_000);
    other = ada.openAccount(100_000);
  }

  @Test
  void executesAKeyOnce() throws Exception {
    Map<String, String> account = Map.of("name", "Savings", "currency", "EUR");

    assertOneOutcome(atOnce(32, _ -> ada.transfer("one-key", one, other, 100)));
    assertOneOutcome(atOnce(32, _ -> ada.post("/v1/accounts", "one-key", account)));
    assertThat(ada.posted(other)).isEqualTo(100);
    assertUnbroken(other, 1);
  }

  private static void assertOneOutcome(List<Api.Answer> answers) {
    assertThat(answers).extracting(Api.Answer::status).containsOnly(200, 201);
    assertThat(answers).extracting(Api.Answer::id).containsOnly(answers.getFirst().id());
    assertThat(answers).filteredOn(answer -> answer.status() == 201).hasSize(1);
    assertThat(answers)
        .filteredOn(answer -> answer.status() == 200 && answer.isReplay())
        .hasSize(answers.size() - 1);
  }

  @Test
  void postsOppositeTransfers() throws Exception {
    List<Api.Answer> answers =
        atOnce(
            64,
            i -> i % 2 == 0 ? ada.transfer(one, other, 100 + i) : ada.transfer(other, one, 100));

    long sum = 0;
    for (int i = 0; i < 64; i += 2) {
      sum += i;
    }
    assertThat(answers).extracting(Api.Answer::status).containsOnly(201);
    assertThat(ada.posted(one)).isEqualTo(-sum);
    assertThat(ada.posted(other)).isEqualTo(sum);
    assertUnbroken(one, 64);
    assertUnbroken(other, 64);
  }

  @Test
  void neverOverspends() throws Exception {
    UUID purse = ada.openAccount(1000);

    List<Api.Answer> answers = atOnce(32, _ -> ada.transfer(purse, other, 100));

    assertThat(answers).filteredOn(answer -> answer.status() == 201).hasSize(10);
    assertThat(answers)
        .filteredOn(answer -> answer.at("/type").equals("/problems/insufficient-funds"))
        .hasSize(22);
    assertThat(ada.posted(purse)).isEqualTo(-1000);
  }

  /** A request that timed out beside a duplicate must not report that nothing happened. */
  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void reportsAnUnknownEffectBesideADuplicate(boolean batch) throws Exception {
    Api.Answer first;
    Api.Answer second;
    try (Connection stuck = database.asOwner();
        ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      stuck.setAutoCommit(false);
      lock(stuck, one);
      Future<Api.Answer> before = threads.submit(() -> send(batch));
      await().pollInterval(Duration.ofMillis(5)).until(() -> waitingFor(stuck).size() == 1);
      second = send(batch);
      first = before.get();
    }

    for (Api.Answer answer : List.of(first, second)) {
      assertThat(answer.at("/effect")).as(answer.toString()).isEqualTo("unknown");
      assertThat(answer.at("/retry")).isEqualTo("same-key");
      assertThat(answer.header("Retry-After")).isPresent();
    }
    assertThat(send(batch).status()).isEqualTo(batch ? 200 : 201);
  }

  /** A refusal that is not stored meets no unique constraint, so the key is looked up again. */
  @Test
  void looksUpTheKeyOfARefusedBatchAgain() throws Exception {
    Map<String, Object> unknown =
        Map.of("from", one, "to", UUID.randomUUID(), "amount", 1, "currency", "EUR");
    Map<String, Object> known = Map.of("from", one, "to", other, "amount", 1, "currency", "EUR");
    Future<Api.Answer> answer;
    try (Connection first = database.asOwner();
        ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      first.setAutoCommit(false);
      lock(first, one);
      answer =
          threads.submit(() ->
              ada.post(
                  "/v1/transfers/batch",
                  "taken",
                  Map.of("transfers", List.of(known, unknown), "atomic", true)));
      await().pollInterval(Duration.ofMillis(5)).until(() -> waitingFor(first).size() == 1);
      try (var row =
          first.prepareStatement(
              """
              insert into accounts.batch (id, owner, idempotency_key, fingerprint, problem, size)
              values (gen_random_uuid(), ?, 'taken', '', null, 1)
              """)) {
        row.setString(1, ada.caller());
        row.execute();
      }
      first.commit();
    }

    assertRefused(answer.get(), 422, "idempotency-key-reused", "new-key");
  }

  private Api.Answer send(boolean batch) {
    Object transfer = Map.of("from", one, "to", other, "amount", 100, "currency", "EUR");
    return batch
        ? ada.post(
            "/v1/transfers/batch",
            "one-key",
            Map.of("transfers", List.of(transfer), "atomic", false))
        : ada.post("/v1/transfers", "one-key", transfer);
  }

  private static void lock(Connection connection, UUID account) throws SQLException {
    try (var row =
        connection.prepareStatement("select from accounts.account where id = ? for update")) {
      row.setObject(1, account);
      row.execute();
    }
  }

  /** The processes that wait for locks, in the order in which they came. */
  private static List<Integer> waitingFor(Connection connection) throws SQLException {
    List<Integer> waiting = new ArrayList<>();
    try (var query =
            connection.prepareStatement(
                """
                select pid from pg_locks where not granted and pg_backend_pid() <> pid
                  and pid in (select pid from pg_stat_activity where datname = current_database())
                order by waitstart
                """);
        ResultSet row = query.executeQuery()) {
      while (row.next()) {
        waiting.add(row.getInt(1));
      }
    }
    return waiting;
  }

  /** Checks that the entries are numbered without gaps and their balances add up. */
  private void assertUnbroken(UUID account, int count) {
    JsonNode newestFirst = ada.get("/v1/accounts/" + account + "/entries?limit=100").body();
    List<JsonNode> entries = newestFirst.at("/data").valueStream().toList().reversed();
    assertThat(entries).hasSize(count);
    long balance = 0;
    for (int i = 0; i < count; i++) {
      balance += entries.get(i).at("/amount").asLong();
      assertThat(entries.get(i).at("/sequence").asLong()).isEqualTo(i + 1);
      assertThat(entries.get(i).at("/balanceAfter").asLong()).isEqualTo(balance);
    }
  }

  private static List<Api.Answer> atOnce(int clients, IntFunction<Api.Answer> request)
      throws Exception {
    CountDownLatch start = new CountDownLatch(1);
    try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      List<Future<Api.Answer>> answers = new ArrayList<>();
      for (int i = 0; i < clients; i++) {
        int client = i;
        answers.add(
            threads.submit(() -> {
              start.await();
              return request.apply(client);
            }));
      }
      start.countDown();
      List<Api.Answer> all = new ArrayList<>();
      for (Future<Api.Answer> answer : answers) {
        all.add(answer.get());
      }
      return all;
    }
  }
}
