package dev.evenkeel.accounts.posting;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.evenkeel.accounts.Account;
import dev.evenkeel.accounts.AccountId;
import dev.evenkeel.accounts.Accounts;
import dev.evenkeel.accounts.Ledger;
import dev.evenkeel.accounts.LedgerProblem;
import dev.evenkeel.accounts.LedgerRecord;
import dev.evenkeel.accounts.PostingRequest;
import dev.evenkeel.accounts.PostingRequest.Settlement.Kind;
import dev.evenkeel.accounts.Statements;
import dev.evenkeel.accounts.Statements.Entry;
import dev.evenkeel.accounts.Transfers;
import dev.evenkeel.idempotency.Fingerprint;
import dev.evenkeel.idempotency.IdempotencyKey;
import dev.evenkeel.idempotency.Outcome;
import dev.evenkeel.money.Money;
import dev.testing.TestDatabase;
import dev.testing.WholeApplication;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.sql.Timestamp;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Objects;
import java.util.UUID;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.transaction.IllegalTransactionStateException;
import org.springframework.transaction.support.TransactionTemplate;

/** The write path through Ledger and Transfers. */
@Tag("database")
@WholeApplication
class PostingWriteTests {

  @Autowired Ledger ledger;
  @Autowired Transfers transfers;
  @Autowired Accounts accounts;
  @Autowired Statements statements;
  @Autowired TransactionTemplate transaction;
  @Autowired TestDatabase database;
  @Autowired JdbcClient jdbc;

  String owner;
  Account ada;
  Account bob;

  @BeforeEach
  void openAccounts() {
    owner = "ada-" + UUID.randomUUID();
    ada = opened(1000);
    bob = opened(1000);
  }

  @Test
  void ledgerRequiresATransaction() {
    assertThatThrownBy(() -> ledger.post(List.of(transfer(ada, bob, 1))))
        .isInstanceOf(IllegalTransactionStateException.class);
  }

  @Test
  void transfersRejectATransaction() {
    assertThatThrownBy(() -> transaction.execute(_ -> transfers.submit(transfer(ada, bob, 1))))
        .isInstanceOf(IllegalTransactionStateException.class);
  }

  @Test
  void rollsBackWithTheCaller() {
    transaction.executeWithoutResult(status -> {
      ledger.post(List.of(transfer(ada, bob, 1)));
      status.setRollbackOnly();
    });

    assertThat(now(bob).posted()).isZero();
  }

  @Test
  void storesRefusalsOfTheLedger() {
    PostingRequest tooMuch = transfer(ada, bob, 1001);

    var first = (Outcome.Refused<LedgerRecord>) inTransaction(List.of(tooMuch)).getFirst();
    var second = (Outcome.Refused<LedgerRecord>) inTransaction(List.of(tooMuch)).getFirst();

    assertThat(first.problem().type()).isEqualTo(LedgerProblem.INSUFFICIENT_FUNDS);
    assertThat(first.replayed()).isFalse();
    assertThat(second.problem().type()).isEqualTo(LedgerProblem.INSUFFICIENT_FUNDS);
    assertThat(second.replayed()).isTrue();
  }

  @Test
  void postsAPaymentOnce() {
    UUID payment = UUID.randomUUID();
    PostingRequest payIn =
        PostingRequest.Settlement.of(
            payment.toString(),
            Kind.COLLECT,
            "simulator",
            payment,
            ada,
            Money.of(70, "EUR"),
            null,
            "Card");

    Outcome<LedgerRecord> first = inTransaction(List.of(payIn)).getFirst();
    Outcome<LedgerRecord> second = inTransaction(List.of(payIn)).getFirst();

    assertThat(first).isInstanceOf(Outcome.Done.class);
    assertThat(second)
        .isEqualTo(new Outcome.Replayed<>(((Outcome.Done<LedgerRecord>) first).result()));
    assertThat(now(ada).posted()).isEqualTo(70);
  }

  @Test
  void rejectsDuplicateKeysInABatch() {
    PostingRequest posting = transfer(ada, bob, 1);

    assertThatThrownBy(() -> inTransaction(List.of(posting, posting)))
        .isInstanceOf(IllegalArgumentException.class);
    assertThat(now(bob).posted()).isZero();
  }

  @Test
  void sumsBalanceChanges() {
    inTransaction(List.of(transfer(ada, bob, 100), transfer(bob, ada, 30), transfer(ada, bob, 1)));

    assertThat(now(ada).posted()).isEqualTo(-71);
    assertThat(now(bob).posted()).isEqualTo(71);
    assertThat(now(bob).sequence()).isEqualTo(3);
  }

  @Test
  void numbersEntriesWithoutGaps() {
    inTransaction(
        List.of(transfer(ada, bob, 100), transfer(ada, bob, 2000), transfer(bob, ada, 30)));
    inTransaction(List.of(transfer(ada, bob, 5)));

    List<Entry> entries = statements.entries(bob.id(), null, null, Long.MAX_VALUE, 10);

    assertThat(entries).extracting(Entry::sequence).containsExactly(3L, 2L, 1L);
    assertThat(entries).extracting(Entry::balanceAfter).containsExactly(75L, 70L, 100L);
  }

  @Test
  void answersInOrder() {
    PostingRequest earlier = transfer(ada, bob, 10);
    inTransaction(List.of(earlier));
    PostingRequest unknown =
        PostingFixture.transfer(
            UUID.randomUUID().toString(), ada, new AccountId(UUID.randomUUID()), 1);

    List<Outcome<LedgerRecord>> outcomes =
        inTransaction(List.of(unknown, earlier, transfer(ada, bob, 991), transfer(ada, bob, 990)));

    assertThat(outcomes)
        .extracting(outcome -> outcome.getClass().getSimpleName())
        .containsExactly("Refused", "Replayed", "Refused", "Done");
    assertThat(now(ada).available()).isZero();
  }

  @Test
  void neverPostsBeforeAnEarlierEntry() {
    for (int i = 0; i < 5; i++) {
      inTransaction(List.of(transfer(ada, bob, 1), transfer(bob, ada, 1)));
    }

    assertThat(statements.entries(bob.id(), null, null, Long.MAX_VALUE, 100).reversed())
        .hasSize(10)
        .extracting(Entry::postedAt)
        .isSorted();
  }

  /** The database's check of new entries looks at the last one, not at the account's whole past. */
  @Test
  void readsNoMoreEntriesAfterALongPast() {
    for (int i = 0; i < 100; i++) {
      inTransaction(List.of(transfer(ada, bob, 1), transfer(bob, ada, 1)));
    }

    Long read =
        transaction.execute(_ -> {
          long before = entriesRead();
          ledger.post(List.of(transfer(ada, bob, 1)));
          return entriesRead() - before;
        });
    assertThat(read).isLessThan(10);
  }

  /** By this connection, since it last reported its statistics. */
  private long entriesRead() {
    return jdbc.sql(
            """
            select idx_tup_fetch from pg_stat_xact_user_tables
            where relid = 'accounts.entry'::regclass
            """)
        .query(Long.class)
        .single();
  }

  private Account opened(long overdraftLimit) {
    return PostingFixture.opened(accounts, owner, overdraftLimit);
  }

  private PostingRequest.Transfer transfer(Account from, Account to, long amount) {
    return PostingFixture.transfer(UUID.randomUUID().toString(), from, to.id(), amount);
  }

  @Test
  void keepsTimesAscendingIfTheClockIsSetBack() throws SQLException {
    Instant ahead = putAhead(ada);

    inTransaction(List.of(transfer(ada, bob, 1)));
    inTransaction(List.of(transfer(bob, opened(0), 1)));

    assertThat(statements.entries(bob.id(), null, null, Long.MAX_VALUE, 2))
        .extracting(Entry::postedAt)
        .containsExactly(ahead, ahead);
  }

  @Test
  void letsNoOtherAccountShareATimeAhead() throws SQLException {
    Instant ahead = putAhead(ada);
    Account eve = opened(1000);
    Account dan = opened(0);
    PostingRequest.Hold expiring =
        new PostingRequest.Hold(
            PostingRequest.Operation.HOLD.key(
                owner, new IdempotencyKey(UUID.randomUUID().toString())),
            Fingerprint.of("any"),
            eve.id(),
            dan.id(),
            Money.of(10, "EUR"),
            null,
            Duration.ofMinutes(10));
    Outcome<LedgerRecord> placed =
        inTransaction(List.of(transfer(ada, bob, 1), expiring)).getLast();
    PostingRequest capture =
        new PostingRequest.Capture(
            PostingRequest.Operation.CAPTURE.key(owner, new IdempotencyKey("capture")),
            Fingerprint.of("any"),
            ((Outcome.Done<LedgerRecord>) placed).result().id(),
            null);

    List<Outcome<LedgerRecord>> outcomes =
        inTransaction(List.of(transfer(ada, bob, 1), capture, transfer(eve, dan, 1)));

    assertThat(outcomes).allMatch(Outcome.Done.class::isInstance);
    assertThat(statements.entries(dan.id(), null, null, Long.MAX_VALUE, 2))
        .hasSize(2)
        .allSatisfy(entry -> assertThat(entry.postedAt()).isBefore(ahead));
    assertThat(statements.entries(bob.id(), null, null, Long.MAX_VALUE, 2))
        .extracting(Entry::postedAt)
        .containsExactly(ahead, ahead);
  }

  /** Gives an account an entry of the next hour, as if the clock had been set back since. */
  private Instant putAhead(Account account) throws SQLException {
    Instant ahead = Instant.now().plus(1, ChronoUnit.HOURS).truncatedTo(ChronoUnit.MICROS);
    try (Connection owner = database.asOwner();
        PreparedStatement update =
            owner.prepareStatement("update accounts.account set changed_at = ? where id = ?")) {
      update.setTimestamp(1, Timestamp.from(ahead));
      update.setObject(2, account.id().value());
      update.execute();
    }
    return ahead;
  }

  private List<Outcome<LedgerRecord>> inTransaction(List<PostingRequest> postings) {
    return Objects.requireNonNull(transaction.execute(_ -> ledger.post(postings)));
  }

  private Account now(Account account) {
    return accounts.find(account.id()).orElseThrow();
  }
}
