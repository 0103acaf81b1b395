package dev.evenkeel.accounts;

import com.fasterxml.uuid.Generators;
import dev.evenkeel.platform.Fingerprint;
import dev.evenkeel.platform.IdempotencyKey;
import dev.evenkeel.platform.Outcome;
import dev.evenkeel.platform.Problem;
import dev.evenkeel.platform.RetryingTransactions;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.OffsetDateTime;
import java.util.Locale;
import java.util.Optional;
import java.util.UUID;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Component;

/** Opens and finds customers' accounts. */
@Component
public class Accounts {

  private final JdbcClient jdbc;
  private final RetryingTransactions transactions;
  private final AccountsSettings settings;

  Accounts(JdbcClient jdbc, RetryingTransactions transactions, AccountsSettings settings) {
    this.jdbc = jdbc;
    this.settings = settings;
    this.transactions = transactions;
  }

  /**
   * @param key under which the same owner opens the same account once
   * @param overdraftLimit minor units, 0 to 10^15
   * @param byOperator who may give any limit
   */
  public record Opening(
      String owner,
      IdempotencyKey key,
      Fingerprint fingerprint,
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
        .params(opening.owner(), opening.key().value())
        .<Outcome<Account>>query((row, _) ->
            Fingerprint.ofStored(row.getBytes("fingerprint")).equals(opening.fingerprint())
                ? new Outcome.Replayed<>(account(row))
                : Outcome.keyReused())
        .optional();
  }

  private Outcome<Account> decide(Opening opening) {
    if (opening.overdraftLimit() > settings.maxOverdraft() && !opening.byOperator()) {
      return Outcome.refused(
          Problem.of(
              LedgerProblem.OVERDRAFT_NOT_ALLOWED,
              "The overdraft limit may be %d at most.".formatted(settings.maxOverdraft())));
    }
    return insert(opening);
  }

  private Outcome<Account> insert(Opening opening) {
    Account account =
        jdbc.sql(
                """
                insert into accounts.account
                    (id, owner, name, currency, overdraft_limit, idempotency_key, fingerprint)
                values (?, ?, ?, ?, ?, ?, ?)
                returning *
                """)
            .param(Generators.timeBasedEpochGenerator().generate())
            .param(opening.owner())
            .param(opening.name())
            .param(opening.currency())
            .param(opening.overdraftLimit())
            .param(opening.key().value())
            .param(opening.fingerprint().bytes())
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

  static Account account(ResultSet row) throws SQLException {
    return new Account(
        row.getObject("id", UUID.class),
        row.getString("owner"),
        row.getString("name"),
        row.getString("currency"),
        Account.Status.valueOf(row.getString("status").toUpperCase(Locale.ROOT)),
        row.getLong("posted"),
        row.getLong("held"),
        row.getLong("seq"),
        row.getLong("overdraft_limit"),
        row.getObject("created_at", OffsetDateTime.class).toInstant());
  }
}
