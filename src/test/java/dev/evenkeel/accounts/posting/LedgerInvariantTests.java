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
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.boot.test.web.server.LocalServerPort;

/** Goes around the application, with its own role: the database is the last line. */
@Tag("database")
@WholeApplication
class LedgerInvariantTests {

  private static final String CLEARING_EUR = "00000000-0000-8000-8000-000001455552";
  private static final String SUSPENSE_EUR = "00000000-0000-8000-8000-000003455552";
  private static final String CLEARING_USD = "00000000-0000-8000-8000-000001555344";

  @LocalServerPort int port;
  @Autowired TestDatabase database;

  UUID ada;
  UUID bob;
  UUID transfer;

  /** Ada has -100 after her first entry, Bob 100 after his. */
  @BeforeEach
  void aPostedTransfer() {
    Api api = new Api(port, "ada-" + UUID.randomUUID());
    ada = api.openAccount(1000);
    bob = api.openAccount(0);
    transfer = api.transfer(ada, bob, 100).id();
  }

  @AfterEach
  void theLedgerBalances() throws SQLException {
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
  void whatBalancesAndContinuesIsTaken() throws SQLException {
    try (Connection connection = database.asApplication();
        Statement statement = connection.createStatement()) {
      connection.setAutoCommit(false);
      statement.execute(newTransfer());
      statement.execute(entries(entry(ada, -50, 2L, -150L), entry(bob, 50, 2L, 150L)));
      connection.rollback();
    }
  }

  @Test
  void oneLegIsRefused() {
    refused("do not balance", newTransfer(), entries(entry(bob, 50, 2L, 150L)));
  }

  @Test
  void unequalLegsAreRefused() {
    refused(
        "do not balance",
        newTransfer(),
        entries(entry(ada, -51, 2L, -151L), entry(bob, 50, 2L, 150L)));
  }

  @Test
  void aLegOfNothingIsRefused() {
    refused(
        "entry_amount_check",
        newTransfer(),
        entries(
            entry(ada, -50, 2L, -150L),
            entry(bob, 50, 2L, 150L),
            row(CLEARING_EUR, 0, "EUR", null, null)));
  }

  @Test
  void legsInTwoCurrenciesAreRefused() {
    refused(
        "do not balance",
        newTransfer(),
        entries(
            row(CLEARING_EUR, -50, "EUR", null, null), row(CLEARING_USD, 50, "USD", null, null)));
  }

  @Test
  void aLegInAnotherCurrencyThanItsAccountIsRefused() {
    refused(
        "does not continue",
        newTransfer().replace("'EUR'", "'USD'"),
        entries(row(CLEARING_USD, -50, "USD", null, null), row("" + bob, 50, "USD", 2L, 150L)));
  }

  @Test
  void aLegOfNoAccountIsRefused() {
    refused(
        "does not continue",
        newTransfer(),
        entries(entry(ada, -50, 2L, -150L), entry(UUID.randomUUID(), 50, 1L, 50L)));
  }

  @Test
  void aGapInTheSequenceIsRefused() {
    refused(
        "does not continue",
        newTransfer(),
        entries(entry(ada, -50, 2L, -150L), entry(bob, 50, 3L, 50L)));
  }

  @Test
  void aSecondEntryOfTheSameNumberIsRefused() {
    refused(
        "entry_account_seq_key",
        newTransfer(),
        entries(entry(ada, -50, 2L, -150L), entry(bob, 50, 1L, 50L)));
  }

  @Test
  void anEntryWithoutANumberIsRefused() {
    refused(
        "entry_check",
        newTransfer(),
        entries(entry(ada, -50, 2L, -150L), row("" + bob, 50, "EUR", null, null)));
  }

  @Test
  void aWrongBalanceAfterIsRefused() {
    refused(
        "does not continue",
        newTransfer(),
        entries(entry(ada, -50, 2L, -150L), entry(bob, 50, 2L, 151L)));
  }

  @Test
  void legsOfAnotherAmountThanTheirTransferAreRefused() {
    refused(
        "do not balance",
        newTransfer(),
        entries(entry(ada, -51, 2L, -151L), entry(bob, 51, 2L, 151L)));
  }

  @Test
  void legsAddedToAPostedTransferAreRefused() {
    String[] entries = {
      row(CLEARING_EUR, -100, "EUR", null, null), row(SUSPENSE_EUR, 100, "EUR", null, null)
    };

    refused("do not balance", entries(entries).replace(planted.toString(), transfer.toString()));
  }

  @Test
  void legsOfAHoldAreRefused() {
    refused(
        "do not balance",
        newTransfer().replace("'transfer'", "'hold'"),
        entries(entry(ada, -50, 2L, -150L), entry(bob, 50, 2L, 150L)));
  }

  @Test
  void entriesOfARefusedTransferAreRefused() {
    refused(
        "do not balance",
        """
        insert into accounts.transfer (id, owner, operation, idempotency_key, fingerprint, problem, posted_at)
        values ('%s', 'planted', 'transfer', '%s', '', '{}', now())
        """
            .formatted(planted, planted),
        entries(entry(ada, -50, 2L, -150L), entry(bob, 50, 2L, 150L)));
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
  void whatWasPostedStaysAsItIs(String sql) {
    assertThatThrownBy(() -> execute(sql))
        .hasMessageMatching(
            "(?s).*(permission denied|must be owner|posted or held transfer cannot be deleted).*");
  }

  @Test
  void aBalanceBelowItsLimitIsRefused() {
    refused(
        "violates check constraint",
        "update accounts.account set posted = -1001 where id = '" + ada + "'");
  }

  @Test
  void aHoldBelowTheLimitIsRefused() {
    assertThatThrownBy(
            () -> {
              try (Connection owner = database.asOwner();
                  Statement statement = owner.createStatement()) {
                statement.execute(
                    "update accounts.account set held = 101 where id = '" + bob + "'");
              }
            })
        .hasMessageContaining("violates check constraint");
  }

  @Test
  void aBalanceBeyondTheLargestIsRefused() {
    refused(
        "account_posted_check",
        "update accounts.account set posted = 9000000000000001 where id = '" + ada + "'");
  }

  @Test
  void aSecondRowUnderAKeyIsRefused() {
    refused(
        "transfer_owner_operation_idempotency_key_key",
        """
        insert into accounts.transfer (id, owner, operation, idempotency_key, fingerprint, from_account,
            to_account, amount, currency, posted_at)
        select gen_random_uuid(), owner, operation, idempotency_key, fingerprint, from_account,
            to_account, amount, currency, posted_at
        from accounts.transfer where id = '%s'
        """
            .formatted(transfer));
  }

  @Test
  void aSecondAccountUnderAKeyIsRefused() {
    refused(
        "account_owner_idempotency_key_key",
        """
        insert into accounts.account
            (id, owner, name, currency, overdraft_limit, idempotency_key, fingerprint)
        select gen_random_uuid(), owner, name, currency, overdraft_limit, idempotency_key, fingerprint
        from accounts.account where id = '%s'
        """
            .formatted(ada));
  }

  @ParameterizedTest
  @CsvSource({"reversal_of, transfer_reversed_once", "hold, transfer_captured_once"})
  void whatIsReversedOrCapturedIsSoOnce(String column, String index) {
    String row =
        """
        insert into accounts.transfer (id, owner, operation, idempotency_key, fingerprint, from_account,
            to_account, amount, currency, posted_at, %s)
        select gen_random_uuid(), owner, operation, gen_random_uuid(), fingerprint, from_account,
            to_account, amount, currency, posted_at, id
        from accounts.transfer where id = '%s'
        """
            .formatted(column, transfer);

    refused(index, row, row);
  }

  @Test
  void aClosedAccountWithMoneyIsRefused() {
    refused(
        "violates check constraint",
        "update accounts.account set status = 'closed' where id = '" + bob + "'");
  }

  private final UUID planted = UUID.randomUUID();

  private String newTransfer() {
    return """
    insert into accounts.transfer (id, owner, operation, idempotency_key, fingerprint, from_account,
        to_account, amount, currency, posted_at)
    values ('%s', 'planted', 'transfer', '%s', '', '%s', '%s', 50, 'EUR', now())
    """
        .formatted(planted, planted, ada, bob);
  }

  private String entry(UUID account, long amount, Long sequence, Long balanceAfter) {
    return row(account.toString(), amount, "EUR", sequence, balanceAfter);
  }

  private String row(
      String account,
      long amount,
      String currency,
      @Nullable Long sequence,
      @Nullable Long balanceAfter) {
    return "(gen_random_uuid(), '%s', '%s', %d, '%s', %s, %s, now())"
        .formatted(planted, account, amount, currency, sequence, balanceAfter);
  }

  private static String entries(String... rows) {
    return "insert into accounts.entry (id, transfer, account, amount, currency, seq, balance_after, posted_at) values "
        + String.join(", ", rows);
  }

  private void refused(String why, String... statements) {
    assertThatThrownBy(() -> execute(statements)).hasMessageContaining(why);
  }

  private void execute(String... statements) throws SQLException {
    try (Connection connection = database.asApplication();
        Statement statement = connection.createStatement()) {
      connection.setAutoCommit(false);
      for (String sql : statements) {
        statement.execute(sql);
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
