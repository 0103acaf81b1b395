package dev.benchmark;

import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * Measures whether an account with many entries is slower to read and to post to than one with few.
 */
class LongPastBenchmark {

  private static final int SHORT_PAST = 10_000;
  private static final int LONG_PAST = LedgerBenchmark.QUICK ? 1_000_000 : 10_000_000;

  private final Path folder = Files.createDirectories(Path.of("target/benchmark").toAbsolutePath());
  private final Report report = new Report(folder.resolve("long-past.md"));

  LongPastBenchmark() throws Exception {}

  @Test
  @Timeout(value = 15, unit = TimeUnit.MINUTES)
  void aLongPastBesideAShortOne() throws Exception {
    try (Database database = Database.start(folder);
        Application application = Application.start(database, folder)) {
      List<UUID> accounts = database.openAccounts(3);
      UUID old = accounts.get(0);
      UUID young = accounts.get(1);
      UUID other = accounts.get(2);
      give(database, old, LONG_PAST);
      give(database, young, SHORT_PAST);
      database.execute("evenkeel", "vacuum analyze");
      // The first round is for what runs often to be compiled
      for (int round = 0; round <= LedgerBenchmark.ROUNDS; round++) {
        measure(application, young, SHORT_PAST, other, round == 0 ? "cold" : "young");
        measure(application, old, LONG_PAST, other, round == 0 ? "cold" : "old");
      }
    }
    report.heading("An account with %,d entries; with %,d".formatted(LONG_PAST, SHORT_PAST));
    for (String what :
        List.of("balance now", "balance at an instant", "first page of entries", "next transfer")) {
      report.compare(what + ", p50 in ms", "old: " + what, "young: " + what, "<= 1.5x", "1.1x");
    }
  }

  private void measure(Application application, UUID account, int entries, UUID other, String age) {
    String path = "/v1/accounts/" + account;
    Map<String, Load.Requests> questions = new LinkedHashMap<>();
    questions.put("balance now", Transfers.get(path + "/balance"));
    Instant middle = Instant.now().minusSeconds(entries / 2);
    questions.put("balance at an instant", Transfers.get(path + "/balance?at=" + middle));
    questions.put("first page of entries", Transfers.get(path + "/entries"));
    questions.put("next transfer", Transfers.withTheFirstOf(List.of(account, other)));
    questions.forEach((what, requests) -> {
      Load load = new Load(application, requests);
      double seconds = LedgerBenchmark.SECONDS / 4;
      report.note(age + ": " + what, load.closed(1, seconds).done().millis(0.5));
    });
  }

  /**
   * As if so many transfers, one a second until now, had been paid in to a new account. Of each,
   * the account's side only: nothing that is measured reads the other one.
   */
  private static void give(Database database, UUID account, long entries) throws SQLException {
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
        insert into accounts.entry (transfer, account, amount, currency, seq, balance_after, posted_at)
        select id, to_account, 1, 'EUR', n, n, posted_at
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
