package dev.evenkeel.accounts.posting;

import dev.evenkeel.accounts.Account;
import dev.evenkeel.accounts.Accounts;
import dev.evenkeel.accounts.Batches;
import dev.evenkeel.accounts.Holds;
import dev.evenkeel.accounts.Ledger;
import dev.evenkeel.accounts.LedgerRecord;
import dev.evenkeel.accounts.PostingRequest;
import dev.evenkeel.accounts.Statements;
import dev.evenkeel.accounts.Transfers;
import dev.evenkeel.database.RetryingTransactions;
import dev.evenkeel.idempotency.Outcome;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.List;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.test.context.TestComponent;
import org.springframework.jdbc.core.simple.JdbcClient;

/** The module's public API, and queries of its tables. */
@TestComponent
record RealLedger(
    Accounts accounts,
    Transfers transfers,
    Holds holds,
    Batches batches,
    Ledger ledger,
    Statements statements,
    RetryingTransactions transactions,
    JdbcClient jdbc) {

  /** Posts as a payment does, in a transaction of its own. */
  Outcome<LedgerRecord> post(PostingRequest posting) {
    return transactions.run(() -> ledger.post(List.of(posting)).getFirst());
  }

  /** Answers many queries faster. */
  void inOneTransaction(Runnable questions) {
    transactions.run(() -> {
      questions.run();
      return true;
    });
  }

  /** An amount and the time during which it was held. */
  record HeldMoney(long amount, Instant placedAt, @Nullable Instant endedAt) {

    boolean isHeldAt(Instant time) {
      return !placedAt.isAfter(time) && (endedAt == null || endedAt.isAfter(time));
    }
  }

  List<HeldMoney> holds(Account account) {
    return jdbc.sql("select amount, placed_at, ended_at from accounts.hold where account = ?")
        .param(account.id().value())
        .query((row, _) -> {
          OffsetDateTime ended = row.getObject("ended_at", OffsetDateTime.class);
          return new HeldMoney(
              row.getLong("amount"),
              row.getObject("placed_at", OffsetDateTime.class).toInstant(),
              ended == null ? null : ended.toInstant());
        })
        .list();
  }

  /** Finds transfers of these accounts whose entries do not sum to zero. */
  List<UUID> unbalanced(List<Account> some) {
    return jdbc.sql(
            """
            select transfer from accounts.entry
            where transfer in (select transfer from accounts.entry where account in (:accounts))
            group by transfer having sum(amount) <> 0
            """)
        .param("accounts", some.stream().map(it -> it.id().value()).toList())
        .query((row, _) -> row.getObject("transfer", UUID.class))
        .list();
  }
}
