package dev.evenkeel.accounts.groupcommit;

import static dev.evenkeel.accounts.groupcommit.GroupCommitFixture.answer;
import static dev.evenkeel.accounts.groupcommit.GroupCommitFixture.kind;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.evenkeel.accounts.Account;
import dev.evenkeel.accounts.Accounts;
import dev.evenkeel.accounts.LedgerRecord;
import dev.evenkeel.accounts.PostingRequest;
import dev.evenkeel.accounts.posting.PostingFixture;
import dev.evenkeel.idempotency.Outcome;
import dev.evenkeel.problems.OutcomeUnknownException;
import dev.testing.LockHolder;
import dev.testing.TestDatabase;
import dev.testing.WholeApplication;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.Future;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.context.ApplicationContext;

/** Two instances share a database and nothing else. */
@Tag("database")
@WholeApplication
class TwoLedgersTests {

  @Autowired ApplicationContext application;
  @Autowired Accounts accounts;
  @Autowired TestDatabase database;

  GroupCommitFixture one;
  GroupCommitFixture two;
  Account ada;
  Account bob;

  @BeforeEach
  void start() {
    one = GroupCommitFixture.ofOtherInstance(application, GroupCommitFixture.LONG);
    two = GroupCommitFixture.ofOtherInstance(application, Duration.ofMillis(500));
    String owner = "ada-" + UUID.randomUUID();
    ada = PostingFixture.opened(accounts, owner, 100);
    bob = PostingFixture.opened(accounts, owner, 100);
  }

  @AfterEach
  void stop() {
    one.close();
    two.close();
  }

  @Test
  void carriesOutEachKeyOnce() throws Exception {
    List<Future<Outcome<LedgerRecord>>> answers = new ArrayList<>();
    for (int i = 0; i < 100; i++) {
      PostingRequest same = transfer("key-" + i, 1);
      answers.add(one.submit(same));
      answers.add(two.submit(same));
    }

    List<String> kinds = new ArrayList<>();
    for (Future<Outcome<LedgerRecord>> answer : answers) {
      kinds.add(kind(answer));
    }
    assertThat(kinds).filteredOn("Done"::equals).hasSize(100);
    assertThat(kinds).filteredOn("Replayed"::equals).hasSize(100);
    assertThat(posted()).isEqualTo(100);
  }

  @Test
  void spendsOnlyWhatIsThere() throws Exception {
    List<Future<Outcome<LedgerRecord>>> answers = new ArrayList<>();
    for (int i = 0; i < 100; i++) {
      answers.add((i % 2 == 0 ? one : two).submit(transfer("key-" + i, 3)));
    }

    List<String> kinds = new ArrayList<>();
    for (Future<Outcome<LedgerRecord>> answer : answers) {
      kinds.add(kind(answer));
    }
    assertThat(kinds).filteredOn("Done"::equals).hasSize(33);
    assertThat(posted()).isEqualTo(99);
  }

  /** The other instance may still carry the request out. */
  @Test
  void reportsAnUnknownOutcomeWhileTheOtherWaits() throws Exception {
    PostingRequest same = transfer("same", 10);
    Future<Outcome<LedgerRecord>> first;
    try (var adas = LockHolder.locking(database, ada)) {
      first = one.submit(same);
      adas.awaitWaiting();

      assertThatThrownBy(() -> answer(two.submit(same)))
          .hasCauseInstanceOf(OutcomeUnknownException.class);
      assertThat(first).isNotDone();
    }
    assertThat(kind(first)).isEqualTo("Done");
    assertThat(kind(two.submit(same))).isEqualTo("Replayed");
    assertThat(posted()).isEqualTo(10);
  }

  private PostingRequest transfer(String key, long amount) {
    return PostingFixture.transfer(key, ada, bob.id(), amount);
  }

  private long posted() {
    return accounts.find(bob.id()).orElseThrow().posted();
  }
}
