package dev.evenkeel.accounts;

import dev.evenkeel.accounts.posting.LedgerEvents;
import dev.evenkeel.database.Ids;
import dev.evenkeel.database.RetryingTransactions;
import dev.evenkeel.idempotency.IdempotentRequest;
import dev.evenkeel.idempotency.Outcome;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.OffsetDateTime;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.UUID;
import java.util.function.Function;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Component;

/** Opens and finds customers' accounts. */
@Component
public class Accounts {

  private final JdbcClient jdbc;
  private final RetryingTransactions transactions;
  private final AccountsSettings settings;
  private final LedgerEvents announcements;

  Accounts(
      JdbcClient jdbc,
      RetryingTransactions transactions,
      AccountsSettings settings,
      LedgerEvents announcements) {
    this.jdbc = jdbc;
    this.settings = settings;
    this.transactions = transactions;
    this.announcements = announcements;
  }

  /**
   * @param request by the account's owner
   * @param overdraftLimit minor units, 0 to 10^15
   * @param byOperator who may give any limit
   */
  public record Opening(
      IdempotentRequest request,
      String name,
      String currency,
      long overdraftLimit,
      boolean byOperator) {}

  /** In a transaction of its own. */
  public Outcome<Account> open(Opening opening) {
    return transactions.run(() -> replay(opening).orElseGet(() -> decide(opening)));
  }

  private Optional<Outcome<Account>> replay(Opening opening) {
    return jdbc.sql("select * from accounts.account where owner = ? and idempotency_key = ?")
        .params(opening.request().owner(), opening.request().key().value())
        .<Outcome<Account>>query((row, _) ->
            opening.request().isSame(row.getBytes("fingerprint"))
                ? new Outcome.Replayed<>(account(row))
                : Outcome.keyReused())
        .optional();
  }

  private Outcome<Account> decide(Opening opening) {
    if (opening.overdraftLimit() > settings.maxOverdraft() && !opening.byOperator()) {
      return Outcome.refused(
          LedgerProblem.OVERDRAFT_NOT_ALLOWED,
          "The overdraft limit may be %d at most.".formatted(settings.maxOverdraft()));
    }
    Account account =
        jdbc.sql(
                """
                insert into accounts.account
                    (id, owner, name, currency, overdraft_limit, idempotency_key, fingerprint)
                values (?, ?, ?, ?, ?, ?, ?)
                returning *
                """)
            .param(Ids.next())
            .param(opening.request().owner())
            .param(opening.name())
            .param(opening.currency())
            .param(opening.overdraftLimit())
            .param(opening.request().key().value())
            .param(opening.request().fingerprint().bytes())
            .query((row, _) -> account(row))
            .single();
    return new Outcome.Done<>(account);
  }

  /** As it is now, whoever owns it. */
  public Optional<Account> find(UUID id) {
    return jdbc.sql("select * from accounts.account where id = ?")
        .param(id)
        .query((row, _) -> account(row))
        .optional();
  }

  /**
   * Newest first.
   *
   * @param after only accounts with a smaller id
   */
  public List<Account> list(String owner, UUID after, int limit) {
    return jdbc.sql(
            """
            select * from accounts.account where owner = ? and id < ? order by id desc limit ?
            """)
        .params(owner, after, limit)
        .query((row, _) -> account(row))
        .list();
  }

  /**
   * From now on callers start nothing in or out; what the payment provider decided is still posted.
   * In a transaction of its own, as the two below; where it is so already, nothing changes.
   *
   * @param byOperator then only an operator can undo it
   */
  public Outcome<Account> freeze(UUID id, boolean byOperator) {
    return change(id, account -> AccountRules.freeze(account, byOperator));
  }

  public Outcome<Account> unfreeze(UUID id, boolean byOperator) {
    return change(id, account -> AccountRules.unfreeze(account, byOperator));
  }

  /** For good. */
  public Outcome<Account> close(UUID id) {
    return change(id, AccountRules::close);
  }

  private Outcome<Account> change(UUID id, Function<Account, Outcome<Account>> rule) {
    return transactions.run(() -> {
      Account before =
          jdbc.sql("select * from accounts.account where id = ? for no key update")
              .param(id)
              .query((row, _) -> account(row))
              .single();
      Outcome<Account> outcome = rule.apply(before);
      if (outcome instanceof Outcome.Done<Account>(Account after) && !after.equals(before)) {
        update(after);
        if (before.status() == Account.Status.OPEN && after.status() == Account.Status.FROZEN) {
          announcements.frozen(after);
        }
      }
      return outcome;
    });
  }

  private void update(Account account) {
    jdbc.sql("update accounts.account set status = ?, frozen_by_operator = ? where id = ?")
        .params(
            account.status().name().toLowerCase(Locale.ROOT),
            account.frozenByOperator(),
            account.id())
        .update();
  }

  public static Account account(ResultSet row) throws SQLException {
    long posted = row.getLong("posted");
    long held = row.getLong("held");
    long overdraftLimit = row.getLong("overdraft_limit");
    return new Account(
        row.getObject("id", UUID.class),
        row.getString("owner"),
        row.getString("name"),
        row.getString("currency"),
        Account.Status.valueOf(row.getString("status").toUpperCase(Locale.ROOT)),
        row.getBoolean("frozen_by_operator"),
        new Account.Balance(posted, held, posted - held + overdraftLimit),
        row.getLong("seq"),
        overdraftLimit,
        row.getObject("created_at", OffsetDateTime.class).toInstant());
  }
}
