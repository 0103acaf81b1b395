package dev.evenkeel;

import static org.assertj.core.api.Assertions.assertThat;

import dev.evenkeel.accounts.AccountId;
import dev.evenkeel.accounts.Hold;
import dev.evenkeel.accounts.Holds;
import dev.evenkeel.accounts.TransferId;
import dev.evenkeel.accounts.Transfers;
import dev.evenkeel.database.Ids;
import dev.evenkeel.notifications.Notifications; // part of notifications
import dev.evenkeel.payments.PaymentId;
import dev.evenkeel.payments.PaymentMonitor;
import dev.evenkeel.payments.PaymentStatus;
import dev.evenkeel.payments.Payments;
import dev.testing.TestDatabase;
import dev.testing.WholeApplication;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.UUID;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.test.annotation.DirtiesContext;
import org.springframework.transaction.PlatformTransactionManager;
import org.springframework.transaction.support.TransactionTemplate;

/**
 * A list costs its page, however many accounts it covers. Cost is what PostgreSQL counts: blocks
 * that a statement reads, from memory or disk.
 */
@WholeApplication
@DirtiesContext
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class ListCostTests {

  private static final int PAGE = 21;
  private static final int ROWS = 20_000;
  private static final int ACCOUNTS = 10_000;

  /** A list that touches this many blocks for each of its elements reads more than its page. */
  private static final int BLOCKS_OF_AN_ELEMENT = 25;

  @Autowired TestDatabase database;
  @Autowired JdbcClient jdbc;
  @Autowired PlatformTransactionManager transactions;
  @Autowired Transfers transfers;
  @Autowired Holds holds;
  @Autowired Payments payments;
  @Autowired PaymentMonitor monitor;
  @Autowired Notifications notifications; // part of notifications

  enum Listed {
    TRANSFERS,
    TRANSFERS_OF_ACCOUNT,
    TRANSFERS_WITH_REFERENCE,
    TRANSFERS_OF_ACCOUNT_WITH_REFERENCE,
    TRANSFERS_WITH_KEY,
    HOLDS,
    HOLDS_OF_ACCOUNT,
    OPEN_HOLDS,
    PAYMENTS,
    PAYMENTS_OF_ACCOUNT,
    FAILED_PAYMENTS,
    PAYMENTS_WITH_REFERENCE,
    PAYMENTS_WITH_KEY,
    LATEST_PAYMENTS,
    PAYMENTS_AFTER,
    NOTIFICATIONS_AFTER, // part of notifications
    NOTIFICATIONS, // part of notifications
    NOTIFICATIONS_OF_ACCOUNT // part of notifications
  }

  /** An owner, the oldest of its accounts and places within its lists, old ones. */
  private record Owner(String name, AccountId account) {}

  private final Instant began = Instant.now();
  private Owner one = new Owner("one", new AccountId(Ids.next()));
  private Owner many = new Owner("many", new AccountId(Ids.next()));

  @BeforeAll
  void fill() throws SQLException {
    try (Connection connection = database.asOwner();
        Statement sql = connection.createStatement()) {
      sql.execute("alter table accounts.entry disable trigger check_new_entries");
      fill(sql, one, 1);
      fill(sql, many, ACCOUNTS);
      sql.execute("alter table accounts.entry enable trigger check_new_entries");
      sql.execute("analyze");
    }
  }

  private static void fill(Statement sql, Owner owner, int accounts) throws SQLException {
    // Each row below belongs to one account after the other
    sql.execute(
        """
        create temporary table row as
        with account as (
            insert into accounts.account (id, owner, name, currency, overdraft_limit, idempotency_key, fingerprint)
            select case n when 1 then '%2$s'::uuid else uuidv7() end, '%1$s', 'Main', 'EUR', 0, n, ''::bytea from generate_series(1, %3$d) n
            returning id, idempotency_key::int as n)
        select i, account.id as account, (i - 1) / %3$d + 1 as seq, now() - (%4$d - i) * interval '1 second' as at,
               uuidv7((i - %4$d) * interval '1 second') as id, uuidv7((i - %4$d) * interval '1 second') as hold
        from generate_series(1, %4$d) i join account on n = (i - 1) %% %3$d + 1
        """
            .formatted(owner.name(), owner.account(), accounts, ROWS));
    sql.execute(
        """
        insert into accounts.transfer
            (id, owner, operation, idempotency_key, fingerprint, from_account, to_account, amount, currency,
             reference, posted_at)
        select id, '%1$s', 'transfer', i, ''::bytea, account, 'ffffffff-0000-8000-8000-000000000000'::uuid, 1, 'EUR',
               case when i <= 30 then 'rare' else 'order ' || i end, at from row
        union all
        select hold, '%1$s', 'hold', i, ''::bytea, account, 'ffffffff-0000-8000-8000-000000000000'::uuid, 1, 'EUR', null, at from row
        """
            .formatted(owner.name()));
    sql.execute(
        """
        insert into accounts.entry (transfer, account, amount, currency, seq, balance_after, posted_at, listed_for)
        select id, account, -1, 'EUR', seq, -seq, at, '%s' from row
        """
            .formatted(owner.name()));
    sql.execute(
        """
        insert into accounts.hold (id, account, amount, expires_at, placed_at, status, ended_at)
        select hold, account, 1, at, at, case when i <= 30 then 'held' else 'released' end,
               case when i <= 30 then null else at end from row
        """);
    sql.execute(
        """
        insert into payments.payment
            (id, owner, idempotency_key, fingerprint, account, kind, amount, currency, instrument, provider, reference, status,
             failure_code, attempts, sends, created_at, final_at)
        select id, '%s', i, ''::bytea, account, 'PAY_IN', 1, 'EUR', 'tok', 'simulator', case when i <= 30 then 'rare' else 'order ' || i end,
               case when i <= 30 then 'FAILED' else 'SUCCEEDED' end, case when i <= 30 then 'card_declined' end,
               1, 1, at, at from row
        """
            .formatted(owner.name()));
    // part of notifications
    sql.execute(
        """
        insert into notifications.notification
            (id, owner, seq, account, type, subject_id, account_name)
        select id, '%s', i, account, 'account.frozen', account, 'Main' from row
        """
            .formatted(owner.name()));
    // end of notifications
    sql.execute("drop table row");
  }

  @ParameterizedTest
  @EnumSource
  void aListCostsItsPage(Listed list) {
    // Often enough for the driver and PostgreSQL to keep a plan
    long ofOne = IntStream.range(0, 12).mapToLong(_ -> blocks(list, one)).max().orElseThrow();
    long ofMany = IntStream.range(0, 12).mapToLong(_ -> blocks(list, many)).max().orElseThrow();

    assertThat(ofMany).isLessThanOrEqualTo(3 * ofOne);
    assertThat(ofOne).isLessThanOrEqualTo(PAGE * BLOCKS_OF_AN_ELEMENT);
    assertThat(ofMany).isLessThanOrEqualTo(PAGE * BLOCKS_OF_AN_ELEMENT);
  }

  private long blocks(Listed list, Owner owner) {
    Long blocks =
        new TransactionTemplate(transactions)
            .execute(_ -> {
              long before = blocks();
              assertThat(list(list, owner)).isNotEmpty();
              return blocks() - before;
            });
    return blocks == null ? 0 : blocks;
  }

  /** Counts the blocks of tables and indexes that this transaction has read so far. */
  private long blocks() {
    return jdbc.sql(
            """
            select sum(pg_stat_get_xact_blocks_fetched(oid)) from pg_class
            where relnamespace::regnamespace::text in ('accounts', 'payments', 'notifications')
            """)
        .query(Long.class)
        .single();
  }

  /** Rows are made as long before the start of the test as it takes; some are older than this. */
  private UUID halfAMinuteAgo() {
    return Ids.first(began.minusSeconds(30));
  }

  private List<?> list(Listed list, Owner owner) {
    AccountId account = owner.account();
    return switch (list) {
      case TRANSFERS -> transfers(owner, null, null, null);
      case TRANSFERS_OF_ACCOUNT -> transfers(owner, account, null, null);
      case TRANSFERS_WITH_REFERENCE -> transfers(owner, null, "rare", null);
      case TRANSFERS_OF_ACCOUNT_WITH_REFERENCE -> transfers(owner, account, "rare", null);
      case TRANSFERS_WITH_KEY -> transfers(owner, null, null, "1");
      case HOLDS -> holds(owner, null, null);
      case HOLDS_OF_ACCOUNT -> holds(owner, account, null);
      case OPEN_HOLDS -> holds(owner, null, Hold.Status.HELD);
      case PAYMENTS -> payments(owner, null, null, null, null);
      case PAYMENTS_OF_ACCOUNT -> payments(owner, account, null, null, null);
      case FAILED_PAYMENTS -> payments(owner, null, PaymentStatus.FAILED, null, null);
      case PAYMENTS_WITH_REFERENCE -> payments(owner, null, null, "rare", null);
      case LATEST_PAYMENTS ->
          monitor.latest(owner.name(), Instant.now(), Duration.ofSeconds(2), 15, 6);
      case PAYMENTS_AFTER -> monitor.after(new PaymentId(halfAMinuteAgo()), PAGE);
      case NOTIFICATIONS_AFTER -> // part of notifications
          notifications.after(halfAMinuteAgo(), PAGE); // part of notifications
      case PAYMENTS_WITH_KEY -> payments(owner, null, null, null, "1");
      // part of notifications
      case NOTIFICATIONS -> notifications.feed(owner.name(), null, ROWS, PAGE);
      case NOTIFICATIONS_OF_ACCOUNT -> notifications.feed(owner.name(), account, ROWS, PAGE);
        // end of notifications
    };
  }

  private List<?> transfers(
      Owner owner, @Nullable AccountId account, @Nullable String reference, @Nullable String key) {
    return transfers.list(owner.name(), account, reference, key, new TransferId(Ids.LAST), PAGE);
  }

  private List<?> holds(Owner owner, @Nullable AccountId account, Hold.@Nullable Status status) {
    return holds.list(owner.name(), account, status, new TransferId(Ids.LAST), PAGE);
  }

  private List<?> payments(
      Owner owner,
      @Nullable AccountId account,
      @Nullable PaymentStatus status,
      @Nullable String reference,
      @Nullable String key) {
    return payments.list(
        owner.name(), account, status, reference, key, new PaymentId(Ids.LAST), PAGE);
  }
}
