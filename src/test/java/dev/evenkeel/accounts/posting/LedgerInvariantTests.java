package dev.evenkeel.accounts.posting;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.testing.Api;
import dev.testing.TestDatabase;
import dev.testing.WholeApplication;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.boot.test.web.server.LocalServerPort;

/** What the database rejects from the application's own role: it is the last line of defence. */
@Tag("database")
@WholeApplication
class LedgerInvariantTests {

  private static final String CLEARING_EUR = "00000000-0000-8000-8000-000001455552";
  private static final String SUSPENSE_EUR = "00000000-0000-8000-8000-000003455552";
  private static final String CLEARING_USD = "00000000-0000-8000-8000-000001555344";

  @LocalServerPort int port;
  @Autowired TestDatabase database;

  private static final String TRANSFER =
      """
      insert into accounts.transfer (id, owner, operation, idempotency_key, fingerprint, from_account,
          to_account, amount, currency, posted_at)
      values ('{planted}', 'planted', 'transfer', '{planted}', '', '{ada}', '{bob}', 50, 'EUR', now())
      """;

  final UUID planted = UUID.randomUUID();
  final UUID second = UUID.randomUUID();
  UUID ada;
  UUID bob;
  UUID transfer;

  /** Leaves Ada with -100 after her first entry and Bob with 100 after his. */
  @BeforeEach
  void postATransfer() {
    Api api = new Api(port, "ada-" + UUID.randomUUID());
    ada = api.openAccount(1000);
    bob = api.openAccount(0);
    transfer = api.transfer(ada, bob, 100).id();
  }

  @AfterEach
  void assertTheLedgerBalances() throws SQLException {
    assertThat(
            rows("select currency from accounts.entry group by currency having sum(amount) <> 0"))
        .isEmpty();
    assertThat(
            rows(
                """
                select id from accounts.account a where posted <>
                (select coalesce(sum(amount), 0) from accounts.entry where account = a.id)
                """))
        .isEmpty();
  }

  @Test
  void acceptsBalancedEntries() throws SQLException {
    try (Connection connection = database.asApplication();
        Statement statement = connection.createStatement()) {
      connection.setAutoCommit(false);
      statement.execute(filled(TRANSFER));
      statement.execute(filled(entries("{ada}, -50, EUR, 2, -150", "{bob}, 50, EUR, 2, 150")));
      connection.rollback();
    }
  }

  /**
   * Transfers of 50 from Ada to Bob. An entry is: account, amount, currency, seq, balance after.
   */
  @ParameterizedTest(name = "{0}: {1}")
  @CsvSource(
      delimiter = '|',
      value = {
        "one entry           | do not balance        | {bob}, 50, EUR, 2, 150",
        "unequal entries     | do not balance        | {ada}, -51, EUR, 2, -151 ; {bob}, 50, EUR, 2, 150",
        "another amount      | do not balance        | {ada}, -51, EUR, 2, -151 ; {bob}, 51, EUR, 2, 151",
        "an amount of zero   | entry_amount_check    | {ada}, -50, EUR, 2, -150 ; {bob}, 50, EUR, 2, 150 ; {clearing}, 0, EUR, null, null",
        "two currencies      | do not balance        | {clearing}, -50, EUR, null, null ; {dollars}, 50, USD, null, null",
        "an account twice    | do not balance        | {ada}, -20, EUR, 2, -120 ; {ada}, -30, EUR, 3, -150 ; {bob}, 50, EUR, 2, 150",
        "an unknown account  | does not continue     | {ada}, -50, EUR, 2, -150 ; {nobody}, 50, EUR, 1, 50",
        "a gap               | does not continue     | {ada}, -50, EUR, 2, -150 ; {bob}, 50, EUR, 3, 50",
        "a number used twice | entry_account_seq_key | {ada}, -50, EUR, 2, -150 ; {bob}, 50, EUR, 1, 50",
        "no number           | entry_check           | {ada}, -50, EUR, 2, -150 ; {bob}, 50, EUR, null, null",
        "a wrong balance     | does not continue     | {ada}, -50, EUR, 2, -150 ; {bob}, 50, EUR, 2, 151"
      })
  void rejectsEntries(String name, String error, String entries) {
    assertRejected(error, TRANSFER, entries(entries.split(" ; ")));
  }

  @Test
  void rejectsEntriesInAnotherCurrencyThanTheAccount() {
    assertRejected(
        "does not continue",
        TRANSFER.replace("'EUR'", "'USD'"),
        entries("{dollars}, -50, USD, null, null", "{bob}, 50, USD, 2, 150"));
  }

  @Test
  void rejectsEntriesBeforeTheLastOne() {
    String earlier = entries("{ada}, -50, EUR, 2, -150", "{bob}, 50, EUR, 2, 150");

    assertRejected(
        "does not continue", TRANSFER, earlier.replace("now()", "now() - interval '1 day'"));
  }

  @Test
  void rejectsEntriesIfTheAccountLeftTheLastOut() {
    assertRejected(
        "does not continue",
        TRANSFER,
        entries("{ada}, -50, EUR, 2, -150", "{bob}, 50, EUR, 2, 150"),
        TRANSFER.replace("{planted}", "{second}"),
        entries("{ada}, -50, EUR, 3, -200", "{bob}, 50, EUR, 3, 200")
            .replace("{planted}", "{second}"));
  }

  @Test
  void rejectsEntriesIfTheAccountIsAheadOfThem() {
    assertRejected(
        "does not continue",
        TRANSFER,
        "update accounts.account set seq = 2 where id = '{bob}'",
        entries("{ada}, -50, EUR, 2, -150", "{bob}, 50, EUR, 3, 150"));
  }

  @Test
  void rejectsEntriesIfTheAccountHasAWrongBalance() {
    assertRejected(
        "does not continue",
        TRANSFER,
        "update accounts.account set posted = 150 where id = '{bob}'",
        entries("{ada}, -50, EUR, 2, -150", "{bob}, 50, EUR, 2, 200"));
    assertRejected(
        "does not continue",
        TRANSFER,
        """
        insert into accounts.account
            (id, owner, name, currency, overdraft_limit, idempotency_key, fingerprint, posted)
        values ('{second}', 'planted', 'New', 'EUR', 0, '{second}', '', 50)
        """,
        entries("{ada}, -50, EUR, 2, -150", "{second}, 50, EUR, 1, 100"));
  }

  @Test
  void rejectsEntriesAddedToAPostedTransfer() {
    String more = entries("{clearing}, -100, EUR, null, null", "{suspense}, 100, EUR, null, null");

    assertRejected("do not balance", more.replace("{planted}", "{transfer}"));
  }

  @Test
  void rejectsEntriesOfHoldsAndRefusals() {
    String entries = entries("{ada}, -50, EUR, 2, -150", "{bob}, 50, EUR, 2, 150");

    assertRejected("do not balance", TRANSFER.replace("'transfer'", "'hold'"), entries);
    assertRejected(
        "do not balance",
        """
        insert into accounts.transfer (id, owner, operation, idempotency_key, fingerprint, problem, posted_at)
        values ('{planted}', 'planted', 'transfer', '{planted}', '', '{}', now())
        """,
        entries);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "update accounts.entry set amount = 1",
        "delete from accounts.entry",
        "truncate accounts.entry",
        "update accounts.transfer set amount = 1",
        "delete from accounts.transfer",
        "truncate accounts.transfer cascade",
        "delete from accounts.account",
        "update accounts.hold set amount = 1",
        "delete from accounts.hold",
        "delete from accounts.batch",
        "update accounts.account set overdraft_limit = 1000000",
        "alter table accounts.entry disable trigger all"
      })
  void rejectsChangesOfHistory(String sql) {
    assertThatThrownBy(() -> execute(sql))
        .hasMessageMatching("(?s).*(permission denied|must be owner|cannot be deleted).*");
  }

  @ParameterizedTest
  @CsvSource({
    "posted = -1001,            {ada}, violates check constraint",
    "posted = 9000000000000001, {ada}, account_posted_check",
    "held = 101,                {bob}, violates check constraint",
    "owed = 1,                  {bob}, owing_account_has_nothing_free",
    "owed = -1,                 {bob}, account_owed_check",
    "status = 'closed',         {bob}, violates check constraint"
  })
  void rejectsAccounts(String change, String account, String error) {
    String sql = filled("update accounts.account set " + change + " where id = '" + account + "'");

    assertThatThrownBy(
            () -> {
              try (Connection owner = database.asOwner();
                  Statement statement = owner.createStatement()) {
                statement.execute(sql);
              }
            })
        .hasMessageContaining(error);
  }

  @ParameterizedTest
  @CsvSource({"reversal_of, transfer_reversed_once", "hold, transfer_captured_once"})
  void rejectsASecondReversalOrCapture(String column, String index) {
    String row =
        """
        insert into accounts.transfer (id, owner, operation, idempotency_key, fingerprint, from_account,
            to_account, amount, currency, posted_at, %s)
        select gen_random_uuid(), owner, operation, gen_random_uuid(), fingerprint, from_account,
            to_account, amount, currency, posted_at, id
        from accounts.transfer where id = '{transfer}'
        """
            .formatted(column);

    assertRejected(index, row, row);
  }

  @Test
  void rejectsASecondRowUnderAKey() {
    assertRejected(
        "transfer_owner_operation_idempotency_key_key",
        """
        insert into accounts.transfer (id, owner, operation, idempotency_key, fingerprint, from_account,
            to_account, amount, currency, posted_at)
        select gen_random_uuid(), owner, operation, idempotency_key, fingerprint, from_account,
            to_account, amount, currency, posted_at
        from accounts.transfer where id = '{transfer}'
        """);
    assertRejected(
        "account_owner_idempotency_key_key",
        """
        insert into accounts.account
            (id, owner, name, currency, overdraft_limit, idempotency_key, fingerprint)
        select gen_random_uuid(), owner, name, currency, overdraft_limit, idempotency_key, fingerprint
        from accounts.account where id = '{ada}'
        """);
  }

  private static String entries(String... entries) {
    return Stream.of(entries)
        .map(entry -> entry.split(", "))
        .map(it -> "('{planted}', '%s', %s, '%s', %s, %s, now())".formatted((Object[]) it))
        .collect(
            Collectors.joining(
                ", ",
                "insert into accounts.entry"
                    + " (transfer, account, amount, currency, seq, balance_after, posted_at) values ",
                ""));
  }

  private String filled(String sql) {
    return sql.replace("{ada}", ada.toString())
        .replace("{bob}", bob.toString())
        .replace("{transfer}", transfer.toString())
        .replace("{planted}", planted.toString())
        .replace("{second}", second.toString())
        .replace("{nobody}", planted.toString())
        .replace("{clearing}", CLEARING_EUR)
        .replace("{suspense}", SUSPENSE_EUR)
        .replace("{dollars}", CLEARING_USD);
  }

  private void assertRejected(String error, String... statements) {
    assertThatThrownBy(() -> execute(statements)).hasMessageContaining(error);
  }

  private void execute(String... statements) throws SQLException {
    try (Connection connection = database.asApplication();
        Statement statement = connection.createStatement()) {
      connection.setAutoCommit(false);
      for (String sql : statements) {
        statement.execute(filled(sql));
      }
      connection.commit();
    }
  }

  private List<String> rows(String sql) throws SQLException {
    List<String> rows = new ArrayList<>();
    try (Connection connection = database.asApplication();
        ResultSet result = connection.createStatement().executeQuery(sql)) {
      while (result.next()) {
        rows.add(result.getString(1));
      }
    }
    return rows;
  }
}
