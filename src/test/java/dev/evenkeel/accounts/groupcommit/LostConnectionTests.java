package dev.evenkeel.accounts.groupcommit;

import static dev.evenkeel.accounts.groupcommit.GroupCommitFixture.answer;
import static dev.evenkeel.accounts.groupcommit.GroupCommitFixture.kind;
import static dev.testing.Refusals.assertRefused;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import com.zaxxer.hikari.HikariDataSource;
import com.zaxxer.hikari.HikariPoolMXBean;
import dev.evenkeel.accounts.Account;
import dev.evenkeel.accounts.Accounts;
import dev.evenkeel.accounts.LedgerProblem;
import dev.evenkeel.accounts.LedgerRecord;
import dev.evenkeel.accounts.PostingRequest;
import dev.evenkeel.accounts.posting.PostingFixture;
import dev.evenkeel.idempotency.Outcome;
import dev.evenkeel.problems.OutcomeUnknownException;
import dev.testing.Api;
import dev.testing.LockHolder;
import dev.testing.TcpProxy;
import dev.testing.TestDatabase;
import dev.testing.TestServices;
import dev.testing.WholeApplication;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.UUID;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.boot.jdbc.autoconfigure.JdbcConnectionDetails;
import org.springframework.boot.test.context.TestConfiguration;
import org.springframework.boot.test.web.server.LocalServerPort;
import org.springframework.context.ApplicationContext;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Import;
import org.springframework.context.annotation.Primary;
import org.springframework.test.annotation.DirtiesContext;
import org.springframework.test.context.TestPropertySource;

/** Connections that are lost during a commit, so that its outcome is unknown. */
@Tag("database")
@WholeApplication
// The pool first has to notice that its connections are dead
@TestPropertySource(properties = "spring.datasource.hikari.connection-timeout=2000")
@Import(LostConnectionTests.Line.class)
@DirtiesContext
class LostConnectionTests {

  @LocalServerPort int port;
  @Autowired ApplicationContext application;
  @Autowired TcpProxy line;
  @Autowired TestDatabase database;
  @Autowired Accounts accounts;

  final String owner = "ada-" + UUID.randomUUID();
  final String key = UUID.randomUUID().toString();
  Account ada;
  Account bob;

  @TestConfiguration(proxyBeanMethods = false)
  static class Line {

    @Bean
    TcpProxy databaseLine(TestDatabase database) {
      return new TcpProxy(database);
    }

    @Bean
    @Primary
    JdbcConnectionDetails onTheLine(TestDatabase database, TcpProxy line) {
      return TestServices.applicationsRole(database, line.url());
    }
  }

  @BeforeEach
  void openAccounts() {
    ada = PostingFixture.opened(accounts, owner, 100);
    bob = PostingFixture.opened(accounts, owner, 100);
  }

  @AfterEach
  void repair() {
    line.comeBack();
    // Dead connections in a pool would fail the next test
    application.getBeansOfType(HikariDataSource.class).values().stream()
        .map(HikariDataSource::getHikariPoolMXBean)
        .filter(Objects::nonNull)
        .forEach(HikariPoolMXBean::softEvictConnections);
  }

  @Test
  void postsAgainWhatWasNotCommitted() throws Exception {
    try (var group = new GroupCommitFixture(application)) {
      line.cutCommitOf(key, TcpProxy.Cut.BEFORE_IT_ARRIVES);
      List<Future<Outcome<LedgerRecord>>> batch = batch(group);

      assertThat(kind(batch.getFirst())).isEqualTo("Done");
      assertThat(answer(batch.get(1))).satisfies(refused -> assertRefusedBefore(refused, false));
      assertThat(kind(batch.getLast())).isEqualTo("Done");
    }
    assertMovedOnce();
  }

  @Test
  void replaysWhatWasCommitted() throws Exception {
    try (var group = new GroupCommitFixture(application)) {
      line.cutCommitOf(key, TcpProxy.Cut.AFTER_IT_ARRIVED);
      List<Future<Outcome<LedgerRecord>>> batch = batch(group);

      assertThat(kind(batch.getFirst())).isEqualTo("Replayed");
      assertThat(answer(batch.get(1))).satisfies(refused -> assertRefusedBefore(refused, true));
      assertThat(kind(batch.getLast())).isEqualTo("Replayed");
    }
    assertMovedOnce();
  }

  /** Reading would find nothing, and then the first commit would take effect. */
  @Test
  void waitsForAPendingCommit() throws Exception {
    try (var group = new GroupCommitFixture(application)) {
      line.cutCommitOf(key, TcpProxy.Cut.ON_ITS_WAY);
      List<Future<Outcome<LedgerRecord>>> batch = batch(group);
      await().until(line::isCut);
      await()
          .pollInterval(Duration.ofMillis(5))
          .until(() -> batch.getFirst().isDone() || isAnyoneWaiting());
      line.deliver();

      assertThat(kind(batch.getFirst())).isEqualTo("Replayed");
      assertThat(answer(batch.get(1))).satisfies(refused -> assertRefusedBefore(refused, true));
      assertThat(kind(batch.getLast())).isEqualTo("Replayed");
    }
    assertMovedOnce();
  }

  @ParameterizedTest
  @EnumSource(names = {"BEFORE_IT_ARRIVES", "AFTER_IT_ARRIVED"})
  void reportsAnUnknownOutcome(TcpProxy.Cut cut) throws Exception {
    PostingRequest first = transfer(key, 10);
    PostingRequest second = transfer(UUID.randomUUID().toString(), 5);
    try (var group = new GroupCommitFixture(application)) {
      line.cutCommitOfAndStayAway(key, cut);
      List<Future<Outcome<LedgerRecord>>> batch = batch(group, first, second);

      assertThat(batch)
          .allSatisfy(answer ->
              assertThatThrownBy(() -> answer(answer))
                  .hasCauseInstanceOf(OutcomeUnknownException.class));

      line.comeBack();
      String found = cut == TcpProxy.Cut.AFTER_IT_ARRIVED ? "Replayed" : "Done";
      assertThat(kindInTheEnd(group, first)).isEqualTo(found);
      assertThat(kindInTheEnd(group, second)).isEqualTo(found);
    }
    assertMovedOnce();
  }

  @ParameterizedTest
  @EnumSource(names = {"BEFORE_IT_ARRIVES", "AFTER_IT_ARRIVED"})
  void answersARetryWithTheSameKey(TcpProxy.Cut cut) {
    Api api = new Api(port, owner);
    line.cutCommitOfAndStayAway(key, cut);

    Api.Answer unknown = api.transfer(key, ada.id().value(), bob.id().value(), 15);

    assertRefused(unknown, 503, "outcome-unknown");
    assertThat(unknown.at("/effect")).isEqualTo("unknown");
    assertThat(unknown.at("/retry")).isEqualTo("same-key");
    assertThat(unknown.header("Retry-After")).isPresent();
    line.comeBack();
    Api.Answer again =
        await()
            .until(
                () -> api.transfer(key, ada.id().value(), bob.id().value(), 15),
                answer -> answer.status() != 503);
    assertThat(again.status())
        .as(again.toString())
        .isEqualTo(cut == TcpProxy.Cut.AFTER_IT_ARRIVED ? 200 : 201);
    // The other pool has yet to notice that its connections are dead
    await().untilAsserted(() -> assertThat(api.posted(bob.id().value())).isEqualTo(15));
  }

  /** Ten, more than is available, and five. */
  private List<Future<Outcome<LedgerRecord>>> batch(GroupCommitFixture group) throws Exception {
    return batch(
        group,
        transfer(key, 10),
        transfer(UUID.randomUUID().toString(), 1000),
        transfer(UUID.randomUUID().toString(), 5));
  }

  private List<Future<Outcome<LedgerRecord>>> batch(
      GroupCommitFixture group, PostingRequest... postings) throws SQLException {
    Account eve = PostingFixture.opened(accounts, owner, 100);
    Account dan = PostingFixture.opened(accounts, owner, 100);
    try (var _ = LockHolder.lockingAllTransfers(database)) {
      group.taken(PostingFixture.transfer(UUID.randomUUID().toString(), eve, dan.id(), 1));
      return List.of(postings).stream().map(group::queued).toList();
    }
  }

  /** Retries, because the pool may still hold dead connections. */
  private static String kindInTheEnd(GroupCommitFixture group, PostingRequest posting) {
    return await()
        .ignoreExceptionsMatching(failure -> failure instanceof ExecutionException)
        .until(() -> kind(group.submit(posting)), _ -> true);
  }

  private PostingRequest.Transfer transfer(String key, long amount) {
    return PostingFixture.transfer(key, ada, bob.id(), amount);
  }

  private static void assertRefusedBefore(Outcome<LedgerRecord> outcome, boolean before) {
    assertThat(outcome)
        .isInstanceOfSatisfying(
            Outcome.Refused.class,
            refused -> {
              assertThat(refused.problem().type()).isEqualTo(LedgerProblem.INSUFFICIENT_FUNDS);
              assertThat(refused.replayed()).isEqualTo(before);
            });
  }

  private void assertMovedOnce() {
    assertThat(line.isCut()).as("the line was cut").isTrue();
    Account now = accounts.find(bob.id()).orElseThrow();
    assertThat(now.posted()).isEqualTo(15);
    assertThat(now.sequence()).isEqualTo(2);
  }

  private boolean isAnyoneWaiting() throws SQLException {
    try (var connection = database.asApplication();
        var row =
            connection
                .createStatement()
                .executeQuery(
                    """
                    select from pg_stat_activity
                    where datname = current_database() and wait_event_type = 'Lock'
                    """)) {
      return row.next();
    }
  }
}
