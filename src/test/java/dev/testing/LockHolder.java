package dev.testing;

import static org.awaitility.Awaitility.await;

import dev.evenkeel.accounts.Account;
import dev.evenkeel.accounts.PostingRequest;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.UUID;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** Holds a lock in the database until it is closed. */
public final class LockHolder implements AutoCloseable {

  private final Connection connection;

  private LockHolder(TestDatabase database, String lock) throws SQLException {
    connection = database.asOwner();
    connection.setAutoCommit(false);
    try (Statement statement = connection.createStatement()) {
      statement.execute(lock);
    }
  }

  public static LockHolder locking(TestDatabase database, Account... accounts) throws SQLException {
    String ids =
        Stream.of(accounts)
            .map(account -> "'" + account.id() + "'")
            .collect(Collectors.joining(", "));
    return new LockHolder(
        database, "select from accounts.account where id in (" + ids + ") for update");
  }

  public static LockHolder lockingAccount(TestDatabase database, UUID account) throws SQLException {
    return new LockHolder(
        database, "select from accounts.account where id = '" + account + "' for update");
  }

  public static LockHolder lockingPayment(TestDatabase database, UUID payment) throws SQLException {
    return new LockHolder(
        database, "select from payments.payment where id = '" + payment + "' for update");
  }

  /** Holds back a consumer's events, like an instance that hangs while it processes some. */
  public static LockHolder lockingEvents(TestDatabase database, String consumer)
      throws SQLException {
    return new LockHolder(
        database,
        "select pg_advisory_xact_lock(hashtextextended('outbox/%s', 0))".formatted(consumer));
  }

  // part of notifications
  /** Locks an owner's notification feed; the owner must have one. */
  public static LockHolder lockingFeed(TestDatabase database, String owner) throws SQLException {
    return new LockHolder(
        database, "select from notifications.feed where owner = '" + owner + "' for update");
  }

  // end of notifications

  /** Blocks writing transfers, but not reading them. */
  public static LockHolder lockingAllTransfers(TestDatabase database) throws SQLException {
    return new LockHolder(database, "lock table accounts.transfer in exclusive mode");
  }

  /** Blocks reading entries and payments too. */
  public static LockHolder lockingExpensiveReads(TestDatabase database) throws SQLException {
    return new LockHolder(
        database, "lock table accounts.entry, payments.payment in access exclusive mode");
  }

  /** Who may yet have used it, or not: in the end it has not. */
  public static LockHolder usingKey(TestDatabase database, PostingRequest.Key key)
      throws SQLException {
    return new LockHolder(
        database,
        """
        insert into accounts.transfer
            (id, owner, operation, idempotency_key, fingerprint, problem, posted_at)
        values (gen_random_uuid(), '%s', '%s', '%s', '', '{}', now())
        """
            .formatted(key.owner(), key.operation().name().toLowerCase(Locale.ROOT), key.value()));
  }

  /** Inserts a payment with this key, as another instance does, and rolls back in the end. */
  public static LockHolder usingPaymentKey(TestDatabase database, String owner, String key)
      throws SQLException {
    return new LockHolder(
        database,
        """
        insert into payments.payment
            (id, owner, idempotency_key, fingerprint, account, kind, amount, currency, instrument, provider, status, problem,
             attempts, sends, created_at, final_at)
        values (gen_random_uuid(), '%s', '%s', '', gen_random_uuid(), 'PAY_IN', 1, 'EUR', 'tok_ok', 'simulator', 'REFUSED', '{}',
                0, 0, now(), now())
        """
            .formatted(owner, key));
  }

  /** The database processes that wait for this lock. */
  public List<Integer> waiting() throws SQLException {
    List<Integer> waiting = new ArrayList<>();
    try (Statement statement = connection.createStatement();
        ResultSet row =
            statement.executeQuery(
                """
                select pid from pg_stat_activity
                where datname = current_database() and pg_backend_pid() = any(pg_blocking_pids(pid))
                """)) {
      while (row.next()) {
        waiting.add(row.getInt("pid"));
      }
    }
    return waiting;
  }

  /**
   * @return the process that waits for this
   */
  public int awaitWaiting() {
    return await()
        .pollInterval(Duration.ofMillis(5))
        .until(this::waiting, processes -> !processes.isEmpty())
        .getFirst();
  }

  public void letGo() throws SQLException {
    connection.rollback();
  }

  @Override
  public void close() throws SQLException {
    try (connection) {
      letGo();
    }
  }
}
