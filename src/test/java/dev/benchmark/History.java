package dev.benchmark;

import java.sql.SQLException;
import java.util.UUID;

/** A long past, which would take hours to post. */
final class History {

  private History() {}

  /**
   * As if so many transfers, one a second until now, had been paid in to a new account. Of each,
   * the account's side only: nothing that is measured reads the other one.
   */
  static void give(Database database, UUID account, long entries) throws SQLException {
    database.execute(
        "evenkeel",
        // What guards the ledger looks at each row: of so many, that takes too long
        "alter table accounts.entry disable trigger all",
        "alter table accounts.transfer disable trigger all",
        """
        insert into accounts.transfer
            (id, owner, operation, idempotency_key, fingerprint, from_account, to_account, amount,
             currency, payment, posted_at)
        select id, 'demo', 'payment', id, '\\x01', '00000000-0000-8000-8000-000001455552', '%s', 1,
               'EUR', id, now() + (n - %d) * interval '1 second'
        from (select n, uuidv7() as id from generate_series(1, %2$d) n)
        """
            .formatted(account, entries),
        """
        insert into accounts.entry (id, transfer, account, amount, currency, seq, balance_after, posted_at)
        select id, id, to_account, 1, 'EUR', n, n, posted_at
        from (select *, row_number() over (order by id) as n
              from accounts.transfer where to_account = '%s' and operation = 'payment')
        """
            .formatted(account),
        "alter table accounts.entry enable trigger all",
        "alter table accounts.transfer enable trigger all",
        "update accounts.account set posted = %1$d, seq = %1$d, changed_at = now() where id = '%2$s'"
            .formatted(entries, account));
  }
}
