package dev.evenkeel.accounts;

import com.fasterxml.uuid.Generators;
import dev.evenkeel.platform.CommonProblem;
import dev.evenkeel.platform.Fingerprint;
import dev.evenkeel.platform.IdempotencyKey;
import dev.evenkeel.platform.Problem;
import dev.evenkeel.platform.RetryingTransactions;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.OffsetDateTime;
import java.util.Locale;
import java.util.Optional;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
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
   * @param key under which the same owner opens the same account once; null for a new one each time
   * @param overdraftLimit minor units, 0 to 10^15
   * @param byOperator who may give any limit
   */
  public record Opening(
      String owner,
      @Nullable IdempotencyKey key,
      Fingerprint fingerprint,
      String name,
      String currency,
      long overdraftLimit,
      boolean byOperator) {}

  public sealed interface Outcome {
    record Opened(Account account) implements Outcome {}

    /** The same key opened this account before. */
    record Replayed(Account account) implements Outcome {}

    record Refused(Problem problem) implements Outcome {}
  }

  /** In a transaction of its own. */
  public Outcome open(Opening opening) {
    return transactions.run(() -> replay(opening).orElseGet(() -> decide(opening)));
  }

  private Optional<Outcome> replay(Opening opening) {
    IdempotencyKey key = opening.key();
    if (key == null) {
      return Optional.empty();
    }
    return jdbc.sql("select * from accounts.account where owner = ? and idempotency_key = ?")
        .params(opening.owner(), key.value())
        .<Outcome>query((row, _) ->
            Fingerprint.ofStored(row.getBytes("fingerprint")).equals(opening.fingerprint())
                ? new Outcome.Replayed(account(row))
                : new Outcome.Refused(CommonProblem.keyReused()))
        .optional();
  }

  private Outcome decide(Opening opening) {
    if (opening.overdraftLimit() > settings.maxOverdraft() && !opening.byOperator()) {
      return new Outcome.Refused(
          Problem.of(
              LedgerProblem.OVERDRAFT_NOT_ALLOWED,
              "The overdraft limit may be %d at most.".formatted(settings.maxOverdraft())));
    }
    return insert(opening);
  }

  private Outcome insert(Opening opening) {
    IdempotencyKey key = opening.key();
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
            .param(key == null ? null : key.value())
            .param(key == null ? null : opening.fingerprint().bytes())
            .query((row, _) -> account(row))
            .single();
    return new Outcome.Opened(account);
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
