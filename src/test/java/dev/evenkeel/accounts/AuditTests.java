package dev.evenkeel.accounts;

import static dev.testing.Refusals.assertRefused;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.evenkeel.accounts.posting.SystemAccount;
import dev.evenkeel.problems.BusyException;
import dev.testing.Api;
import dev.testing.TestDatabase;
import dev.testing.WholeApplication;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.lang.Thread.State;
import java.math.BigDecimal;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Currency;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.FutureTask;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.Stream;
import javax.sql.DataSource;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;
import org.springframework.boot.test.web.server.LocalServerPort;
import org.springframework.dao.DataAccessException;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.jdbc.support.JdbcTransactionManager;
import org.springframework.transaction.PlatformTransactionManager;
import org.springframework.transaction.TransactionDefinition;
import tools.jackson.databind.JsonNode;

/** The audit and its report to operators. */
@WholeApplication
@ExtendWith(OutputCaptureExtension.class)
class AuditTests {

  @LocalServerPort int port;
  @Autowired TestDatabase database;
  @Autowired Audit audit;
  @Autowired MeterRegistry meters;
  @Autowired JdbcClient jdbc;
  @Autowired DataSource dataSource;
  @Autowired PlatformTransactionManager transactions;

  Api ada;
  Api operator;
  UUID main;
  UUID savings;

  @BeforeEach
  void openAccounts() {
    ada = new Api(port, "ada-" + UUID.randomUUID());
    operator = Api.operator(port, "olga-" + UUID.randomUUID());
    main = ada.openAccount(1000);
    savings = ada.openAccount(0);
  }

  /** The report of an audit that began now: a scheduled one may be running. */
  private Api.Answer audited() {
    Instant now =
        jdbc.sql("select clock_timestamp()").query(OffsetDateTime.class).single().toInstant();
    return await()
        .until(
            () -> operator.get("/v1/operations/ledger"),
            report -> !Instant.parse(report.at("/checkedAt")).isBefore(now));
  }

  /** An audit whose first transaction waits. */
  private Audit audit(CountDownLatch began, CountDownLatch end) {
    Runnable wait =
        () -> {
          began.countDown();
          try {
            end.await();
          } catch (InterruptedException closed) {
            Thread.currentThread().interrupt();
          }
        };
    return audit(wait);
  }

  private Audit audit(Runnable beforeTransaction) {
    var observed =
        new JdbcTransactionManager(dataSource) {
          @Override
          protected void doBegin(Object transaction, TransactionDefinition definition) {
            beforeTransaction.run();
            super.doBegin(transaction, definition);
          }
        };
    return new Audit(
        jdbc, observed, new AccountsSettings(0, Duration.ofHours(1)), new SimpleMeterRegistry());
  }

  @Test
  void isBusyWhileTheFirstAuditRuns() throws Exception {
    CountDownLatch began = new CountDownLatch(1);
    CountDownLatch end = new CountDownLatch(1);
    Audit first = audit(began, end);
    try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
        AutoCloseable _ = end::countDown) {
      Future<Audit.Report> report = threads.submit(first::check);
      began.await();

      assertThatThrownBy(() -> first.latest(Duration.ofMillis(100)))
          .isInstanceOf(BusyException.class);
      end.countDown();
      assertThat(report.get().checkedAt()).isNotNull();
    }
  }

  @Test
  void servesAllWhoAskedBeforeItBegan() throws Exception {
    CountDownLatch began = new CountDownLatch(1);
    CountDownLatch end = new CountDownLatch(1);
    Audit audit = audit(began, end);
    List<FutureTask<Audit.Report>> reports =
        Stream.generate(() -> new FutureTask<>(() -> audit.latest(Duration.ofMinutes(1))))
            .limit(10)
            .toList();
    try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
        AutoCloseable _ = end::countDown) {
      Future<Audit.Report> before = threads.submit(audit::check);
      began.await();
      List<Thread> waiting = reports.stream().map(Thread.ofPlatform()::start).toList();
      await().until(() -> waiting.stream().allMatch(it -> it.getState() == State.TIMED_WAITING));
      end.countDown();

      Set<Instant> times = new HashSet<>();
      for (FutureTask<Audit.Report> report : reports) {
        times.add(report.get().checkedAt());
      }
      assertThat(times)
          .singleElement()
          .satisfies(time -> assertThat(time).isAfter(before.get().checkedAt()));
    }
  }

  @Test
  void restsAsLongAsTheLastAuditTook() throws Exception {
    List<Long> transactionsBegan = new ArrayList<>();
    Audit audit = audit(() -> transactionsBegan.add(System.nanoTime()));
    long began = System.nanoTime();
    audit.check();
    long ended = System.nanoTime();
    int ofTheFirst = transactionsBegan.size();

    audit.latest(Duration.ofMinutes(1));

    long took = Math.min(ended - began, Duration.ofSeconds(1).toNanos());
    assertThat(transactionsBegan.get(ofTheFirst) - ended).isGreaterThan(took / 2);
  }

  @Test
  void reportsABalancedLedger() {
    JsonNode before = euros(audited());
    ada.transfer(main, savings, 300);
    ada.reverse(ada.transfer(main, savings, 10).id());
    ada.capture(ada.hold(main, savings, 100).id(), 60);
    ada.hold(main, savings, 5);
    ada.payIn(savings, 700, "tok_ok");

    Api.Answer report = audited();

    assertThat(report.status()).isEqualTo(200);
    assertThat(report.body().propertyNames())
        .containsExactlyInAnyOrder(
            "balanced", "currencies", "clearing", "differences", "checkedAt");
    assertThat(report.body().at("/differences")).isEmpty();
    assertThat(report.body().at("/balanced").asBoolean()).isTrue();
    assertThat(report.at("/checkedAt"))
        .matches("\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\d\\.\\d{6}Z");
    JsonNode euros = euros(report);
    assertThat(euros.propertyNames())
        .containsExactlyInAnyOrder("currency", "sum", "accounts", "entries");
    assertThat(euros.path("sum").longValue()).isZero();
    assertThat(euros.path("accounts").longValue()).isEqualTo(before.path("accounts").longValue());
    assertThat(euros.path("entries").longValue() - before.path("entries").longValue())
        .isEqualTo(10);
  }

  @Test
  void rejectsCallersWhoAreNoOperators() {
    assertRefused(ada.get("/v1/operations/ledger"), 403, "forbidden");
  }

  /** Only the database's owner can do this. It is undone, because other tests share the ledger. */
  @ParameterizedTest
  @CsvSource({"posted, 300, 301", "held, 40, 41", "seq, 1, 2"})
  void findsWrongAccounts(String column, long right, long wrong) throws Exception {
    ada.transfer(main, savings, 300);
    ada.hold(savings, main, 40);
    Api.Answer found;
    set(column, wrong);
    try {
      found = audited();
    } finally {
      set(column, right);
    }

    assertThat(found.body().at("/balanced").asBoolean(true)).isFalse();
    assertThat(found.body().at("/differences"))
        .containsExactly(
            Api.json(
                """
                {"kind": "%s", "id": "%s", "recorded": %d, "computed": %d}
                """
                    .formatted(column.equals("seq") ? "sequence" : column, savings, wrong, right)));
    assertThat(audited().body().at("/balanced").asBoolean()).isTrue();
  }

  @Test
  void findsDebtsWithoutAReceivable() throws Exception {
    Api.Answer found;
    set("owed", 5);
    try {
      found = audited();
    } finally {
      set("owed", 0);
    }

    JsonNode difference = found.body().at("/differences/0");
    assertThat(difference.path("kind").asString()).isEqualTo("owed");
    assertThat(difference.path("id").asString()).isEqualTo("00000000-0000-8000-8000-000002455552");
    assertThat(difference.path("recorded").asLong())
        .isEqualTo(difference.path("computed").asLong() + 5);
    assertThat(found.body().at("/differences")).hasSize(1);
  }

  @Test
  void findsMissingEntries() throws Exception {
    Api.Answer transfer = ada.transfer(main, savings, 300);
    Api.Answer found;
    try (Connection owner = database.asOwner()) {
      execute(
          owner,
          "create table accounts.kept as select * from accounts.entry where transfer = ? and amount > 0",
          transfer.id());
      execute(owner, "delete from accounts.entry where transfer = ? and amount > 0", transfer.id());
      try {
        found = audited();
      } finally {
        execute(owner, "alter table accounts.entry disable trigger check_new_entries");
        execute(owner, "insert into accounts.entry select * from accounts.kept");
        execute(owner, "alter table accounts.entry enable trigger check_new_entries");
        execute(owner, "drop table accounts.kept");
      }
    }

    assertThat(found.body().at("/balanced").asBoolean(true)).isFalse();
    assertThat(euros(found).path("sum").longValue()).isEqualTo(-300);
    assertThat(found.body().at("/differences").valueStream().map(it -> it.path("kind").asString()))
        .containsExactlyInAnyOrder("posted", "sequence", "unbalanced");
    assertThat(audited().body().at("/balanced").asBoolean()).isTrue();
  }

  @Test
  void continuesAnAccountInTheNextStep() throws Exception {
    receiveInBatch(120);
    assertThat(inSmallSteps().differences()).isEmpty();
    Audit.Report report;
    changeEntry(110, "balance_after", 111);
    try {
      report = inSmallSteps();
    } finally {
      changeEntry(110, "balance_after", 110);
    }

    assertThat(report.differences())
        .containsExactly(
            new Audit.Difference(
                "balance-after", savings, BigDecimal.valueOf(111), BigDecimal.valueOf(110)));
    assertThat(report.balanced()).isFalse();
    assertThat(inSmallSteps().balanced()).isTrue();
  }

  @Test
  void findsGapBetweenEntries() throws Exception {
    receiveInBatch(3);
    Audit.Report report;
    changeEntry(3, "seq", 4);
    try {
      report = inSmallSteps();
    } finally {
      changeEntry(4, "seq", 3);
    }

    assertThat(report.differences())
        .containsExactly(
            new Audit.Difference(
                "sequence", savings, BigDecimal.valueOf(4), BigDecimal.valueOf(3)));
  }

  @Test
  void postingsMakeNoFalseAlarm() throws Exception {
    receiveInBatch(250);
    AtomicBoolean ended = new AtomicBoolean();
    try (ExecutorService clients = Executors.newVirtualThreadPerTaskExecutor()) {
      for (int i = 0; i < 2; i++) {
        boolean back = i == 0;
        clients.submit(() -> {
          while (!ended.get()) {
            ada.transfer(back ? savings : main, back ? main : savings, 1);
            ada.hold(main, savings, 1);
          }
        });
      }
      try {
        for (int i = 0; i < 2; i++) {
          Audit.Report report = inSmallSteps();
          assertThat(report.differences()).isEmpty();
          assertThat(report.balanced()).isTrue();
        }
      } finally {
        ended.set(true);
      }
    }
  }

  private Audit.Report inSmallSteps() {
    return new AuditRun(jdbc, transactions, 100).report();
  }

  private void receiveInBatch(int count) {
    Map<String, Object> one = Map.of("from", main, "to", savings, "amount", 1, "currency", "EUR");
    ada.post(
        "/v1/transfers/batch",
        Map.of("transfers", Collections.nCopies(count, one), "atomic", true));
  }

  private void changeEntry(long sequence, String column, long value) throws SQLException {
    try (Connection owner = database.asOwner()) {
      execute(
          owner,
          "update accounts.entry set " + column + " = ? where account = ? and seq = ?",
          value,
          savings,
          sequence);
    }
  }

  @Test
  void raisesAnAlert(CapturedOutput output) throws Exception {
    ada.transfer(main, savings, 300);
    assertThat(differencesAfter(audit::run)).isZero();
    assertThat(output).doesNotContain("accounts.Audit ");

    set("posted", 301);
    try {
      assertThat(differencesAfter(audit::run)).isOne();
    } finally {
      set("posted", 300);
    }
    assertThat(output)
        .contains("ERROR")
        .contains("THE LEDGER DOES NOT BALANCE", savings.toString());
    assertThat(differencesAfter(audit::run)).isZero();
  }

  @Test
  void raisesAnAlertIfOnlyACurrencyDoesNotBalance() throws Exception {
    ada.transfer(main, savings, 300);
    UUID orphan = new UUID(0x7000, 0x8000_0000_0000_0001L);
    try (Connection owner = database.asOwner()) {
      execute(owner, "alter table accounts.entry disable trigger check_new_entries");
      execute(
          owner,
          """
          insert into accounts.entry (transfer, account, amount, currency, posted_at)
          values (?, ?, 5, 'EUR', now())
          """,
          orphan,
          SystemAccount.SUSPENSE.in(Currency.getInstance("EUR")).value());
      execute(owner, "alter table accounts.entry enable trigger check_new_entries");
      try {
        assertThat(differencesAfter(audit::run)).isOne();
      } finally {
        execute(owner, "delete from accounts.entry where transfer = ?", orphan);
      }
    }
    assertThat(differencesAfter(audit::run)).isZero();
  }

  @Test
  void anAuditThatFailsGrowsOld() throws Exception {
    audit.run();
    double young = age();
    try (Connection owner = database.asOwner()) {
      execute(owner, "alter table accounts.entry rename to entry_away");
      try {
        assertThatThrownBy(audit::run).isInstanceOf(DataAccessException.class);
        assertThat(age()).isGreaterThan(young);
      } finally {
        execute(owner, "alter table accounts.entry_away rename to entry");
      }
    }
    double old = age();
    audit.run();
    assertThat(age()).isLessThan(old);
  }

  private double age() {
    return meters.get("evenkeel.check.age").tag("check", "ledger").timeGauge().value();
  }

  private double differencesAfter(Runnable audit) {
    audit.run();
    return meters.get("evenkeel.ledger.differences").gauge().value();
  }

  private void set(String column, long value) throws SQLException {
    try (Connection owner = database.asOwner()) {
      execute(
          owner,
          "update accounts.account set " + column + " = " + value + " where id = ?",
          savings);
    }
  }

  private static void execute(Connection connection, String sql, Object... parameters)
      throws SQLException {
    try (var statement = connection.prepareStatement(sql)) {
      for (int i = 0; i < parameters.length; i++) {
        statement.setObject(i + 1, parameters[i]);
      }
      statement.execute();
    }
  }

  private static JsonNode euros(Api.Answer report) {
    return report
        .body()
        .at("/currencies")
        .valueStream()
        .filter(it -> it.path("currency").asString().equals("EUR"))
        .findFirst()
        .orElseThrow();
  }
}
