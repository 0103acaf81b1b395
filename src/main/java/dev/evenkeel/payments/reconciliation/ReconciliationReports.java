package dev.evenkeel.payments.reconciliation;

import dev.evenkeel.payments.PaymentId;
import dev.evenkeel.payments.Reconciliation.Difference;
import dev.evenkeel.payments.Reconciliation.Kind;
import dev.evenkeel.payments.Reconciliation.Report;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.time.LocalDate;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Component;

/** Stores what the reconciliations have found. A difference stays listed once it is resolved. */
@Component
class ReconciliationReports {

  /** A longer list helps nobody, and has to fit into an answer. */
  private static final int MAX_LISTED = 1000;

  private final JdbcClient jdbc;

  ReconciliationReports(JdbcClient jdbc) {
    this.jdbc = jdbc;
  }

  Optional<Report> find(LocalDate day) {
    return jdbc.sql(
            """
            select ran_at, matched, (
                select count(*) from payments.reconciliation_difference d where d.day = r.day) as found
            from payments.reconciliation r where day = :day
            """)
        .param("day", day)
        .query((row, _) -> {
          List<Difference> listed = list(day);
          long omitted = row.getLong("found") - listed.size();
          return new Report(
              day,
              row.getObject("ran_at", OffsetDateTime.class).toInstant(),
              row.getLong("matched"),
              listed,
              omitted > 0 ? omitted : null);
        })
        .optional();
  }

  private List<Difference> list(LocalDate day) {
    return jdbc.sql(
            """
            select * from payments.reconciliation_difference where day = :day
            order by resolved, kind, payment, operation
            limit :limit
            """)
        .param("day", day)
        .param("limit", MAX_LISTED)
        .query(ReconciliationReports::read)
        .list();
  }

  /**
   * Lists what this run has found.
   *
   * @param raised whether operators were asked to decide it before, as it is now
   */
  List<Difference> findToAsk(LocalDate day, Instant ranAt, boolean raised, int limit) {
    return jdbc.sql(
            """
            select * from payments.reconciliation_difference d
            where day = :day and found_at = :ranAt and not resolved and payment is not null
              and :raised = exists (
                select from payments.payment_finding f
                where f.payment = d.payment and f.operation = coalesce(d.operation, '')
                  and f.finding = coalesce(d.theirs, ''))
            order by payment, kind, operation
            limit :limit
            """)
        .param("day", day)
        .param("ranAt", ranAt.atOffset(ZoneOffset.UTC))
        .param("raised", raised)
        .param("limit", limit)
        .query(ReconciliationReports::read)
        .list();
  }

  private static Difference read(ResultSet row, int number) throws SQLException {
    UUID payment = row.getObject("payment", UUID.class);
    return new Difference(
        Kind.valueOf(row.getString("kind")),
        payment == null ? null : new PaymentId(payment),
        row.getString("operation"),
        row.getString("ours"),
        row.getString("theirs"),
        row.getBoolean("resolved"));
  }

  void save(LocalDate day, Instant ranAt, List<Difference> found) {
    for (Difference it : found) {
      difference(
              day,
              it,
              """
              insert into payments.reconciliation_difference
                  (day, kind, payment, operation, ours, theirs, found_at)
              values (:day, :kind, :payment, :operation, :ours, :theirs, :ranAt)
              on conflict (day, kind, payment, operation) do update
              set ours = :ours, theirs = :theirs, found_at = :ranAt, resolved = false
              """)
          .param("ours", it.ours())
          .param("theirs", it.theirs())
          .param("ranAt", ranAt.atOffset(ZoneOffset.UTC))
          .update();
    }
  }

  void resolve(LocalDate day, Difference difference) {
    difference(
            day,
            difference,
            """
            update payments.reconciliation_difference set resolved = true
            where day = :day and kind = :kind and payment is not distinct from :payment
              and operation is not distinct from :operation
            """)
        .update();
  }

  private JdbcClient.StatementSpec difference(LocalDate day, Difference it, String sql) {
    PaymentId payment = it.payment();
    return jdbc.sql(sql)
        .param("day", day)
        .param("kind", it.kind().name())
        .param("payment", payment == null ? null : payment.value(), java.sql.Types.OTHER)
        .param("operation", it.operation(), java.sql.Types.VARCHAR);
  }

  /** Ends a run: what it has not found any more is resolved. */
  void end(LocalDate day, Instant ranAt, long matched) {
    jdbc.sql(
            """
            update payments.reconciliation_difference set resolved = true
            where day = :day and found_at < :ranAt and not resolved
            """)
        .param("day", day)
        .param("ranAt", ranAt.atOffset(ZoneOffset.UTC))
        .update();
    jdbc.sql(
            """
            insert into payments.reconciliation values (:day, :ranAt, :matched)
            on conflict (day) do update set ran_at = :ranAt, matched = :matched
            """)
        .param("day", day)
        .param("ranAt", ranAt.atOffset(ZoneOffset.UTC))
        .param("matched", matched)
        .update();
  }

  /** Tells whether every day of a span has a run that began at this time or later. */
  boolean haveRun(LocalDate first, LocalDate last, Instant since) {
    long ran =
        jdbc.sql(
                """
                select count(*) from payments.reconciliation
                where day between :first and :last and ran_at >= :since
                """)
            .param("first", first)
            .param("last", last)
            .param("since", since.atOffset(ZoneOffset.UTC))
            .query(Long.class)
            .single();
    return ran > ChronoUnit.DAYS.between(first, last);
  }

  long countUnresolved(LocalDate from, LocalDate to) {
    return jdbc.sql(
            """
            select count(*) from payments.reconciliation_difference
            where day between :from and :to and not resolved
            """)
        .param("from", from)
        .param("to", to)
        .query(Long.class)
        .single();
  }
}
