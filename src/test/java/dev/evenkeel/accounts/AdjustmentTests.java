package dev.evenkeel.accounts;

import static dev.testing.Refusals.assertRefused;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.testing.Api;
import dev.testing.TestDatabase;
import dev.testing.WholeApplication;
import java.sql.Connection;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.boot.test.web.server.LocalServerPort;

/** Corrections that one operator proposes and another approves. */
@Tag("database")
@WholeApplication
class AdjustmentTests {

  private static final String PATH = "/v1/operations/adjustments";

  @LocalServerPort int port;
  @Autowired TestDatabase database;

  Api ada;
  Api olga;
  Api olaf;
  UUID account;

  @BeforeEach
  void openAccount() {
    ada = new Api(port, "ada-" + UUID.randomUUID());
    olga = Api.operator(port, "olga-" + UUID.randomUUID());
    olaf = Api.operator(port, "olaf-" + UUID.randomUUID());
    account = ada.openAccount(0);
  }

  private Api.Answer propose(Object from, Object to, long amount) {
    return propose(UUID.randomUUID().toString(), from, to, amount);
  }

  private Api.Answer propose(String key, Object from, Object to, long amount) {
    return olga.post(
        PATH,
        key,
        Map.of("from", from, "to", to, "amount", amount, "currency", "EUR", "reason", "Lost"));
  }

  private static Api.Answer decide(Api person, Api.Answer proposed, String how) {
    return person.post(PATH + "/" + proposed.id() + "/" + how);
  }

  private List<String> ids(String query) {
    return olga.get(PATH + query)
        .body()
        .at("/data")
        .valueStream()
        .map(it -> it.path("id").asString())
        .toList();
  }

  private void assertLedgerBalances() {
    assertThat(olga.get("/v1/operations/ledger").body().at("/balanced").asBoolean()).isTrue();
  }

  @Test
  void movesMoneyOnceAnotherPersonApproves() {
    Api.Answer proposed = propose("bank", account, 70);
    assertThat(proposed.status()).isEqualTo(201);
    assertThat(proposed.at("/status")).isEqualTo("proposed");
    assertThat(proposed.at("/proposedBy")).isEqualTo(olga.caller());
    assertThat(proposed.body().has("decidedBy")).isFalse();
    assertThat(ada.posted(account)).isZero();
    assertThat(ids("?status=proposed")).contains(proposed.at("/id"));

    Api.Answer approved = decide(olaf, proposed, "approve");

    assertThat(approved.status()).isEqualTo(200);
    assertThat(approved.at("/status")).isEqualTo("posted");
    assertThat(approved.at("/decidedBy")).isEqualTo(olaf.caller());
    assertThat(ada.posted(account)).isEqualTo(70);
    Api.Answer transfer = ada.get("/v1/transfers/" + approved.at("/transfer"));
    assertThat(transfer.at("/description")).isEqualTo("Lost");
    assertThat(transfer.body().has("from")).as("system accounts are not shown").isFalse();
    assertThat(olga.get(proposed.header("Location").orElseThrow()).body())
        .isEqualTo(approved.body());
    assertThat(ids("?status=posted")).contains(proposed.at("/id"));
    assertThat(ids("?status=proposed")).doesNotContain(proposed.at("/id"));
    assertRefused(
        ada.reverse(UUID.fromString(transfer.at("/id"))), 409, "not-reversible", "new-key");
    assertLedgerBalances();
  }

  @Test
  void rejectsApprovalByWhoProposed() {
    Api.Answer proposed = propose("bank", account, 70);

    assertRefused(decide(olga, proposed, "approve"), 403, "same-person");

    assertThat(olga.get(PATH + "/" + proposed.id()).at("/status")).isEqualTo("proposed");
    assertThat(ada.posted(account)).isZero();
  }

  @Test
  void databaseDemandsTwoPeople() throws Exception {
    UUID proposed = propose("bank", account, 70).id();
    UUID posted = UUID.fromString(ada.transfer(ada.openAccount(10), account, 1).at("/id"));

    try (Connection connection = database.asApplication();
        Statement statement = connection.createStatement()) {
      assertThatThrownBy(() ->
              statement.execute(
                  """
                  update accounts.adjustment
                  set status = 'posted', decided_by = proposed_by, transfer = '%s' where id = '%s'
                  """
                      .formatted(posted, proposed)))
          .hasMessageContaining("adjustment_needs_two_people");
    }
  }

  @Test
  void isDecidedOnce() throws Exception {
    Api.Answer approved = propose("bank", account, 70);
    Api.Answer rejected = propose("bank", account, 70);
    decide(olga, rejected, "reject");

    List<Integer> statuses = new ArrayList<>();
    try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      List<Future<Api.Answer>> answers =
          IntStream.range(0, 4)
              .mapToObj(_ -> threads.submit(() -> decide(olaf, approved, "approve")))
              .toList();
      for (Future<Api.Answer> answer : answers) {
        statuses.add(answer.get().status());
      }
    }

    assertThat(statuses).containsExactlyInAnyOrder(200, 409, 409, 409);
    for (Api.Answer decided : List.of(approved, rejected)) {
      assertRefused(decide(olaf, decided, "approve"), 409, "adjustment-decided");
      assertRefused(decide(olaf, decided, "reject"), 409, "adjustment-decided");
    }
    assertThat(ada.posted(account)).isEqualTo(70);
  }

  @Test
  void refusedApprovalLeavesItProposed() {
    Api.Answer proposed = propose(account, "fees", 70);
    assertRefused(decide(olaf, proposed, "approve"), 422, "insufficient-funds");
    ada.payIn(account, 70, "tok_ok");

    assertThat(decide(olaf, proposed, "approve").at("/status")).isEqualTo("posted");

    assertThat(ada.posted(account)).isZero();
    Api.Answer back = propose("fees", account, 1L << 40);
    assertThat(decide(olaf, back, "approve").body().at("/available").asLong())
        .isBetween(70L, 1L << 40);
    assertLedgerBalances();
  }

  @Test
  void concurrentApprovalsShareWhatSuspenseHolds() throws Exception {
    Api.Answer in = propose("bank", "suspense", 1L << 30);
    decide(olaf, in, "approve");
    long funds =
        decide(olaf, propose("suspense", account, 1L << 40), "approve")
            .body()
            .at("/available")
            .asLong();
    List<Api.Answer> proposed =
        IntStream.range(0, 4).mapToObj(_ -> propose("suspense", "bank", funds)).toList();

    List<Integer> statuses = new ArrayList<>();
    try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      List<Future<Api.Answer>> answers =
          proposed.stream().map(it -> threads.submit(() -> decide(olaf, it, "approve"))).toList();
      for (Future<Api.Answer> answer : answers) {
        statuses.add(answer.get().status());
      }
    }

    assertThat(statuses).containsExactlyInAnyOrder(200, 422, 422, 422);
  }

  @Test
  void proposesOncePerKey() {
    String key = UUID.randomUUID().toString();
    Api.Answer first = propose(key, "bank", account, 70);

    Api.Answer again = propose(key, "bank", account, 70);

    assertThat(again.status()).isEqualTo(200);
    assertThat(again.isReplay()).isTrue();
    assertThat(again.body()).isEqualTo(first.body());
    assertRefused(propose(key, "bank", account, 71), 422, "idempotency-key-reused", "new-key");
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "  ", "\u200b"})
  void rejectsReasonsThatNobodySees(String reason) {
    Api.Answer refused =
        olga.post(
            PATH,
            Map.of(
                "from", "bank", "to", account, "amount", 1, "currency", "EUR", "reason", reason));

    assertRefused(refused, 400, "invalid-request");
    assertThat(refused.at("/errors/0/field")).isEqualTo("reason");
  }

  @Test
  void rejectsUnknownAccounts() {
    UUID nobody = UUID.randomUUID();

    assertRefused(propose("bank", nobody, 1), 422, "account-not-found", "no");
    assertRefused(propose(nobody, "bank", 1), 422, "account-not-found", "no");
    assertThat(olga.post(PATH + "/" + nobody + "/approve").status()).isEqualTo(404);
    assertThat(olga.post(PATH + "/" + nobody + "/reject").status()).isEqualTo(404);
  }
}
