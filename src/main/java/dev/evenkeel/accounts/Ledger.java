package dev.evenkeel.accounts;

import dev.evenkeel.accounts.posting.AccountRepository;
import dev.evenkeel.accounts.posting.PostingWriter;
import dev.evenkeel.accounts.posting.SystemAccount;
import dev.evenkeel.idempotency.Outcome;
import java.util.Collection;
import java.util.Currency;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Optional;
import java.util.SequencedMap;
import java.util.UUID;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Component;
import org.springframework.transaction.annotation.Propagation;
import org.springframework.transaction.annotation.Transactional;

/**
 * The ledger in the database, with one write path: {@link PostingWriter}. Modules that post use it
 * as {@link Books}.
 */
@Component
public class Ledger implements Books {

  private final PostingWriter writer;
  private final AccountRepository accounts;
  private final JdbcClient jdbc;

  Ledger(PostingWriter writer, AccountRepository accounts, JdbcClient jdbc) {
    this.writer = writer;
    this.accounts = accounts;
    this.jdbc = jdbc;
  }

  @Override
  public Optional<Account> account(AccountId id) {
    return accounts.find(id);
  }

  @Override
  @Transactional(propagation = Propagation.MANDATORY)
  public Optional<Account> accountKeepingStatus(AccountId id) {
    return accounts.findKeepingStatus(id);
  }

  @Override
  @Transactional(propagation = Propagation.MANDATORY)
  public List<Outcome<LedgerRecord>> post(List<PostingRequest> requests) {
    return writer.write(requests, PostingWriter.Mode.WAIT).inOrderOf(requests);
  }

  /**
   * Stores what a provider says that it owes us, to be shown beside what clearing says.
   *
   * @param amount minor units; negative if we owe it
   */
  public void reportClearing(String provider, Currency currency, long amount) {
    jdbc.sql(
            """
            insert into accounts.reported_clearing values (?, ?, ?, clock_timestamp())
            on conflict (provider, currency) do update
            set amount = excluded.amount, reported_at = excluded.reported_at
            """)
        .params(provider, currency.getCurrencyCode(), amount)
        .update();
  }

  @Override
  @Transactional(propagation = Propagation.MANDATORY)
  public void release(TransferId hold) {
    writer.endHolds(List.of(hold), Hold.Status.RELEASED);
  }

  @Override
  public long unplaced(UUID payment, Currency currency) {
    UUID suspense = SystemAccount.SUSPENSE.in(currency).value();
    return jdbc.sql(
            """
            select coalesce(sum(amount), 0) from (
                select e.amount from accounts.transfer t join accounts.entry e on e.transfer = t.id
                where t.payment = :payment and e.account = :suspense
                union all
                select -h.amount from accounts.transfer t join accounts.hold h on h.id = t.id
                where t.payment = :payment and h.account = :suspense and h.status = 'held') moved
            """)
        .param("payment", payment)
        .param("suspense", suspense)
        .query(Long.class)
        .single();
  }

  /** Returns how much was posted under each of these settlement keys, in minor units. */
  public SequencedMap<String, Long> settlements(Collection<String> keys) {
    return settlements("idempotency_key = any(?)", keys.toArray(String[]::new), keys.size());
  }

  /** Returns a page of all settlement keys in their order, with the amounts posted. */
  public SequencedMap<String, Long> settlementsAfter(String key, int limit) {
    return settlements("idempotency_key > ?", key, limit);
  }

  private SequencedMap<String, Long> settlements(String condition, Object keys, int limit) {
    SequencedMap<String, Long> amounts = new LinkedHashMap<>();
    jdbc.sql(
            """
            select idempotency_key, amount from accounts.transfer
            where operation = 'payment' and %s
            order by idempotency_key limit ?
            """
                .formatted(condition))
        .param(keys)
        .param(limit)
        .query(row -> {
          amounts.merge(row.getString("idempotency_key"), row.getLong("amount"), Long::sum);
        });
    return amounts;
  }
}
