package dev.evenkeel.accounts.posting;

import static dev.evenkeel.database.SqlArrays.array;
import static dev.evenkeel.database.SqlArrays.numbers;
import static dev.evenkeel.database.SqlArrays.texts;
import static dev.evenkeel.database.SqlArrays.uuids;

import dev.evenkeel.accounts.Account;
import dev.evenkeel.accounts.AccountId;
import dev.evenkeel.accounts.PostingRequest;
import dev.evenkeel.database.Ids;
import dev.evenkeel.database.Pipeline;
import dev.evenkeel.idempotency.Fingerprint;
import dev.evenkeel.idempotency.IdempotentRequest;
import dev.evenkeel.idempotency.Outcome;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Component;

/** Reads, locks and writes the rows of customer accounts. */
@Component
public class AccountRepository {

  private final JdbcClient jdbc;

  AccountRepository(JdbcClient jdbc) {
    this.jdbc = jdbc;
  }

  /** Finds the account that an earlier request with the same key opened. */
  public Optional<Outcome<Account>> findReplay(IdempotentRequest request) {
    return jdbc.sql("select * from accounts.account where owner = ? and idempotency_key = ?")
        .params(request.owner(), request.key().value())
        .query((row, _) -> {
          Account account = account(row);
          Fingerprint earlier = Fingerprint.ofStored(row.getBytes("fingerprint"));
          return Outcome.replay(request.fingerprint(), earlier, null, () -> account);
        })
        .optional();
  }

  public Account insert(
      IdempotentRequest request, String name, String currency, long overdraftLimit) {
    return jdbc.sql(
            """
            insert into accounts.account
                (id, owner, name, currency, overdraft_limit, idempotency_key, fingerprint)
            values (?, ?, ?, ?, ?, ?, ?)
            returning *
            """)
        .param(Ids.next())
        .param(request.owner())
        .param(name)
        .param(currency)
        .param(overdraftLimit)
        .param(request.key().value())
        .param(request.fingerprint().bytes())
        .query((row, _) -> account(row))
        .single();
  }

  public Optional<Account> find(AccountId id) {
    return find("", id);
  }

  /**
   * Finds an account and keeps its status. This lock and those of postings do not conflict; it
   * conflicts with {@link #lockToChangeStatus}.
   */
  public Optional<Account> findKeepingStatus(AccountId id) {
    return find(" for key share", id);
  }

  public Account lockToChangeStatus(AccountId id) {
    return find(" for update", id).orElseThrow();
  }

  private Optional<Account> find(String lock, AccountId id) {
    return jdbc.sql("select * from accounts.account where id = ?" + lock)
        .param(id.value())
        .query((row, _) -> account(row))
        .optional();
  }

  public List<Account> list(String owner, AccountId after, int limit) {
    return jdbc.sql(
            """
            select * from accounts.account where owner = ? and id < ? order by id desc limit ?
            """)
        .params(owner, after.value(), limit)
        .query((row, _) -> account(row))
        .list();
  }

  public boolean hasMoreThan(int count, String owner) {
    return jdbc.sql(
            "select exists (select from accounts.account where owner = ? order by id offset ?)")
        .params(owner, count)
        .query(Boolean.class)
        .single();
  }

  Account lock(AccountId id) {
    return find(" for no key update", id).orElseThrow();
  }

  /** Replaces the connection's lock timeout until the transaction ends. */
  void limitLockWaits(Duration timeout) {
    jdbc.sql("select set_config('lock_timeout', ?, true)")
        .param(timeout.toMillis() + "ms")
        .query(String.class)
        .single();
  }

  void resetLockWaits() {
    jdbc.sql("set local lock_timeout to default").update();
  }

  /**
   * Accounts that requests may use, as soon as the pipeline has run.
   *
   * @param owners their owners
   * @param accounts those that no other transaction changes until this one ends
   * @param changedAt the time of each one's latest entry or hold; absent if there is none
   */
  record Locked(
      Map<AccountId, String> owners,
      Map<AccountId, Account> accounts,
      Map<AccountId, Instant> changedAt) {

    private void add(ResultSet row) throws SQLException {
      owners.put(new AccountId(row.getObject("usable", UUID.class)), row.getString("usable_by"));
      if (row.getObject("id") != null) {
        Account account = account(row);
        accounts.put(account.id(), account);
        OffsetDateTime changed = row.getObject("changed_at", OffsetDateTime.class);
        if (changed != null) {
          changedAt.put(account.id(), changed.toInstant());
        }
      }
    }
  }

  /**
   * Locks the accounts of moves and others in id order, so that transactions cannot deadlock. No
   * caller can make the ledger lock an account that it may not use, so the accounts of a move are
   * locked only if the first belongs to its owner. Accounts that do not exist are left out.
   *
   * @param skipLocked skips accounts that another transaction has locked, instead of waiting
   */
  static Locked lock(
      Pipeline pipeline,
      Collection<PostingRequest.Move> moves,
      Collection<AccountId> others,
      boolean skipLocked) {
    Locked locked = new Locked(new HashMap<>(), new HashMap<>(), new HashMap<>());
    pipeline.query(
        """
        with usable as materialized (
            select id, owner from accounts.account where id = any(?)
            union
            select a.id, a.owner
            from unnest(?::text[], ?::uuid[], ?::uuid[]) as move(owner, source, target)
            join accounts.account s on s.id = move.source and s.owner = move.owner
            join accounts.account a on a.id in (move.source, move.target)
        ), locked as (
            select * from accounts.account
            where id = any(array(select id from usable)) order by id for no key update%s
        )
        select usable.id as usable, usable.owner as usable_by, locked.*
        from usable left join locked on locked.id = usable.id
        """
            .formatted(skipLocked ? " skip locked" : ""),
        locked::add,
        uuids(others, AccountId::value),
        texts(moves, move -> move.key().owner()),
        uuids(moves, move -> move.from().value()),
        uuids(moves, move -> move.to().value()));
    return locked;
  }

  /**
   * Computes what these of the ledger's own accounts hold, less what is reserved. Only one
   * transaction at a time gets an answer, so that no two spend the same money.
   */
  Map<AccountId, Long> systemFunds(Collection<AccountId> ids) {
    Map<AccountId, Long> funds = new HashMap<>();
    if (ids.isEmpty()) {
      return funds;
    }
    jdbc.sql("select pg_advisory_xact_lock(hashtext('accounts.system-funds'))")
        .query()
        .listOfRows();
    jdbc.sql(
            """
            select own.id,
                   coalesce((select sum(amount) from accounts.entry where account = own.id), 0)
                       - coalesce((select sum(amount) from accounts.hold where account = own.id and status = 'held'), 0)
                       as funds
            from unnest(?::uuid[]) as own(id)
            """)
        .param(uuids(ids, AccountId::value))
        .query(row -> {
          funds.put(id(row), row.getLong("funds"));
        });
    return funds;
  }

  public void updateStatus(Account account) {
    jdbc.sql("update accounts.account set status = ?, frozen_by_operator = ? where id = ?")
        .params(
            account.status().name().toLowerCase(Locale.ROOT),
            account.frozenByOperator(),
            account.id().value())
        .update();
  }

  /** How a posting or a hold changes an account. */
  record BalanceChange(
      AccountId account, long posted, long entries, long held, long owed, Instant at) {}

  /** Sums the changes per account: an UPDATE that joins a row twice silently applies only one. */
  static void changeBalances(Pipeline pipeline, List<BalanceChange> changes) {
    if (changes.isEmpty()) {
      return;
    }
    pipeline.update(
        """
        update accounts.account a
        set posted = a.posted + change.posted, seq = a.seq + change.entries,
            held = a.held + change.held, owed = a.owed + change.owed, changed_at = change.at
        from (select account, sum(posted) as posted, sum(entries) as entries, sum(held) as held, sum(owed) as owed,
                     max(at) as at
              from unnest(?::uuid[], ?::bigint[], ?::bigint[], ?::bigint[], ?::bigint[], ?::timestamptz[])
                  as c(account, posted, entries, held, owed, at)
              group by account) change
        where a.id = change.account
        """,
        uuids(changes, change -> change.account().value()),
        numbers(changes, BalanceChange::posted),
        numbers(changes, BalanceChange::entries),
        numbers(changes, BalanceChange::held),
        numbers(changes, BalanceChange::owed),
        array("timestamptz", changes, BalanceChange::at));
  }

  private static AccountId id(ResultSet row) throws SQLException {
    return new AccountId(row.getObject("id", UUID.class));
  }

  private static Account account(ResultSet row) throws SQLException {
    long posted = row.getLong("posted");
    long held = row.getLong("held");
    long owed = row.getLong("owed");
    long overdraftLimit = row.getLong("overdraft_limit");
    return new Account(
        id(row),
        row.getString("owner"),
        row.getString("name"),
        row.getString("currency"),
        Account.Status.valueOf(row.getString("status").toUpperCase(Locale.ROOT)),
        row.getBoolean("frozen_by_operator"),
        new Account.Balance(posted, held, owed, posted - held - owed + overdraftLimit),
        row.getLong("seq"),
        overdraftLimit,
        row.getObject("created_at", OffsetDateTime.class).toInstant());
  }
}
